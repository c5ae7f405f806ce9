//! Codes to be scanned: the notice's QR and the postal slip's data matrix, as square modules and as outlines.

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
