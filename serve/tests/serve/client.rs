//! A client that sends what it is told, and a folder to serve.

use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http2::SendRequest;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use serve::connections::{Connections, Limits};
use serve::{Folders, lan};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// What the server answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// A header's value; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Sends one request with this target, as it stands, over a stream of any kind.
pub async fn over<S>(stream: S, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(target).header("host", "127.0.0.1");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    whole(sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap()).await
}

/// An answer with all of its body.
pub async fn whole(answer: Response<Incoming>) -> Answer {
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// A client that speaks HTTP/2 over one connection.
#[derive(Clone)]
pub struct Http2 {
    sender: SendRequest<Empty<Bytes>>,
    /// Whether the connection ended well, as soon as it has ended.
    ended: watch::Receiver<Option<bool>>,
}

impl Http2 {
    /// Begins to speak HTTP/2 over a stream of any kind.
    pub async fn over<S>(stream: S) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        Self::with_pings(stream, None).await
    }

    /// The same by a client that sends pings at such intervals.
    pub async fn with_pings<S>(stream: S, interval: Option<Duration>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut speaking = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
        speaking.timer(TokioTimer::new()).keep_alive_interval(interval).keep_alive_while_idle(true);
        let (sender, connection) = speaking.handshake(TokioIo::new(stream)).await.unwrap();
        let (ending, ended) = watch::channel(None);
        tokio::spawn(async move { ending.send(Some(connection.await.is_ok())) });
        Self { sender, ended }
    }

    /// Waits for the connection's end, and says whether the server announced it.
    pub async fn end(&self) -> bool {
        self.ended.clone().wait_for(Option::is_some).await.unwrap().unwrap()
    }

    /// The answer to a GET for this address, `https://…`, as soon as its header is there.
    pub async fn send(&self, address: &str, headers: &[(&str, &str)]) -> hyper::Result<Response<Incoming>> {
        let mut request = Request::builder().uri(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.sender.clone().send_request(request.body(Empty::new()).unwrap()).await
    }

    /// The whole answer.
    pub async fn get(&self, address: &str, headers: &[(&str, &str)]) -> Answer {
        whole(self.send(address, headers).await.unwrap()).await
    }
}

/// A connection to `address` by a client that trusts this identity only, expects this name and speaks one of these
/// protocols.
pub async fn connect(
    address: SocketAddr,
    trusted: &lan::Identity,
    name: &'static str,
    protocols: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.certificate().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).unwrap(), stream).await
}

/// A server of a room.
pub struct Room {
    pub root: TempDir,
    pub address: SocketAddr,
    pub identity: lan::Identity,
}

impl Room {
    /// Serves [`fill`]'s files by HTTPS to those who name this machine, within these limits.
    pub async fn start(other: Ipv4Addr, limits: Limits) -> Self {
        let root = tempfile::tempdir().unwrap();
        fill(root.path());
        let identity = lan::Identity::new(&[other], std::time::SystemTime::now()).unwrap();
        let open = lan::listen(&[Ipv4Addr::LOCALHOST], 0).await;
        let address = (Ipv4Addr::LOCALHOST, open.port).into();
        let app = serve::hosts::only(serve::app(&Folders::bundle(root.path())).unwrap(), [other.to_string()]);
        let serving = identity.clone();
        let connections = Connections::new(limits);
        tokio::spawn(async move { lan::serve(open.listeners, &serving, app, &connections).await });
        Self { root, address, identity }
    }

    /// A client that speaks HTTP/2.
    pub async fn http2(&self) -> Http2 {
        let stream = connect(self.address, &self.identity, "localhost", &["h2"]).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        Http2::over(stream).await
    }
}

/// A server of a folder of its own.
pub struct Site {
    pub root: TempDir,
    pub address: SocketAddr,
}

impl Site {
    /// Serves [`fill`]'s files.
    pub async fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        fill(root.path());
        let listener = serve::listen((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let app: Router = serve::app(&Folders::bundle(root.path())).unwrap();
        tokio::spawn(async move { Connections::new(Limits::default()).serve(listener, app).await });
        Self { root, address }
    }

    pub async fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
        over(TcpStream::connect(self.address).await.unwrap(), method, target, headers).await
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, &[]).await
    }

    /// Sends bytes as they stand and gives what comes back until the server hangs up.
    pub async fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        raw(self.address, bytes).await
    }
}

/// Sends bytes as they stand and gives what comes back until the server hangs up.
pub async fn raw(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A hang-up with bytes unread is a reset, which is an end too.
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

pub const INDEX: &str = "<!doctype html><title>t</title><meta
    http-equiv=\"Content-Security-Policy\"
    content=\"default-src 'self'; img-src 'self' blob:\"
/><script type=module src=app.js></script><p>¿Qué?</p>";
pub const SECRET: &str = "nobody may read this";

/// A program's bytes: they shrink.
pub fn program() -> Vec<u8> {
    b"\0asm".iter().copied().chain((0..40_000u32).map(|at| (at / 100) as u8)).collect()
}

/// A backbone's bytes.
pub fn weights() -> Vec<u8> {
    (0..5_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

/// What an answer's body is when it is unpacked.
pub fn unpacked(answer: &Answer) -> Vec<u8> {
    let mut plain = Vec::new();
    let read = match answer.header("content-encoding") {
        "br" => Read::read_to_end(&mut brotli::Decompressor::new(&answer.body[..], 4096), &mut plain),
        "gzip" => Read::read_to_end(&mut flate2::read::GzDecoder::new(&answer.body[..]), &mut plain),
        _ => return answer.body.to_vec(),
    };
    read.unwrap();
    plain
}

/// Makes the folders of a bundle, and a secret beside them.
pub fn fill(root: &std::path::Path) {
    let write = |name: &str, bytes: &[u8]| {
        let file = root.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    };
    write("Cargo.toml", SECRET.as_bytes());
    write("site/index.html", INDEX.as_bytes());
    write("site/app.js", "export const word = 'día';\n".repeat(100).as_bytes());
    write("site/app_bg.wasm", &program());
    write("site/es.ftl", b"hola = \xc2\xa1Hola!\n");
    write("site/icon.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>");
    write("site/site.webmanifest", b"{}");
    write("site/style.css", b"p { color: red }");
    write("site/snippets/one/inline.js", b"1");
    write("site/.env", SECRET.as_bytes());
    write("site/.git/config", SECRET.as_bytes());
    write("models/inception_v3.onnx", &weights());
    write("models/inception_v3.json", b"{\"name\":\"InceptionV3\"}");
    write("models/inception_v3_notop.h5", SECRET.as_bytes());
    write("data/flowers.zip", b"PK");
    write("data/cifar-10-binary.tar.gz", b"\x1f\x8b");
    write("data/half.zip.part", SECRET.as_bytes());
    write("data/.DS_Store", SECRET.as_bytes());
    write("data/cats/one.png", b"\x89PNG");
    write("licences/rust.txt", "MIT ©".as_bytes());
}
