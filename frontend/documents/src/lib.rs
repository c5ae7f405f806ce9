//! Draws receipts and notices in the browser, with the code and the fonts the server draws them with: the same bytes. No
//! page carries it; `save.js` fetches it when somebody asks for a document.

use documents::font::{Fonts, Tier, tier_for};
use documents::{Printable, pdf};
use wasm_bindgen::prelude::wasm_bindgen;

/// A document as PDF. `printable` is a [`Printable`] as postcard writes it; the packs of fonts are as the site serves them,
/// the large one only once it is needed. Nothing comes back when it is needed and not there, or when the document cannot
/// be drawn here: the server's own then tells why.
#[wasm_bindgen]
pub fn draw(printable: &[u8], core: &[u8], wide: Option<Box<[u8]>>) -> Option<Vec<u8>> {
    let printable: Printable = postcard::from_bytes(printable).ok()?;
    let document = printable.document().ok()?;
    let core = Fonts::read(core).ok()?;
    let fonts = match tier_for(document.texts(), &core) {
        Tier::Core => core,
        Tier::Wide => Fonts::read(&wide?).ok()?,
    };
    pdf::render(&document, &fonts).ok()
}
