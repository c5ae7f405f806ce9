//! Certificates to try mutual TLS with: an authority, a server and the hub as a client. Good for this machine and for
//! nothing else.

use crate::config::HubListenerSettings;
use anyhow::{Context, Result};
use chrono::{Datelike as _, Days, NaiveDate};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::SocketAddr;
use std::num::TryFromIntError;
use std::path::Path;

/// The name the hub's certificate bears in production.
const HUB: &str = "forwarder.platform.pagopa.it";
/// Names under which the server is reached on this machine.
const SERVER: [&str; 2] = ["localhost", "127.0.0.1"];

/// The files, by name: `ca.pem`, then certificate and key of the server and of the client.
pub(crate) const FILES: [&str; 5] = ["ca.pem", "server.pem", "server.key", "client.pem", "client.key"];

/// How long they are good.
const GOOD_FOR: Days = Days::new(365);

/// A listener for the hub with the server's files of this folder.
pub(crate) fn hub_listener(folder: &Path, listen: SocketAddr) -> HubListenerSettings {
    let [authority, certificate, key, _, _] = FILES.map(|name| folder.join(name));
    HubListenerSettings {
        listen,
        certificate_file: certificate,
        key_file: key,
        client_ca_file: authority,
        client_names: vec![HUB.to_owned()],
    }
}

/// What the sandbox needs to come in there.
pub(crate) fn sandbox_arguments(folder: &Path) -> [OsString; 6] {
    let [authority, _, _, certificate, key] = FILES.map(|name| folder.join(name).into_os_string());
    let option = OsString::from;
    [
        option("--ca"),
        authority,
        option("--client-certificate"),
        certificate,
        option("--client-key"),
        key,
    ]
}

/// Writes the files into a folder, over those of before.
pub(crate) fn write(folder: &Path, today: NaiveDate) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut authority = named("Lanterna demo authority", &[], today)?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_key = KeyPair::generate()?;
    let authority_certificate = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let mut texts = vec![authority_certificate.pem()];
    for (name, others, usage) in [
        (SERVER[0], &SERVER[..], ExtendedKeyUsagePurpose::ServerAuth),
        (HUB, &[HUB][..], ExtendedKeyUsagePurpose::ClientAuth),
    ] {
        let mut wanted = named(name, others, today)?;
        wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        wanted.extended_key_usages = vec![usage];
        let key = KeyPair::generate()?;
        texts.push(wanted.signed_by(&key, &issuer)?.pem());
        texts.push(key.serialize_pem());
    }
    for (name, text) in FILES.into_iter().zip(texts) {
        let file = folder.join(name);
        write_private(&file, &text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// A certificate of this name, good from yesterday, because clocks differ.
fn named(name: &str, others: &[&str], today: NaiveDate) -> Result<CertificateParams> {
    let others: Vec<String> = others.iter().map(ToString::to_string).collect();
    let mut wanted = CertificateParams::new(others)?;
    wanted.distinguished_name.push(DnType::CommonName, name);
    let midnight = |day: NaiveDate| {
        let (month, day_of_month) = (u8::try_from(day.month())?, u8::try_from(day.day())?);
        Ok::<_, TryFromIntError>(date_time_ymd(day.year(), month, day_of_month))
    };
    wanted.not_before = midnight(today - Days::new(1))?;
    wanted.not_after = midnight(today + GOOD_FOR)?;
    wanted.use_authority_key_identifier_extension = true;
    Ok(wanted)
}

/// Only this user reads keys, however many others there are.
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let mut open = OpenOptions::new();
    open.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    open.open(file)?.write_all(text.as_bytes())
}
