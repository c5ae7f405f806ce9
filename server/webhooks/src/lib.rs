//! Requests to addresses that other people chose.
//!
//! Whoever may name an address could name one of our own networks, and make this server ask there what they cannot. So an
//! address is looked at twice: when it is saved ([`Target::parse`]), and at each connection, where the addresses its name has
//! at that moment are looked at ([`Sender`]). What stands between is not believed: a name may have changed meanwhile.
//!
//! Requests are signed as the Standard Webhooks specification 1.0 says ([`signature`]). Redirects are not followed, no proxy
//! of the environment is used, and no more is read of an answer than is needed.

pub mod networks;
mod resolver;
mod sender;
pub mod signature;
mod target;

pub use networks::{Network, Reach};
pub use resolver::{Looking, Lookup};
pub use sender::{Answer, Reply, RetryAfter, SendError, Sender, SenderSettings, SetupError};
pub use signature::Secret;
pub use target::{Target, TargetError};
