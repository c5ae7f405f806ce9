//! Mutual TLS for the listeners of the hub and of programs: who we are, whom we believe, and both followed when their files
//! change.
//!
//! The hub presents a certificate that is renewed regularly (technical manual, connectivity), so it is trusted by the
//! authority that signed it and by its name, never by its bytes. What a certificate says of itself is read with
//! `x509-parser`; whether it is to be believed is rustls's decision alone.

mod certificate;
mod client_names;
mod files;
mod reload;

pub use certificate::Certificate;
pub use files::Credentials;
pub use reload::{FILES_LOOKED_AT_EVERY, MutualTls};
