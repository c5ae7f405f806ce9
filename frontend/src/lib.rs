//! The browser's entry: takes over the page that the server drew.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's first script once this module is ready.
#[wasm_bindgen]
pub fn hydrate() {
    app::hydrate();
}
