//! Applications: the programs of institutions, how they show who they are, and what they get for it.
//!
//! Whoever runs the installation makes them ([`manage`]) and gives each a secret, of which only a digest stays here. A program
//! gives its secret for a token that lasts a quarter of an hour ([`token`]) and comes with that ([`access`]). Tokens are signed
//! and not kept; who may still come is kept in memory and read again every half minute, so that whoever is turned away is
//! turned away everywhere within that time.

pub mod access;
mod kept;
pub mod manage;
pub mod token;

pub use kept::Applications;
