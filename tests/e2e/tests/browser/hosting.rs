//! The page on a host that only gives files, below a path and without any header of ours; in Chromium.

use std::net::Ipv4Addr;

use axum::Router;
use e2e::{Browser, Kind, root};
use serde_json::json;
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

const QUERY: &str = "?lang=en&engine=cpu&backbone=models/efficientnet_lite0.json&train=40&test=10";

#[tokio::test(flavor = "multi_thread")]
async fn any_host_of_files_gives_the_same_page() {
    let files = Router::new()
        .nest_service("/models", ServeDir::new(root().join("models")))
        .fallback_service(ServeDir::new(root().join("dist")));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, Router::new().nest_service("/school/page", files)).into_future());
    let browser = Browser::at_in(Kind::Chromium, address).await.unwrap();
    let page = format!("school/page/{QUERY}#/notebook");

    browser.load(&page).await.unwrap();
    browser.click("offline-keep").await.unwrap();
    browser.wait_for("offline-status", "data-state", 120, |state| state == "ready").await.unwrap();
    // The page's own policy lets nothing go anywhere else.
    let violated = "const done = arguments[0];
        document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective));
        fetch('http://127.0.0.1:1/').catch(() => {});";
    let directive = browser.client.execute_async(violated, vec![]).await.unwrap();
    assert_eq!(directive, json!("connect-src"));

    // From the second visit on the service worker has given it the headers for shared memory.
    browser.load("school/page/nothing").await.unwrap();
    browser.load(&page).await.unwrap();
    browser.until("memory is shared", "crossOriginIsolated && !!window.SharedArrayBuffer").await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "40").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
    browser.train("preset-notebook").await.unwrap();
    browser.close().await.unwrap();
}
