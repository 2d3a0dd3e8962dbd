//! The page for the other machines of a room.
//!
//! Browsers give the camera and the graphics processor to secure origins only, so these machines
//! are served by HTTPS, with a certificate that is made at the start and forgotten at the end.
//! Its key is never written: a USB stick goes from hand to hand, its file system knows no owner,
//! and whoever had the key could pose as the page on a machine that trusts the certificate.

use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::connections::Connections;

/// Clocks of a classroom are not all right: valid from a day before the start.
const BEFORE: Duration = Duration::from_secs(24 * 3600);
/// How long the certificate is valid; the server seldom runs for longer than a day.
const AFTER: Duration = Duration::from_secs(30 * 24 * 3600);
/// An address for documentation (RFC 5737): nothing is ever sent there.
const FAR_AWAY: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);

/// Why the page cannot be served to others.
#[derive(Debug, thiserror::Error)]
pub enum LanError {
    /// The system does not tell its addresses.
    #[error("the addresses of this machine cannot be read: {0}")]
    Addresses(#[source] io::Error),
    /// This machine has no address that others could reach.
    #[error("this machine is in no network: connect it to the Wi-Fi or the cable of the room")]
    NoNetwork,
    /// The certificate could not be made.
    #[error("the certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The certificate could not be used.
    #[error("the certificate cannot be used: {0}")]
    Tls(#[from] rustls::Error),
    /// The address is too long for a QR code.
    #[error("the address gives no QR code: {0}")]
    Qr(#[from] qrcode::types::QrError),
}

/// The addresses at which others in the network reach this machine, the one that leads furthest
/// first.
///
/// IPv4 only: an IPv6 address is often reachable from outside the building.
///
/// # Errors
/// Where the system does not tell, or there are none.
pub fn addresses() -> Result<Vec<Ipv4Addr>, LanError> {
    let interfaces = if_addrs::get_if_addrs().map_err(LanError::Addresses)?;
    let mut addresses: Vec<Ipv4Addr> = interfaces
        .iter()
        .filter(|one| !one.is_loopback() && !one.is_link_local() && !one.is_p2p())
        .filter(|one| !matches!(one.oper_status, if_addrs::IfOperStatus::Down))
        .filter_map(|one| match one.addr.ip() {
            std::net::IpAddr::V4(address) => Some(address),
            std::net::IpAddr::V6(_) => None,
        })
        .collect();
    addresses.sort();
    addresses.dedup();
    let preferred = outgoing();
    addresses.sort_by_key(|address| Some(*address) != preferred);
    if addresses.is_empty() { Err(LanError::NoNetwork) } else { Ok(addresses) }
}

/// The address from which this machine would send into the wide world; "connecting" UDP sends nothing.
fn outgoing() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(FAR_AWAY).ok()?;
    match socket.local_addr().ok()?.ip() {
        std::net::IpAddr::V4(address) => Some(address),
        std::net::IpAddr::V6(_) => None,
    }
}

/// A certificate of its own, and the key that only this process knows.
#[derive(Clone)]
pub struct Identity {
    certificate: CertificateDer<'static>,
    config: Arc<ServerConfig>,
}

impl Identity {
    /// An identity for `localhost` and these addresses (ECDSA on P-256).
    ///
    /// # Errors
    /// Where the certificate cannot be made or used.
    pub fn new(addresses: &[Ipv4Addr], now: SystemTime) -> Result<Self, LanError> {
        let names = ["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string()];
        let names = names.into_iter().chain(addresses.iter().map(Ipv4Addr::to_string));
        let mut params = CertificateParams::new(names.collect::<Vec<_>>())?;
        params.distinguished_name.push(DnType::CommonName, "bottleneck");
        params.not_before = OffsetDateTime::from(now - BEFORE);
        params.not_after = OffsetDateTime::from(now + AFTER);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.der().clone();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { certificate, config: Arc::new(config) })
    }

    /// The certificate.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The certificate's SHA-256 fingerprint as browsers show it: `AB:CD:…`, 32 pairs.
    pub fn fingerprint(&self) -> String {
        let pairs: Vec<_> =
            Sha256::digest(&self.certificate).iter().map(|byte| format!("{byte:02X}")).collect();
        pairs.join(":")
    }
}

/// Where the room can reach this machine.
#[derive(Debug)]
pub struct Open {
    /// The addresses at which it listens, the one that leads furthest first.
    pub addresses: Vec<Ipv4Addr>,
    /// The port, which is the same for all of them.
    pub port: u16,
    /// What listens there.
    pub listeners: Vec<TcpListener>,
    /// The addresses at which the port cannot be had, and why.
    pub refused: Vec<(Ipv4Addr, io::Error)>,
}

/// Listens at `port` of each of these addresses, and of no other; port 0 takes one that is free at the first.
pub async fn listen(addresses: &[Ipv4Addr], port: u16) -> Open {
    let mut open = Open { addresses: Vec::new(), port, listeners: Vec::new(), refused: Vec::new() };
    for &address in addresses {
        let listening = crate::listen((address, open.port).into()).await;
        match listening.and_then(|listener| Ok((listener.local_addr()?.port(), listener))) {
            Ok((port, listener)) => {
                open.port = port;
                open.addresses.push(address);
                open.listeners.push(listener);
            }
            Err(error) => open.refused.push((address, error)),
        }
    }
    open
}

/// Serves by HTTPS to all that connect to `listeners`. What does not speak TLS is hung up on.
pub async fn serve(
    listeners: Vec<TcpListener>,
    identity: &Identity,
    app: Router,
    connections: &Connections,
) -> ! {
    let acceptor = TlsAcceptor::from(Arc::clone(&identity.config));
    let mut serving = JoinSet::new();
    for listener in listeners {
        let (acceptor, app, connections) = (acceptor.clone(), app.clone(), connections.clone());
        let handshake = move |stream| acceptor.accept(stream);
        serving.spawn(async move { connections.accept(listener, app, handshake).await });
    }
    std::future::pending().await
}

/// `text` as a QR code for a terminal with light letters on a dark ground: two modules a letter,
/// with the quiet zone around.
///
/// # Errors
/// Where the text is too long.
pub fn qr(text: &str) -> Result<String, LanError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L)?;
    let mut drawn = code.render::<Dense1x2>();
    drawn.dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).quiet_zone(true);
    Ok(drawn.build())
}

/// What whoever started the server is told.
///
/// # Errors
/// Where there is no QR code for the first address.
pub fn welcome(addresses: &[Ipv4Addr], port: u16, identity: &Identity) -> Result<String, LanError> {
    let address = |at: &Ipv4Addr| format!("https://{at}:{port}/");
    let mut text = String::new();
    if let Some(first) = addresses.first() {
        text.push_str(&qr(&address(first))?);
        text.push('\n');
    }
    for at in addresses {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", address(at));
    }
    let _ = write!(text, "\nSHA-256: {}\n\n{}", identity.fingerprint(), include_str!("lan.txt"));
    Ok(text)
}
