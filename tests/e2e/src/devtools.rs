//! What WebDriver has no words for: the console, and threads other than the page's.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, bail};
use fantoccini::wd::WebDriverCompatibleCommand;
use futures::{SinkExt, StreamExt};
use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use url::{ParseError, Url};

/// chromedriver's own command for the page's console.
#[derive(Debug)]
pub struct ConsoleLog;

impl WebDriverCompatibleCommand for ConsoleLog {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

/// A method of the DevTools protocol, called for the page through chromedriver.
#[derive(Debug)]
pub struct DevTools(pub &'static str, pub Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.0, "params": self.1 }).to_string()))
    }
}

/// The page's workers, and theirs, over the DevTools protocol.
pub struct Workers {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    sent: u64,
    /// Session by the worker's address; several workers may have the same one.
    sessions: BTreeMap<String, Vec<String>>,
}

impl Workers {
    /// Attaches to all workers of the page at `page` through the browser at `debugger`.
    pub(crate) async fn connect(debugger: &str, page: &str) -> anyhow::Result<Self> {
        let address = page_debugger(debugger, page).await?;
        let (socket, _) = tokio_tungstenite::connect_async(address).await?;
        let mut workers = Self { socket, sent: 0, sessions: BTreeMap::new() };
        workers.attach(None).await?;
        Ok(workers)
    }

    /// Attaches to the workers that the page or the worker `session` started.
    async fn attach(&mut self, session: Option<String>) -> anyhow::Result<()> {
        let parameters = json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true });
        let found = self.call("Target.setAutoAttach", parameters, session).await?.1;
        for (inner, address) in found {
            let name = address.rsplit('/').next().unwrap_or_default().to_owned();
            self.sessions.entry(name).or_default().push(inner.clone());
            Box::pin(self.attach(Some(inner))).await?;
        }
        Ok(())
    }

    /// Runs `script` in the newest worker whose program's file name contains `name`: a browser keeps a page that
    /// was left, with its workers, for a while. It must return at
    /// once, or be given to `setTimeout`.
    pub async fn run(&mut self, name: &str, script: &str) -> anyhow::Result<()> {
        let session = self.sessions.iter().find(|(file, _)| file.contains(name));
        let Some(session) = session.and_then(|(_, sessions)| sessions.last()).cloned() else {
            bail!("no worker {name} among {:?}", self.sessions.keys());
        };
        self.call("Runtime.evaluate", json!({ "expression": script }), Some(session)).await?;
        Ok(())
    }

    /// Runs `script` in every worker whose program's file name contains `name`, those of a page that was left too:
    /// which one is the newest is not always known. A worker that is gone meanwhile is left out.
    pub async fn run_in_all(&mut self, name: &str, script: &str) -> anyhow::Result<()> {
        let named = self.sessions.iter().filter(|(file, _)| file.contains(name));
        let sessions: Vec<String> = named.flat_map(|(_, sessions)| sessions.clone()).collect();
        let mut ran = false;
        for session in sessions {
            let answer = self.call("Runtime.evaluate", json!({ "expression": script }), Some(session)).await;
            ran |= answer.is_ok();
        }
        if !ran {
            bail!("no worker {name} among {:?}", self.sessions.keys());
        }
        Ok(())
    }

    /// Bytes of WebAssembly memory in each worker, and in the page itself, by the programs' file names.
    ///
    /// Each program's own script gives its memory: it is a module, and started a second time it only says
    /// what it started the first time. A worker that is gone meanwhile is left out.
    pub async fn memories(&mut self) -> anyhow::Result<BTreeMap<String, Vec<u64>>> {
        let page = "document.querySelector('link[rel=modulepreload]').href".to_owned();
        let mut programs = vec![("page".to_owned(), None, page)];
        for (name, sessions) in &self.sessions {
            let script = format!("'./{}'", name.replace("_loader.js", ".js"));
            let of = |session: &String| (name.clone(), Some(session.clone()), script.clone());
            programs.extend(sessions.iter().map(of));
        }
        let mut memories = BTreeMap::<String, Vec<u64>>::new();
        for (name, session, script) in programs {
            let code =
                format!("import({script}).then(it => it.default()).then(it => it.memory.buffer.byteLength)");
            let code = json!({ "expression": code, "awaitPromise": true });
            if let Ok((answer, _)) = self.call("Runtime.evaluate", code, session).await
                && let Some(bytes) = answer["result"]["value"].as_f64()
            {
                memories.entry(name).or_default().push(bytes as u64);
            }
        }
        Ok(memories)
    }

    /// Calls a method, and gives its result and the workers (session and address) that were
    /// attached meanwhile.
    async fn call(
        &mut self,
        method: &str,
        parameters: Value,
        session: Option<String>,
    ) -> anyhow::Result<(Value, Vec<(String, String)>)> {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(message.to_string())).await?;
        let mut attached = Vec::new();
        loop {
            let next = tokio::time::timeout(Duration::from_secs(20), self.socket.next()).await;
            let Message::Text(text) = next.context("no answer")?.context("closed")?? else { continue };
            let answer: Value = serde_json::from_str(&text)?;
            if answer["method"] == "Target.attachedToTarget" {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let parameters = &answer["params"];
                attached.push((text(&parameters["sessionId"]), text(&parameters["targetInfo"]["url"])));
            }
            if answer["id"] == self.sent {
                if let Some(error) = answer.get("error") {
                    bail!("{method}: {error}");
                }
                return Ok((answer["result"].clone(), attached));
            }
        }
    }
}

/// Where the browser at `debugger` listens to what concerns the page whose address contains `page`.
pub(crate) async fn page_debugger(debugger: &str, page: &str) -> anyhow::Result<String> {
    let targets: Value = serde_json::from_str(&get(debugger, "/json/list").await?)?;
    let target = targets.as_array().into_iter().flatten().find(|target| {
        target["type"] == "page" && target["url"].as_str().is_some_and(|url| url.contains(page))
    });
    let address = target.and_then(|target| target["webSocketDebuggerUrl"].as_str());
    Ok(address.context("no such page")?.to_owned())
}

/// The body of a small local answer.
async fn get(host: &str, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(host).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    // The browser keeps the connection open whatever it is asked: the length tells the end.
    loop {
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lines = head.lines().filter_map(|line| line.split_once(':'));
            let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length: usize = lengths.next().context("no length")?.1.trim().parse()?;
            if body.len() >= length {
                return Ok(body.to_owned());
            }
        }
        match stream.read(&mut buffer).await? {
            0 => bail!("the answer to {path} ends too early: {text:?}"),
            read => answer.extend_from_slice(&buffer[..read]),
        }
    }
}
