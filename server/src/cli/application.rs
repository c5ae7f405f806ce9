//! `lanterna application …`

use super::Archive;
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use domain::SegregationCode;
use domain::application::{Grant, NumberRange, REQUESTS_PER_MINUTE_USUAL, Scope};

#[derive(Debug, Subcommand)]
pub(crate) enum Application {
    /// Add an application; it comes in once it has a secret
    Create {
        /// Its id: 3 to 40 small letters, digits and dashes
        id: String,
        /// Fiscal code of its institution [default: the only one there is]
        #[arg(long, value_name = "CODE")]
        institution: Option<String>,
        /// Its name, for people
        #[arg(long)]
        name: String,
        #[command(flatten)]
        grants: ApplicationGrants,
        /// Numbers it gives to notices by itself: segregation code, first and last base; as often as needed
        #[arg(long = "numbers", value_name = "CODE:FROM-TO", value_parser = number_range)]
        numbers: Vec<NumberRange>,
        /// Requests it may make in a minute
        #[arg(long, value_name = "COUNT", default_value_t = REQUESTS_PER_MINUTE_USUAL)]
        requests: u32,
        /// SHA-256 of the certificate it must come with, in hexadecimal digits (openssl x509 -fingerprint -sha256)
        #[arg(long, value_name = "FINGERPRINT", value_parser = fingerprint)]
        certificate: Option<String>,
        #[command(flatten)]
        archive: Archive,
    },
    /// List the applications
    List {
        /// As a JSON array
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        archive: Archive,
    },
    /// Show an application and its secrets, which are never shown themselves
    Show {
        /// Its id
        id: String,
        #[command(flatten)]
        archive: Archive,
    },
    /// Change what an application may do; what is not named stays
    Grant {
        /// Its id
        id: String,
        #[command(flatten)]
        grants: ApplicationGrants,
        /// A scope to take away; as often as needed
        #[arg(long, value_name = "SCOPE", value_parser = scope)]
        remove: Vec<Scope>,
        #[command(flatten)]
        archive: Archive,
    },
    /// Change what else is known of an application
    Change(ApplicationChange),
    /// Its secrets: at most two open at once, so that one can be replaced without a pause
    #[command(subcommand)]
    Secret(ApplicationSecret),
    /// Let an application in no more; its tokens end within half a minute
    Deactivate {
        /// Its id
        id: String,
        #[command(flatten)]
        archive: Archive,
    },
    /// Let an application in again
    Activate {
        /// Its id
        id: String,
        #[command(flatten)]
        archive: Archive,
    },
    /// List what was done to an application, or by its programs to something else, the last first
    Audit {
        /// The application's id
        id: String,
        /// Key of a position, or whatever else it was done to [default: the application itself]
        #[arg(long, value_name = "KEY")]
        subject: Option<String>,
        /// As JSON, one act on each line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        archive: Archive,
    },
}

/// What an application may do
#[derive(Debug, Args)]
pub(crate) struct ApplicationGrants {
    /// A scope, alone for every service or with some (positions:write=tari,refezione); as often as needed
    #[arg(long = "grant", value_name = "SCOPE[=SERVICE,…]", value_parser = grant)]
    pub(crate) grants: Vec<Grant>,
}

/// Change what else is known of an application
#[derive(Debug, Args)]
pub(crate) struct ApplicationChange {
    /// Its id
    pub(crate) id: String,
    /// Its name, for people
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Numbers it gives to notices by itself, instead of those of before; as often as needed
    #[arg(long = "numbers", value_name = "CODE:FROM-TO", value_parser = number_range, conflicts_with = "no_numbers")]
    pub(crate) numbers: Vec<NumberRange>,
    /// It takes the numbers it is given
    #[arg(long)]
    pub(crate) no_numbers: bool,
    /// Requests it may make in a minute
    #[arg(long, value_name = "COUNT")]
    pub(crate) requests: Option<u32>,
    /// SHA-256 of the certificate it must come with, in hexadecimal digits
    #[arg(long, value_name = "FINGERPRINT", value_parser = fingerprint, conflicts_with = "no_certificate")]
    pub(crate) certificate: Option<String>,
    /// Its secret suffices
    #[arg(long)]
    pub(crate) no_certificate: bool,
    #[command(flatten)]
    pub(crate) archive: Archive,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ApplicationSecret {
    /// Make a secret and print it, once
    New {
        /// Id of the application
        id: String,
        /// Last day it opens in [default: it does not end]
        #[arg(long, value_name = "DATE")]
        until: Option<NaiveDate>,
        #[command(flatten)]
        archive: Archive,
    },
    /// Take a secret back; tokens given for it end within half a minute
    Revoke {
        /// Id of the application
        id: String,
        /// Number of the secret, as `application show` lists it
        secret: i64,
        #[command(flatten)]
        archive: Archive,
    },
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::parse(text).ok_or_else(|| {
        let known = Scope::ALL.map(Scope::as_str).join(", ");
        format!("not a scope; scopes are {known}")
    })
}

fn grant(text: &str) -> Result<Grant, String> {
    let (name, services) = match text.split_once('=') {
        Some((name, services)) => (name, Some(services)),
        None => (text, None),
    };
    let services = services.map(|list| list.split(',').map(|code| code.trim().to_owned()).collect());
    Ok(Grant {
        scope: scope(name)?,
        services,
    })
}

fn number_range(text: &str) -> Result<NumberRange, String> {
    let read = || {
        let (segregation, range) = text.split_once(':')?;
        let (from, to) = range.split_once('-')?;
        Some(NumberRange {
            segregation: segregation.parse::<SegregationCode>().ok()?,
            from: from.parse().ok()?,
            to: to.parse().ok()?,
        })
    };
    read().ok_or_else(|| "write it as 12:1-999999: segregation code, first and last base".to_owned())
}

/// A fingerprint as `openssl` writes it, or without colons.
fn fingerprint(text: &str) -> Result<String, String> {
    let digits = text
        .rsplit('=')
        .next()
        .unwrap_or(text)
        .replace(':', "")
        .to_ascii_lowercase();
    if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(digits)
    } else {
        Err("the SHA-256 of a certificate has 64 hexadecimal digits".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_ranges_and_fingerprints_are_read_as_people_write_them() {
        let some = grant("positions:write=tari, mensa").unwrap();
        assert_eq!(some.services.unwrap().len(), 2);
        assert_eq!(grant("positions:read").unwrap().services, None);
        assert!(grant("positions:delete").is_err());
        let range = number_range("12:1-99").unwrap();
        assert_eq!((range.from, range.to), (1, 99));
        assert!(number_range("12:99").is_err());
        let written = ["AB"; 32].join(":");
        assert_eq!(
            fingerprint(&format!("sha256 Fingerprint={written}")).unwrap(),
            "ab".repeat(32)
        );
        assert!(fingerprint("ab").is_err());
    }
}
