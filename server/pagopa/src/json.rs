//! What is wrong with a JSON answer of the hub. Names fields, never a value: the sentence goes to logs.

use serde::de::DeserializeOwned;

/// A JSON answer that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Not JSON, or not of the interface's shape.
    #[error("the answer is not what the interface describes")]
    Shape,
    /// A field whose value breaks its rule.
    #[error("the answer's {0} cannot be read")]
    Field(&'static str),
}

/// Reads an answer into the interface's shape; what else it holds is left out.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Wrong> {
    serde_json::from_slice(body).map_err(|_| Wrong::Shape)
}
