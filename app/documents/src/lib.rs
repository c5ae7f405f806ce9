//! Receipts and notices as documents: what they say is decided once, in a [`Document`](model::Document), and shown in two
//! views, HTML for the page and tagged PDF for paper and archives. Pure: the same bytes in the browser and on the server.

pub mod barcode;
mod file_name;
pub mod font;
pub mod html;
pub mod language;
pub mod length;
pub mod model;
pub mod notice;
pub mod pagopa;
#[cfg(feature = "pdf")]
pub mod pdf;
mod printable;
pub mod receipt;
pub mod spelling;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use language::Language;
pub use length::Length;
pub use model::Document;
pub use printable::Printable;
