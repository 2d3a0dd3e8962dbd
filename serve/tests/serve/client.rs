//! A client that sends what it is told, and a folder to serve.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serve::Folders;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

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
    let answer = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: parts.status, headers: parts.headers, body }
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
        tokio::spawn(async move { axum::serve(listener, app).await });
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

pub const INDEX: &str = "<!doctype html><title>t</title><script type=module>start()</script><p>¿Qué?</p>";
pub const SECRET: &str = "nobody may read this";

/// A program's bytes: they shrink.
pub fn program() -> Vec<u8> {
    b"\0asm".iter().copied().chain((0..40_000u32).map(|at| (at / 100) as u8)).collect()
}

/// A backbone's bytes.
pub fn weights() -> Vec<u8> {
    (0..5_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
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
