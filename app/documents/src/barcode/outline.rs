//! Modules as outlines: filled in one go they show no hairlines, which module by module appear between neighbours.

use super::Matrix;
use std::fmt::Write;

/// A way along the border of a dark area, the area on its right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    East,
    South,
    West,
    North,
}

impl Direction {
    const ALL: [Self; 4] = [Self::East, Self::South, Self::West, Self::North];

    const fn right(self) -> Self {
        match self {
            Self::East => Self::South,
            Self::South => Self::West,
            Self::West => Self::North,
            Self::North => Self::East,
        }
    }

    const fn left(self) -> Self {
        self.right().right().right()
    }

    const fn step(self, (x, y): (u16, u16)) -> (u16, u16) {
        match self {
            Self::East => (x + 1, y),
            Self::South => (x, y + 1),
            Self::West => (x - 1, y),
            Self::North => (x, y - 1),
        }
    }
}

impl Matrix {
    /// The borders of the dark areas as closed loops of horizontal and vertical lines: their corners in modules from the
    /// top left, y down, the first not repeated. Outer borders run clockwise and holes against it, so that both the
    /// nonzero and the even-odd rule fill what is dark. Modules that only touch at a corner are separate areas.
    pub fn outlines(&self) -> Vec<Vec<(u16, u16)>> {
        let mut borders = Borders::of(self);
        let points = self.side + 1;
        let mut loops = Vec::new();
        for start in (0..points).flat_map(|y| (0..points).map(move |x| (x, y))) {
            // The first corner of an area from the top left is met going east, one of a hole going south.
            for direction in Direction::ALL {
                if borders.take(start, direction) {
                    loops.push(borders.follow(start, direction));
                }
            }
        }
        loops
    }

    /// The outlines as the data of an SVG path, a module being one unit.
    pub fn svg_path(&self) -> String {
        let mut path = String::new();
        for outline in self.outlines() {
            let mut previous = None;
            for (x, y) in outline {
                // Writing to a string cannot fail.
                let _ = match previous {
                    None => write!(path, "M{x} {y}"),
                    Some((_, before)) if before == y => write!(path, "H{x}"),
                    Some(_) => write!(path, "V{y}"),
                };
                previous = Some((x, y));
            }
            path.push('z');
        }
        path
    }
}

/// The borders not followed yet: from which points one leads in which directions.
struct Borders {
    points: u16,
    leads: Vec<[bool; 4]>,
}

impl Borders {
    fn of(matrix: &Matrix) -> Self {
        let points = matrix.side + 1;
        let mut borders = Self {
            points,
            leads: vec![[false; 4]; usize::from(points) * usize::from(points)],
        };
        for (x, y) in (0..matrix.side).flat_map(|y| (0..matrix.side).map(move |x| (x, y))) {
            if matrix.is_dark(x, y) {
                let light =
                    |x: Option<u16>, y: Option<u16>| !x.zip(y).is_some_and(|(x, y)| matrix.is_dark(x, y));
                let (left, above) = (x.checked_sub(1), y.checked_sub(1));
                for (is_border, from, direction) in [
                    (light(Some(x), above), (x, y), Direction::East),
                    (light(Some(x + 1), Some(y)), (x + 1, y), Direction::South),
                    (light(Some(x), Some(y + 1)), (x + 1, y + 1), Direction::West),
                    (light(left, Some(y)), (x, y + 1), Direction::North),
                ] {
                    *borders.lead(from, direction) = is_border;
                }
            }
        }
        borders
    }

    fn lead(&mut self, (x, y): (u16, u16), direction: Direction) -> &mut bool {
        &mut self.leads[usize::from(y) * usize::from(self.points) + usize::from(x)][direction as usize]
    }

    /// Whether a border led that way; now it is followed.
    fn take(&mut self, from: (u16, u16), direction: Direction) -> bool {
        std::mem::take(self.lead(from, direction))
    }

    /// The corners from a border already taken until it closes. Where two areas touch, turning right stays with the same.
    fn follow(&mut self, start: (u16, u16), mut direction: Direction) -> Vec<(u16, u16)> {
        let mut corners = vec![start];
        let mut place = direction.step(start);
        loop {
            let onward = [direction.right(), direction, direction.left()];
            let Some(next) = onward.into_iter().find(|next| self.take(place, *next)) else {
                return corners;
            };
            if next != direction {
                corners.push(place);
            }
            direction = next;
            place = direction.step(place);
        }
    }
}
