//! What is drawn of our own: an i in a circle, and scissors.

use crate::model::{Colour, Drawing, Shape, Stroke};
use Stroke::{Close, Curve, Line, Move};

/// An i in a circle.
pub(super) fn info_mark() -> Drawing {
    let mut path = ring((500, 500), (500, 425));
    path.extend(polygon(&[(455, 240), (545, 240), (545, 330), (455, 330)]));
    path.extend(polygon(&[(455, 410), (545, 410), (545, 770), (455, 770)]));
    Drawing {
        width: 1000,
        height: 1000,
        shapes: vec![Shape {
            colour: Colour::BLACK,
            even_odd: true,
            path,
        }],
    }
}

/// Scissors that cut towards the left, half as high as they are wide.
pub(super) fn scissors() -> Drawing {
    // From the ring above to the point below; the other blade is its mirror image.
    let blade = [
        (735, 150),
        (440, 235),
        (0, 350),
        (40, 390),
        (560, 300),
        (790, 210),
    ];
    let other = blade.map(|(x, y)| (x, 500 - y));
    let shape = |even_odd, path| Shape {
        colour: Colour::SECONDARY,
        even_odd,
        path,
    };
    let blades = [polygon(&blade), polygon(&other)].concat();
    let rings = [(850, 125), (850, 375)].map(|middle| ring(middle, (125, 65)));
    Drawing {
        width: 1000,
        height: 500,
        shapes: vec![shape(false, blades), shape(true, rings.concat())],
    }
}

/// A ring of these radiuses, the outer and the inner, where overlapping outlines make holes.
fn ring(middle: (i32, i32), (outer, inner): (i32, i32)) -> Vec<Stroke> {
    [circle(middle, outer), circle(middle, inner)].concat()
}

/// Four arcs; their control points stand at 0.5523 of the radius.
fn circle((x, y): (i32, i32), radius: i32) -> Vec<Stroke> {
    let pull = radius * 5523 / 10_000;
    let (west, east, north, south) = (x - radius, x + radius, y - radius, y + radius);
    vec![
        Move(x, north),
        Curve(x + pull, north, east, y - pull, east, y),
        Curve(east, y + pull, x + pull, south, x, south),
        Curve(x - pull, south, west, y + pull, west, y),
        Curve(west, y - pull, x - pull, north, x, north),
        Close,
    ]
}

fn polygon(corners: &[(i32, i32)]) -> Vec<Stroke> {
    let mut path: Vec<Stroke> = corners.iter().map(|(x, y)| Line(*x, *y)).collect();
    if let Some((x, y)) = corners.first() {
        path[0] = Move(*x, *y);
    }
    path.push(Close);
    path
}
