//! QR codes of the one kind the notice guidelines prescribe: version 4, error correction level M, byte mode (ISO/IEC 18004).
//! Other versions and levels are deliberately not here: encoders that choose them pick a smaller version or raise the level.

use super::reed_solomon::Field;
use super::{CodeError, Matrix};
use domain::QrPayload;

/// Modules on a side.
const WIDTH: u16 = 33;
const SIDE: usize = WIDTH as usize;
/// Data words, in two blocks of as many.
const DATA_WORDS: usize = 64;
const BLOCKS: usize = 2;
const CHECK_WORDS_PER_BLOCK: usize = 18;
/// The centre of the one alignment pattern, on both axes.
const ALIGNMENT: usize = 26;

/// The longest payload: mode and length take a byte and a half.
pub const QR_BYTES_MAX: usize = DATA_WORDS - 2;

/// The code of a notice: 33 modules on a side.
#[expect(clippy::missing_panics_doc, reason = "the longest payload fits")]
pub fn qr(payload: &QrPayload) -> Matrix {
    qr_of_bytes(payload.to_string().as_bytes()).expect("a payload has at most 53 characters")
}

/// The code of any bytes, which readers take for UTF-8.
///
/// # Errors
/// More than [`QR_BYTES_MAX`] bytes do not fit version 4 at level M.
pub fn qr_of_bytes(bytes: &[u8]) -> Result<Matrix, CodeError> {
    let unmasked = draw(&with_check_words(&data_words(bytes)?));
    let best = (0..8)
        .map(|mask| unmasked.masked(mask))
        .min_by_key(Symbol::penalty)
        .unwrap_or(unmasked);
    Ok(best.to_matrix())
}

/// The bit stream: mode, length, bytes, terminator, padding.
fn data_words(bytes: &[u8]) -> Result<[u8; DATA_WORDS], CodeError> {
    const BYTE_MODE: u8 = 0b0100;
    let length = u8::try_from(bytes.len())
        .ok()
        .filter(|length| usize::from(*length) <= QR_BYTES_MAX)
        .ok_or(CodeError::TooLong {
            length: bytes.len(),
            max: QR_BYTES_MAX,
        })?;
    let mut words = [0; DATA_WORDS];
    // Everything stands four bits into its word, after the mode.
    let mut previous = BYTE_MODE;
    let stream = [length].into_iter().chain(bytes.iter().copied()).chain([0]);
    for (word, next) in words.iter_mut().zip(stream) {
        *word = previous << 4 | next >> 4;
        previous = next;
    }
    for (word, padding) in words[bytes.len() + 2..]
        .iter_mut()
        .zip([0xEC, 0x11].into_iter().cycle())
    {
        *word = padding;
    }
    Ok(words)
}

/// Data and check words in the order they are drawn: the blocks take turns.
fn with_check_words(data: &[u8; DATA_WORDS]) -> Vec<u8> {
    let field = Field::new(0x1D);
    let generator = field.generator(0, CHECK_WORDS_PER_BLOCK);
    let (first, second) = data.split_at(DATA_WORDS / BLOCKS);
    let check = [first, second].map(|block| field.check_words(block.iter().copied(), &generator));
    let take_turns = |a: &[u8], b: &[u8]| a.iter().zip(b).flat_map(|(a, b)| [*a, *b]).collect::<Vec<_>>();
    [take_turns(first, second), take_turns(&check[0], &check[1])].concat()
}

/// A symbol while it is drawn: a bit for each module, its column counted from the lowest.
#[derive(Clone)]
struct Symbol {
    dark: [u64; SIDE],
    /// Modules that belong to patterns and format: no data, no mask.
    fixed: [u64; SIDE],
}

/// The symbol without format information, its data not masked yet.
fn draw(words: &[u8]) -> Symbol {
    let mut symbol = Symbol {
        dark: [0; SIDE],
        fixed: [0; SIDE],
    };
    for place in 0..SIDE {
        symbol.fix(place, 6, place % 2 == 0);
        symbol.fix(6, place, place % 2 == 0);
    }
    // Finder patterns with their separators, as far as they are inside; then the alignment pattern.
    for (x, y) in [(3, 3), (SIDE - 4, 3), (3, SIDE - 4)] {
        symbol.fix_rings(x, y, 4, |ring| ring != 2 && ring != 4);
    }
    symbol.fix_rings(ALIGNMENT, ALIGNMENT, 2, |ring| ring != 1);
    symbol.fix_format(0);

    // Pairs of columns from the right, going up and down in turn, around the vertical timing pattern.
    let mut bits = words
        .iter()
        .flat_map(|word| (0..8).rev().map(move |bit| word >> bit & 1 == 1));
    let rights = (8..SIDE).rev().step_by(2).chain([5, 3, 1]);
    for (turn, right) in rights.enumerate() {
        for step in 0..SIDE {
            let y = if turn % 2 == 0 { SIDE - 1 - step } else { step };
            for x in [right, right - 1] {
                if symbol.fixed[y] >> x & 1 == 0 {
                    // The seven modules after the last word stay light.
                    symbol.dark[y] |= u64::from(bits.next().unwrap_or(false)) << x;
                }
            }
        }
    }
    symbol
}

impl Symbol {
    fn fix(&mut self, x: usize, y: usize, dark: bool) {
        self.fixed[y] |= 1 << x;
        self.dark[y] = self.dark[y] & !(1 << x) | u64::from(dark) << x;
    }

    /// Square rings around a centre, each dark or light.
    fn fix_rings(&mut self, x: usize, y: usize, outermost: usize, is_dark: impl Fn(usize) -> bool) {
        let reach = |centre: usize| centre.saturating_sub(outermost)..=(centre + outermost).min(SIDE - 1);
        for row in reach(y) {
            for column in reach(x) {
                self.fix(column, row, is_dark(column.abs_diff(x).max(row.abs_diff(y))));
            }
        }
    }

    /// Level and mask, protected by a BCH code, in both places; and the one module that is always dark.
    fn fix_format(&mut self, mask: u8) {
        const LEVEL_M: u16 = 0b00;
        let data = LEVEL_M << 3 | u16::from(mask);
        let remainder = (0..10).fold(data, |rest, _| (rest << 1) ^ ((rest >> 9) * 0x537));
        let format = (data << 10 | remainder) ^ 0x5412;
        for bit in 0..15 {
            let dark = format >> bit & 1 == 1;
            // Down column 8 and left along row 8, stepping over the timing patterns.
            match bit {
                0..6 => self.fix(8, bit, dark),
                6 | 7 => self.fix(8, bit + 1, dark),
                8 => self.fix(7, 8, dark),
                _ => self.fix(14 - bit, 8, dark),
            }
            match bit {
                0..8 => self.fix(SIDE - 1 - bit, 8, dark),
                _ => self.fix(8, SIDE - 15 + bit, dark),
            }
        }
        self.fix(8, SIDE - 8, true);
    }

    /// The same symbol under one of the eight masks.
    fn masked(&self, mask: u8) -> Self {
        let inverts = |x: usize, y: usize| match mask {
            0 => (x + y).is_multiple_of(2),
            1 => y.is_multiple_of(2),
            2 => x.is_multiple_of(3),
            3 => (x + y).is_multiple_of(3),
            4 => (x / 3 + y / 2).is_multiple_of(2),
            5 => x * y % 2 + x * y % 3 == 0,
            6 => (x * y % 2 + x * y % 3).is_multiple_of(2),
            _ => ((x + y) % 2 + x * y % 3).is_multiple_of(2),
        };
        let mut symbol = self.clone();
        for (y, (row, fixed)) in symbol.dark.iter_mut().zip(self.fixed).enumerate() {
            let inverted = (0..SIDE)
                .filter(|x| inverts(*x, y))
                .fold(0, |row, x| row | 1 << x);
            *row ^= inverted & !fixed;
        }
        symbol.fix_format(mask);
        symbol
    }

    /// How hard it is to scan, by the four rules of the standard.
    fn penalty(&self) -> u32 {
        let mut columns = [0; SIDE];
        for (y, row) in self.dark.iter().enumerate() {
            for (x, column) in columns.iter_mut().enumerate() {
                *column |= (row >> x & 1) << y;
            }
        }
        let lines: u32 = self
            .dark
            .iter()
            .chain(&columns)
            .map(|line| line_penalty(*line))
            .sum();
        // Squares of two by two modules of one colour.
        let squares: u32 = self
            .dark
            .windows(2)
            .map(|rows| {
                let (same, dark) = (!(rows[0] ^ rows[1]), rows[0]);
                let square = same & same >> 1 & !(dark ^ dark >> 1) & ((1 << (SIDE - 1)) - 1);
                square.count_ones()
            })
            .sum();
        // Every twentieth that dark modules are away from the half.
        let dark: u32 = self.dark.iter().map(|row| row.count_ones()).sum();
        let all = u32::from(WIDTH) * u32::from(WIDTH);
        let twentieths = (dark * 20).abs_diff(all * 10).div_ceil(all).saturating_sub(1);
        lines + squares * 3 + twentieths * 10
    }

    fn to_matrix(&self) -> Matrix {
        Matrix {
            side: WIDTH,
            dark: self
                .dark
                .iter()
                .flat_map(|row| (0..SIDE).map(move |x| row >> x & 1 == 1))
                .collect(),
        }
    }
}

/// Long runs of one colour, and what looks like a finder pattern with its quiet zone.
fn line_penalty(line: u64) -> u32 {
    // Light and dark in turn, from light to light: beyond the border all is light.
    let (mut runs, mut count, mut place) = ([0_u32; SIDE + 2], 0, 0);
    while place < u32::from(WIDTH) || count % 2 == 0 {
        let rest = line >> place;
        let run = if count % 2 == 0 {
            rest.trailing_zeros()
        } else {
            rest.trailing_ones()
        };
        runs[count] = run.min(u32::from(WIDTH) - place);
        place += runs[count];
        count += 1;
    }
    let runs = &mut runs[..count];
    let long: u32 = runs.iter().filter(|run| **run >= 5).map(|run| run - 2).sum();
    if let [first, .., last] = runs {
        *first += u32::from(WIDTH);
        *last += u32::from(WIDTH);
    }
    let finders: u32 = runs
        .windows(7)
        .step_by(2)
        .map(|window| {
            let unit = window[1];
            if window[2..6] != [unit, 3 * unit, unit, unit] {
                return 0;
            }
            let quiet = |near: u32, far: u32| u32::from(near >= 4 * unit && far >= unit);
            quiet(window[0], window[6]) + quiet(window[6], window[0])
        })
        .sum();
    long + finders * 40
}
