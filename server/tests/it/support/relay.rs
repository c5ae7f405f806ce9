//! A way to a database that can be cut and mended, as a cable or a restart of its server does.

use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Carries bytes between a server and a database.
pub(crate) struct Relay {
    /// The address of the database by this way.
    pub(crate) url: String,
    up: Arc<watch::Sender<bool>>,
}

impl Relay {
    /// A way to the database of this address, which names a port.
    pub(crate) async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (before, rest) = url.split_once('@').unwrap();
        let (host, after) = rest.split_once('/').unwrap();
        let (host, url) = (host.to_owned(), format!("{before}@127.0.0.1:{port}/{after}"));
        let up = Arc::new(watch::Sender::new(true));
        let watched = Arc::clone(&up);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, host.clone(), watched.subscribe()));
            }
        });
        Self { url, up }
    }

    /// Breaks every connection, and each new one.
    pub(crate) fn cut(&self) {
        self.up.send_replace(false);
    }

    /// Lets connections through again.
    pub(crate) fn mend(&self) {
        self.up.send_replace(true);
    }
}

async fn carry(mut near: TcpStream, host: String, mut up: watch::Receiver<bool>) {
    if !*up.borrow() {
        return;
    }
    let Ok(mut far) = TcpStream::connect(&host).await else {
        return;
    };
    // However it ends, both connections end with it.
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
        _ = up.wait_for(|up| !up) => {}
    }
}
