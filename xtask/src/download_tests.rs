//! Downloads from a server that behaves badly.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crate::download::{Source, fetch};

const PATIENCE: Duration = Duration::from_millis(500);
const CONTENT: &[u8] = b"0123456789abcdef";
const MD5: &str = "4032af8d61035123906e58e067140cc5";

/// Answers one connection after the other with the next of `answers`; gives the address, and
/// at the end the `Range` headers that were asked with.
fn server(
    answers: Vec<fn(&mut TcpStream, Option<String>)>,
) -> (String, thread::JoinHandle<Vec<Option<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/file", listener.local_addr().unwrap());
    let handle = thread::spawn(move || {
        let mut ranges = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let range = head.iter().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("range").then(|| value.to_owned())
            });
            ranges.push(range.clone());
            answer(&mut stream, range);
        }
        ranges
    });
    (address, handle)
}

fn whole(stream: &mut TcpStream, _: Option<String>) {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n").unwrap();
    stream.write_all(CONTENT).unwrap();
}

fn half(stream: &mut TcpStream, _: Option<String>) {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n").unwrap();
    stream.write_all(&CONTENT[..7]).unwrap();
}

/// Half of it, on a connection that stays open.
fn half_and_silence(stream: &mut TcpStream, range: Option<String>) {
    half(stream, range);
    std::mem::forget(stream.try_clone().unwrap());
}

/// What lacks of it after seven bytes, with more headers.
fn partial(stream: &mut TcpStream, headers: &str) {
    write!(stream, "HTTP/1.1 206 Partial Content\r\nContent-Length: 9\r\n{headers}\r\n").unwrap();
    stream.write_all(&CONTENT[7..]).unwrap();
}

fn rest(stream: &mut TcpStream, _: Option<String>) {
    partial(stream, "Content-Range: bytes 7-15/16\r\n");
}

/// The end of the file, wherever it should begin.
fn rest_of_another_place(stream: &mut TcpStream, _: Option<String>) {
    partial(stream, "Content-Range: bytes 6-14/16\r\n");
}

fn rest_of_no_place(stream: &mut TcpStream, _: Option<String>) {
    partial(stream, "");
}

fn nothing_there(stream: &mut TcpStream, _: Option<String>) {
    let head =
        b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */16\r\nContent-Length: 0\r\n\r\n";
    stream.write_all(head).unwrap();
}

fn no_such_file(stream: &mut TcpStream, _: Option<String>) {
    stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap();
}

fn other(stream: &mut TcpStream, _: Option<String>) {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad").unwrap();
}

/// A folder of one test's own, empty.
fn target(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/download-tests").join(name);
    fs::remove_dir_all(&folder).ok();
    folder.join("file.bin")
}

#[test]
fn a_broken_download_goes_on_where_it_broke() {
    let (url, server) = server(vec![half, rest]);
    let (source, file) = (Source { url: &url, md5: MD5 }, target("broken"));
    assert!(fetch(&source, &file, PATIENCE).is_err());
    assert!(!file.exists());
    fetch(&source, &file, PATIENCE).unwrap();
    assert_eq!(fs::read(&file).unwrap(), CONTENT);
    assert_eq!(server.join().unwrap(), [None, Some("bytes=7-".to_owned())]);
    // It is there: nobody is asked again.
    fetch(&source, &file, PATIENCE).unwrap();
}

#[test]
fn a_download_that_stalls_ends_and_goes_on_the_next_time() {
    let (url, server) = server(vec![half_and_silence, rest]);
    let (source, file) = (Source { url: &url, md5: MD5 }, target("stalls"));
    let begun = Instant::now();
    let error = fetch(&source, &file, PATIENCE).unwrap_err();
    assert!(format!("{error:#}").contains("nothing came for 0.5 s"), "{error:#}");
    assert!(begun.elapsed() < PATIENCE * 6, "{:?}", begun.elapsed());
    fetch(&source, &file, PATIENCE).unwrap();
    assert_eq!(fs::read(&file).unwrap(), CONTENT);
    assert_eq!(server.join().unwrap(), [None, Some("bytes=7-".to_owned())]);
}

#[test]
fn a_server_that_cannot_go_on_starts_again() {
    let (url, server) = server(vec![half, whole]);
    let (source, file) = (Source { url: &url, md5: MD5 }, target("again"));
    assert!(fetch(&source, &file, PATIENCE).is_err());
    fetch(&source, &file, PATIENCE).unwrap();
    assert_eq!(fs::read(&file).unwrap(), CONTENT);
    server.join().unwrap();
}

/// A target beside which an earlier download left `part`.
fn target_with(name: &str, part: &[u8]) -> PathBuf {
    let file = target(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file.with_extension("part"), part).unwrap();
    file
}

#[test]
fn a_complete_part_is_taken_without_asking() {
    let file = target_with("complete", CONTENT);
    // Nobody listens there.
    fetch(&Source { url: "http://127.0.0.1:1/file", md5: MD5 }, &file, PATIENCE).unwrap();
    assert_eq!(fs::read(&file).unwrap(), CONTENT);
    assert!(!file.with_extension("part").exists());
}

#[test]
fn a_part_that_is_no_beginning_starts_anew() {
    type Answer = fn(&mut TcpStream, Option<String>);
    let cases: [(&str, &[u8], Answer); 5] = [
        ("too-long", b"0123456789abcdef and more", nothing_there),
        ("as-long", b"other bytes here", nothing_there),
        ("damaged", b"01x3456", rest),
        ("another-place", b"0123456", rest_of_another_place),
        ("no-place", b"0123456", rest_of_no_place),
    ];
    for (name, part, answer) in cases {
        let (url, server) = server(vec![answer, whole]);
        let file = target_with(name, part);
        fetch(&Source { url: &url, md5: MD5 }, &file, PATIENCE)
            .unwrap_or_else(|error| panic!("{name}: {error:#}"));
        assert_eq!(fs::read(&file).unwrap(), CONTENT, "{name}");
        assert!(!file.with_extension("part").exists(), "{name}");
        assert_eq!(server.join().unwrap(), [Some(format!("bytes={}-", part.len())), None], "{name}");
    }
}

#[test]
fn a_part_and_a_server_without_ranges_make_one_file() {
    let (url, server) = server(vec![whole]);
    let file = target_with("ignores", b"an end that is longer than the file");
    fetch(&Source { url: &url, md5: MD5 }, &file, PATIENCE).unwrap();
    assert_eq!(fs::read(&file).unwrap(), CONTENT);
    assert_eq!(server.join().unwrap(), [Some("bytes=35-".to_owned())]);
}

#[test]
fn another_file_of_a_server_without_ranges_is_fetched_once() {
    let (url, server) = server(vec![other]);
    let file = target_with("ignores-other", &CONTENT[..7]);
    let error = fetch(&Source { url: &url, md5: MD5 }, &file, PATIENCE).unwrap_err();
    assert!(error.to_string().contains("MD5"), "{error}");
    assert!(!file.with_extension("part").exists());
    assert_eq!(server.join().unwrap(), [Some("bytes=7-".to_owned())]);
}

#[test]
fn a_host_that_refuses_is_told_by_its_status_and_costs_no_part() {
    for part in [None, Some(&CONTENT[..7])] {
        let (url, server) = server(vec![no_such_file]);
        let file = part.map_or_else(|| target("refuses"), |part| target_with("refuses", part));
        let error = fetch(&Source { url: &url, md5: MD5 }, &file, PATIENCE).unwrap_err();
        assert!(error.to_string().contains("status 404"), "{error:#}");
        assert_eq!(fs::read(file.with_extension("part")).ok().as_deref(), part);
        server.join().unwrap();
    }
}

#[test]
fn another_file_is_refused_and_deleted() {
    let (url, server) = server(vec![other]);
    let file = target("other");
    let error = fetch(&Source { url: &url, md5: MD5 }, &file, PATIENCE).unwrap_err();
    assert!(error.to_string().contains("MD5"), "{error}");
    assert!(!file.exists() && !file.with_extension("part").exists());
    server.join().unwrap();
}

#[test]
fn a_silent_host_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/file", listener.local_addr().unwrap());
    let begun = Instant::now();
    assert!(fetch(&Source { url: &url, md5: MD5 }, &target("silent"), PATIENCE).is_err());
    assert!(begun.elapsed() < PATIENCE * 6, "{:?}", begun.elapsed());
}
