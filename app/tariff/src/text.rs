//! Words in several languages, some with holes for values.

use crate::expression::Expression;
use crate::model::Shape;
use serde::{Deserialize, Serialize};

/// A language a tariff must be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// Italian.
    Italian,
    /// English.
    English,
}

/// The same words in Italian and in English.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Text {
    /// In Italian.
    pub it: String,
    /// In English.
    pub en: String,
}

impl Text {
    /// In this language.
    pub fn in_tongue(&self, tongue: Tongue) -> &str {
        match tongue {
            Tongue::Italian => &self.it,
            Tongue::English => &self.en,
        }
    }
}

/// Words with holes, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Template {
    /// In Italian.
    pub it: Vec<Piece>,
    /// In English.
    pub en: Vec<Piece>,
}

impl Template {
    /// In this language.
    pub fn in_tongue(&self, tongue: Tongue) -> &[Piece] {
        match tongue {
            Tongue::Italian => &self.it,
            Tongue::English => &self.en,
        }
    }
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// Words as they are.
    Words(String),
    /// A value: a name, or the row of a table the line used.
    Value(Expression, Shape),
}
