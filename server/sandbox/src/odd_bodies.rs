//! Bodies that misbehave: one that drips, one that breaks.

use axum::body::Bytes;
use http_body::{Body, Frame};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// In how many pieces a dripping body comes.
const PIECES: usize = 20;
/// The pause before each piece: two seconds for all, within everybody's patience.
const PAUSE: Duration = Duration::from_millis(100);

/// A body that comes a few bytes at a time.
pub(crate) struct Drip {
    rest: Bytes,
    piece: usize,
    pause: Pin<Box<Sleep>>,
}

impl Drip {
    pub(crate) fn new(bytes: impl Into<Bytes>) -> Self {
        let rest = bytes.into();
        Self {
            piece: rest.len().div_ceil(PIECES).max(1),
            rest,
            pause: Box::pin(tokio::time::sleep(PAUSE)),
        }
    }
}

impl Body for Drip {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        ready!(self.pause.as_mut().poll(context));
        self.pause.as_mut().reset(Instant::now() + PAUSE);
        let length = self.piece.min(self.rest.len());
        let piece = self.rest.split_to(length);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

/// A body that breaks at once: the connection ends.
pub(crate) struct Broken;

impl Body for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(io::Error::other("switched on in the sandbox"))))
    }
}
