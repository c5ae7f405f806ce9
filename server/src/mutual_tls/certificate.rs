//! What a certificate says of itself.

use chrono::{DateTime, Utc};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Days before its end from which a certificate is spoken of every day.
const DAYS_TO_RENEW: i64 = 30;

/// The names and the last moment of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Common name, then the DNS names, in small letters and each once.
    pub names: Vec<String>,
    /// Its last moment.
    pub valid_until: DateTime<Utc>,
}

impl Certificate {
    /// Reads a certificate; `None` when it is not one.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let mut names = Vec::new();
        let mut add = |name: &str| {
            let name = name.to_ascii_lowercase();
            if !names.contains(&name) {
                names.push(name);
            }
        };
        // A common name in an alphabet of the past is nobody's we expect.
        certificate
            .subject()
            .iter_common_name()
            .filter_map(|name| name.as_str().ok())
            .for_each(&mut add);
        if let Some(alternatives) = certificate.subject_alternative_name().ok()? {
            for name in &alternatives.value.general_names {
                if let GeneralName::DNSName(name) = name {
                    add(name);
                }
            }
        }
        Some(Self {
            names,
            valid_until: DateTime::from_timestamp(certificate.validity().not_after.timestamp(), 0)?,
        })
    }

    /// Whether it bears one of these names, whatever their letters' size.
    pub fn is_of(&self, names: &[String]) -> bool {
        self.names
            .iter()
            .any(|own| names.iter().any(|name| own.eq_ignore_ascii_case(name)))
    }

    /// Whole days until its end; negative after it.
    pub fn days_left(&self, now: DateTime<Utc>) -> i64 {
        (self.valid_until - now).num_days()
    }

    /// Whether it is time to renew it.
    pub fn ends_soon(&self, now: DateTime<Utc>) -> bool {
        self.days_left(now) < DAYS_TO_RENEW
    }

    /// Names and end, for people.
    pub fn describe(&self, now: DateTime<Utc>) -> String {
        let names = if self.names.is_empty() {
            "without a name".to_owned()
        } else {
            self.names.join(", ")
        };
        let day = self.valid_until.format("%Y-%m-%d");
        if self.valid_until <= now {
            format!("{names}, ended on {day}")
        } else {
            format!("{names}, until {day} ({} days)", self.days_left(now))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

    fn certificate(common_name: &str, others: &[&str]) -> Certificate {
        let others: Vec<String> = others.iter().map(ToString::to_string).collect();
        let mut wanted = CertificateParams::new(others).unwrap();
        wanted.distinguished_name.push(DnType::CommonName, common_name);
        wanted.not_after = date_time_ymd(2027, 1, 1);
        let made = wanted.self_signed(&KeyPair::generate().unwrap()).unwrap();
        Certificate::read(made.der()).unwrap()
    }

    #[test]
    fn the_names_are_the_common_name_and_the_dns_names_each_once() {
        let read = certificate(
            "Pagamenti.Example.IT",
            &["www.example.it", "pagamenti.example.it"],
        );
        assert_eq!(read.names, ["pagamenti.example.it", "www.example.it"]);
        assert!(read.is_of(&["altro.example.it".to_owned(), "WWW.example.it".to_owned()]));
        assert!(!read.is_of(&["example.it".to_owned()]));
        assert!(!read.is_of(&[]));
    }

    #[test]
    fn a_certificate_ends_soon_from_thirty_days_before_its_end() {
        let read = certificate("example.it", &[]);
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert!(!read.ends_soon(at("2026-12-02T00:00:00Z")));
        assert!(read.ends_soon(at("2026-12-02T00:00:01Z")));
        assert_eq!(
            read.describe(at("2026-12-31T12:00:00Z")),
            "example.it, until 2027-01-01 (0 days)"
        );
        assert_eq!(
            read.describe(at("2027-01-01T00:00:00Z")),
            "example.it, ended on 2027-01-01"
        );
    }

    #[test]
    fn what_is_no_certificate_has_no_names() {
        assert_eq!(Certificate::read(b"-----BEGIN CERTIFICATE-----"), None);
        assert_eq!(Certificate::read(&[]), None);
    }
}
