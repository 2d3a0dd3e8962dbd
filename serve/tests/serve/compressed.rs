//! What is compressed is compressed once, and is right for every client.

use std::fs::{File, read, write};

use crate::client::{Site, program, unpacked};

const PACKED: (&str, &str) = ("accept-encoding", "gzip, br");

/// A change that neither the date nor the length tells of is not seen: nothing was compressed again.
#[tokio::test]
async fn a_file_is_compressed_once_and_again_when_it_changes() {
    let site = Site::start().await;
    let path = site.root.path().join("site/app_bg.wasm");
    for encoding in ["br", "gzip"] {
        write(&path, program()).unwrap();
        let asked = [("accept-encoding", encoding)];
        let first = site.ask("GET", "/app_bg.wasm", &asked).await;
        assert_eq!((first.header("content-encoding"), unpacked(&first)), (encoding, program()));

        let date = File::open(&path).unwrap().metadata().unwrap().modified().unwrap();
        write(&path, vec![7; program().len()]).unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(date).unwrap();
        let second = site.ask("GET", "/app_bg.wasm", &asked).await;
        assert_eq!((&second.body, second.header("etag")), (&first.body, first.header("etag")), "{encoding}");

        // The page is built again.
        let new: Vec<u8> = program().into_iter().rev().collect();
        write(&path, &new).unwrap();
        let tag = ("if-none-match", first.header("etag"));
        let third = site.ask("GET", "/app_bg.wasm", &[asked[0], tag]).await;
        assert_eq!((third.status.as_u16(), unpacked(&third)), (200, new), "{encoding}");
        assert_ne!(third.header("etag"), first.header("etag"));
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(site.ask("GET", "/app_bg.wasm", &[PACKED]).await.status, 404);
}

#[tokio::test]
async fn many_at_once_get_the_same_bytes() {
    let site = Site::start().await;
    let clients = (0..40).map(|at| {
        let address = site.address;
        tokio::spawn(async move {
            let asked = [("accept-encoding", ["br", "gzip"][at % 2])];
            let stream = tokio::net::TcpStream::connect(address).await.unwrap();
            crate::client::over(stream, "GET", "/app_bg.wasm", &asked).await
        })
    });
    for client in clients.collect::<Vec<_>>() {
        assert_eq!(unpacked(&client.await.unwrap()), program());
    }
}

#[tokio::test]
async fn a_head_says_what_the_whole_answer_says() {
    let site = Site::start().await;
    for target in ["/", "/app_bg.wasm", "/models/inception_v3.json", "/models/inception_v3.onnx", "/es.ftl"] {
        for encoding in ["br", "gzip", "identity"] {
            let asked = [("accept-encoding", encoding)];
            let whole = site.ask("GET", target, &asked).await;
            let head = site.ask("HEAD", target, &asked).await;
            assert_eq!(head.body.len(), 0);
            let mut names: Vec<_> = whole.headers.keys().chain(head.headers.keys()).collect();
            names.retain(|name| *name != "date");
            for name in names {
                assert_eq!(head.headers.get(name), whole.headers.get(name), "{target} {encoding} {name}");
            }
            assert_eq!(whole.header("content-length"), whole.body.len().to_string(), "{target} {encoding}");
        }
    }
}

#[tokio::test]
async fn every_client_gets_what_it_understands() {
    let site = Site::start().await;
    let cases = [
        ("br;q=0.5, gzip", "gzip"),
        ("br;q=0, gzip;q=0", ""),
        ("br;q=0, gzip;q=0.1", "gzip"),
        ("BR", "br"),
        ("deflate, zstd", ""),
        ("", ""),
    ];
    let mut tags = Vec::new();
    for (asked, given) in cases {
        let answer = site.ask("GET", "/app_bg.wasm", &[("accept-encoding", asked)]).await;
        assert_eq!((answer.header("content-encoding"), unpacked(&answer)), (given, program()), "{asked}");
        assert_eq!(answer.header("vary"), "accept-encoding", "{asked}");
        tags.push((answer.header("etag").to_owned(), given));
    }
    // Other bytes have another tag, and the same bytes the same.
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 3);
    tags.dedup_by_key(|(tag, _)| tag.clone());
    assert_eq!(tags.len(), 3);
    // A short answer tells caches the same.
    let again = site.ask("GET", "/app_bg.wasm", &[PACKED, ("if-none-match", "*")]).await;
    assert_eq!((again.status.as_u16(), again.header("vary")), (304, "accept-encoding"));
}

#[tokio::test]
async fn compressed_forms_have_no_addresses_and_leave_no_files() {
    let site = Site::start().await;
    assert_eq!(site.ask("GET", "/app_bg.wasm", &[PACKED]).await.header("content-encoding"), "br");
    let targets = [
        "/app_bg.wasm.br",
        "/app_bg.wasm.gz",
        "/app_bg.wasm%2ebr",
        "/app_bg.wasm.%62r",
        "/index.html.br",
        "/.env.br",
        "/.git/config.gz",
        "/models/inception_v3.json.br",
        "/models/inception_v3_notop.h5.gz",
        "/licences/rust.txt.br",
    ];
    for target in targets {
        for asked in [&[][..], &[PACKED]] {
            for method in ["GET", "HEAD"] {
                let answer = site.ask(method, target, asked).await;
                assert_eq!((answer.status.as_u16(), answer.body.len()), (404, 0), "{method} {target}");
            }
        }
    }
    // An archive that lies there is a file like others.
    assert_eq!(site.ask("GET", "/data/cifar-10-binary.tar.gz", &[PACKED]).await.body, &b"\x1f\x8b"[..]);
    assert_eq!(read(site.root.path().join("site/app_bg.wasm")).unwrap(), program());
    let names = std::fs::read_dir(site.root.path().join("site")).unwrap();
    assert!(names.flatten().all(|entry| !entry.file_name().to_string_lossy().ends_with(".br")));
}
