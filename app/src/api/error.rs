//! Why an answer could not be given, in a form that crosses to the browser. Never a driver's message.

use super::json::JsonText;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// Why the portal could not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortalError {
    /// Asked too often from one address, or about one code.
    TooManyRequests {
        /// When it is worth trying again.
        seconds: u32,
    },
    /// The archive does not answer.
    Unavailable,
    /// The browser cannot reach the server.
    Offline,
    /// The request makes no sense: an old page, or not a page of ours.
    Malformed,
}

impl PortalError {
    /// The stable code people can quote.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooManyRequests { .. } => "PORTALE-429",
            Self::Unavailable => "PORTALE-503",
            Self::Offline => "PORTALE-000",
            Self::Malformed => "PORTALE-400",
        }
    }

    /// The status of a page that shows it.
    pub const fn status(self) -> u16 {
        match self {
            Self::TooManyRequests { .. } => 429,
            Self::Unavailable | Self::Offline => 503,
            Self::Malformed => 400,
        }
    }
}

impl FromServerFnError for PortalError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr as E;
        match error {
            E::Request(_) | E::Response(_) => Self::Offline,
            E::ServerError(_) | E::MiddlewareError(_) | E::Registration(_) => Self::Unavailable,
            E::Deserialization(_)
            | E::Serialization(_)
            | E::Args(_)
            | E::MissingArg(_)
            | E::UnsupportedRequestMethod(_) => Self::Malformed,
        }
    }

    fn status_code(&self) -> http::StatusCode {
        http::StatusCode::from_u16(self.status()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR)
    }
}

#[cfg(feature = "ssr")]
mod ssr {
    use super::PortalError;
    use services::Unavailable;
    use services::rate_limit::TooMany;

    impl From<TooMany> for PortalError {
        fn from(TooMany { seconds }: TooMany) -> Self {
            Self::TooManyRequests { seconds }
        }
    }

    impl From<Unavailable> for PortalError {
        fn from(error: Unavailable) -> Self {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the archive does not answer"
            );
            Self::Unavailable
        }
    }
}
