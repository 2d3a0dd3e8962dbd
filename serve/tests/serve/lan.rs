//! HTTPS for a room: the certificate, the code, and who is hung up on.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::client::{INDEX, fill, over, raw, weights};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use serve::{Folders, lan};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const ROOM: Ipv4Addr = Ipv4Addr::new(192, 168, 7, 9);

async fn start() -> (TempDir, SocketAddr, lan::Identity) {
    let root = tempfile::tempdir().unwrap();
    fill(root.path());
    let identity = lan::Identity::new(&[ROOM], SystemTime::now()).unwrap();
    let serving = identity.clone();
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let app = serve::app(&Folders::bundle(root.path())).unwrap();
    tokio::spawn(async move { lan::serve(listener, &serving, app).await });
    (root, address, identity)
}

/// A connection to `address` by a client that trusts this identity only and expects this name.
async fn connect(
    address: SocketAddr,
    trusted: &lan::Identity,
    name: &'static str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.certificate().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).unwrap(), stream).await
}

#[tokio::test]
async fn the_page_is_served_under_each_of_its_names() {
    let (_root, address, identity) = start().await;
    for name in ["localhost", "127.0.0.1", "192.168.7.9"] {
        let answer = over(connect(address, &identity, name).await.unwrap(), "GET", "/", &[]).await;
        assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, INDEX.as_bytes()), "{name}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
    }
    let stream = connect(address, &identity, "localhost").await.unwrap();
    let answer = over(stream, "GET", "/models/inception_v3.onnx", &[("range", "bytes=1-3")]).await;
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (206, &weights()[1..4]));
    let stream = connect(address, &identity, "localhost").await.unwrap();
    assert_eq!(over(stream, "GET", "/..%2fCargo.toml", &[]).await.status, 404);
}

#[tokio::test]
async fn other_names_and_other_certificates_are_refused() {
    let (_root, address, identity) = start().await;
    for name in ["192.168.7.10", "example.org"] {
        let error = connect(address, &identity, name).await.unwrap_err();
        assert!(error.to_string().contains("not valid for name"), "{name}: {error}");
    }
    let other = lan::Identity::new(&[ROOM], SystemTime::now()).unwrap();
    assert_ne!(other.fingerprint(), identity.fingerprint());
    assert!(connect(address, &other, "localhost").await.is_err());
    let day = Duration::from_secs(24 * 3600);
    for (made, valid) in [
        (SystemTime::now() - 29 * day, true),
        (SystemTime::now() - 31 * day, false),
        (SystemTime::now() + day / 2, true),
        (SystemTime::now() + 2 * day, false),
    ] {
        let identity = lan::Identity::new(&[ROOM], made).unwrap();
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let serving = identity.clone();
        tokio::spawn(async move { lan::serve(listener, &serving, axum::Router::new()).await });
        assert_eq!(connect(address, &identity, "localhost").await.is_ok(), valid);
    }
}

#[tokio::test]
async fn who_speaks_no_tls_is_hung_up_on() {
    let (_root, address, _) = start().await;
    let asked = raw(address, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    let answer = tokio::time::timeout(Duration::from_secs(5), asked).await.expect("the server hangs up");
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
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
