//! A room that loads the page at once, and a thousand connections that want nothing or take nothing.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use http_body_util::Empty;
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serve::connections::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::client::{Answer, Http2, INDEX, Room, connect, over, unpacked, whole};

const ROOM: Ipv4Addr = Ipv4Addr::new(192, 168, 7, 9);
/// How many hang on.
const CROWD: usize = 1000;
/// A newcomer waits one or two seconds for its answer; a machine that has much else to do needs longer.
const GOOD_TIME: Duration = Duration::from_secs(20);

/// Lets this process open so many files and connections.
#[cfg(unix)]
fn allow_open_files(wanted: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_some_and(|current| current < wanted) {
        assert!(
            maximum.is_none_or(|maximum| maximum >= wanted),
            "this test opens {wanted} files, and the system allows {maximum:?}: raise it (`ulimit -Hn`)"
        );
        setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).unwrap();
    }
}

#[cfg(not(unix))]
fn allow_open_files(_: u64) {}

/// Asks for all of these over one connection, one after another.
async fn by_http1(room: &Room, paths: Vec<String>) -> Vec<(String, Answer)> {
    let stream = connect(room.address, &room.identity, "localhost", &["http/1.1"]).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut answers = Vec::new();
    for path in paths {
        let request = Request::builder().uri(&path).header("host", "localhost");
        let request = request.header("accept-encoding", "gzip, br").body(Empty::<Bytes>::new()).unwrap();
        answers.push((path, whole(sender.send_request(request).await.unwrap()).await));
    }
    answers
}

/// Asks for all of these at once over one connection.
async fn by_http2(room: &Room, paths: Vec<String>) -> Vec<(String, Answer)> {
    let client = room.http2().await;
    let mut asked = JoinSet::new();
    for path in paths {
        let client = client.clone();
        asked.spawn(async move {
            let address = format!("https://localhost{path}");
            (path, client.get(&address, &[("accept-encoding", "gzip, br")]).await)
        });
    }
    asked.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_clients_load_the_whole_page_at_once() {
    allow_open_files(2048);
    // A machine that has much else to do may need longer for all of them.
    let room = Room::start(ROOM, Limits { quiet: Duration::from_secs(600), ..Limits::default() }).await;
    let mut files = BTreeMap::new();
    for at in 0..20_u8 {
        let name = format!("/part-{at}.{}", ["js", "css", "wasm", "png"][usize::from(at) % 4]);
        let bytes: Vec<u8> = (0..100_000_u32).map(|n| (n / 50) as u8 ^ at).collect();
        std::fs::write(room.root.path().join("site").join(&name[1..]), &bytes).unwrap();
        files.insert(name, bytes);
    }
    let network: Vec<u8> =
        (0..1_000_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(room.root.path().join("models/network.onnx"), &network).unwrap();
    files.insert("/models/network.onnx".to_owned(), network);
    files.insert("/".to_owned(), INDEX.into());

    let (room, files) = (std::sync::Arc::new(room), std::sync::Arc::new(files));
    let mut clients = JoinSet::new();
    for at in 0..40 {
        let (room, files) = (room.clone(), files.clone());
        clients.spawn(async move {
            let paths: Vec<String> = files.keys().cloned().collect();
            let answers = if at % 2 == 0 {
                by_http2(&room, paths).await
            } else {
                // As browsers do it: six connections.
                let mut loading = JoinSet::new();
                for paths in paths.chunks(paths.len().div_ceil(6)) {
                    let (room, paths) = (room.clone(), paths.to_vec());
                    loading.spawn(async move { by_http1(&room, paths).await });
                }
                loading.join_all().await.into_iter().flatten().collect()
            };
            assert_eq!(answers.len(), files.len());
            for (path, answer) in answers {
                assert_eq!(answer.status, 200, "{path}");
                assert!(unpacked(&answer) == files[&path], "{path}");
            }
        });
    }
    clients.join_all().await;
}

/// Connections of every kind that hang on, to the program itself as systems start it: it may open 1,024 files.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_serves_one_more_while_a_thousand_hang_on() {
    use crate::program::Running;
    allow_open_files(4096);
    let folder = crate::program::folder();
    crate::client::fill(folder.path());
    let large = std::fs::File::create(folder.path().join("models/large.onnx")).unwrap();
    large.set_len(100_000_000).unwrap();
    let (mut running, address) = Running::with_open_files(folder.path(), 1024);
    let mut crowd = Vec::new();
    for at in 0..CROWD {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let sent: &[u8] = match at % 4 {
            0 => b"",
            1 => b"GET / HTTP/1.1\r\nhost: local",
            2 => b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n",
            _ => b"GET /models/large.onnx HTTP/1.1\r\nhost: localhost\r\n\r\n",
        };
        // It may have had to go by now, where this machine has much else to do.
        let _ = stream.write_all(sent).await;
        crowd.push(stream);
    }
    let newcomer = async { over(TcpStream::connect(address).await.unwrap(), "GET", "/", &[]).await };
    let answer = timeout(GOOD_TIME, newcomer).await.expect("the newcomer is served");
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, INDEX.as_bytes()));
    assert!(running.is_alive());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_room_is_served_while_a_thousand_hang_on() {
    allow_open_files(4096);
    let (idle, stalled) = (Duration::from_millis(50), Duration::from_millis(200));
    let limits = Limits { connections: 100, idle, stalled, ..Limits::default() };
    let room = Room::start(ROOM, limits).await;
    let large = std::fs::File::create(room.root.path().join("models/large.onnx")).unwrap();
    large.set_len(100_000_000).unwrap();
    // Who comes takes the place of who has been there for longest.
    let (mut silent, mut idle, mut stopped) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..CROWD / 100 {
        for at in 0..100 {
            match at % 10 {
                0..8 => silent.push(TcpStream::connect(room.address).await.unwrap()),
                8 => idle.push(Http2::over(tls(&room).await).await),
                _ => {
                    let client = Http2::over(tls(&room).await).await;
                    let asked = client.send("https://localhost/models/large.onnx", &[]).await.unwrap();
                    stopped.push((client, asked));
                }
            }
        }
    }
    let newcomer = async { Http2::over(tls(&room).await).await.get("https://localhost/", &[]).await };
    let answer = timeout(GOOD_TIME, newcomer).await.expect("the newcomer is served");
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, INDEX.as_bytes()));
    // The first ones had to go.
    let end = async { silent[0].read_to_end(&mut Vec::new()).await.is_ok() };
    timeout(GOOD_TIME, end).await.expect("the first one is hung up on");
}

async fn tls(room: &Room) -> impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static {
    let connecting = connect(room.address, &room.identity, "localhost", &["h2"]);
    timeout(GOOD_TIME, connecting).await.expect("a place is found").unwrap()
}
