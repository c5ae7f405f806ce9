//! The coat of arms of a city there is none of.

use crate::model::{Colour, Drawing, Shape, Stroke};
use Stroke::{Close, Curve, Line, Move};

const SHIELD: Colour = Colour(0x1F, 0x4E, 0x79);
const TOWER: Colour = Colour(0xFF, 0xFF, 0xFF);
const LIGHT: Colour = Colour(0xF2, 0xB7, 0x05);

/// A lit lighthouse on a shield.
pub(super) fn emblem() -> Drawing {
    let polygon = |colour, points: &[(i32, i32)]| {
        let mut path: Vec<Stroke> = points.iter().map(|(x, y)| Line(*x, *y)).collect();
        path.insert(0, Move(points[0].0, points[0].1));
        path.push(Close);
        Shape {
            colour,
            even_odd: false,
            path,
        }
    };
    let shield = Shape {
        colour: SHIELD,
        even_odd: false,
        path: vec![
            Move(0, 0),
            Line(1000, 0),
            Line(1000, 650),
            Curve(1000, 950, 760, 1120, 500, 1200),
            Curve(240, 1120, 0, 950, 0, 650),
            Close,
        ],
    };
    Drawing {
        width: 1000,
        height: 1200,
        shapes: vec![
            shield,
            polygon(LIGHT, &[(420, 290), (90, 190), (90, 390)]),
            polygon(LIGHT, &[(580, 290), (910, 190), (910, 390)]),
            polygon(TOWER, &[(420, 220), (500, 130), (580, 220)]),
            polygon(LIGHT, &[(440, 240), (560, 240), (560, 350), (440, 350)]),
            polygon(TOWER, &[(390, 370), (610, 370), (610, 410), (390, 410)]),
            polygon(TOWER, &[(430, 430), (570, 430), (640, 960), (360, 960)]),
            polygon(SHIELD, &[(421, 560), (579, 560), (592, 660), (408, 660)]),
            polygon(SHIELD, &[(394, 760), (606, 760), (619, 860), (381, 860)]),
        ],
    }
}
