//! Saying a thing in the notice's language, or in its two.

use super::texts::{Phrases, marked};
use super::{Languages, Notice};
use crate::Language;
use crate::model::{Block, Colour, Run, Style, Text};

/// Whoever says things in the languages of a notice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speaker {
    languages: Languages,
}

impl Speaker {
    pub(super) const fn of(notice: &Notice) -> Self {
        Self {
            languages: notice.languages,
        }
    }

    pub(super) const fn first(self) -> Language {
        self.languages.first
    }

    pub(super) const fn is_bilingual(self) -> bool {
        self.languages.second.is_some()
    }

    /// A label in both languages, `Betrag · Importo`. A second language that is not equal stands lighter
    /// and grey.
    pub(super) fn label(self, phrase: impl Fn(&Phrases) -> String) -> Text {
        let mut runs = vec![Run::strong(&phrase(Phrases::of(self.first())))];
        if let Some(second) = self.languages.second {
            let text = format!(" · {}", phrase(Phrases::of(second.language)));
            runs.push(Run {
                strong: second.equal,
                secondary: !second.equal,
                language: Some(second.language),
                ..Run::plain(&text)
            });
        }
        Text(runs)
    }

    /// The same in light letters.
    pub(super) fn light_label(self, phrase: impl Fn(&Phrases) -> String) -> Text {
        let mut text = self.label(phrase);
        for run in &mut text.0 {
            run.strong = false;
        }
        text
    }

    /// A label in capitals, for bands.
    pub(super) fn capitals(self, phrase: impl Fn(&Phrases) -> String) -> Text {
        self.label(|phrases| phrase(phrases).to_uppercase())
    }

    /// A sentence in both languages, a paragraph each; a second language that is not equal is smaller and grey.
    pub(super) fn paragraphs(self, style: Style, phrase: impl Fn(&Phrases) -> String) -> Vec<Block> {
        let paragraph = |style: Style, language: Option<Language>| Block::Paragraph {
            style,
            text: marked(&phrase(Phrases::of(language.unwrap_or(self.first())))).in_language(language),
        };
        let mut paragraphs = vec![paragraph(style, None)];
        if let Some(second) = self.languages.second {
            let style = if second.equal { style } else { lesser(style) };
            paragraphs.push(paragraph(style, Some(second.language)));
        }
        paragraphs
    }

    /// A label in light letters, the languages one under the other.
    pub(super) fn stacked(self, phrase: impl Fn(&Phrases) -> String) -> Text {
        let mut text = Text::plain(&phrase(Phrases::of(self.first())));
        text.0.extend(self.languages.second.map(|second| Run {
            secondary: !second.equal,
            on_new_line: true,
            language: Some(second.language),
            ..Run::plain(&format!(" {}", phrase(Phrases::of(second.language))))
        }));
        text
    }
}

/// A style for what comes second: an eighth smaller and grey.
const fn lesser(style: Style) -> Style {
    Style {
        size: style.size.scaled(7, 8),
        colour: Colour::SECONDARY,
        ..style
    }
}
