//! The packs, inside programs that are not browsers; a browser fetches them.

use super::{Fonts, Tier};
use std::sync::OnceLock;

impl Fonts {
    /// The small pack.
    ///
    /// # Panics
    ///
    /// Never: a test reads it.
    pub fn core() -> &'static Self {
        static CORE: OnceLock<Fonts> = OnceLock::new();
        CORE.get_or_init(|| Self::read(include_bytes!("../../fonts/core.pack")).expect("a pack a test reads"))
    }

    /// The large pack.
    ///
    /// # Panics
    ///
    /// Never: a test reads it.
    pub fn wide() -> &'static Self {
        static WIDE: OnceLock<Fonts> = OnceLock::new();
        WIDE.get_or_init(|| Self::read(include_bytes!("../../fonts/wide.pack")).expect("a pack a test reads"))
    }

    /// The pack of a tier.
    pub fn of(tier: Tier) -> &'static Self {
        match tier {
            Tier::Core => Self::core(),
            Tier::Wide => Self::wide(),
        }
    }
}
