//! Codes to be scanned: the notice's QR and the postal slip's data matrix, as square modules and as outlines.

mod data_matrix;
mod outline;
mod qr;
mod reed_solomon;

pub use data_matrix::data_matrix;
pub use qr::{QR_BYTES_MAX, qr, qr_of_bytes};

/// Why a text cannot become a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// More than its largest size holds.
    #[error("{length} characters do not fit the code: it holds {max} at most, fewer when they vary in kind")]
    TooLong {
        /// Characters (of a QR: bytes) of the text.
        length: usize,
        /// What fits in the best case.
        max: usize,
    },
    /// A data matrix says ASCII characters alone.
    #[error("{character:?} cannot be in the code: only ASCII characters can")]
    NotAscii {
        /// The first that is not.
        character: char,
    },
}

/// A square of dark and light modules, without its quiet zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    side: u16,
    dark: Vec<bool>,
}

impl Matrix {
    /// A square of `side` modules, row by row from the top left; `None` when there are not as many as that takes.
    pub fn new(side: u16, dark: Vec<bool>) -> Option<Self> {
        (dark.len() == usize::from(side) * usize::from(side)).then_some(Self { side, dark })
    }

    /// How many modules it has on a side.
    pub const fn side(&self) -> u16 {
        self.side
    }

    /// Whether a module is dark; those outside are light.
    pub fn is_dark(&self, x: u16, y: u16) -> bool {
        x < self.side && y < self.side && self.dark[usize::from(y) * usize::from(self.side) + usize::from(x)]
    }
}
