//! The program itself: where it finds its files and what it says.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::client::{INDEX, fill, over, raw, weights};
use serve::{Folders, lan};

/// A folder beside the built program, so that it can be linked into it.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// The program in `folder`, which is not started yet. It is linked: a copy is open for writing for a
/// moment, and a process that another test starts just then keeps it so and from being run.
fn program(folder: &Path) -> Command {
    let link = folder.join(format!("serve{}", std::env::consts::EXE_SUFFIX));
    if !link.exists() {
        fs::hard_link(env!("CARGO_BIN_EXE_serve"), &link).unwrap();
    }
    let mut command = Command::new(link);
    // As if it were started by a click, and from anywhere.
    command.env_remove("CARGO_MANIFEST_DIR").current_dir(std::env::temp_dir()).stdin(Stdio::null());
    command
}

/// A server that is ended with the test.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn start(command: &mut Command) -> Self {
        Self(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// The program in `folder` on a free port, when it may open so many files.
    #[cfg(unix)]
    pub fn with_open_files(folder: &Path, files: u32) -> (Self, SocketAddr) {
        let program = program(folder);
        let mut limited = Command::new("sh");
        limited
            .arg("-c")
            .arg(format!("ulimit -n {files} && exec \"$0\" --port 0"))
            .arg(program.get_program());
        limited.env_remove("CARGO_MANIFEST_DIR").current_dir(std::env::temp_dir()).stdin(Stdio::null());
        let mut running = Self::start(&mut limited);
        let at = address(&running.lines("http://").pop().unwrap());
        (running, at)
    }

    #[cfg(unix)]
    pub fn is_alive(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// Its lines up to the first that begins with `last`, or all of them where none does.
    fn lines(&mut self, last: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for line in BufReader::new(self.0.stdout.as_mut().unwrap()).lines() {
            lines.push(line.unwrap());
            if lines.last().is_some_and(|line| line.starts_with(last)) {
                break;
            }
        }
        lines
    }
}

fn address(line: &str) -> SocketAddr {
    line.strip_prefix("http://").unwrap().parse().unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn it_serves_the_bundle_it_lies_in() {
    let folder = folder();
    fill(folder.path());
    let mut running = Running::start(program(folder.path()).args(["--port", "0"]));
    let address = address(&running.lines("http://").pop().unwrap());
    assert!(address.ip().is_loopback());
    let get = async |target: &str| {
        over(tokio::net::TcpStream::connect(address).await.unwrap(), "GET", target, &[]).await
    };
    assert_eq!(get("/").await.body, INDEX);
    assert_eq!(get("/models/inception_v3.onnx").await.body, weights());
    assert_eq!(get("/licences/rust.txt").await.body, "MIT ©");
    assert_eq!(get("/serve").await.status, 404);

    // The same port again.
    let port = address.port().to_string();
    let second = Command::new(folder.path().join("serve"))
        .args(["--port", &port])
        .env_remove("CARGO_MANIFEST_DIR")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!second.status.success());
    let said = words(&second);
    assert!(said.contains(&format!("port {port} cannot be had")) && said.contains("--port "), "{said}");
}

#[test]
fn it_says_what_is_missing_and_what_to_do() {
    let folder = folder();
    // No page at all; a bundle of which the page was not unpacked; unknown and wrong arguments.
    let lonely = program(folder.path()).current_dir(folder.path()).args(["--port", "0"]).output().unwrap();
    assert!(!lonely.status.success());
    let said = words(&lonely);
    assert!(said.contains("dist") && said.contains("Unpack") && said.contains("make run"), "{said}");
    fs::create_dir(folder.path().join("site")).unwrap();
    let half = program(folder.path()).output().unwrap();
    assert!(!half.status.success() && words(&half).contains("site"), "{}", words(&half));
    for (arguments, word) in
        [(&["--prt"][..], "--prt"), (&["--port", "many"], "--port"), (&["--port", "70000"], "--port")]
    {
        let output = program(folder.path()).args(arguments).output().unwrap();
        assert!(
            !output.status.success() && words(&output).contains(word),
            "{arguments:?}: {}",
            words(&output)
        );
    }
    let help = program(folder.path()).arg("--help").output().unwrap();
    assert!(help.status.success());
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(["--port", "--lan", "--lan-port", "ES ", "EN "].iter().all(|word| help.contains(word)), "{help}");
}

#[tokio::test]
async fn with_lan_it_serves_the_room_too() {
    let folder = folder();
    fill(folder.path());
    let mut command = program(folder.path());
    let mut running = Running::start(command.args(["--port", "0", "--lan", "--lan-port", "0"]));
    let lines = running.lines("EN  The other");
    let Ok(addresses) = lan::addresses() else {
        // A machine in no network cannot serve one, and must say so.
        let mut said = String::new();
        running.0.stderr.as_mut().unwrap().read_to_string(&mut said).unwrap();
        assert!(said.contains("in no network"), "{said}");
        return;
    };
    // This machine has the page without a warning, and with what it stored there before.
    let local = tokio::net::TcpStream::connect(address(&lines[0])).await.unwrap();
    assert_eq!(over(local, "GET", "/", &[]).await.body, INDEX);
    let shown: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix("https://")).collect();
    assert_eq!(shown.len(), addresses.len());
    assert!(lines.iter().any(|line| line.starts_with("SHA-256: ") && line.len() == 9 + 95));
    // The port for the room is open there, and not for those who speak no TLS.
    let open: SocketAddr = shown[0].trim_end_matches('/').parse().unwrap();
    let answer = raw(open, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(!answer.starts_with(b"HTTP"));
    // And nowhere else: no loopback address is shown.
    let local = SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, open.port()));
    assert!(tokio::net::TcpStream::connect(local).await.is_err());

    // The same port again.
    let port = open.port().to_string();
    let second = program(folder.path()).args(["--port", "0", "--lan", "--lan-port", &port]).output().unwrap();
    assert!(!second.status.success());
    let said = words(&second);
    assert!(said.contains(&format!("port {port} cannot be had")) && said.contains("--lan-port "), "{said}");
}

#[test]
fn folders_are_beside_the_program_or_in_the_checkout() {
    let (bundle, checkout) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let exe = bundle.path().join("serve");
    let find = |exe| Folders::find(exe, checkout.path());
    assert_eq!(find(Some(exe.as_path())), Folders::checkout(checkout.path()));
    assert_eq!(find(None), Folders::checkout(checkout.path()));
    fs::create_dir(bundle.path().join("site")).unwrap();
    assert_eq!(find(Some(exe.as_path())), Folders::bundle(bundle.path()));
    assert_eq!(find(Some(exe.as_path())).dist, bundle.path().join("site"));
}
