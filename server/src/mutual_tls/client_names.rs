//! A client is believed when its certificate chains to our authorities and bears one of the names we expect.

use super::Certificate;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme,
};
use std::sync::Arc;

/// The usual checks, then the name.
#[derive(Debug)]
pub(super) struct ExpectedClient {
    pub(super) chain: Arc<dyn ClientCertVerifier>,
    /// Any name when there is none.
    pub(super) names: Vec<String>,
}

/// A certificate of a good authority, but of somebody else.
#[derive(Debug, thiserror::Error)]
#[error("the client's certificate is of {found}, not of {}", expected.join(" or "))]
struct UnexpectedClient {
    found: String,
    expected: Vec<String>,
}

impl ClientCertVerifier for ExpectedClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.chain.verify_client_cert(end_entity, intermediates, now)?;
        let certificate =
            Certificate::read(end_entity).ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))?;
        if self.names.is_empty() || certificate.is_of(&self.names) {
            return Ok(verified);
        }
        let found = if certificate.names.is_empty() {
            "nobody".to_owned()
        } else {
            certificate.names.join(", ")
        };
        let reason = UnexpectedClient {
            found,
            expected: self.names.clone(),
        };
        Err(Error::InvalidCertificate(CertificateError::Other(OtherError(
            Arc::new(reason),
        ))))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
