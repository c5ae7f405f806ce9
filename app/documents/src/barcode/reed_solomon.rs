//! Reed–Solomon check words over 256 elements, as both codes use them.

/// A field of 256 elements whose generator is 2, by its logarithms.
pub(super) struct Field {
    powers: [u8; 255],
    logarithms: [u8; 256],
}

impl Field {
    /// The field of a polynomial of degree 8, its highest term left out.
    pub(super) fn new(polynomial: u8) -> Self {
        let (mut powers, mut logarithms) = ([0; 255], [0; 256]);
        let mut power = 1_u8;
        for exponent in 0..255_u8 {
            powers[usize::from(exponent)] = power;
            logarithms[usize::from(power)] = exponent;
            let carry = if power & 0x80 == 0 { 0 } else { polynomial };
            power = (power << 1) ^ carry;
        }
        Self { powers, logarithms }
    }

    fn power(&self, exponent: usize) -> u8 {
        self.powers[exponent % 255]
    }

    fn product(&self, a: u8, b: u8) -> u8 {
        if a == 0 || b == 0 {
            return 0;
        }
        let logarithm = |element| usize::from(self.logarithms[usize::from(element)]);
        self.power(logarithm(a) + logarithm(b))
    }

    /// The coefficients, after the first, of the polynomial whose roots are `count` powers of 2 from `first` on.
    pub(super) fn generator(&self, first: usize, count: usize) -> Vec<u8> {
        let mut generator = vec![0; count];
        for root in (first..first + count).map(|exponent| self.power(exponent)) {
            // Times (x + root): each coefficient takes the root's share of the one before it.
            let mut below = 1;
            for coefficient in &mut generator {
                let share = self.product(below, root);
                below = *coefficient;
                *coefficient ^= share;
            }
        }
        generator
    }

    /// The remainder of the data divided by the generator: as many check words as that has coefficients.
    pub(super) fn check_words(&self, data: impl Iterator<Item = u8>, generator: &[u8]) -> Vec<u8> {
        let mut remainder = vec![0; generator.len()];
        for word in data {
            let factor = word ^ remainder[0];
            remainder.rotate_left(1);
            if let Some(last) = remainder.last_mut() {
                *last = 0;
            }
            for (rest, coefficient) in remainder.iter_mut().zip(generator) {
                *rest ^= self.product(*coefficient, factor);
            }
        }
        remainder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generators_printed_in_the_standards_are_found() {
        // ISO/IEC 16022, annex E: five check words; ISO/IEC 18004, annex A: seven, by their exponents.
        assert_eq!(Field::new(0x2D).generator(1, 5), [62, 111, 15, 48, 228]);
        let field = Field::new(0x1D);
        let exponents: Vec<_> = [87, 229, 146, 149, 238, 102, 21]
            .map(|exponent| field.power(exponent))
            .into();
        assert_eq!(field.generator(0, 7), exponents);
    }

    #[test]
    fn data_with_its_check_words_has_every_root() {
        let field = Field::new(0x2D);
        let mut words: Vec<u8> = (0..100).map(|word: u8| word.wrapping_mul(7)).collect();
        let check = field.check_words(words.iter().copied(), &field.generator(1, 42));
        assert_eq!(check.len(), 42);
        words.extend(check);
        for exponent in 1..=42 {
            let value = words
                .iter()
                .fold(0, |sum, word| field.product(sum, field.power(exponent)) ^ word);
            assert_eq!(value, 0, "{exponent}");
        }
    }
}
