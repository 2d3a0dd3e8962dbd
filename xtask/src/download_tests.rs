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

fn rest(stream: &mut TcpStream, _: Option<String>) {
    stream.write_all(b"HTTP/1.1 206 Partial Content\r\nContent-Length: 9\r\n\r\n").unwrap();
    stream.write_all(&CONTENT[7..]).unwrap();
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
