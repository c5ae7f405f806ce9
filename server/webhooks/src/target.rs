//! An address somebody wants to be called at.

use crate::Reach;
use crate::resolver::Which;
use std::fmt;
use std::net::IpAddr;
use url::{Host, Url};

/// Longest address taken.
const LENGTH_MAX: usize = 500;

/// An address that can be called as far as can be told from it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
    which: Which,
}

/// Why an address is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It is no address, or too long.
    #[error("not an https address of at most {LENGTH_MAX} characters")]
    Shape,
    /// It names a user.
    #[error("an address must not name a user or password")]
    User,
    /// It has a fragment.
    #[error("an address must not have a fragment")]
    Fragment,
    /// Its port belongs to something else.
    #[error("the port must be 443, 80, or 1024 or higher")]
    Port,
    /// It lies in a network that may not be called.
    #[error(
        "the address lies in a network that may not be called: whoever runs the installation can allow it"
    )]
    Network,
    /// It is not encrypted.
    #[error("the address must be https: plain http goes only into networks the installation allows")]
    Plain,
    /// Its name cannot be found.
    #[error("the name of the address cannot be found")]
    UnknownName,
}

impl Target {
    /// Reads an address. A name is not looked up: see [`crate::Sender::check`].
    ///
    /// # Errors
    /// When it must not be called, as far as can be told from it.
    pub fn parse(text: &str, reach: &Reach) -> Result<Self, TargetError> {
        if text.len() > LENGTH_MAX {
            return Err(TargetError::Shape);
        }
        let url = Url::parse(text).map_err(|_| TargetError::Shape)?;
        let which = match url.scheme() {
            "https" => Which::Permitted,
            "http" => Which::Allowed,
            _ => return Err(TargetError::Shape),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::User);
        }
        if url.fragment().is_some() {
            return Err(TargetError::Fragment);
        }
        match (which, url.port_or_known_default()) {
            (Which::Permitted, Some(443)) | (Which::Allowed, Some(80)) | (_, Some(1024..)) => {}
            _ => return Err(TargetError::Port),
        }
        let target = Self { url, which };
        match target.literal().map_err(|()| TargetError::Shape)? {
            Some(address) if !which.takes(reach, address) => Err(target.refusal(reach, address)),
            // A name into an allowed network is looked up before it is called.
            None if which == Which::Allowed && reach.allowed.is_empty() => Err(TargetError::Plain),
            Some(_) | None => Ok(target),
        }
    }

    /// Why it may not be called at an address of its name.
    pub(crate) fn refusal(&self, reach: &Reach, address: IpAddr) -> TargetError {
        match self.which {
            Which::Allowed if reach.permits(address) => TargetError::Plain,
            Which::Allowed | Which::Permitted => TargetError::Network,
        }
    }

    /// The address it is itself, when it names none.
    pub(crate) fn literal(&self) -> Result<Option<IpAddr>, ()> {
        match self.url.host() {
            Some(Host::Ipv4(address)) => Ok(Some(address.into())),
            Some(Host::Ipv6(address)) => Ok(Some(address.into())),
            Some(Host::Domain(_)) => Ok(None),
            None => Err(()),
        }
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn which(&self) -> Which {
        self.which
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach() -> Reach {
        Reach {
            allowed: vec!["10.20.0.0/16".parse().unwrap()],
        }
    }

    #[test]
    fn addresses_that_can_be_called_are_taken() {
        for text in [
            "https://gestionale.example.it/esiti?anno=2026",
            "https://gestionale.example.it:8443/",
            "https://1.1.1.1/",
            "https://[2606:4700::1111]/",
            "https://10.20.3.4/",
            "http://10.20.3.4:8080/esiti",
            "http://[::ffff:10.20.3.4]:8080/",
            "http://gestionale.example.it/",
        ] {
            assert!(Target::parse(text, &reach()).is_ok(), "{text}");
        }
    }

    #[test]
    fn addresses_that_must_not_be_called_are_refused_by_name() {
        for (text, error) in [
            ("", TargetError::Shape),
            ("gestionale.example.it", TargetError::Shape),
            ("ftp://gestionale.example.it/", TargetError::Shape),
            ("file:///etc/passwd", TargetError::Shape),
            ("https://user@gestionale.example.it/", TargetError::User),
            ("https://:secret@gestionale.example.it/", TargetError::User),
            ("https://gestionale.example.it/#a", TargetError::Fragment),
            ("https://gestionale.example.it:22/", TargetError::Port),
            ("https://gestionale.example.it:80/", TargetError::Port),
            ("http://10.20.3.4:443/", TargetError::Port),
            ("https://127.0.0.1/", TargetError::Network),
            ("https://127.1/", TargetError::Network),
            ("https://2130706433/", TargetError::Network),
            ("https://0x7f000001/", TargetError::Network),
            ("https://0177.0.0.1/", TargetError::Network),
            ("https://[::1]/", TargetError::Network),
            ("https://[::ffff:127.0.0.1]/", TargetError::Network),
            ("https://[::ffff:7f00:1]/", TargetError::Network),
            ("https://169.254.169.254/latest/meta-data/", TargetError::Network),
            ("https://100.64.0.1/", TargetError::Network),
            ("https://10.21.0.1/", TargetError::Network),
            ("https://[fd00:ec2::254]/", TargetError::Network),
            ("http://127.0.0.1:9000/", TargetError::Network),
            ("http://1.1.1.1/", TargetError::Plain),
        ] {
            assert_eq!(Target::parse(text, &reach()), Err(error), "{text}");
        }
        let nothing_allowed = Reach::default();
        let plain = Target::parse("http://gestionale.example.it/", &nothing_allowed);
        assert_eq!(plain, Err(TargetError::Plain));
        let long = format!("https://gestionale.example.it/{}", "a".repeat(LENGTH_MAX));
        assert_eq!(Target::parse(&long, &reach()), Err(TargetError::Shape));
    }
}
