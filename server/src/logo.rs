//! A coat of arms as notices print it: an SVG file read once, when the catalogue is, into filled outlines.
//!
//! Only what prints alike everywhere is taken: paths and simple shapes filled with one opaque colour. Everything else is
//! refused with what to do about it, never left out in silence.

use anyhow::{Context, Result, bail, ensure};
use documents::model::{Colour, Drawing, Shape, Stroke};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::path::Path;
use usvg::tiny_skia_path::{PathSegment, Point};

/// Largest file read.
const BYTES_MAX: u64 = 256 * 1024;
/// Most ways of the pen: what every notice carries.
const STROKES_MAX: usize = 20_000;
/// Units of the longer side of a drawing: a hundredth of the thickness of a hair on paper.
const UNITS: f32 = 10_000.0;

/// Elements that are drawn as they are, or that say nothing.
const TAKEN: [&str; 17] = [
    "svg",
    "g",
    "path",
    "rect",
    "circle",
    "ellipse",
    "polygon",
    "polyline",
    "line",
    "defs",
    "use",
    "symbol",
    "title",
    "desc",
    "metadata",
    "style",
    "namedview",
];

/// Reads a file.
pub(crate) fn read(file: &Path) -> Result<Drawing> {
    let about = || format!("logo {}", file.display());
    let length = std::fs::metadata(file).with_context(about)?.len();
    ensure!(
        length <= BYTES_MAX,
        "{}: a logo has at most {} KiB",
        about(),
        BYTES_MAX / 1024
    );
    let text = std::fs::read_to_string(file).with_context(about)?;
    parse(&text).with_context(about)
}

/// Reads the text of a file.
pub(crate) fn parse(text: &str) -> Result<Drawing> {
    refuse_what_does_not_print(text)?;
    let options = usvg::Options::default();
    let tree = usvg::Tree::from_str(text, &options).context("this is not an SVG drawing")?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let scale = scale_of(width, height);
    let mut shapes = Vec::new();
    collect(tree.root(), scale, &mut shapes)?;
    let strokes: usize = shapes.iter().map(|shape| shape.path.len()).sum();
    ensure!(strokes > 0, "the drawing shows nothing");
    ensure!(
        strokes <= STROKES_MAX,
        "the drawing has {strokes} strokes: simplify it to at most {STROKES_MAX}"
    );
    Ok(Drawing {
        width: unit(width, scale),
        height: unit(height, scale),
        shapes,
    })
}

/// Looks at every element before anything is read out of it: nothing may refer to other files, repeat itself without end
/// or vanish.
fn refuse_what_does_not_print(text: &str) -> Result<()> {
    let mut reader = Reader::from_str(text);
    loop {
        let element = match reader.read_event().context("this is not XML")? {
            Event::Start(element) | Event::Empty(element) => element,
            Event::DocType(_) => {
                bail!("a document type is not taken: delete the line that begins with <!DOCTYPE")
            }
            Event::Eof => return Ok(()),
            Event::End(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::GeneralRef(_) => continue,
        };
        let name = element.local_name();
        let name: &str = name.as_ref();
        let what_to_do = match name {
            _ if TAKEN.contains(&name) => continue,
            "image" => "it holds a picture of pixels: draw it as paths",
            "text" | "tspan" | "textPath" => {
                "it holds text: turn it into paths (in Inkscape: Path, Object to Path)"
            }
            "linearGradient" | "radialGradient" | "stop" | "pattern" | "meshgradient" => {
                "it holds a gradient or a pattern: fill each shape with one colour"
            }
            "filter" | "mask" | "clipPath" => {
                "it holds a filter, a mask or a clip: draw only what is seen, as plain paths"
            }
            "script" | "foreignObject" | "animate" | "animateTransform" | "set" | "a" => {
                "it holds something that is not a drawing: leave only shapes"
            }
            // What drawing programs note for themselves.
            _ if element.name().prefix().is_some() => continue,
            _ => "it holds something that is not taken: leave only filled shapes",
        };
        bail!("{what_to_do} (<{name}>)");
    }
}

fn collect(group: &usvg::Group, scale: f32, shapes: &mut Vec<Shape>) -> Result<()> {
    ensure!(
        is_opaque(group.opacity()),
        "it holds something half transparent: mix the colour with white instead"
    );
    for node in group.children() {
        match node {
            usvg::Node::Group(group) => collect(group, scale, shapes)?,
            usvg::Node::Path(path) if path.is_visible() => shapes.extend(shape(path, scale)?),
            usvg::Node::Path(_) => {}
            usvg::Node::Image(_) => bail!("it holds a picture of pixels: draw it as paths"),
            usvg::Node::Text(_) => bail!("it holds text: turn it into paths"),
        }
    }
    Ok(())
}

fn shape(path: &usvg::Path, scale: f32) -> Result<Option<Shape>> {
    ensure!(
        path.stroke().is_none(),
        "it holds a line with a thickness: turn it into a shape (in Inkscape: Path, Stroke to Path)"
    );
    let Some(fill) = path.fill() else {
        return Ok(None);
    };
    let usvg::Paint::Color(colour) = fill.paint() else {
        bail!("it holds a gradient or a pattern: fill each shape with one colour");
    };
    ensure!(
        is_opaque(fill.opacity()),
        "it holds something half transparent: mix the colour with white instead"
    );
    let outline = path.data().clone().transform(path.abs_transform());
    let outline = outline.context("it holds a shape of no size")?;
    Ok(Some(Shape {
        colour: Colour(colour.red, colour.green, colour.blue),
        even_odd: fill.rule() == usvg::FillRule::EvenOdd,
        path: strokes(&outline, scale),
    }))
}

fn strokes(outline: &usvg::tiny_skia_path::Path, scale: f32) -> Vec<Stroke> {
    let at = |point: Point| (unit(point.x, scale), unit(point.y, scale));
    let mut here = Point::default();
    let mut strokes = Vec::new();
    for segment in outline.segments() {
        strokes.push(match segment {
            PathSegment::MoveTo(to) => {
                here = to;
                Stroke::Move(at(to).0, at(to).1)
            }
            PathSegment::LineTo(to) => {
                here = to;
                Stroke::Line(at(to).0, at(to).1)
            }
            PathSegment::QuadTo(control, to) => {
                let (first, second) = (two_thirds(here, control), two_thirds(to, control));
                here = to;
                curve(at(first), at(second), at(to))
            }
            PathSegment::CubicTo(first, second, to) => {
                here = to;
                curve(at(first), at(second), at(to))
            }
            PathSegment::Close => Stroke::Close,
        });
    }
    strokes
}

const fn curve((ax, ay): (i32, i32), (bx, by): (i32, i32), (x, y): (i32, i32)) -> Stroke {
    Stroke::Curve(ax, ay, bx, by, x, y)
}

fn is_opaque(opacity: usvg::Opacity) -> bool {
    opacity == usvg::Opacity::ONE
}

#[expect(clippy::float_arithmetic, reason = "a drawing is no money")]
fn scale_of(width: f32, height: f32) -> f32 {
    UNITS / width.max(height)
}

/// A length of the file in units of the drawing. What lies outside the ground is not seen.
#[expect(clippy::float_arithmetic, reason = "a drawing is no money")]
#[expect(clippy::cast_possible_truncation, reason = "it is cut off before")]
fn unit(length: f32, scale: f32) -> i32 {
    (length * scale).round().clamp(-10.0 * UNITS, 10.0 * UNITS) as i32
}

/// The control point of a cubic curve that goes as a quadratic one.
#[expect(clippy::float_arithmetic, reason = "a drawing is no money")]
fn two_thirds(end: Point, control: Point) -> Point {
    let of = |end: f32, control: f32| end + (control - end) * 2.0 / 3.0;
    Point::from_xy(of(end.x, control.x), of(end.y, control.y))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(content: &str) -> Result<Drawing> {
        parse(&format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 20 10">{content}</svg>"#
        ))
    }

    #[test]
    fn filled_shapes_become_outlines_in_units_of_the_longer_side() {
        let drawing = svg(
            r##"<g fill="#C80000"><path d="M0 0H10V10Z"/></g><path fill-rule="evenodd" d="M0 0Q3 3 6 0Z"/>"##,
        );
        let drawing = drawing.unwrap();
        assert_eq!((drawing.width, drawing.height), (10_000, 5_000));
        let expected = [
            Shape {
                colour: Colour(200, 0, 0),
                even_odd: false,
                path: vec![
                    Stroke::Move(0, 0),
                    Stroke::Line(5_000, 0),
                    Stroke::Line(5_000, 5_000),
                    Stroke::Close,
                ],
            },
            Shape {
                colour: Colour::BLACK,
                even_odd: true,
                path: vec![
                    Stroke::Move(0, 0),
                    Stroke::Curve(1_000, 1_000, 2_000, 1_000, 3_000, 0),
                    Stroke::Close,
                ],
            },
        ];
        assert_eq!(drawing.shapes, expected);
    }

    #[test]
    fn what_would_not_print_is_refused_with_what_to_do() {
        for (content, words) in [
            (r#"<image href="file:///etc/passwd"/>"#, "picture of pixels"),
            ("<text>Comune</text>", "turn it into paths"),
            ("<defs><linearGradient id='g'/></defs>", "one colour"),
            ("<defs><clipPath id='c'/></defs>", "a clip"),
            ("<script/>", "not a drawing"),
            ("<switch/>", "leave only filled shapes"),
            (r#"<path d="M0 0H9V9Z" stroke="red"/>"#, "Stroke to Path"),
            (r#"<path d="M0 0H9V9Z" fill-opacity=".5"/>"#, "half transparent"),
            (r#"<g opacity=".5"><path d="M0 0H9V9Z"/></g>"#, "half transparent"),
            ("<title>nothing</title>", "shows nothing"),
        ] {
            let error = format!("{:#}", svg(content).unwrap_err());
            assert!(error.contains(words), "{content}: {error}");
        }
        let entities = "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg xmlns=\"http://www.w3.org/2000/svg\"/>";
        let error = format!("{:#}", parse(entities).unwrap_err());
        assert!(error.contains("<!DOCTYPE"), "{error}");
        assert!(parse("no drawing").is_err());
    }

    #[test]
    fn a_drawing_of_too_many_strokes_is_refused() {
        let path = "M0 0H9V9Z".repeat(STROKES_MAX / 4 + 1);
        let error = format!("{:#}", svg(&format!("<path d=\"{path}\"/>")).unwrap_err());
        assert!(error.contains("simplify it"), "{error}");
    }

    #[test]
    fn what_drawing_programs_note_for_themselves_is_passed_over() {
        let noted = r#"<sodipodi:namedview xmlns:sodipodi="http://x"/><x:whatever xmlns:x="http://y"/><path d="M0 0H9V9Z"/>"#;
        assert_eq!(svg(noted).unwrap().shapes.len(), 1);
    }

    #[test]
    fn the_demo_citys_lantern_can_be_printed() {
        let drawing = parse(include_str!("../demo/lanterna.svg")).unwrap();
        assert!(drawing.shapes.len() > 3);
    }
}
