//! What a page draws: the operators of its content stream (ISO 32000-1, 8 and 9).

use super::lines::Glyph;
use super::numbers::{push_decimal, push_length};
use crate::Length;
use crate::barcode::Matrix;
use crate::font::Fonts;
use crate::model::{Colour, Drawing, Face, Frame, Stroke};
use std::fmt::{self, Write as _};

/// Height of a page: A4.
pub(super) const PAGE_HEIGHT: Length = Length::tenths_of_mm(2970);
/// Width of a page.
pub(super) const PAGE_WIDTH: Length = Length::tenths_of_mm(2100);

/// Width of drawn lines.
const LINE: &str = "0.5 w ";
/// How long a corner's two strokes are.
const CORNER: Length = Length::mm(4);

/// A page's content stream. Places are given from the top left corner; the page's own begin at the bottom.
#[derive(Debug, Default)]
pub(super) struct Content {
    bytes: Vec<u8>,
    /// Face and size in force.
    font: Option<(Face, Length)>,
    /// Colour of filling in force.
    colour: Option<Colour>,
}

impl fmt::Write for Content {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl Content {
    /// The operators written.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins content that belongs to the structure element that knows it by `mark`.
    pub(super) fn begin_marked(&mut self, tag: &str, mark: usize) {
        let _ = writeln!(self, "/{tag}<</MCID {mark}>>BDC");
    }

    /// Begins furniture of this kind.
    pub(super) fn begin_artifact(&mut self, entries: &str) {
        let _ = writeln!(self, "/Artifact<<{entries}>>BDC");
    }

    /// Ends what was begun.
    pub(super) fn end(&mut self) {
        self.push("EMC\n");
    }

    fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn push_point(&mut self, x: Length, y: Length) {
        push_length(self, x);
        self.push(" ");
        push_length(self, PAGE_HEIGHT - y);
        self.push(" ");
    }

    fn colour_values(&mut self, colour: Colour) -> bool {
        let Colour(red, green, blue) = colour;
        let grey = red == green && green == blue;
        let parts: &[u8] = if grey { &[red] } else { &[red, green, blue] };
        for part in parts {
            push_decimal(self, (u32::from(*part) * 1000 + 127) / 255, 3);
            self.push(" ");
        }
        grey
    }

    fn fill_colour(&mut self, colour: Colour) {
        if self.colour != Some(colour) {
            let grey = self.colour_values(colour);
            self.push(if grey { "g\n" } else { "rg\n" });
            self.colour = Some(colour);
        }
    }

    /// Begins text at a point of a line's foot.
    pub(super) fn begin_text(&mut self, x: Length, foot: Length, colour: Colour) {
        self.fill_colour(colour);
        self.push("BT\n");
        self.push_point(x, foot);
        self.push("Td\n");
    }

    /// Goes on with the line below.
    pub(super) fn next_line(&mut self, right: Length, down: Length) {
        push_length(self, right);
        self.push(" ");
        push_length(self, -down);
        self.push(" Td\n");
    }

    /// Ends text.
    pub(super) fn end_text(&mut self) {
        self.push("ET\n");
    }

    /// Shows glyphs of one line, whatever their faces.
    pub(super) fn show(&mut self, glyphs: &[Glyph], size: Length, fonts: &Fonts) {
        for of_face in glyphs.chunk_by(|left, right| left.face == right.face) {
            let font = (of_face[0].face, size);
            if self.font != Some(font) {
                let _ = write!(self, "/{} ", font_name(font.0));
                push_length(self, size);
                self.push(" Tf\n");
                self.font = Some(font);
            }
            self.show_face(of_face, fonts);
        }
    }

    fn show_face(&mut self, glyphs: &[Glyph], fonts: &Fonts) {
        self.push("[(");
        for (index, glyph) in glyphs.iter().enumerate() {
            for byte in glyph.id.0.to_be_bytes() {
                match byte {
                    b'(' | b')' | b'\\' => self.bytes.extend_from_slice(&[b'\\', byte]),
                    b'\r' => self.push("\\r"),
                    byte => self.bytes.push(byte),
                }
            }
            if let Some(next) = glyphs.get(index + 1) {
                let kerning = fonts.font(glyph.face).kerning(glyph.id, next.id);
                if kerning != 0 {
                    let _ = write!(self, "){}(", -kerning);
                }
            }
        }
        self.push(")]TJ\n");
    }

    fn push_frame(&mut self, frame: &Frame) {
        self.push_point(frame.x, frame.y + frame.height);
        push_length(self, frame.width);
        self.push(" ");
        push_length(self, frame.height);
        self.push(" re ");
    }

    /// Fills a rectangle.
    pub(super) fn fill(&mut self, frame: &Frame, colour: Colour) {
        self.fill_colour(colour);
        self.push_frame(frame);
        self.push("f\n");
    }

    fn begin_lines(&mut self, colour: Colour) {
        self.push("q ");
        self.push(LINE);
        let grey = self.colour_values(colour);
        self.push(if grey { "G " } else { "RG " });
    }

    fn end_lines(&mut self) {
        self.push("S Q\n");
    }

    /// Draws a rectangle's border.
    pub(super) fn border(&mut self, frame: &Frame, colour: Colour) {
        self.begin_lines(colour);
        self.push_frame(frame);
        self.end_lines();
    }

    /// Draws a dashed line along a frame's top.
    pub(super) fn cut(&mut self, frame: &Frame, colour: Colour) {
        self.begin_lines(colour);
        self.push("[3 2] 0 d ");
        self.push_point(frame.x, frame.y);
        self.push("m ");
        self.push_point(frame.x + frame.width, frame.y);
        self.push("l ");
        self.end_lines();
    }

    /// Draws a frame's corners.
    pub(super) fn corners(&mut self, frame: &Frame, colour: Colour) {
        let (left, top) = (frame.x, frame.y);
        let (right, bottom) = (frame.x + frame.width, frame.y + frame.height);
        self.begin_lines(colour);
        for (x, inwards) in [(left, CORNER), (right, -CORNER)] {
            for (y, downwards) in [(top, CORNER), (bottom, -CORNER)] {
                self.push_point(x + inwards, y);
                self.push("m ");
                self.push_point(x, y);
                self.push("l ");
                self.push_point(x, y + downwards);
                self.push("l ");
            }
        }
        self.end_lines();
    }

    /// Puts the next outlines at a place, one unit of theirs being a `units`th of `width`.
    fn begin_scaled(&mut self, x: Length, y: Length, width: Length, units: u32) {
        let millionths =
            u64::from(width.as_thousandths_of_pt().unsigned_abs()) * 1000 / u64::from(units.max(1));
        let scale = u32::try_from(millionths).unwrap_or(u32::MAX);
        self.push("q ");
        push_decimal(self, scale, 6);
        self.push(" 0 0 -");
        push_decimal(self, scale, 6);
        self.push(" ");
        self.push_point(x, y);
        self.push("cm\n");
    }

    /// Draws a code of modules.
    pub(super) fn code(&mut self, code: &Matrix, x: Length, y: Length, width: Length) {
        self.fill_colour(Colour::BLACK);
        self.begin_scaled(x, y, width, u32::from(code.side()));
        for outline in code.outlines() {
            for (index, (x, y)) in outline.into_iter().enumerate() {
                let _ = write!(self, "{x} {y} {} ", if index == 0 { 'm' } else { 'l' });
            }
            self.push("h\n");
        }
        self.push("f Q\n");
    }

    /// Draws a drawing.
    pub(super) fn drawing(&mut self, drawing: &Drawing, x: Length, y: Length, width: Length) {
        self.begin_scaled(x, y, width, drawing.width.unsigned_abs());
        for shape in &drawing.shapes {
            let grey = self.colour_values(shape.colour);
            self.push(if grey { "g\n" } else { "rg\n" });
            for stroke in &shape.path {
                let _ = match *stroke {
                    Stroke::Move(x, y) => writeln!(self, "{x} {y} m"),
                    Stroke::Line(x, y) => writeln!(self, "{x} {y} l"),
                    Stroke::Curve(x1, y1, x2, y2, x, y) => writeln!(self, "{x1} {y1} {x2} {y2} {x} {y} c"),
                    Stroke::Close => writeln!(self, "h"),
                };
            }
            self.push(if shape.even_odd { "f*\n" } else { "f\n" });
        }
        self.push("Q\n");
    }
}

/// The name of a face among a page's resources.
pub(super) const fn font_name(face: Face) -> &'static str {
    match face {
        Face::Regular => "R",
        Face::Semibold => "S",
        Face::Bold => "B",
        Face::Mono => "M",
        Face::MonoBold => "N",
    }
}
