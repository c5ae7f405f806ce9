//! Data matrices as the postal slip needs them: ECC 200, square, ASCII and C40 encodation, 32 to 64 modules on a side
//! (ISO/IEC 16022). The slip's 256 characters take 48 modules, more only when they are full of punctuation; other sizes,
//! rectangles and the other encodations are deliberately not here.

use super::reed_solomon::Field;
use super::{CodeError, Matrix};

/// A size of symbol.
struct Size {
    /// Modules on a side.
    side: u16,
    /// Regions on a side, each with a frame of its own.
    regions: u16,
    data_words: usize,
    check_words: usize,
    /// Among how many blocks the words take turns.
    blocks: usize,
}

#[rustfmt::skip]
const SIZES: [Size; 7] = [
    Size { side: 32, regions: 2, data_words: 62, check_words: 36, blocks: 1 },
    Size { side: 36, regions: 2, data_words: 86, check_words: 42, blocks: 1 },
    Size { side: 40, regions: 2, data_words: 114, check_words: 48, blocks: 1 },
    Size { side: 44, regions: 2, data_words: 144, check_words: 56, blocks: 1 },
    Size { side: 48, regions: 2, data_words: 174, check_words: 68, blocks: 1 },
    Size { side: 52, regions: 2, data_words: 204, check_words: 84, blocks: 2 },
    Size { side: 64, regions: 4, data_words: 280, check_words: 112, blocks: 2 },
];

/// The longest text that can fit: all digits, two to a word.
const CHARACTERS_MAX: usize = 560;

const LATCH_C40: u8 = 230;
const UNLATCH: u8 = 254;

/// The code of a text of ASCII characters, in the smallest size that holds it.
///
/// # Errors
/// The text has a character beyond ASCII, or does not fit 64 modules on a side.
pub fn data_matrix(text: &str) -> Result<Matrix, CodeError> {
    if let Some(character) = text.chars().find(|character| !character.is_ascii()) {
        return Err(CodeError::NotAscii { character });
    }
    let too_long = CodeError::TooLong {
        length: text.len(),
        max: CHARACTERS_MAX,
    };
    if text.len() > CHARACTERS_MAX {
        return Err(too_long);
    }
    let mut words = encode(text.as_bytes());
    spare_last_unlatch(&mut words);
    let size = SIZES
        .iter()
        .find(|size| size.data_words >= words.len())
        .ok_or(too_long)?;
    pad(&mut words, size.data_words);
    let check_words = check_words(&words, size);
    words.extend(check_words);
    Ok(draw(&words, size))
}

/// How characters become words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encodation {
    /// A character or two digits to a word.
    Ascii,
    /// Three values to two words: a value for a capital, a digit or a blank, two for any other character.
    C40,
}

/// The whole text as data words, in ASCII again at its end.
fn encode(text: &[u8]) -> Vec<u8> {
    let plan = plan(text);
    let mut words = Vec::with_capacity(text.len());
    let (mut current, mut place) = (Encodation::Ascii, 0);
    // Values of C40 that wait for their triple: only between triples can the encodation change.
    let mut values = Vec::with_capacity(4);
    while place < text.len() {
        if values.is_empty() {
            match (current, plan[place].best_after(current)) {
                (Encodation::Ascii, Encodation::C40) => words.push(LATCH_C40),
                (Encodation::C40, Encodation::Ascii) => words.push(UNLATCH),
                (Encodation::Ascii, Encodation::Ascii) | (Encodation::C40, Encodation::C40) => {}
            }
            current = plan[place].best_after(current);
        }
        match current {
            Encodation::Ascii => {
                let (word, taken) = ascii_word(&text[place..]);
                words.push(word);
                place += taken;
            }
            Encodation::C40 => {
                let (shift, value) = c40_values(text[place]);
                values.extend(shift);
                values.push(value);
                if let [first, second, third, ..] = values[..] {
                    let triple = 1600 * u16::from(first) + 40 * u16::from(second) + u16::from(third) + 1;
                    words.extend(triple.to_be_bytes());
                    values.drain(..3);
                }
                place += 1;
            }
        }
    }
    if current == Encodation::C40 {
        words.push(UNLATCH);
    }
    words
}

/// In the last word of a full symbol, and after it, ASCII goes without saying.
fn spare_last_unlatch(words: &mut Vec<u8>) {
    let unlatch = words.iter().rposition(|word| *word == UNLATCH);
    if let Some(place) = unlatch.filter(|place| place + 2 >= words.len())
        && SIZES.iter().any(|size| size.data_words + 1 == words.len())
    {
        words.remove(place);
    }
}

/// The cheapest ways from a place to the end of the text, in thirds of a word.
#[derive(Debug, Clone, Copy)]
struct Ways {
    /// Coming in ASCII and staying in it for this character.
    ascii: u32,
    /// Coming in C40 with no, one or two values waiting, and staying in it.
    c40: [u32; 3],
}

impl Ways {
    const WORD: u32 = 3;
    const VALUE: u32 = 2;

    /// At the end of the text no value may wait.
    const END: Self = Self {
        ascii: 0,
        c40: [Self::WORD, u32::MAX / 2, u32::MAX / 2],
    };

    /// What is best for the next character, between triples.
    const fn best_after(&self, current: Encodation) -> Encodation {
        let (ascii, c40) = match current {
            Encodation::Ascii => (self.ascii, self.c40[0] + Self::WORD),
            Encodation::C40 => (self.ascii + Self::WORD, self.c40[0]),
        };
        if c40 < ascii {
            Encodation::C40
        } else {
            Encodation::Ascii
        }
    }

    /// The cost of the best way when coming in ASCII.
    fn after_ascii(&self) -> u32 {
        self.ascii.min(self.c40[0] + Self::WORD)
    }

    /// The cost of the best way when coming in C40 with so many values.
    fn after_c40(&self, values: usize) -> u32 {
        match values % 3 {
            0 => self.c40[0].min(self.ascii + Self::WORD),
            waiting => self.c40[waiting],
        }
    }
}

/// The ways from each place, found from the end of the text.
fn plan(text: &[u8]) -> Vec<Ways> {
    let mut plan = vec![Ways::END; text.len() + 1];
    for place in (0..text.len()).rev() {
        let (_, taken) = ascii_word(&text[place..]);
        let values = if c40_values(text[place]).0.is_some() { 2 } else { 1 };
        let cost = if values == 2 { 2 * Ways::VALUE } else { Ways::VALUE };
        plan[place] = Ways {
            ascii: Ways::WORD + plan[place + taken].after_ascii(),
            c40: [0, 1, 2].map(|waiting| cost + plan[place + 1].after_c40(waiting + values)),
        };
    }
    plan
}

/// The word for two digits or one character, and how many characters it says.
fn ascii_word(text: &[u8]) -> (u8, usize) {
    match *text {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => (130 + (tens - b'0') * 10 + (ones - b'0'), 2),
        [character, ..] => (character + 1, 1),
        [] => (0, 0),
    }
}

/// A character's value in C40, after the shift to its set.
const fn c40_values(character: u8) -> (Option<u8>, u8) {
    match character {
        b' ' => (None, 3),
        b'0'..=b'9' => (None, character - b'0' + 4),
        b'A'..=b'Z' => (None, character - b'A' + 14),
        0..b' ' => (Some(0), character),
        b'!'..=b'/' => (Some(1), character - b'!'),
        b':'..=b'@' => (Some(1), character - b':' + 15),
        b'['..=b'_' => (Some(1), character - b'[' + 22),
        b'`'.. => (Some(2), character - b'`'),
    }
}

/// Fills the symbol: one end mark, then marks that differ from place to place (annex B.1).
fn pad(words: &mut Vec<u8>, data_words: usize) {
    const END: u8 = 129;
    if words.len() < data_words {
        words.push(END);
    }
    while words.len() < data_words {
        let place = words.len() + 1;
        let mark = usize::from(END) + 149 * place % 253 + 1;
        words.push(u8::try_from(if mark > 254 { mark - 254 } else { mark }).unwrap_or(END));
    }
}

/// The check words of all blocks, which take turns as the data words do.
fn check_words(data: &[u8], size: &Size) -> Vec<u8> {
    let field = Field::new(0x2D);
    let generator = field.generator(1, size.check_words / size.blocks);
    let mut words = vec![0; size.check_words];
    for block in 0..size.blocks {
        let data = data.iter().skip(block).step_by(size.blocks).copied();
        let check = field.check_words(data, &generator);
        for (word, check) in words.iter_mut().skip(block).step_by(size.blocks).zip(check) {
            *word = check;
        }
    }
    words
}

/// The modules: bits placed as if all regions were one, then each region in its frame.
fn draw(words: &[u8], size: &Size) -> Matrix {
    let framed = size.side / size.regions;
    let bits = Placement::of(words, i32::from(size.side - 2 * size.regions));
    let module = |x: u16, y: u16| match (x % framed, y % framed) {
        (0, _) => true,
        (_, row) if row == framed - 1 => true,
        (column, 0) => column % 2 == 0,
        (column, row) if column == framed - 1 => row % 2 == 1,
        (column, row) => bits.is_dark(
            i32::from(x / framed * (framed - 2) + column - 1),
            i32::from(y / framed * (framed - 2) + row - 1),
        ),
    };
    let dark = (0..size.side).flat_map(|y| (0..size.side).map(move |x| (x, y)));
    Matrix {
        side: size.side,
        dark: dark.map(|(x, y)| module(x, y)).collect(),
    }
}

/// Bits put in their places (annex F). The sides of the sizes here, without their frames, are multiples of four from 28 to
/// 56: of the four special corners only the first occurs, and the pattern in the last corner does not.
struct Placement {
    side: i32,
    modules: Vec<Option<bool>>,
}

impl Placement {
    fn of(words: &[u8], side: i32) -> Self {
        let mut placement = Self {
            side,
            modules: vec![None; usize::try_from(side * side).unwrap_or_default()],
        };
        let mut words = words.iter().copied();
        let (mut x, mut y) = (0, 4);
        while x < side || y < side {
            if (x, y) == (0, side) {
                placement.put_corners(&mut words);
            }
            // Up to the right and down to the left in turn, each from outside to outside.
            loop {
                placement.put_shape(x, y, &mut words);
                (x, y) = (x + 2, y - 2);
                if x >= side || y < 0 {
                    break;
                }
            }
            (x, y) = (x + 3, y + 1);
            loop {
                placement.put_shape(x, y, &mut words);
                (x, y) = (x - 2, y + 2);
                if x < 0 || y >= side {
                    break;
                }
            }
            (x, y) = (x + 1, y + 3);
        }
        placement
    }

    /// The word that is split over three corners.
    fn put_corners(&mut self, words: &mut impl Iterator<Item = u8>) {
        let last = self.side - 1;
        let below = [(0, last), (1, last), (2, last)];
        let right = [(last - 1, 0), (last, 0), (last, 1), (last, 2), (last, 3)];
        let mut places = below.into_iter().chain(right);
        self.put(std::array::from_fn(|_| places.next().unwrap_or_default()), words);
    }

    /// A word in its usual shape, its last bit at a place that is inside and still free.
    fn put_shape(&mut self, x: i32, y: i32, words: &mut impl Iterator<Item = u8>) {
        const SHAPE: [(i32, i32); 8] = [
            (-2, -2),
            (-1, -2),
            (-2, -1),
            (-1, -1),
            (0, -1),
            (-2, 0),
            (-1, 0),
            (0, 0),
        ];
        let inside = 0..self.side;
        if inside.contains(&x) && inside.contains(&y) && self.modules[self.index(x, y)].is_none() {
            self.put(SHAPE.map(|(across, down)| (x + across, y + down)), words);
        }
    }

    /// The next word's bits, from the highest. What would be outside goes on at the opposite border.
    fn put(&mut self, places: [(i32, i32); 8], words: &mut impl Iterator<Item = u8>) {
        let word = words.next().unwrap_or_default();
        let shift = self.side % 8;
        for (bit, (mut x, mut y)) in (0..8).rev().zip(places) {
            if y < 0 {
                (x, y) = (x + shift, y + self.side);
            }
            if x < 0 {
                (x, y) = (x + self.side, y + shift);
            }
            let index = self.index(x, y);
            self.modules[index] = Some(word >> bit & 1 == 1);
        }
    }

    fn index(&self, x: i32, y: i32) -> usize {
        usize::try_from(y * self.side + x).expect("places are inside")
    }

    fn is_dark(&self, x: i32, y: i32) -> bool {
        self.modules[self.index(x, y)].unwrap_or(false)
    }
}
