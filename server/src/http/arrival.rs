//! The body of a message of the hub, as far as it came.

use axum::body::Body;
use axum::http::StatusCode;
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use std::time::Duration;

/// Longest time to send a message. The hub itself waits 7 to 15 seconds for the answer.
pub(super) const BODY_TIME_MAX: Duration = Duration::from_secs(10);

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Arrived {
    /// At most the longest message there may be.
    pub(super) body: Vec<u8>,
    /// Why there is no more of it; nothing when it is whole.
    pub(super) cut: Option<Cut>,
}

/// Why a body is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// It goes on after the longest message there may be.
    TooLong,
    /// It did not come in time.
    TooSlow,
    /// The connection broke off.
    BrokenOff,
}

impl Cut {
    /// How it is marked in the log of messages.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "cut: too long",
            Self::TooSlow => "cut: too slow",
            Self::BrokenOff => "cut: broken off",
        }
    }

    /// How it is answered.
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BrokenOff => StatusCode::BAD_REQUEST,
        }
    }
}

/// Reads a body to its end or to its bounds.
pub(super) async fn arrive(mut body: Body, time_max: Duration) -> Arrived {
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut kept = Vec::with_capacity(expected.min(pagopa::MAX_MESSAGE_BYTES));
    let reading = async {
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                return Some(Cut::BrokenOff);
            };
            // Trailers say nothing here.
            let Ok(data) = frame.into_data() else { continue };
            let room = pagopa::MAX_MESSAGE_BYTES - kept.len();
            kept.extend_from_slice(&data[..data.len().min(room)]);
            if data.len() > room {
                return Some(Cut::TooLong);
            }
        }
        None
    };
    let cut = tokio::time::timeout(time_max, reading)
        .await
        .unwrap_or(Some(Cut::TooSlow));
    Arrived { body: kept, cut }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Bytes;
    use hyper::body::Frame;
    use std::collections::VecDeque;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    /// A sender that says this much and then nothing, without going away.
    struct Sender(VecDeque<Result<Bytes, std::io::Error>>);

    impl hyper::body::Body for Sender {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            match self.0.pop_front() {
                Some(part) => Poll::Ready(Some(part.map(Frame::data))),
                None => Poll::Pending,
            }
        }
    }

    async fn of(parts: impl IntoIterator<Item = Result<Bytes, std::io::Error>>) -> Arrived {
        let sender = Body::new(Sender(parts.into_iter().collect()));
        arrive(sender, Duration::from_millis(20)).await
    }

    #[tokio::test]
    async fn a_message_is_not_waited_for_longer_than_allowed() {
        let slow = of([Ok(Bytes::from_static(b"<a"))]).await;
        assert_eq!((slow.body.as_slice(), slow.cut), (&b"<a"[..], Some(Cut::TooSlow)));
        let prompt = arrive(Body::from("<a/>"), Duration::from_millis(20)).await;
        assert_eq!((prompt.body.as_slice(), prompt.cut), (&b"<a/>"[..], None));
    }

    #[tokio::test]
    async fn a_message_that_breaks_off_is_kept_as_far_as_it_came() {
        let broken = of([
            Ok(Bytes::from_static(b"<a")),
            Err(std::io::ErrorKind::ConnectionReset.into()),
        ])
        .await;
        assert_eq!(
            (broken.body.as_slice(), broken.cut),
            (&b"<a"[..], Some(Cut::BrokenOff))
        );
    }

    #[tokio::test]
    async fn a_message_is_kept_up_to_the_longest_there_may_be() {
        let longest = vec![b'a'; pagopa::MAX_MESSAGE_BYTES];
        let whole = arrive(Body::from(longest.clone()), Duration::from_secs(1)).await;
        assert_eq!((whole.body.len(), whole.cut), (longest.len(), None));
        let long = of([Ok(longest.clone().into()), Ok(Bytes::from_static(b"b"))]).await;
        assert_eq!(long.cut, Some(Cut::TooLong));
        assert!(long.body == longest, "the first 1 MiB is what is kept");
    }
}
