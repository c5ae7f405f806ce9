//! A receipt or notice on its page: what it says, and the ways to take it away.

use super::icon;
use super::reactive::{live_line, print_page, scripted_button};
use crate::api::documents::DocumentView;
use crate::markup::{Markup, markup};
use crate::messages::document::Paper;
use crate::site::use_site;
use documents::html::{Element, Node, Tag};
use leptos::prelude::*;

/// What a document says.
pub(crate) fn article(element: Element) -> Markup {
    let mut markup = Markup::default();
    add(&mut markup, element);
    markup
}

fn add(markup: &mut Markup, element: Element) {
    markup.open(element.tag.name());
    if element.tag == Tag::H1 {
        // A heading of level 1 takes the focus after a change of page.
        markup.attribute("tabindex", "-1");
    }
    for (attribute, value) in element.attributes {
        markup.attribute(attribute.name(), value);
    }
    for child in element.children {
        match child {
            Node::Element(element) => add(markup, element),
            Node::Text(text) => markup.add(text),
        }
    }
    markup.close();
}

/// The ways to take a document away: saving, sharing, printing. `file` is where the server keeps it as a file: a plain
/// link, so that it can be had without scripting; with scripting the browser draws it by itself, and what fails there is
/// asked of the server. `original` is where it is with the original message inside.
pub(crate) fn actions(document: &DocumentView, file: String, original: Option<String>) -> Markup {
    let site = use_site();
    let text = move |message: Paper| message.text(site.language);
    let status = RwSignal::new("");
    let drawn = StoredValue::new((
        site.saver.to_string(),
        document.printable.clone(),
        document.file_name.clone(),
    ));
    let (name, link) = (document.file_name.clone(), file.clone());
    let save = {
        let file = file.clone();
        move |event: leptos::ev::MouseEvent| {
            // Opened in a new tab or window on purpose, it is the server's.
            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                event.prevent_default();
                browser::take(browser::Way::Download, drawn, file.clone(), status);
            }
        }
    };
    let share = move |_| browser::take(browser::Way::Share, drawn, file.clone(), status);
    // What is asked for is got ready while the finger is still down: sharing is allowed for a moment after a touch only.
    let begin = move || browser::prepare(drawn);
    let scripted = site.scripted.clone();
    let busy = move || (status.get() == text(Paper::Drawing)).then_some("true");
    let print = scripted_button(
        "btn btn-outline-primary",
        "print",
        text(Paper::Print),
        "",
        print_page,
    );
    let buttons = view! {
        <div class="actions" on:pointerdown=move |_| begin() on:focusin=move |_| begin()>
            <a class="btn btn-primary" rel="external" href=link download=name aria-busy=busy on:click=save>
                {icon("download")}{text(Paper::Download)}
            </a>
            <button
                class="btn btn-outline-primary" type="button" on:click=share
                hidden=move || !(scripted.get() && browser::can_share())
            >
                {icon("share")}{text(Paper::Share)}
            </button>
            {print}
        </div>
    };
    let original = original.map(|original| {
        markup! {
            p class="no-print" {
                a rel="external" href=(original) download="" { (text(Paper::Original)) }
                " "
                (text(Paper::OriginalNote))
            }
        }
    });
    markup! {
        (buttons.into_any())
        (live_line(false, move || status.get()))
        (original)
    }
}

/// What only a browser can do.
#[cfg(not(feature = "ssr"))]
mod browser {
    use crate::components::module::function;
    use crate::messages::document::Paper;
    use crate::site::use_language;
    use leptos::prelude::*;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::js_sys::{Array, Function, Object, Promise, Reflect};

    /// Address of the saver, what is printed, the name of its file.
    type Drawn = StoredValue<(String, String, String)>;

    /// How a document leaves the page.
    #[derive(Clone, Copy)]
    pub(super) enum Way {
        Download,
        Share,
    }

    /// Whether this device shares files with other programs, as phones do. Asked without loading anything.
    pub(super) fn can_share() -> bool {
        let ask = || -> Result<bool, JsValue> {
            let navigator = window().navigator();
            let can_share: Function = Reflect::get(&navigator, &"canShare".into())?.dyn_into()?;
            let options = web_sys::FilePropertyBag::new();
            options.set_type("application/pdf");
            let sample = web_sys::File::new_with_str_sequence_and_options(
                &Array::of1(&JsValue::from_str("")),
                "a.pdf",
                &options,
            )?;
            let data = Object::new();
            Reflect::set(&data, &"files".into(), &Array::of1(&sample))?;
            Ok(can_share.call1(&navigator, &data)?.is_truthy())
        };
        ask().unwrap_or(false)
    }

    /// Draws the document, so that it is there when it is asked for.
    pub(super) fn prepare(drawn: Drawn) {
        leptos::task::spawn_local(async move {
            let _ = call(drawn, "prepare").await;
        });
    }

    /// Saves or shares the document; what fails here is asked of the server.
    pub(super) fn take(way: Way, drawn: Drawn, file: String, status: RwSignal<&'static str>) {
        let language = use_language();
        status.set(Paper::Drawing.text(language));
        leptos::task::spawn_local(async move {
            let (name, done) = match way {
                Way::Download => ("download", Paper::Downloaded),
                Way::Share => ("share", Paper::Handed),
            };
            if call(drawn, name).await.is_ok() {
                status.set(done.text(language));
            } else {
                status.set("");
                let _ = window().location().set_href(&file);
            }
        });
    }

    async fn call(drawn: Drawn, name: &str) -> Result<(), JsValue> {
        let (saver, printable, file_name) = drawn.try_get_value().ok_or(JsValue::NULL)?;
        let act = function(&saver, name).await?;
        let acting = act.call2(&JsValue::NULL, &printable.into(), &file_name.into())?;
        JsFuture::from(acting.dyn_into::<Promise>()?).await.map(drop)
    }
}

/// The server draws the plain links and never runs the rest.
#[cfg(feature = "ssr")]
mod browser {
    use leptos::prelude::*;

    #[derive(Clone, Copy)]
    pub(super) enum Way {
        Download,
        Share,
    }

    pub(super) fn can_share() -> bool {
        false
    }

    pub(super) fn prepare(_: StoredValue<(String, String, String)>) {}

    pub(super) fn take(
        _: Way,
        _: StoredValue<(String, String, String)>,
        _: String,
        _: RwSignal<&'static str>,
    ) {
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_page_shows_what_the_html_view_says() {
        for (name, document) in documents::testing::examples() {
            let shown = article(documents::html::view(&document)).to_html();
            // Marks between texts are the page's own, and attributes need fewer escapes.
            let plain = |html: &str| {
                html.replace("<!>", "")
                    .replace(" tabindex=\"-1\"", "")
                    .replace("&#39;", "'")
                    .replace("&#x27;", "'")
                    .replace("&quot;", "\"")
                    .replace("&gt;", ">")
            };
            assert_eq!(plain(&shown), plain(&documents::html::html(&document)), "{name}");
        }
    }
}
