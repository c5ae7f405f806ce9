//! A sheet while it is filled: frames in tenths of a millimetre, as the guidelines' templates are measured.

use super::drawings::scissors;
use crate::Length;
use crate::model::{Area, Block, Colour, Drawing, Face, Frame, Ornament, Sheet, Style, Text};

/// The left edge of what is printed, and the right one.
pub(super) const LEFT: i32 = 100;
pub(super) const RIGHT: i32 = 2000;
/// The lowest edge of what is printed.
pub(super) const BOTTOM: i32 = 2890;
/// The width of a sheet, and where the bands of its two columns end and begin.
const SHEET_WIDTH: i32 = 2100;
const GUTTER_FROM: i32 = 1039;
const GUTTER_TO: i32 = 1062;

/// A rectangle, in tenths of a millimetre.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// A rectangle from its corner and measures.
pub(super) const fn place(x: i32, y: i32, width: i32, height: i32) -> Place {
    Place { x, y, width, height }
}

impl Place {
    /// From its left edge to `right`, from its top to `bottom`.
    pub(super) const fn between(x: i32, right: i32, y: i32, bottom: i32) -> Self {
        place(x, y, right - x, bottom - y)
    }

    const fn frame(self) -> Frame {
        Frame {
            x: Length::tenths_of_mm(self.x),
            y: Length::tenths_of_mm(self.y),
            width: Length::tenths_of_mm(self.width),
            height: Length::tenths_of_mm(self.height),
        }
    }
}

/// A sheet being filled.
#[derive(Debug, Default)]
pub(super) struct Page(Sheet);

impl Page {
    pub(super) fn area(&mut self, name: &'static str, place: Place, blocks: Vec<Block>) {
        self.0.areas.push(Area {
            name,
            frame: place.frame(),
            blocks,
        });
    }

    pub(super) fn drawing(&mut self, place: Place, drawing: Drawing) {
        self.0.ornaments.push(Ornament::Drawing(place.frame(), drawing));
    }

    pub(super) fn ground(&mut self, place: Place, colour: Colour) {
        self.0.ornaments.push(Ornament::Ground(place.frame(), colour));
    }

    pub(super) fn corners(&mut self, place: Place) {
        self.0.ornaments.push(Ornament::Corners(place.frame()));
    }

    /// Words that were read before.
    pub(super) fn words(&mut self, place: Place, style: Style, text: Text) {
        self.0.ornaments.push(Ornament::Words(place.frame(), style, text));
    }

    /// Where scissors go, across the sheet, and scissors on it.
    pub(super) fn cut(&mut self, y: i32) {
        let (width, height) = (48, 24);
        let line = place(0, y, SHEET_WIDTH, 0);
        self.0.ornaments.push(Ornament::Cut(line.frame()));
        self.drawing(place(RIGHT - width, y - height / 2, width, height), scissors());
    }

    /// A band across the sheet.
    pub(super) fn band(&mut self, y: i32, height: i32) {
        self.ground(place(0, y, SHEET_WIDTH, height), Colour::BAND);
    }

    /// A band over each of the two columns.
    pub(super) fn bands(&mut self, y: i32, height: i32) {
        self.ground(Place::between(0, GUTTER_FROM, y, y + height), Colour::BAND);
        self.ground(
            Place::between(GUTTER_TO, SHEET_WIDTH, y, y + height),
            Colour::BAND,
        );
    }

    pub(super) fn sheet(self) -> Sheet {
        self.0
    }
}

/// Text of so many points.
pub(super) const fn type_of(face: Face, points: i32) -> Style {
    Style::new(face, Length::pt(points))
}

/// The largest of `sizes` (in points, falling) in which texts, each on lines of its own, are thought to fit a width and a
/// height in tenths of a millimetre; the smallest where none is. Widths of letters are guessed a little too large: what is
/// measured in the end is what is drawn, and what does not fit there is told.
pub(super) fn size_for(texts: &[&str], width: i32, height: i32, sizes: &[i32]) -> i32 {
    let fits = |size: &i32| {
        // 2.834 points to a millimetre; a thousandth of the size is the unit of letters. A twentieth is kept for bad breaks.
        let room = width * 269 / size;
        let lines: i32 = texts.iter().map(|text| lines(text, room)).sum();
        lines * size * leading(*size) * 100 <= height * 2834
    };
    let smallest = sizes.last().copied().unwrap_or(8);
    sizes.iter().copied().find(|size| fits(size)).unwrap_or(smallest)
}

/// How high a text in lines of a width is thought to be, both in tenths of a millimetre.
pub(super) fn height_of(text: &str, width: i32, points: i32) -> i32 {
    lines(text, width * 269 / points) * line_height(points)
}

/// Height of a line, in tenths of a millimetre, rounded up.
pub(super) const fn line_height(points: i32) -> i32 {
    (points * leading(points) * 100 + 2833) / 2834
}

/// Height of a line in hundredths of its size.
const fn leading(points: i32) -> i32 {
    if points <= 10 { 135 } else { 120 }
}

/// How wide a text on one line is thought to be, in tenths of a millimetre.
pub(super) fn width_of(text: &str, points: i32) -> i32 {
    text.chars().map(letter).sum::<i32>() * points / 283
}

/// Lines a text takes where one has room for so many thousandths of its size, broken where the view on paper breaks them.
fn lines(text: &str, room: i32) -> i32 {
    let mut lines = 1;
    // The width of the line so far, and of what stands before the last place it may end at.
    let (mut filled, mut passed) = (0, 0);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let width = letter(character);
        if character != ' ' && filled + width > room && filled > 0 {
            lines += 1;
            filled -= if passed > 0 { passed } else { filled };
            passed = 0;
        }
        filled += width;
        let ends_word = match character {
            ' ' => true,
            '-' | '/' | '–' | '—' => characters.peek().is_some_and(|next| next.is_alphabetic()),
            _ => false,
        };
        if ends_word {
            passed = filled;
        }
    }
    lines
}

/// A guess of a bold letter's width, in thousandths of its size.
const fn letter(letter: char) -> i32 {
    match letter {
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' => 860,
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '’' | '!' | '|' => 300,
        'f' | 'r' | 't' | '(' | ')' | '-' | '/' | '"' => 400,
        ' ' => 240,
        'a'..='z' | '0'..='9' => 560,
        'A'..='Z' => 610,
        _ => 660,
    }
}
