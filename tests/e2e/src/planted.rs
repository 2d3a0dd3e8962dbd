//! Scripts that run in workers before the workers' own code: browsers that refuse, hang or take things away.

use anyhow::Context;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::devtools::page_debugger;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Scripts that wait for workers; dropping it takes them away. Workers that run already keep theirs.
pub struct Planted {
    watching: JoinHandle<()>,
}

impl Drop for Planted {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl Planted {
    /// Has each script run in every worker whose program's file name contains the name before it.
    pub(crate) async fn plant(debugger: &str, scripts: &[(&str, &str)]) -> anyhow::Result<Self> {
        let address = page_debugger(debugger, "").await?;
        let (socket, _) = tokio_tungstenite::connect_async(address).await?;
        let (outgoing, mut incoming) = socket.split();
        let owned = |(name, script): &(&str, &str)| ((*name).to_owned(), (*script).to_owned());
        let mut gardener = Gardener { outgoing, sent: 0, scripts: scripts.iter().map(owned).collect() };
        let first = gardener.watch(None).await?;
        // From its answer on, no worker starts without a stop.
        while answer(&mut incoming).await?["id"] != first {}
        let watching = tokio::spawn(async move {
            // It ends where the browser does.
            while let Ok(message) = answer(&mut incoming).await {
                if message["method"] == "Target.attachedToTarget"
                    && let Err(error) = gardener.attached(&message["params"]).await
                {
                    println!("a worker was not prepared: {error}");
                }
                let exception = &message["result"]["exceptionDetails"];
                if !exception.is_null() {
                    println!("a planted script failed: {exception}");
                }
            }
        });
        Ok(Self { watching })
    }
}

/// The next message.
async fn answer(incoming: &mut SplitStream<Socket>) -> anyhow::Result<Value> {
    loop {
        if let Message::Text(text) = incoming.next().await.context("closed")?? {
            return Ok(serde_json::from_str(&text)?);
        }
    }
}

/// What is done with each worker that starts.
struct Gardener {
    outgoing: SplitSink<Socket, Message>,
    sent: u64,
    scripts: Vec<(String, String)>,
}

impl Gardener {
    /// Sends a method's call, and gives its number.
    async fn send(&mut self, method: &str, parameters: Value, session: Option<&str>) -> anyhow::Result<u64> {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        self.outgoing.send(Message::text(message.to_string())).await?;
        Ok(self.sent)
    }

    /// Stops the workers of the page, or of the worker `session`, when they start.
    async fn watch(&mut self, session: Option<&str>) -> anyhow::Result<u64> {
        let parameters = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
        self.send("Target.setAutoAttach", parameters, session).await
    }

    /// A worker has started and stands still.
    async fn attached(&mut self, parameters: &Value) -> anyhow::Result<()> {
        let session = parameters["sessionId"].as_str().context("no session")?.to_owned();
        let address = parameters["targetInfo"]["url"].as_str().unwrap_or_default().to_owned();
        let file = address.rsplit('/').next().unwrap_or_default();
        for (name, script) in self.scripts.clone() {
            if file.contains(&name) {
                self.send("Runtime.evaluate", json!({ "expression": script }), Some(&session)).await?;
            }
        }
        self.watch(Some(&session)).await?;
        self.send("Runtime.runIfWaitingForDebugger", json!({}), Some(&session)).await?;
        Ok(())
    }
}
