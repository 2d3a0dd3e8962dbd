//! What the server gives and what it keeps to itself, over a real socket.

use serve::connections::{Connections, Limits};

use crate::client::{INDEX, SECRET, Site, over, program, unpacked, weights};

#[tokio::test]
async fn every_kind_of_file_has_its_type() {
    let site = Site::start().await;
    let cases = [
        ("/", "text/html; charset=utf-8"),
        ("/index.html", "text/html; charset=utf-8"),
        ("/app.js", "text/javascript; charset=utf-8"),
        ("/app_bg.wasm", "application/wasm"),
        ("/es.ftl", "text/plain; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        ("/site.webmanifest", "application/manifest+json"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/snippets/one/inline.js", "text/javascript; charset=utf-8"),
        ("/models/inception_v3.json", "application/json"),
        ("/models/inception_v3.onnx", "application/octet-stream"),
        ("/data/flowers.zip", "application/zip"),
        ("/data/cats/one.png", "image/png"),
        ("/data.json", "application/json"),
        ("/licences/rust.txt", "text/plain; charset=utf-8"),
    ];
    for (target, kind) in cases {
        let answer = site.get(target).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, kind), "{target}");
        assert!(!answer.body.is_empty(), "{target}");
    }
    assert_eq!(site.get("/?lang=es&train=5").await.body, INDEX);
}

#[tokio::test]
async fn every_answer_has_the_headers() {
    let site = Site::start().await;
    let cases = [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/models/inception_v3.onnx", 200),
        ("GET", "/data.json", 200),
        ("GET", "/nothing", 404),
        ("POST", "/", 405),
        ("POST", "/data.json", 405),
    ];
    for (method, target, status) in cases {
        let answer = site.ask(method, target, &[]).await;
        assert_eq!(answer.status, status, "{method} {target}");
        let fixed = [
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-embedder-policy", "require-corp"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-cache"),
        ];
        for (name, value) in fixed {
            assert_eq!(answer.header(name), value, "{method} {target} {name}");
        }
        let senses = answer.header("permissions-policy");
        assert!(senses.contains("camera=(self)") && senses.contains("microphone=()"), "{senses}");
        let policy = answer.header("content-security-policy");
        assert_eq!(
            policy, "default-src 'self'; img-src 'self' blob:; frame-ancestors 'self'",
            "the page's own"
        );
        // Every source of every directive is this origin or no origin at all.
        for source in policy.split(';').flat_map(|directive| directive.split_whitespace().skip(1)) {
            assert!(source.starts_with('\'') || ["blob:", "data:"].contains(&source), "{source}");
        }
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn only_get_and_head_are_understood() {
    let site = Site::start().await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] {
        for target in ["/", "/index.html", "/data.json", "/models/inception_v3.onnx", "/data/flowers.zip"] {
            let answer = site.ask(method, target, &[]).await;
            assert_eq!(answer.status, 405, "{method} {target}");
            let allowed = answer.header("allow").replace(' ', "");
            assert_eq!(allowed, "GET,HEAD", "{method} {target}");
        }
    }
    let head = site.ask("HEAD", "/models/inception_v3.onnx", &[]).await;
    assert_eq!((head.status.as_u16(), head.header("content-length"), head.body.len()), (200, "5000", 0));
}

#[tokio::test]
async fn nothing_outside_can_be_reached() {
    let site = Site::start().await;
    let ups =
        ["..", "%2e%2e", "%2E%2e", ".%2e", "%252e%252e", "..%2f..", "..%5c..", "%2e%2e%2f%2e%2e", "....//"];
    let mut targets = Vec::new();
    for folder in ["", "/models", "/data", "/licences", "/snippets", "/data/cats", "/."] {
        for up in ups {
            for depth in 1..4 {
                let climb = format!("/{up}").repeat(depth);
                targets.push(format!("{folder}{climb}/Cargo.toml"));
                targets.push(format!("{folder}{climb}%2fCargo.toml"));
                targets.push(format!("{folder}{climb}%5cCargo.toml"));
            }
        }
        targets.push(format!("{folder}/{}/Cargo.toml", site.root.path().display()));
        targets.push(format!("{folder}/%2f{}/Cargo.toml", site.root.path().display()));
        targets.push(format!("{folder}/file://{}/Cargo.toml", site.root.path().display()));
    }
    for name in
        ["/Cargo.toml", "/../Cargo.toml", "/%2e%2e/", "/models/..%2f..%2f", "/index.html%00", "/%ff%fe", "/%"]
    {
        targets.push(name.to_owned());
    }
    for target in targets {
        let answer = site.get(&target).await;
        assert!(answer.status.is_client_error(), "{target}: {}", answer.status);
        assert!(!String::from_utf8_lossy(&answer.body).contains(SECRET), "{target}");
    }
    // What no client sends, by hand. A word without a slash is read as a host's name, without a path.
    for (target, status) in [
        ("../Cargo.toml", 400),
        ("/..\\..\\Cargo.toml", 404),
        ("http://127.0.0.1/../Cargo.toml", 404),
        ("*", 404),
        ("Cargo.toml", 200),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        let answer = String::from_utf8_lossy(&site.raw(request.as_bytes()).await).into_owned();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{target}: {answer}");
        assert!(!answer.contains(SECRET), "{target}");
        assert_eq!(answer.ends_with(INDEX), status == 200, "{target}");
    }
}

#[tokio::test]
async fn what_is_not_the_sites_does_not_exist() {
    let site = Site::start().await;
    let hidden = [
        "/.env",
        "/%2eenv",
        "/.git/config",
        "/.git/",
        "/models/inception_v3_notop.h5",
        "/data/half.zip.part",
        "/data/.DS_Store",
    ];
    // No folder is listed, and none leads on to another address (`//models` would be a host's name).
    let folders =
        ["/models", "/models/", "/data", "/data/", "/data/cats", "/data/cats/", "/licences/", "/snippets"];
    let slashes = ["/snippets/", "//snippets", "//snippets/one", "//data/cats", "/index.html/"];
    for target in hidden.into_iter().chain(folders).chain(slashes) {
        let answer = site.get(target).await;
        assert_eq!(answer.status, 404, "{target}");
        assert_eq!(answer.header("location"), "", "{target}");
        assert_eq!(answer.body.len(), 0, "{target}");
    }
}

#[tokio::test]
async fn data_is_listed_as_it_is_now() {
    let site = Site::start().await;
    let list = async || serde_json::from_slice::<Vec<String>>(&site.get("/data.json").await.body).unwrap();
    assert_eq!(list().await, ["cifar-10-binary.tar.gz", "flowers.zip"]);
    let data = site.root.path().join("data");
    std::fs::write(data.join("new.zip"), "PK").unwrap();
    assert_eq!(list().await, ["cifar-10-binary.tar.gz", "flowers.zip", "new.zip"]);
    std::fs::remove_dir_all(data).unwrap();
    assert_eq!(list().await, [""; 0]);
    assert_eq!(site.get("/data/flowers.zip").await.status, 404);
}

#[cfg(unix)]
#[tokio::test]
async fn links_lead_nowhere_outside() {
    use std::os::unix::fs::symlink;
    let site = Site::start().await;
    let at = |name: &str| site.root.path().join(name);
    let links = [
        (at("Cargo.toml"), "site/secret.txt"),
        (at(""), "site/up"),
        (at("site/.env"), "site/env.txt"),
        (at("Cargo.toml"), "models/secret.json"),
        (at("Cargo.toml"), "data/secret.zip"),
        (at("data/half.zip.part"), "data/half.zip"),
        (at("nowhere"), "data/broken.zip"),
        (at("site/app.js"), "site/same.js"),
        (at("data/flowers.zip"), "data/plants.zip"),
    ];
    for (to, name) in &links {
        symlink(to, at(name)).unwrap();
    }
    let targets = [
        ("/secret.txt", 404),
        ("/up/Cargo.toml", 404),
        // Out and in again: what it ends at is the site's own.
        ("/up/site/index.html", 200),
        ("/env.txt", 404),
        ("/models/secret.json", 404),
        ("/data/secret.zip", 404),
        ("/data/half.zip", 404),
        ("/data/broken.zip", 404),
        ("/same.js", 200),
        ("/data/plants.zip", 200),
    ];
    for (target, status) in targets {
        for method in ["GET", "HEAD"] {
            assert_eq!(site.ask(method, target, &[]).await.status, status, "{method} {target}");
        }
    }
    let names: Vec<String> = serde_json::from_slice(&site.get("/data.json").await.body).unwrap();
    assert_eq!(names, ["cifar-10-binary.tar.gz", "flowers.zip", "plants.zip"]);
}

#[tokio::test]
async fn text_and_programs_shrink_and_weights_do_not() {
    let site = Site::start().await;
    let encodings = [("br", "br"), ("gzip", "gzip"), ("gzip, deflate, br, zstd", "br"), ("identity", "")];
    for (asked, given) in encodings {
        let answer = site.ask("GET", "/app_bg.wasm", &[("accept-encoding", asked)]).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-encoding")), (200, given), "{asked}");
        assert_eq!(answer.header("content-type"), "application/wasm");
        assert_eq!(answer.header("vary").to_lowercase(), "accept-encoding");
        assert_eq!(unpacked(&answer), program(), "{asked}");
        assert_eq!(answer.body.len() < program().len() / 10, !given.is_empty(), "{asked}");
    }
    let plain = site.get("/app_bg.wasm").await;
    assert_eq!((plain.header("content-encoding"), plain.header("content-length")), ("", "40004"));
    for (target, given) in
        [("/app.js", "br"), ("/", "br"), ("/es.ftl", ""), ("/models/inception_v3.onnx", "")]
    {
        let answer = site.ask("GET", target, &[("accept-encoding", "gzip, br")]).await;
        assert_eq!(answer.header("content-encoding"), given, "{target}");
    }
}

#[tokio::test]
async fn ranges_are_of_the_file_itself() {
    let site = Site::start().await;
    for (target, bytes) in [("/models/inception_v3.onnx", weights()), ("/app_bg.wasm", program())] {
        let all = bytes.len();
        let cases = [
            ("bytes=10-19", 10..20),
            ("bytes=0-0", 0..1),
            ("bytes=4990-", 4990..all),
            ("bytes=-7", all - 7..all),
        ];
        for (range, part) in cases {
            let headers = [("range", range), ("accept-encoding", "gzip, br")];
            let answer = site.ask("GET", target, &headers).await;
            assert_eq!(answer.status, 206, "{target} {range}");
            let said = format!("bytes {}-{}/{all}", part.start, part.end - 1);
            assert_eq!(answer.header("content-range"), said);
            assert_eq!(answer.header("content-encoding"), "", "{target} {range}");
            assert_eq!(answer.body, bytes[part], "{target} {range}");
        }
        let answer = site.ask("GET", target, &[("range", "bytes=99999999-")]).await;
        assert_eq!(answer.status, 416, "{target}");
    }
    let whole = site.get("/models/inception_v3.onnx").await;
    assert_eq!((whole.header("accept-ranges"), whole.header("content-length")), ("bytes", "5000"));
    assert_eq!(whole.body, weights());
    // What is compressed on its way has no ranges.
    let answer = site.ask("GET", "/app_bg.wasm", &[("accept-encoding", "br")]).await;
    assert_eq!(answer.header("accept-ranges"), "");
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let site = Site::start().await;
    for target in ["/", "/app_bg.wasm", "/models/inception_v3.onnx"] {
        for encoding in ["identity", "gzip, br"] {
            let first = site.ask("GET", target, &[("accept-encoding", encoding)]).await;
            let (tag, date) = (first.header("etag"), first.header("last-modified"));
            assert!(tag.starts_with('"'), "{target}: {tag}");
            for condition in [("if-none-match", tag), ("if-modified-since", date)] {
                let again = site.ask("GET", target, &[("accept-encoding", encoding), condition]).await;
                assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{target} {condition:?}");
                assert_eq!(again.header("cross-origin-embedder-policy"), "require-corp");
            }
        }
    }
    let tag = site.get("/style.css").await.header("etag").to_owned();
    std::fs::write(site.root.path().join("site/style.css"), "p { color: blue; margin: 0 }").unwrap();
    let again = site.ask("GET", "/style.css", &[("if-none-match", &tag)]).await;
    assert_eq!((again.status.as_u16(), &again.body[..]), (200, &b"p { color: blue; margin: 0 }"[..]));
}

#[tokio::test]
async fn requests_can_be_counted() {
    let site = Site::start().await;
    let (app, requests) = serve::counted(serve::app(&serve::Folders::bundle(site.root.path())).unwrap());
    let listener = serve::listen((std::net::Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { Connections::new(Limits::default()).serve(listener, app).await });
    for target in ["/models/inception_v3.onnx", "/", "/?lang=es", "/nothing"] {
        over(tokio::net::TcpStream::connect(address).await.unwrap(), "GET", target, &[]).await;
    }
    let counts: Vec<_> = requests.lock().unwrap().clone().into_iter().collect();
    let expected = [("/", 2), ("/models/inception_v3.onnx", 1), ("/nothing", 1)];
    assert_eq!(counts, expected.map(|(path, count)| (path.to_owned(), count)));
}
