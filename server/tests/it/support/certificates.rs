//! Authorities, the certificates they sign, and the files of a listener.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use std::path::PathBuf;
use tempfile::TempDir;

/// An authority.
pub(crate) struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, in PEM.
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

fn named(name: &str) -> CertificateParams {
    let mut wanted = CertificateParams::default();
    wanted.distinguished_name.push(DnType::CommonName, name);
    wanted
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut wanted = named(name);
        wanted.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self {
            certificate: wanted.self_signed(&key).unwrap().pem(),
            issuer: Issuer::new(wanted, key),
        }
    }

    pub(crate) fn pem(&self) -> &str {
        &self.certificate
    }

    fn sign(&self, mut wanted: CertificateParams, usage: ExtendedKeyUsagePurpose) -> Pair {
        wanted.extended_key_usages = vec![usage];
        let key = KeyPair::generate().unwrap();
        Pair {
            certificate: wanted.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    pub(crate) fn server(&self, name: &str) -> Pair {
        let mut wanted = CertificateParams::new(vec![name.to_owned()]).unwrap();
        wanted.distinguished_name.push(DnType::CommonName, name);
        self.sign(wanted, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A client named in the subject alone, as the hub's certificates were for years.
    pub(crate) fn client(&self, name: &str) -> Pair {
        self.sign(named(name), ExtendedKeyUsagePurpose::ClientAuth)
    }

    pub(crate) fn client_by_alternative_name(&self, name: &str) -> Pair {
        let mut wanted = CertificateParams::new(vec![name.to_owned()]).unwrap();
        wanted
            .distinguished_name
            .push(DnType::CommonName, "PagoPA S.p.A.");
        self.sign(wanted, ExtendedKeyUsagePurpose::ClientAuth)
    }

    pub(crate) fn expired_client(&self, name: &str) -> Pair {
        let mut wanted = named(name);
        wanted.not_after = date_time_ymd(2020, 1, 1);
        self.sign(wanted, ExtendedKeyUsagePurpose::ClientAuth)
    }
}

/// The files of a listener, in a folder of their own.
pub(crate) struct Files {
    folder: TempDir,
}

impl Files {
    pub(crate) fn write(own: &Pair, of_clients: &Authority) -> Self {
        let files = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        files.replace(own, of_clients);
        files
    }

    pub(crate) fn replace(&self, own: &Pair, of_clients: &Authority) {
        self.write_certificate(&own.certificate);
        self.write_key(&own.key);
        self.write_client_ca(of_clients.pem());
    }

    /// The settings of the hub's listener on a free port with these files.
    pub(crate) fn hub_listener(&self) -> String {
        self.listener("hub_listener")
    }

    /// The settings of programs' listener on a free port with these files.
    pub(crate) fn api_listener(&self) -> String {
        self.listener("api_listener")
    }

    fn listener(&self, section: &str) -> String {
        let quoted = |path: PathBuf| format!("{:?}", path.display().to_string());
        format!(
            "\n[{section}]\nlisten = \"127.0.0.1:0\"\ncertificate_file = {}\nkey_file = {}\n\
             client_ca_file = {}\n",
            quoted(self.certificate()),
            quoted(self.key()),
            quoted(self.client_ca())
        )
    }

    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.path().join("server.pem")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.folder.path().join("server.key")
    }

    pub(crate) fn client_ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    pub(crate) fn write_certificate(&self, text: &str) {
        std::fs::write(self.certificate(), text).unwrap();
    }

    pub(crate) fn write_key(&self, text: &str) {
        std::fs::write(self.key(), text).unwrap();
    }

    pub(crate) fn write_client_ca(&self, text: &str) {
        std::fs::write(self.client_ca(), text).unwrap();
    }
}
