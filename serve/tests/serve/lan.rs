//! HTTPS for a room: the certificate, the code, and who is hung up on.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use crate::client::{INDEX, Room, connect, over, raw, weights};
use serve::connections::{Connections, Limits};
use serve::lan;

const ROOM: Ipv4Addr = Ipv4Addr::new(192, 168, 7, 9);

#[tokio::test]
async fn the_page_is_served_under_each_of_its_names() {
    let Room { root: _root, address, identity } = Room::start(ROOM, Limits::default()).await;
    for name in ["localhost", "127.0.0.1", "192.168.7.9"] {
        let answer = over(connect(address, &identity, name, &[]).await.unwrap(), "GET", "/", &[]).await;
        assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, INDEX.as_bytes()), "{name}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
    }
    let stream = connect(address, &identity, "localhost", &[]).await.unwrap();
    let answer = over(stream, "GET", "/models/inception_v3.onnx", &[("range", "bytes=1-3")]).await;
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (206, &weights()[1..4]));
    let stream = connect(address, &identity, "localhost", &[]).await.unwrap();
    assert_eq!(over(stream, "GET", "/..%2fCargo.toml", &[]).await.status, 404);
}

#[tokio::test]
async fn other_names_and_other_certificates_are_refused() {
    let Room { root: _root, address, identity } = Room::start(ROOM, Limits::default()).await;
    for name in ["192.168.7.10", "example.org"] {
        let error = connect(address, &identity, name, &[]).await.unwrap_err();
        assert!(error.to_string().contains("not valid for name"), "{name}: {error}");
    }
    let other = lan::Identity::new(&[ROOM], SystemTime::now()).unwrap();
    assert_ne!(other.fingerprint(), identity.fingerprint());
    assert!(connect(address, &other, "localhost", &[]).await.is_err());
    let day = Duration::from_secs(24 * 3600);
    for (made, valid) in [
        (SystemTime::now() - 29 * day, true),
        (SystemTime::now() - 31 * day, false),
        (SystemTime::now() + day / 2, true),
        (SystemTime::now() + 2 * day, false),
    ] {
        let identity = lan::Identity::new(&[ROOM], made).unwrap();
        let open = lan::listen(&[Ipv4Addr::LOCALHOST], 0).await;
        let address = (Ipv4Addr::LOCALHOST, open.port).into();
        let serving = identity.clone();
        let connections = Connections::new(Limits::default());
        tokio::spawn(
            async move { lan::serve(open.listeners, &serving, axum::Router::new(), &connections).await },
        );
        assert_eq!(connect(address, &identity, "localhost", &[]).await.is_ok(), valid);
    }
}

#[tokio::test]
async fn who_speaks_no_tls_is_hung_up_on() {
    let Room { root: _root, address, .. } = Room::start(ROOM, Limits::default()).await;
    let asked = raw(address, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    let answer = tokio::time::timeout(Duration::from_secs(5), asked).await.expect("the server hangs up");
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

#[tokio::test]
async fn http2_is_spoken() {
    let room = Room::start(ROOM, Limits::default()).await;
    let client = room.http2().await;
    let files = ["/", "/app.js", "/models/inception_v3.json", "/data/cats/one.png"];
    let addresses = files.map(|file| format!("https://localhost{file}"));
    // All at once over one connection.
    let [page, script, manifest, picture] = addresses.each_ref().map(|address| client.get(address, &[]));
    let answers = tokio::join!(page, script, manifest, picture);
    for answer in [&answers.0, &answers.1, &answers.2, &answers.3] {
        assert_eq!((answer.status.as_u16(), answer.body.is_empty()), (200, false));
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
    }
    assert_eq!(answers.0.body, INDEX);
    let answer = client.get(&addresses[1], &[("accept-encoding", "gzip, br")]).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-encoding")), (200, "br"));
    let tag = answer.header("etag");
    let again = client.get(&addresses[1], &[("accept-encoding", "gzip, br"), ("if-none-match", tag)]).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    let part = client.get("https://localhost/models/inception_v3.onnx", &[("range", "bytes=1-3")]).await;
    assert_eq!((part.status.as_u16(), &part.body[..]), (206, &weights()[1..4]));
}

/// Linux gives a machine all addresses of 127.0.0.0/8.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn it_listens_where_it_says_and_nowhere_else() {
    let named = [Ipv4Addr::new(127, 0, 7, 1), Ipv4Addr::new(127, 0, 7, 2)];
    let missing = Ipv4Addr::new(192, 0, 2, 250);
    let open = lan::listen(&[named[0], missing, named[1]], 0).await;
    assert_eq!((&open.addresses[..], open.refused.len(), open.refused[0].0), (&named[..], 1, missing));
    let connect = |at: Ipv4Addr| std::net::TcpStream::connect(SocketAddr::from((at, open.port)));
    for at in named {
        assert!(connect(at).is_ok(), "{at}");
    }
    for at in [Ipv4Addr::LOCALHOST, Ipv4Addr::new(127, 0, 7, 3)] {
        assert!(connect(at).is_err(), "{at}");
    }
    // The port is taken at one of them: the page is served at the other.
    let one = lan::listen(&named[..1], 0).await;
    let both = lan::listen(&named, one.port).await;
    assert_eq!((&both.addresses[..], both.refused[0].0), (&named[1..], named[0]));
}

#[test]
fn the_fingerprint_is_the_certificates() {
    use sha2::{Digest, Sha256};
    let identity = lan::Identity::new(&[ROOM], SystemTime::now()).unwrap();
    let shown = identity.fingerprint();
    let bytes: Vec<u8> = shown.split(':').map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    assert_eq!(bytes, Sha256::digest(identity.certificate()).as_slice());
}

#[test]
fn the_addresses_are_others_can_reach() {
    // A machine may be in no network at all, which must be said as such.
    match lan::addresses() {
        Ok(addresses) => {
            assert!(!addresses.is_empty());
            assert!(
                addresses.iter().all(|at| !at.is_loopback() && !at.is_link_local() && !at.is_unspecified())
            );
        }
        Err(error) => assert!(matches!(error, lan::LanError::NoNetwork), "{error}"),
    }
}

/// Reads the code as it stands in a terminal with light letters on a dark ground, by another
/// crate than the one that drew it.
#[test]
fn the_code_can_be_read() {
    for text in ["https://192.168.7.9:8443/", "https://10.0.0.1:65535/"] {
        let drawn = lan::qr(text).unwrap();
        let lines: Vec<Vec<char>> = drawn.lines().map(|line| line.chars().collect()).collect();
        // A letter is two modules, a module eight pixels; light letters are light.
        let light = |x: usize, y: usize| match (lines[y / 2][x], y % 2) {
            ('█', _) | ('▀', 0) | ('▄', 1) => true,
            (' ', _) | ('▀', _) | ('▄', _) => false,
            (other, _) => panic!("{other:?}"),
        };
        let (width, height) = (lines[0].len() * 8, lines.len() * 16);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            if light(x / 8, y / 8) { 255 } else { 0 }
        });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        assert_eq!(grids[0].decode().unwrap().1, text);
    }
}

#[test]
fn the_welcome_names_every_address_and_the_fingerprint() {
    let addresses = [ROOM, Ipv4Addr::new(10, 1, 2, 3)];
    let identity = lan::Identity::new(&addresses, SystemTime::now()).unwrap();
    let text = lan::welcome(&addresses, 8443, &identity).unwrap();
    for wanted in
        ["https://192.168.7.9:8443/", "https://10.1.2.3:8443/", &identity.fingerprint(), "\nES ", "\nEN "]
    {
        assert!(text.contains(wanted), "{wanted}");
    }
    assert!(text.contains(&lan::qr("https://192.168.7.9:8443/").unwrap()));
}
