//! Under which names the server answers, over a real socket.

use std::net::{Ipv4Addr, SocketAddr};

use serve::connections::{Connections, Limits};
use serve::{Folders, hosts};

use crate::client::{INDEX, Room, fill, raw};

/// A server that answers to this name, too.
async fn start(name: &str) -> (tempfile::TempDir, SocketAddr) {
    let root = tempfile::tempdir().unwrap();
    fill(root.path());
    let listener = serve::listen((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = hosts::only(serve::app(&Folders::bundle(root.path())).unwrap(), [name.to_owned()]);
    tokio::spawn(async move { Connections::new(Limits::default()).serve(listener, app).await });
    (root, address)
}

/// The answer to a request for `target` with these lines of a head.
async fn ask(address: SocketAddr, target: &str, head: &str) -> String {
    let request = format!("GET {target} HTTP/1.1\r\n{head}connection: close\r\n\r\n");
    String::from_utf8_lossy(&raw(address, request.as_bytes()).await).into_owned()
}

#[tokio::test]
async fn this_machine_and_the_allowed_names_are_answered() {
    let (_root, address) = start("Board-7.school.example").await;
    let port = address.port();
    let names = [
        "localhost".to_owned(),
        format!("LocalHost:{port}"),
        "localhost.:9".to_owned(),
        format!("127.0.0.1:{port}"),
        "127.3.4.5".to_owned(),
        "[::1]".to_owned(),
        format!("[::1]:{port}"),
        "board-7.school.example".to_owned(),
        format!("BOARD-7.school.example:{port}"),
    ];
    for name in names {
        let answer = ask(address, "/", &format!("host: {name}\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(INDEX), "{name}: {answer}");
    }
}

#[tokio::test]
async fn other_names_get_no_file() {
    let (_root, address) = start("board-7.school.example").await;
    let heads = [
        "host: evil.example\r\n",
        "host: evil.example:8080\r\n",
        "host: localhost.evil.example\r\n",
        "host: 127.0.0.1.evil.example\r\n",
        "host: evil.example#@localhost\r\n",
        "host: 192.168.7.9\r\n",
        "host: school.example\r\n",
        "host: 0.0.0.0\r\n",
        "host: \r\n",
        "host: localhost\r\nhost: evil.example\r\n",
        "host: evil.example\r\nx-forwarded-host: localhost\r\n",
    ];
    for target in ["/", "/data/flowers.zip", "/data.json", "/nothing"] {
        for head in heads {
            let answer = ask(address, target, head).await;
            let refused = answer.starts_with("HTTP/1.1 421") || answer.starts_with("HTTP/1.1 400");
            assert!(refused && !answer.contains("PK"), "{target} {head}: {answer}");
        }
        // What the address says counts, not the header beside it.
        let answer = ask(address, &format!("http://evil.example{target}"), "host: localhost\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 421"), "{target}: {answer}");
    }
    let answer = ask(address, "/", "host: evil.example\r\n").await;
    assert!(answer.contains("--allow-host NAME") && answer.contains("--allow-host NOMBRE"), "{answer}");
}

#[tokio::test]
async fn other_names_get_no_file_by_http2_either() {
    let room = Room::start(Ipv4Addr::new(192, 168, 7, 9), Limits::default()).await;
    let client = room.http2().await;
    for name in ["evil.example", "localhost.evil.example", "192.168.7.10", "192.168.7.9.evil.example:8443"] {
        for path in ["/", "/data/flowers.zip", "/data.json", "/nothing"] {
            // What the address says counts, not the header beside it.
            for headers in [&[][..], &[("host", "localhost")]] {
                let answer = client.get(&format!("https://{name}{path}"), headers).await;
                assert_eq!(answer.status, 421, "{name}{path}");
                assert!(!answer.body.windows(2).any(|part| part == b"PK"), "{name}{path}");
            }
        }
    }
    for name in ["localhost", "127.0.0.1:8443", "192.168.7.9:8443"] {
        let answer = client.get(&format!("https://{name}/"), &[]).await;
        assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, INDEX.as_bytes()), "{name}");
    }
}
