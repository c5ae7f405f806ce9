//! Modules of JavaScript that a page imports when it needs them.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{Function, Promise, Reflect};

/// A function of the module at an address. `lanternaImport` is left by the page's own first script: a module can be
/// imported at run time only from JavaScript.
pub(crate) async fn function(url: &str, name: &str) -> Result<Function, JsValue> {
    let import: Function = Reflect::get(&window(), &"lanternaImport".into())?.dyn_into()?;
    let module = JsFuture::from(import.call1(&JsValue::NULL, &url.into())?.dyn_into::<Promise>()?).await?;
    Reflect::get(&module, &name.into())?.dyn_into()
}
