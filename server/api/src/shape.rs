//! What a JSON text must be before it is read: not deeper than anything we take, and no name twice in one object. Most
//! readers take the last of two values and some the first: what is checked here and what counts elsewhere must be the same.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// Objects and lists within one another, at most.
pub(crate) const DEPTH_MAX: usize = 16;

/// Checks a text.
///
/// # Errors
/// Where it is no JSON, too deep, or repeats a name.
pub(crate) fn check(bytes: &[u8]) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Value { left: DEPTH_MAX }.deserialize(&mut reader)?;
    reader.end()
}

/// Anything, with as many levels left.
#[derive(Clone, Copy)]
struct Value {
    left: usize,
}

impl Value {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        match self.left.checked_sub(1) {
            Some(left) => Ok(Self { left }),
            None => Err(E::custom(format_args!("more than {DEPTH_MAX} levels"))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Value {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inside = self.deeper()?;
        while items.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let inside = self.deeper()?;
        let mut names = HashSet::new();
        while let Some(Name(name)) = members.next_key()? {
            if names.contains(&name) {
                return Err(A::Error::custom(format_args!("the name {name:?} is there twice")));
            }
            names.insert(name);
            members.next_value_seed(inside)?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Name(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_too_deep_or_repeats_a_name_is_refused() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let refused = |text: &str| check(text.as_bytes()).is_err();
        for text in [
            "{}",
            "[1, 2.5e3, \"\\u00e8\", null, {\"a\": {\"a\": true}}]",
            " 1 ",
            &deep(DEPTH_MAX),
        ] {
            assert!(!refused(text), "{text}");
        }
        for text in [
            "",
            "{} {}",
            "{\"a\": 1,}",
            "{\"a\": 1, \"a\": 1}",
            "{\"a\": 1, \"\\u0061\": 1}",
            "[{\"b\": {\"c\": [], \"c\": []}}]",
            "1e999",
            "\"\u{1}\"",
            &deep(DEPTH_MAX + 1),
            &deep(100_000),
            &"[".repeat(100_000),
        ] {
            assert!(refused(text), "{}", text.get(..40).unwrap_or(text));
        }
        assert!(check(b"\"\xff\"").is_err());
    }
}
