//! Text broken into lines by the measured width of its glyphs.

use crate::font::{Fonts, GlyphId};
use crate::model::{Face, Style, Text};
use crate::{Language, Length};
use std::ops::Range;

/// A glyph of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glyph {
    /// Its face.
    pub(super) face: Face,
    /// Which it is.
    pub(super) id: GlyphId,
    /// Its language, where it is not the document's.
    pub(super) language: Option<Language>,
    /// Grey, whatever the text's colour.
    pub(super) secondary: bool,
    /// How far the next one stands, in thousandths of the size.
    advance: i32,
    after: After,
}

/// What may come after a glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// The same line.
    SameLine,
    /// A new line; the glyph is seen.
    NewLine,
    /// A new line; the glyph is a space, which needs no room there.
    NewLineForSpace,
    /// A new line in any case; the glyph is a space likewise.
    EndOfLine,
}

impl After {
    /// The glyph is a space where a line may end: there it needs no room.
    const fn is_space(self) -> bool {
        match self {
            Self::NewLineForSpace | Self::EndOfLine => true,
            Self::SameLine | Self::NewLine => false,
        }
    }
}

/// A character no face of the documents' fonts has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoGlyph(pub(super) char);

/// A text in lines.
#[derive(Debug)]
pub(super) struct Lines {
    glyphs: Vec<Glyph>,
    lines: Vec<Line>,
}

/// A line of a text.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Its glyphs.
    pub(super) range: Range<usize>,
    /// Its width, without the space at its end.
    pub(super) width: Length,
}

impl Lines {
    /// Breaks a text where its words end. A word longer than a line is broken where the line ends.
    pub(super) fn of(text: &Text, style: &Style, width: Length, fonts: &Fonts) -> Result<Self, NoGlyph> {
        let glyphs = glyphs(text, style, fonts)?;
        let room = thousandths_of_size(width, style.size);
        let mut lines = Vec::new();
        let mut push = |range: Range<usize>, units: i32| {
            let width = style.size.scaled(units, 1000);
            lines.push(Line { range, width });
        };
        // The line being filled: where it begins, its width, and the last place it may end at with the width it has there.
        let (mut start, mut filled) = (0, 0);
        let mut end: Option<(usize, i32, i32)> = None;
        for (index, glyph) in glyphs.iter().enumerate() {
            if !glyph.after.is_space() && filled + glyph.advance > room && index > start {
                let (next, seen, passed) = end.take().unwrap_or((index, filled, filled));
                push(start..next, seen);
                start = next;
                filled -= passed;
            }
            match glyph.after {
                After::SameLine => {}
                After::NewLine => end = Some((index + 1, filled + glyph.advance, filled + glyph.advance)),
                After::NewLineForSpace => end = Some((index + 1, filled, filled + glyph.advance)),
                After::EndOfLine => {
                    push(start..index + 1, filled);
                    (start, filled, end) = (index + 1, 0, None);
                    continue;
                }
            }
            filled += glyph.advance;
        }
        let seen = match glyphs.last() {
            Some(last) if last.after.is_space() => filled - last.advance,
            Some(_) | None => filled,
        };
        if start < glyphs.len() {
            push(start..glyphs.len(), seen);
        }
        Ok(Self { glyphs, lines })
    }

    /// Its glyphs.
    pub(super) fn glyphs(&self) -> &[Glyph] {
        &self.glyphs
    }

    /// What it says.
    pub(super) fn words(&self, fonts: &Fonts) -> String {
        let character = |glyph: &Glyph| fonts.font(glyph.face).character(glyph.id);
        self.glyphs.iter().filter_map(character).collect()
    }

    /// Its lines.
    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// How wide some glyphs are.
    pub(super) fn width(&self, range: Range<usize>, size: Length) -> Length {
        let units = self.glyphs[range].iter().map(|glyph| glyph.advance).sum();
        size.scaled(units, 1000)
    }
}

fn glyphs(text: &Text, style: &Style, fonts: &Fonts) -> Result<Vec<Glyph>, NoGlyph> {
    let mut glyphs: Vec<Glyph> = Vec::with_capacity(text.0.iter().map(|run| run.text.len()).sum());
    for run in &text.0 {
        let face = if run.strong {
            style.strong_face()
        } else {
            style.face
        };
        let font = fonts.font(face);
        let mut characters = run.text.chars().peekable();
        let first = glyphs.len();
        while let Some(character) = characters.next() {
            let id = font.glyph(character).ok_or(NoGlyph(character))?;
            if let Some(before) = glyphs.last_mut().filter(|before| before.face == face) {
                before.advance += i32::from(font.kerning(before.id, id));
            }
            glyphs.push(Glyph {
                face,
                id,
                language: run.language,
                secondary: run.secondary,
                advance: i32::from(font.advance(id)),
                after: match character {
                    ' ' if run.on_new_line && glyphs.len() == first => After::EndOfLine,
                    ' ' => After::NewLineForSpace,
                    // Dates and codes stay whole.
                    '-' | '/' | '–' | '—' if characters.peek().is_some_and(|next| next.is_alphabetic()) => {
                        After::NewLine
                    }
                    _ => After::SameLine,
                },
            });
        }
    }
    Ok(glyphs)
}

/// A length in thousandths of a size of type.
fn thousandths_of_size(length: Length, size: Length) -> i32 {
    length
        .scaled(1000, size.as_thousandths_of_pt().max(1))
        .as_thousandths_of_pt()
}
