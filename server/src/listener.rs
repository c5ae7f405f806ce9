//! Accepts connections with bounds on their number and their slowness.

mod places;

use crate::http::PeerAddress;
use api::ClientCertificate;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use places::Places;
use rustls::{CertificateError, OtherError, ServerConfig};
use sha2::{Digest as _, Sha256};
use std::future::Future;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// Longest time to send the head of a request, also between two requests on one connection.
const HEADER_TIME_MAX: Duration = Duration::from_secs(15);
/// Longest time for both ends to agree on TLS.
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);
/// Longest head of a request.
const HEADER_BYTES_MAX: usize = 32 * 1024;
/// Time given to requests under way when the server stops.
const STOP_TIME_MAX: Duration = Duration::from_secs(25);

/// Serves `router` on a listener that is bound already, until `stop`; then finishes the requests under way. Connections
/// of one address are bounded, those of trusted proxies excepted.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    trusted_proxies: Arc<[IpAddr]>,
    stop: impl Future<Output = ()>,
) {
    let places = Places::new(trusted_proxies);
    take_connections(listener, router, Door::Plain, places, stop).await;
}

/// The same with mutual TLS, where nobody stands between. When the credentials change, connections taken with the ones before finish what is under
/// way and close.
pub async fn serve_mutual_tls(
    listener: TcpListener,
    router: Router,
    credentials: watch::Receiver<Arc<ServerConfig>>,
    stop: impl Future<Output = ()>,
) {
    let places = Places::new(Arc::from([]));
    take_connections(listener, router, Door::MutualTls(credentials), places, stop).await;
}

/// How connections come in.
enum Door {
    Plain,
    MutualTls(watch::Receiver<Arc<ServerConfig>>),
}

impl Door {
    /// What a connection has to agree on first.
    fn handshake(&self) -> Option<TlsAcceptor> {
        match self {
            Self::Plain => None,
            Self::MutualTls(credentials) => Some(TlsAcceptor::from(Arc::clone(&credentials.borrow()))),
        }
    }

    /// Waits until connections taken so far are to be closed.
    async fn changed(&mut self) {
        if let Self::MutualTls(credentials) = self
            && credentials.changed().await.is_ok()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

async fn take_connections(
    listener: TcpListener,
    router: Router,
    mut door: Door,
    places: Places,
    stop: impl Future<Output = ()>,
) {
    let mut graceful = GracefulShutdown::new();
    let mut closing = JoinSet::new();
    let builder = builder();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            () = door.changed() => {
                closing.spawn(std::mem::take(&mut graceful).shutdown());
                continue;
            }
            accepted = async { (places.free().await, listener.accept().await) } => accepted,
        };
        let (Some(free), Ok((stream, peer))) = accepted else {
            // Out of file descriptors, most likely: wait for some to come back.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Some(place) = places.take(free, peer.ip()) else {
            tracing::debug!(%peer, "an address has too many connections");
            continue;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection ended at once");
            continue;
        }
        let conversation = Conversation {
            builder: builder.clone(),
            router: router.clone(),
            peer,
            watcher: graceful.watcher(),
        };
        let handshake = door.handshake();
        tokio::spawn(async move {
            match handshake {
                None => conversation.run(stream, None).await,
                Some(acceptor) => {
                    if let Some(stream) = agree(&acceptor, stream, peer).await {
                        let (_, session) = stream.get_ref();
                        let shown = session.peer_certificates().and_then(|chain| chain.first());
                        let certificate = shown.map(|der| ClientCertificate(Sha256::digest(der).into()));
                        conversation.run(stream, certificate).await;
                    }
                }
            }
            drop(place);
        });
    }
    drop(listener);
    closing.spawn(graceful.shutdown());
    if tokio::time::timeout(STOP_TIME_MAX, closing.join_all())
        .await
        .is_err()
    {
        tracing::warn!("some requests were still under way when the server stopped");
    }
}

/// The bounds of a conversation.
fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME_MAX)
        .max_buf_size(HEADER_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .keep_alive_interval(Some(HEADER_TIME_MAX));
    builder
}

/// Agrees on TLS with a client that shows who it is, or says in the log why not.
async fn agree(
    acceptor: &TlsAcceptor,
    stream: TcpStream,
    peer: SocketAddr,
) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    match tokio::time::timeout(HANDSHAKE_TIME_MAX, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => return Some(stream),
        // Somebody who only looks whether the port is open, as balancers do.
        Ok(Err(error)) if error.kind() == ErrorKind::UnexpectedEof => {
            tracing::debug!(%peer, reason = %error, "refused a connection with mutual TLS");
        }
        Ok(Err(error)) => {
            tracing::warn!(%peer, reason = reason(&error), "refused a connection with mutual TLS");
        }
        Err(_) => {
            tracing::warn!(%peer, reason = "the handshake took too long", "refused a connection with mutual TLS");
        }
    }
    None
}

/// Why a handshake failed; a reason of our own in its own words.
fn reason(error: &std::io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(reason)))) => {
            reason.to_string()
        }
        _ => error.to_string(),
    }
}

/// All that is said on one connection.
struct Conversation {
    builder: auto::Builder<TokioExecutor>,
    router: Router,
    peer: SocketAddr,
    watcher: Watcher,
}

impl Conversation {
    async fn run(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        certificate: Option<ClientCertificate>,
    ) {
        let Self {
            builder,
            router,
            peer,
            watcher,
        } = self;
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(PeerAddress(peer));
            if let Some(certificate) = certificate {
                request.extensions_mut().insert(certificate);
            }
            router.clone().oneshot(request)
        });
        let connection = builder
            .serve_connection_with_upgrades(TokioIo::new(stream), service)
            .into_owned();
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, %peer, "a connection broke off");
        }
    }
}
