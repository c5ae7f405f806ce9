//! Texts put together: tidy characters, and how they look.

use super::{Align, Colour, Face, Run, Style, Text};
use crate::spelling::tidy;
use crate::{Language, Length};

impl Run {
    /// Characters like those around them.
    pub fn plain(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::default()
        }
    }

    /// Characters in bold.
    pub fn strong(text: &str) -> Self {
        Self {
            strong: true,
            ..Self::plain(text)
        }
    }
}

impl Text {
    /// A text of one run, tidied.
    pub fn plain(text: &str) -> Self {
        Self(vec![Run::plain(&tidy(text))])
    }

    /// A text of one run in bold, tidied.
    pub fn strong(text: &str) -> Self {
        Self(vec![Run::strong(&tidy(text))])
    }

    /// The same text, said to be in `language`.
    #[must_use]
    pub fn in_language(mut self, language: Option<Language>) -> Self {
        for run in &mut self.0 {
            run.language = language;
        }
        self
    }

    /// The text without its looks.
    pub fn words(&self) -> String {
        self.0.iter().map(|run| run.text.as_str()).collect()
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|run| run.text.is_empty())
    }
}

impl Style {
    /// Black text at the left with no room under it.
    pub const fn new(face: Face, size: Length) -> Self {
        Self {
            face,
            size,
            colour: Colour::BLACK,
            align: Align::Left,
            after: Length::ZERO,
        }
    }

    /// In a colour.
    #[must_use]
    pub const fn coloured(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }

    /// Standing elsewhere in its frame.
    #[must_use]
    pub const fn aligned(self, align: Align) -> Self {
        Self { align, ..self }
    }

    /// With room under it.
    #[must_use]
    pub const fn with_after(self, after: Length) -> Self {
        Self { after, ..self }
    }

    /// Its face for strong runs.
    pub const fn strong_face(self) -> Face {
        match self.face {
            Face::Regular | Face::Semibold | Face::Bold => Face::Bold,
            Face::Mono | Face::MonoBold => Face::MonoBold,
        }
    }
}
