//! The map of the features: drawn by itself, looked at by mouse and keyboard, with the camera's picture in it.

use bottleneck::random::Random;
use e2e::Browser;
use serde_json::Value;

use crate::camera::{GREEN, RED, film_frame, moving, watch_the_film, with_film};

const QUERY: &str = "?lang=en&backbone=models/efficientnet_lite0.json&engine=cpu&train=60&test=20";

/// How many pixels of the map are not of its ground's colour.
async fn inked(browser: &Browser) -> u64 {
    let code = "const map = document.querySelector('[data-testid=feature-map]');
        const data = map.getContext('2d').getImageData(0, 0, map.width, map.height).data;
        let inked = 0;
        for (let at = 3; at < data.length; at += 4) if (data[at] > 0) inked += 1;
        return inked;";
    browser.script(code).await.unwrap().as_u64().unwrap()
}

async fn still(browser: &Browser) {
    browser.wait_for("feature-map", "data-moving", 60, |moving| moving == "false").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_map_is_drawn_pressed_and_holds_the_camera_s_picture() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(5);
    let scenes = [false, true].into_iter().enumerate();
    let frames: Vec<Vec<u8>> = scenes
        .flat_map(|(scene, green)| {
            let picture = moving(green, &mut random);
            std::iter::repeat_n(film_frame(&picture, if green { GREEN } else { RED }, scene), 120)
        })
        .collect();
    let browser = with_film(folder.path(), frames.into_iter()).await;
    browser.open(QUERY).await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 120, |phase| phase == "complete").await.unwrap();
    browser.train("preset-nearest").await.unwrap();

    // It comes by itself, and ends.
    browser.wait_for("feature-map", "data-points", 60, |points| points == "80").await.unwrap();
    still(&browser).await;
    let drawn = inked(&browser).await;
    assert!(drawn > 80 * 20, "{drawn} pixels of 80 points");
    // The other method has other places.
    let picture = "return document.querySelector('[data-testid=feature-map]').toDataURL();";
    let by_tsne: Value = browser.script(picture).await.unwrap();
    browser
        .script(
            "const select = document.querySelector('[data-testid=map-method]');
             select.value = 'map-method-pca'; select.dispatchEvent(new Event('change', { bubbles: true }));",
        )
        .await
        .unwrap();
    browser.wait_for("feature-map", "data-method", 10, |method| method == "map-method-pca").await.unwrap();
    assert_ne!(browser.script(picture).await.unwrap(), by_tsne);

    // By keyboard alone: from image to image, and closer, until points are pictures.
    browser.press_on("feature-map", "\u{e014}").await.unwrap();
    let first = browser.wait_for("feature-map", "data-chosen", 10, |_| true).await.unwrap();
    browser.find("map-neighbour").await.unwrap();
    browser.until("its picture", "!!document.querySelector('.map-large canvas')").await.unwrap();
    browser
        .until("those like it", "document.querySelectorAll('.map-neighbours canvas').length === 8")
        .await
        .unwrap();
    // One of the four directions leads on, wherever the first one lies.
    for arrow in ["\u{e012}", "\u{e013}", "\u{e014}", "\u{e015}"] {
        browser.press(arrow).await.unwrap();
    }
    browser.wait_for("feature-map", "data-chosen", 10, |chosen| chosen != first).await.unwrap();
    let before = browser.script(picture).await.unwrap();
    for _ in 0..6 {
        browser.press("+").await.unwrap();
    }
    browser.until("it is larger", &format!("(() => {{ {picture} }})() !== {before}")).await.unwrap();
    browser.press("0").await.unwrap();
    browser.press("\u{e00c}").await.unwrap();
    browser.until("none is chosen", "!document.querySelector('[data-testid=map-neighbour]')").await.unwrap();
    // In numbers.
    browser.click("map-table-open").await.unwrap();
    browser
        .until("a row a class", "document.querySelectorAll('[data-testid=map-row]').length === 10")
        .await
        .unwrap();

    // The picture that is being classified lies in it, and goes elsewhere with the next one.
    watch_the_film(&browser).await;
    browser.click("live-start").await.unwrap();
    browser.camera_runs().await.unwrap();
    // Who looks at the map keeps the camera on, though its own part of the page is out of sight.
    browser.until("it is in the map", "!!document.querySelector('[data-shows-camera]')").await.unwrap();
    browser.script("document.querySelector('.feature-map').scrollIntoView();").await.unwrap();
    let places = "window.places ??= {};
        places[scene()] = document.querySelector('[data-testid=feature-map]').dataset.further;
        return !!places[0] && !!places[1] && places[0] !== places[1];";
    browser.until("each scene has its place", &format!("(() => {{ {places} }})()")).await.unwrap();
    assert_eq!(browser.text("error").await.unwrap(), "");
    browser.client.clone().close().await.unwrap();
}
