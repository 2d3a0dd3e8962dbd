//! For how long connections are held. Most of it happens in a time that passes when all wait, over streams in memory:
//! there the limits are the real ones, and no other work of the machine delays anything.

use std::net::Ipv4Addr;
use std::time::Duration;

use http_body_util::BodyExt;
use serve::Folders;
use serve::connections::{Connections, Limits};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::client::{Http2, INDEX, Room, connect, fill, over};

/// Bytes of a large network.
const LARGE: usize = 90_000_000;
/// What lies between a stream's two ends, in bytes.
const BETWEEN: usize = 64 * 1024;
const HEAD: &[u8] = b"GET /models/large.onnx HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// A server whose connections are in memory.
struct Memory {
    _root: TempDir,
    app: axum::Router,
    connections: Connections,
}

impl Memory {
    fn start(limits: Limits) -> Self {
        let root = tempfile::tempdir().unwrap();
        fill(root.path());
        let large = std::fs::File::create(root.path().join("models/large.onnx")).unwrap();
        large.set_len(LARGE as u64).unwrap();
        let app = serve::app(&Folders::bundle(root.path())).unwrap();
        Self { _root: root, app, connections: Connections::new(limits) }
    }

    /// A connection, and what ends with it.
    fn connect(&self) -> (DuplexStream, JoinHandle<()>) {
        let (client, server) = duplex(BETWEEN);
        let (connections, app) = (self.connections.clone(), self.app.clone());
        (client, tokio::spawn(async move { connections.answer(server, app).await }))
    }
}

/// Waits for a connection's end and says after how many seconds it came.
async fn seconds(ended: JoinHandle<()>) -> u64 {
    let start = Instant::now();
    timeout(Duration::from_secs(3600), ended).await.expect("it ends").unwrap();
    start.elapsed().as_secs()
}

/// Takes 16 kB every 1.6 seconds, without an end.
async fn read_slowly(mut stream: DuplexStream) -> usize {
    let (mut bytes, mut all) = (vec![0; 16_000], 0);
    while all < LARGE {
        sleep(Duration::from_millis(1600)).await;
        match stream.read(&mut bytes).await.unwrap() {
            0 => break,
            count => all += count,
        }
    }
    all
}

#[tokio::test(start_paused = true)]
async fn who_sends_no_whole_request_is_hung_up_on() {
    let memory = Memory::start(Limits::default());
    let (silent, ended) = memory.connect();
    assert_eq!(seconds(ended).await, 30);
    drop(silent);

    let (mut half, ended) = memory.connect();
    half.write_all(b"GET / HTTP/1.1\r\nhost: loc").await.unwrap();
    assert_eq!(seconds(ended).await, 30);

    // A byte now and then gains no time.
    let (mut trickling, ended) = memory.connect();
    tokio::spawn(async move {
        trickling.write_all(b"GET / HTTP/1.1\r\nx: ").await.unwrap();
        while trickling.write_all(b"y").await.is_ok() {
            sleep(Duration::from_secs(3)).await;
        }
    });
    assert_eq!(seconds(ended).await, 30);

    // The half of an HTTP/2 header.
    let (mut half, ended) = memory.connect();
    half.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x40\x01").await.unwrap();
    assert_eq!(seconds(ended).await, 30);
}

#[tokio::test(start_paused = true)]
async fn idle_connections_are_ended() {
    let memory = Memory::start(Limits::default());
    let (mut stream, ended) = memory.connect();
    for _ in 0..3 {
        // One connection is used again and again, as long as it is used.
        sleep(Duration::from_secs(20)).await;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let mut answer = vec![0; 4096];
        let mut count = 0;
        while !answer[..count].ends_with(INDEX.as_bytes()) {
            count += stream.read(&mut answer[count..]).await.unwrap();
        }
    }
    assert_eq!(seconds(ended).await, 30);

    let (stream, ended) = memory.connect();
    let client = Http2::over(stream).await;
    for _ in 0..3 {
        sleep(Duration::from_secs(20)).await;
        assert_eq!(client.get("http://localhost/", &[]).await.body, INDEX);
    }
    assert_eq!(seconds(ended).await, 30);
    // It was told, so that what it asks for next goes over a connection of its own.
    assert!(client.end().await);

    // Pings ask for nothing.
    let (stream, ended) = memory.connect();
    let client = Http2::with_pings(stream, Some(Duration::from_secs(1))).await;
    assert_eq!(client.get("http://localhost/", &[]).await.body, INDEX);
    assert_eq!(seconds(ended).await, 30);
}

#[tokio::test(start_paused = true)]
async fn readers_that_stop_are_ended() {
    let memory = Memory::start(Limits::default());
    let (mut stream, ended) = memory.connect();
    stream.write_all(HEAD).await.unwrap();
    stream.read_exact(&mut vec![0; 1_000_000]).await.unwrap();
    assert_eq!(seconds(ended).await, 30);

    // HTTP/2's own window is full, with and without pings.
    for interval in [None, Some(Duration::from_secs(1))] {
        let (stream, ended) = memory.connect();
        let client = Http2::with_pings(stream, interval).await;
        let mut body = client.send("http://localhost/models/large.onnx", &[]).await.unwrap().into_body();
        for _ in 0..10 {
            body.frame().await.unwrap().unwrap();
        }
        assert_eq!(seconds(ended).await, 30);
    }
}

#[tokio::test(start_paused = true)]
async fn slow_readers_get_everything() {
    let memory = Memory::start(Limits::default());
    let start = Instant::now();
    let (mut stream, _) = memory.connect();
    stream.write_all(HEAD).await.unwrap();
    // The head comes before the body.
    assert!(read_slowly(stream).await >= LARGE);
    assert!(start.elapsed() > Duration::from_secs(2 * 3600));

    let (stream, _) = memory.connect();
    let client = Http2::over(stream).await;
    let mut body = client.send("http://localhost/models/large.onnx", &[]).await.unwrap().into_body();
    let mut all = 0;
    while let Some(frame) = body.frame().await {
        all += frame.unwrap().into_data().unwrap().len();
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(all, LARGE);
}

/// Three places, and a room that wants more.
#[tokio::test(start_paused = true)]
async fn newcomers_take_the_place_of_who_waits_for_nothing() {
    let memory = Memory::start(Limits { connections: 3, ..Limits::default() });
    let (mut slow, _) = memory.connect();
    slow.write_all(HEAD).await.unwrap();
    let slow = tokio::spawn(read_slowly(slow));
    let (mut stopped, stopped_end) = memory.connect();
    stopped.write_all(HEAD).await.unwrap();

    let mut idle = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        idle.push(memory.connect());
        let (stream, _) = memory.connect();
        assert_eq!(over(stream, "GET", "/", &[]).await.body, INDEX);
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    }
    assert!(idle.iter().all(|(_, ended)| ended.is_finished()));
    assert!(!stopped_end.is_finished());

    // Where nobody is idle, who has stopped reading goes before its time is over.
    let (mut busy, _) = memory.connect();
    busy.write_all(HEAD).await.unwrap();
    let busy = tokio::spawn(read_slowly(busy));
    let start = Instant::now();
    let (stream, _) = memory.connect();
    assert_eq!(over(stream, "GET", "/", &[]).await.body, INDEX);
    assert!(start.elapsed() < Duration::from_secs(12), "{:?}", start.elapsed());
    assert!(stopped_end.is_finished());
    // Who takes bytes is never cut off.
    assert!(slow.await.unwrap() >= LARGE && busy.await.unwrap() >= LARGE);
}

/// The same over real sockets, with less patience.
#[tokio::test]
async fn the_room_s_connections_are_ended_too() {
    let limits = Limits { quiet: Duration::from_secs(3), ..Limits::default() };
    let room = Room::start(Ipv4Addr::new(192, 168, 7, 9), limits).await;
    let silent = TcpStream::connect(room.address).await.unwrap();
    let mut half = TcpStream::connect(room.address).await.unwrap();
    half.write_all(b"\x16\x03\x01\x02\x00\x01").await.unwrap();
    let shaken = connect(room.address, &room.identity, "localhost", &["h2"]).await.unwrap();
    let client = room.http2().await;
    assert_eq!(client.get("https://localhost/", &[]).await.status, 200);
    for mut stream in [silent, half, shaken.into_inner().0] {
        // A reset is an end, too.
        let mut bytes = Vec::new();
        let end = async { stream.read_to_end(&mut bytes).await.is_ok() };
        timeout(Duration::from_secs(60), end).await.expect("the server hangs up");
    }
    timeout(Duration::from_secs(60), client.end()).await.expect("the server hangs up");
}

/// Else a slow reader's bytes wait in the system for so long that it seems to have stopped.
#[cfg(unix)]
#[tokio::test]
async fn the_system_holds_little_for_a_reader() {
    let listener = serve::listen((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let held = rustix::net::sockopt::socket_send_buffer_size(&stream).unwrap();
    // Linux doubles what is asked for, to have room for its own notes.
    assert!(held <= 2 * 256 * 1024, "{held}");
}
