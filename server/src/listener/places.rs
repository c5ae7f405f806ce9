//! How many connections are open, in all and of one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections open at once; more wait to be accepted.
const CONNECTIONS_MAX: usize = 10_000;
/// Connections of one address, so that nobody takes every place; more are closed at once. A trusted proxy speaks for
/// many and is not counted.
const CONNECTIONS_PER_ADDRESS_MAX: usize = 1_000;

/// The places there are. Cloning is cheap.
#[derive(Clone)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    of_addresses: Arc<Mutex<HashMap<IpAddr, usize>>>,
    trusted_proxies: Arc<[IpAddr]>,
}

/// A place among all, for the next connection, whosever it is.
pub(super) struct FreePlace(OwnedSemaphorePermit);

/// The place of one connection, free again when dropped.
pub(super) struct Place {
    _all: OwnedSemaphorePermit,
    counted: Option<(IpAddr, Places)>,
}

impl Places {
    pub(super) fn new(trusted_proxies: Arc<[IpAddr]>) -> Self {
        Self {
            all: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            of_addresses: Arc::default(),
            trusted_proxies,
        }
    }

    /// Waits until there is room for one more connection.
    pub(super) async fn free(&self) -> Option<FreePlace> {
        Arc::clone(&self.all).acquire_owned().await.ok().map(FreePlace)
    }

    /// Gives the place to a connection of `peer`, unless that address has as many as it may.
    pub(super) fn take(&self, free: FreePlace, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        let counted = if self.trusted_proxies.contains(&peer) {
            None
        } else {
            let mut of_addresses = self.of_addresses();
            let count = of_addresses.entry(peer).or_default();
            if *count == CONNECTIONS_PER_ADDRESS_MAX {
                return None;
            }
            *count += 1;
            Some((peer, self.clone()))
        };
        Some(Place {
            _all: free.0,
            counted,
        })
    }

    fn of_addresses(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.of_addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((peer, places)) = self.counted.take() else {
            return;
        };
        let mut of_addresses = places.of_addresses();
        match of_addresses.get_mut(&peer) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) | None => {
                of_addresses.remove(&peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 8));

    async fn take(places: &Places, peer: IpAddr) -> Option<Place> {
        let free = places.free().await?;
        places.take(free, peer)
    }

    #[tokio::test]
    async fn an_address_has_so_many_places_and_a_proxy_as_many_as_there_are() {
        let places = Places::new([PROXY].into());
        let mut taken = Vec::new();
        for _ in 0..CONNECTIONS_PER_ADDRESS_MAX {
            taken.push(take(&places, PEER).await.unwrap());
            taken.push(take(&places, PROXY).await.unwrap());
        }
        assert!(take(&places, PEER).await.is_none());
        assert!(take(&places, OTHER).await.is_some());
        assert!(take(&places, PROXY).await.is_some());

        taken.truncate(1);
        assert!(take(&places, PEER).await.is_some());
        taken.clear();
        assert!(places.of_addresses().is_empty(), "nobody is remembered");
        assert_eq!(places.all.available_permits(), CONNECTIONS_MAX);
    }

    #[tokio::test]
    async fn an_address_written_as_ipv6_counts_as_the_same() {
        let places = Places::new([].into());
        let place = take(&places, "::ffff:198.51.100.7".parse().unwrap()).await;
        assert!(place.is_some() && places.of_addresses().contains_key(&PEER));
    }
}
