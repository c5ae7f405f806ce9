//! Reading the QR code of a notice, by camera or from a picture. The reader is a module of its own, loaded at the tap.
//! Nothing of what the camera sees leaves the device.

use super::icon;
use crate::messages::home::Home;
use crate::site::use_site;
use domain::citizen_code::{Verdict, read};
use leptos::prelude::*;

/// What scanning adds to a form.
pub(crate) struct Scanner {
    /// The button that starts it. It keeps its place and shows itself only in a browser that has cameras to ask for.
    pub(crate) button: AnyView,
    /// The camera's picture, and what is said of it.
    pub(crate) panel: AnyView,
}

/// Scanning, for a form that does `found` with the text of a notice's QR code.
pub(crate) fn scanner(found: Callback<String>) -> Scanner {
    let site = use_site();
    let language = site.language;
    let text = move |message: Home| message.text(language);
    let open = RwSignal::new(false);
    let message = RwSignal::new(None::<Home>);
    let video = NodeRef::<leptos::html::Video>::new();
    let session = StoredValue::new_local(None::<web_sys::AbortController>);
    let stop = move || {
        if let Some(session) = session.try_update_value(Option::take).flatten() {
            session.abort();
        }
    };
    #[cfg(not(feature = "ssr"))]
    on_cleanup(stop);
    let take = move |read_text: String| {
        // A QR code that is not a notice's is passed over: the camera goes on looking.
        if matches!(read(&read_text), Verdict::NoticeNumber { .. }) {
            stop();
            open.set(false);
            message.set(Some(Home::ScanFound));
            found.run(read_text);
        }
    };
    let scanner_url = site.scanner.clone();
    let start = {
        let url = scanner_url.clone();
        move |_| {
            open.set(true);
            message.set(Some(Home::ScanStarting));
            if let Ok(controller) = web_sys::AbortController::new() {
                let signal = controller.signal();
                session.set_value(Some(controller));
                browser::scan(url.to_string(), video, signal, take, message);
            }
        }
    };
    let chosen = move |event: leptos::ev::Event| {
        use wasm_bindgen::JsCast;
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(file) = input
            .and_then(|input| input.files())
            .and_then(|files| files.get(0))
        {
            browser::decode(scanner_url.to_string(), file, take, message);
        }
    };
    let close = move |_| {
        stop();
        open.set(false);
        message.set(None);
    };
    let scripted = site.scripted;
    let button = view! {
        <button
            class="btn btn-outline-primary btn-lg" type="button" on:click=start hidden=move || open.get()
            class:invisible=move || !scripted.get() || !browser::may_have_camera()
        >
            {icon("camera")}{text(Home::Scan)}
        </button>
    };
    let panel = view! {
        <div hidden=move || !open.get()>
            <div class="scanner"><video node_ref=video playsinline muted></video></div>
            <div class="actions">
                <label class="btn btn-outline-primary">
                    {icon("file-image")}{text(Home::ScanChoose)}
                    <input class="visually-hidden" type="file" accept="image/*" on:change=chosen/>
                </label>
                <button class="btn btn-link" type="button" on:click=close>{text(Home::ScanType)}</button>
            </div>
        </div>
        <p role="status">{move || message.get().map_or("", text)}</p>
    };
    Scanner {
        button: button.into_any(),
        panel: panel.into_any(),
    }
}

/// What only a browser can do.
#[cfg(not(feature = "ssr"))]
mod browser {
    use crate::components::module::function;
    use crate::messages::home::Home;
    use leptos::prelude::*;
    use wasm_bindgen::prelude::*;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::js_sys::{Promise, Reflect};

    /// Whether asking for a camera makes sense here: pages that are not safe have none to ask for.
    pub(super) fn may_have_camera() -> bool {
        let devices = Reflect::get(&window().navigator(), &"mediaDevices".into());
        devices.is_ok_and(|devices| devices.is_object())
    }

    /// Shows the camera and hands over each text it reads, until `signal` says stop.
    pub(super) fn scan(
        url: String,
        video: NodeRef<leptos::html::Video>,
        signal: web_sys::AbortSignal,
        take: impl Fn(String) + Clone + 'static,
        message: RwSignal<Option<Home>>,
    ) {
        leptos::task::spawn_local(async move {
            let result = async {
                let scan = function(&url, "scan").await?;
                let video: JsValue = video.get_untracked().ok_or(JsValue::NULL)?.into();
                message.set(Some(Home::ScanLooking));
                let on_result = Closure::<dyn Fn(String)>::new(take);
                let running = scan.call3(&JsValue::NULL, &video, on_result.as_ref(), &signal)?;
                let ended = JsFuture::from(running.dyn_into::<Promise>()?).await;
                drop(on_result);
                ended
            };
            match result.await {
                // Stopped, or found: whoever did it has already said so.
                Ok(reason) if reason.is_null() => {}
                Ok(_) => message.set(Some(Home::ScanDenied)),
                Err(_) => message.set(Some(Home::ScanUnavailable)),
            }
        });
    }

    /// Reads the code in a picture.
    pub(super) fn decode(
        url: String,
        file: web_sys::File,
        take: impl Fn(String) + 'static,
        message: RwSignal<Option<Home>>,
    ) {
        leptos::task::spawn_local(async move {
            let result = async {
                let decode = function(&url, "decodeImage").await?;
                let running = decode.call1(&JsValue::NULL, &file)?;
                let read = JsFuture::from(running.dyn_into::<Promise>()?).await?;
                Reflect::get(&read, &"text".into())
            };
            match result.await {
                Ok(text) => match text.as_string() {
                    Some(text) => {
                        message.set(Some(Home::ScanNothing));
                        take(text);
                    }
                    None => message.set(Some(Home::ScanNothing)),
                },
                Err(_) => message.set(Some(Home::ScanUnavailable)),
            }
        });
    }
}

/// The server draws the button hidden and never runs it.
#[cfg(feature = "ssr")]
mod browser {
    use crate::messages::home::Home;
    use leptos::prelude::*;

    pub(super) fn may_have_camera() -> bool {
        false
    }

    pub(super) fn scan(
        _: String,
        _: NodeRef<leptos::html::Video>,
        _: web_sys::AbortSignal,
        _: impl Fn(String) + Clone + 'static,
        _: RwSignal<Option<Home>>,
    ) {
    }

    pub(super) fn decode(
        _: String,
        _: web_sys::File,
        _: impl Fn(String) + 'static,
        _: RwSignal<Option<Home>>,
    ) {
    }
}
