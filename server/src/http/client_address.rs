//! Who is asking: the peer's address, or what a trusted proxy says of it.

use app::ClientAddress;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// The address of the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PeerAddress(pub(crate) SocketAddr);

/// Puts a [`ClientAddress`] into the request.
pub(super) async fn find(State(trusted): State<Arc<[IpAddr]>>, mut request: Request, next: Next) -> Response {
    let peer = request
        .extensions()
        .get::<PeerAddress>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| {
            peer.0.ip().to_canonical()
        });
    let forwarded = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok());
    let address = behind_proxies(peer, &trusted, forwarded);
    request
        .extensions_mut()
        .insert(ClientAddress(limited_as(address)));
    next.run(request).await
}

/// The last address of the chain that is not a trusted proxy: earlier ones can be invented by the client.
fn behind_proxies<'a>(peer: IpAddr, trusted: &[IpAddr], forwarded: impl Iterator<Item = &'a str>) -> IpAddr {
    if !trusted.contains(&peer) {
        return peer;
    }
    let chain: Vec<IpAddr> = forwarded
        .flat_map(|value| value.split(','))
        .map_while(|text| text.trim().parse().ok())
        .collect();
    chain
        .into_iter()
        .rev()
        .find(|address| !trusted.contains(address))
        .unwrap_or(peer)
}

/// An IPv6 customer holds a whole /64: it counts as one address.
fn limited_as(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    const CITIZEN: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        assert_eq!(
            behind_proxies(CITIZEN, &[PROXY], ["192.0.2.1"].into_iter()),
            CITIZEN
        );
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_the_last_hop_only() {
        assert_eq!(
            behind_proxies(PROXY, &[PROXY], ["192.0.2.1, 198.51.100.7"].into_iter()),
            CITIZEN
        );
        assert_eq!(behind_proxies(PROXY, &[PROXY], std::iter::empty()), PROXY);
    }
}
