//! The evaluator of tariffs with nothing around it, built for the browser and natively, so that a test can hold what
//! comes out of the two against each other. It is built as the portal's modules are, and never served.

mod case;

use case::Case;
use tariff::answers::answers_from_json;
use tariff::evaluate::quote;
use tariff::{NaiveDate, Quote, Tariff};
use wasm_bindgen::prelude::wasm_bindgen;

/// The versions of a tariff that count.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Rates(Vec<Tariff>);

#[wasm_bindgen]
impl Rates {
    /// Reads the versions as the portal sends them: postcard of a `Vec<Tariff>`.
    ///
    /// # Errors
    /// Why they cannot be read.
    #[wasm_bindgen(constructor)]
    pub fn new(packed: &[u8]) -> Result<Self, String> {
        postcard::from_bytes(packed)
            .map(Self)
            .map_err(|error| format!("these are no versions of a tariff: {error}"))
    }

    /// The quote for these answers, an object in JSON, on a day such as `2026-03-10`; as `lanterna` prints it.
    ///
    /// # Errors
    /// What is wrong with the object or the day. An answer that cannot be used is a verdict and no error.
    pub fn work_out(&self, answers: &str, today: &str) -> Result<String, String> {
        let answers = answers_from_json(answers)?;
        let today: NaiveDate = today.parse().map_err(|error| format!("{today}: {error}"))?;
        Ok(json(&quote(&self.all(), &answers, today)))
    }

    /// A digest of each of the first `count` random quotes of a seed: of the answers, of all that came out, and of the
    /// exact numbers behind it.
    pub fn digests(&self, seed: u32, count: u32) -> Vec<u32> {
        (0..count)
            .map(|place| fnv_1a(self.random_quote(seed, place).as_bytes()))
            .collect()
    }

    /// What a digest is of: the random quote in this place.
    pub fn random_quote(&self, seed: u32, place: u32) -> String {
        let case = Case::draw(&self.0, seed, place);
        let all = self.all();
        let quote = quote(&all, &case.answers, case.today);
        format!(
            "{} {:?}\n{}\n{:?} {:?} {:?}",
            case.today,
            case.answers,
            json(&quote),
            quote.values,
            quote.rows,
            quote.lines
        )
    }
}

impl Rates {
    /// The verdict of the random quote in this place.
    pub fn random_status(&self, seed: u32, place: u32) -> String {
        let case = Case::draw(&self.0, seed, place);
        let all = self.all();
        quote(&all, &case.answers, case.today).outcome.status().to_owned()
    }

    fn all(&self) -> Vec<&Tariff> {
        self.0.iter().collect()
    }
}

fn json(quote: &Quote<'_>) -> String {
    serde_json::to_string(quote).expect("a quote holds nothing that cannot be written")
}

/// The digest FNV-1a of 32 bits: enough to tell that two texts differ.
fn fnv_1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |digest, byte| {
        (digest ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_published_examples() {
        for (text, digest) in [("", 0x811c_9dc5), ("a", 0xe40c_292c), ("foobar", 0xbf9c_f968)] {
            assert_eq!(fnv_1a(text.as_bytes()), digest, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_tariff_is_refused() {
        let error = Rates::new(b"no tariff").expect_err("not packed by us");
        assert!(error.contains("no versions of a tariff"), "{error}");
    }
}
