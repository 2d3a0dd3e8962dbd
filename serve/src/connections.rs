//! How many connections the server holds, and for how long.
//!
//! Tablets go to sleep in the middle of a download, browsers keep connections that they may never use again, and a
//! room has some forty devices. One rule ends all that hangs on: a connection is closed when for some time it has asked
//! for nothing and taken nothing of an answer, be it in the handshake, in the middle of a request's header, between two
//! requests or in the middle of an answer. Where all places are taken, the connection that has been quiet for longest
//! makes room.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http_body::{Frame, SizeHint};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// How soon a newcomer without a place looks again for a connection that can make room.
const NEXT_LOOK: Duration = Duration::from_millis(100);
/// How many requests one HTTP/2 connection has answered at once: each may hold a file open. The page asks for about a
/// dozen files at once.
#[cfg(feature = "lan")]
const STREAMS: u32 = 32;
/// How much of an answer waits in memory for its reader, in bytes: one piece of a file.
const WAITING: usize = 64 * 1024;

/// What one server allows.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many connections are held at once.
    ///
    /// 400 by default: 40 devices with the six connections that a browser opens to one host are 240, and a file for
    /// each still leaves room below the 1,024 open files that Linux allows a program.
    pub connections: usize,
    /// A connection that has asked for nothing and taken nothing of an answer for this long is closed.
    ///
    /// 30 s by default: the page itself waits no longer for the next bytes of an answer. A reader that takes 6 kB/s
    /// shows by then that it does: the system takes new bytes when some 160 kB have gone
    /// (see [`listen`](crate::listen)).
    pub quiet: Duration,
    /// Where all places are taken, a connection that has been quiet for this long makes room for a newcomer.
    ///
    /// 1 s by default. A browser opens a connection that it misses again.
    pub idle: Duration,
    /// The same for a connection whose reader has not yet taken what is there for it.
    ///
    /// 10 s by default: a reader that takes 20 kB/s shows by then that it does.
    pub stalled: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 400,
            quiet: Duration::from_secs(30),
            idle: Duration::from_secs(1),
            stalled: Duration::from_secs(10),
        }
    }
}

/// The connections of one server, of all its listeners together.
#[derive(Clone)]
pub struct Connections(Arc<Held>);

struct Held {
    limits: Limits,
    places: Arc<Semaphore>,
    pulses: Mutex<Vec<Arc<Pulse>>>,
}

impl Connections {
    /// None yet.
    pub fn new(limits: Limits) -> Self {
        let places = Arc::new(Semaphore::new(limits.connections));
        Self(Arc::new(Held { limits, places, pulses: Mutex::default() }))
    }

    /// Serves `app` to all that connect to `listener`, without TLS.
    pub async fn serve(&self, listener: TcpListener, app: Router) -> ! {
        self.accept(listener, app, |stream| std::future::ready(Ok(stream))).await
    }

    /// Serves `app` to all that connect to `listener`, over what `handshake` makes of their streams.
    pub(crate) async fn accept<H, F, S>(&self, listener: TcpListener, app: Router, handshake: H) -> !
    where
        H: Fn(Watched<TcpStream>) -> F + Clone + Send + 'static,
        F: Future<Output = io::Result<S>> + Send,
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) if is_of_one_connection(&error) => continue,
                // Mostly that no more files can be opened: what was held longest in vain is closed.
                Err(_) => {
                    self.ask_for_room();
                    sleep(NEXT_LOOK).await;
                    continue;
                }
            };
            // Without it, the end of an answer may wait for the reader's word on the part before.
            let _ = stream.set_nodelay(true);
            let place = self.place().await;
            let (app, handshake) = (app.clone(), handshake.clone());
            tokio::spawn(async move { place.answer(stream, app, handshake).await });
        }
    }

    /// Serves `app` over one stream until its reader or a limit ends it.
    pub async fn answer<S>(&self, stream: S, app: Router)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.place().await.answer(stream, app, |stream| std::future::ready(Ok(stream))).await;
    }

    /// A place for one more connection, as soon as there is one.
    async fn place(&self) -> Place {
        let permit = loop {
            let places = Arc::clone(&self.0.places);
            if let Ok(permit) = Arc::clone(&places).try_acquire_owned() {
                break permit;
            }
            self.ask_for_room();
            if let Ok(Ok(permit)) = timeout(NEXT_LOOK, places.acquire_owned()).await {
                break permit;
            }
        };
        let pulse = Arc::new(Pulse::default());
        lock(&self.0.pulses).push(Arc::clone(&pulse));
        Place { held: Arc::clone(&self.0), pulse, _permit: permit }
    }

    /// Ends the connection that has been quiet for longest, of those that have been quiet for long enough.
    fn ask_for_room(&self) {
        let limits = &self.0.limits;
        let quietest = |spare: Duration, owed: bool| {
            let pulses = lock(&self.0.pulses);
            let such = pulses.iter().filter(|pulse| pulse.is_owed() == owed);
            let quietest = such.min_by_key(|pulse| pulse.last()).cloned();
            quietest.filter(|pulse| pulse.last().elapsed() >= spare)
        };
        // What nobody waits for goes before what somebody may still take.
        if let Some(pulse) = quietest(limits.idle, false).or_else(|| quietest(limits.stalled, true)) {
            pulse.room_wanted.notify_one();
        }
    }
}

/// Whether an error of `accept` is of the connection that was to come, and not of the listener.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// The place of one connection.
struct Place {
    held: Arc<Held>,
    pulse: Arc<Pulse>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.held.pulses).retain(|pulse| !Arc::ptr_eq(pulse, &self.pulse));
    }
}

impl Place {
    async fn answer<T, H, F, S>(self, stream: T, app: Router, handshake: H)
    where
        H: Fn(Watched<T>) -> F,
        F: Future<Output = io::Result<S>>,
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let watched = Watched { stream, pulse: Arc::clone(&self.pulse) };
        let Some(Ok(stream)) = self.within_limits(handshake(watched)).await else { return };
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().max_buf_size(WAITING);
        #[cfg(feature = "lan")]
        builder.http2().max_concurrent_streams(STREAMS).max_send_buf_size(WAITING);
        let app = app.layer(from_fn_with_state(Arc::clone(&self.pulse), owe));
        let app = TowerToHyperService::new(app);
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), app));
        if self.within_limits(connection.as_mut()).await.is_none() {
            // One look at it lets an idle HTTP/2 connection say that it ends.
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                biased;
                _ = connection => {}
                () = std::future::ready(()) => {}
            }
        }
    }

    /// What `work` gives; `None` where the connection was quiet for too long, or must make room for another.
    async fn within_limits<W: Future>(&self, work: W) -> Option<W::Output> {
        let mut work = pin!(work);
        loop {
            let end = self.pulse.last() + self.held.limits.quiet;
            if end <= Instant::now() {
                return None;
            }
            tokio::select! {
                done = &mut work => return Some(done),
                () = self.pulse.room_wanted.notified() => return None,
                () = sleep_until(end) => {}
            }
        }
    }
}

/// What is known of one connection.
struct Pulse {
    beat: Mutex<Beat>,
    room_wanted: Notify,
}

#[derive(Clone, Copy)]
struct Beat {
    /// When it last asked for something or took something; before that, when it began.
    last: Instant,
    /// How many answers it has not yet been given whole.
    owed: usize,
    /// Whether bytes wait for the reader to take others.
    full: bool,
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            beat: Mutex::new(Beat { last: Instant::now(), owed: 0, full: false }),
            room_wanted: Notify::new(),
        }
    }
}

impl Pulse {
    fn last(&self) -> Instant {
        lock(&self.beat).last
    }

    /// Whether something is there that its reader has not taken.
    fn is_owed(&self) -> bool {
        let beat = lock(&self.beat);
        beat.full || beat.owed > 0
    }

    /// Something was taken.
    fn take(&self) {
        lock(&self.beat).last = Instant::now();
    }

    /// What a write says of the reader: that there is room again where there was none. What else is written says
    /// nothing of it: the answers to the pings of HTTP/2 go out, too.
    fn note(&self, written: &Poll<io::Result<usize>>) {
        let mut beat = lock(&self.beat);
        if beat.full && matches!(written, Poll::Ready(Ok(1..))) {
            beat.last = Instant::now();
        }
        beat.full = written.is_pending();
    }
}

/// An answer that is owed from when it is asked for until it is given whole.
struct Owed(Arc<Pulse>);

impl Owed {
    fn new(pulse: Arc<Pulse>) -> Self {
        pulse.take();
        lock(&pulse.beat).owed += 1;
        Self(pulse)
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        lock(&self.0.beat).owed -= 1;
    }
}

async fn owe(State(pulse): State<Arc<Pulse>>, request: Request, next: Next) -> Response {
    let owed = Owed::new(pulse);
    next.run(request).await.map(|body| Body::new(OwedBody { body, owed }))
}

/// A body of which each part that goes out is noted: it is asked for the next one when there is room for it.
struct OwedBody {
    body: Body,
    owed: Owed,
}

impl HttpBody for OwedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if frame.is_ready() {
            self.owed.0.take();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Nothing panics while it holds one of these locks.
fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A stream whose writes are noted. Reads are not: who trickles a header gets no more time by it.
pub(crate) struct Watched<S> {
    stream: S,
    pulse: Arc<Pulse>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.pulse.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.pulse.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
