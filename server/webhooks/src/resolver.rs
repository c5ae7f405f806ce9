//! Names, at the moment of a connection: only the addresses that may be called are given to the client, so that none other is
//! connected to, whatever the name was before.

use crate::Reach;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

/// A name being looked up.
pub type Looking = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>>;

/// How names are looked up.
pub type Lookup = Arc<dyn Fn(String) -> Looking + Send + Sync>;

/// How the system looks names up.
pub(crate) fn of_the_system() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}

/// Every address of a name is one that may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name leads into a network that may not be called")]
pub(crate) struct Refused;

/// Which addresses a resolver gives out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those that may be called.
    Permitted,
    /// Only those of networks that were allowed by name.
    Allowed,
}

pub(crate) struct Resolver {
    pub(crate) lookup: Lookup,
    pub(crate) reach: Reach,
    pub(crate) which: Which,
}

impl Which {
    pub(crate) fn takes(self, reach: &Reach, address: IpAddr) -> bool {
        match self {
            Self::Permitted => reach.permits(address),
            Self::Allowed => reach.allows(address),
        }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let looking = (self.lookup)(name.as_str().to_owned());
        let (reach, which) = (self.reach.clone(), self.which);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = looking
                .await?
                .into_iter()
                .filter(|address| which.takes(&reach, *address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if addresses.is_empty() {
                return Err(Refused.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
