//! The browser's entry for the page that works a fee out. The evaluator of tariffs is only in here: the other pages do
//! not carry it.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's first script once this module is ready.
#[wasm_bindgen]
pub fn hydrate() {
    app::hydrate_calculator();
}
