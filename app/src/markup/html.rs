//! The server's half: a tree becomes HTML. The DOM half is never run there.

use super::{Element, Markup, Node};
use leptos::prelude::AnyView;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{Position, PositionState, Render, RenderFlags, RenderHtml};

/// Elements that have no content and no end tag.
const VOID: [&str; 3] = ["br", "img", "input"];

impl Render for Markup {
    type State = <AnyView as Render>::State;

    fn build(self) -> Self::State {
        unreachable!("the server has no document")
    }

    fn rebuild(self, _: &mut Self::State) {
        unreachable!("the server has no document")
    }
}

impl RenderHtml for Markup {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    fn resolve(self) -> impl Future<Output = Self> + Send {
        std::future::ready(self)
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        flags: RenderFlags,
        _: Vec<AnyAttribute>,
    ) {
        write_nodes(self.nodes, buf, position, flags);
    }

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Self::State {
        unreachable!("the server has no document")
    }

    fn into_owned(self) -> Self {
        self
    }
}

fn write_nodes(nodes: Vec<Node>, buf: &mut String, position: &mut Position, flags: RenderFlags) {
    for node in nodes {
        match node {
            Node::Element(element) => write_element(element, buf, position, flags),
            Node::Text(text) => text.to_html_with_buf(buf, position, flags, Vec::new()),
            Node::View(view) => view.to_html_with_buf(buf, position, flags, Vec::new()),
        }
    }
}

fn write_element(element: Element, buf: &mut String, position: &mut Position, flags: RenderFlags) {
    buf.push('<');
    buf.push_str(element.tag);
    for (name, value) in element.attributes {
        buf.push(' ');
        buf.push_str(name);
        if !value.is_empty() {
            buf.push_str("=\"");
            escape_into(buf, &value);
            buf.push('"');
        }
    }
    buf.push('>');
    if !VOID.contains(&element.tag) {
        *position = Position::FirstChild;
        write_nodes(element.children, buf, position, flags);
        buf.push_str("</");
        buf.push_str(element.tag);
        buf.push('>');
    }
    *position = Position::NextChild;
}

/// The value of an attribute between double quotes.
fn escape_into(buf: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '&' => buf.push_str("&amp;"),
            '"' => buf.push_str("&quot;"),
            '<' => buf.push_str("&lt;"),
            other => buf.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::markup::markup;
    use leptos::prelude::*;

    #[test]
    fn a_tree_becomes_the_html_a_view_would() {
        let title = "Servizio \"mensa\" & <b>altro</b>".to_owned();
        let (absent, present): (Option<String>, _) = (None, Some("testo"));
        let tree = markup! {
            section class="row" aria-labelledby="t" {
                h2 id="t" title=(title.clone()) { (title.clone()) " e " "ancora" }
                details open=(false) { p { (absent) (present) } }
                img src="/x.svg" width="3";
            }
        };
        let view = view! {
            <section class="row" aria-labelledby="t">
                <h2 id="t" title=title.clone()>{title.clone()}" e ""ancora"</h2>
                <details open=false><p>"testo"</p></details>
                <img src="/x.svg" width="3"/>
            </section>
        };
        // The same to a browser: `class` comes last in a view, which also leaves marks for its own takeover and escapes
        // a sign that attributes need not escape.
        let plain = |html: String| {
            html.replace(
                " class=\"row\" aria-labelledby=\"t\"",
                " aria-labelledby=\"t\" class=\"row\"",
            )
            .replace("<!>", "")
            .replace("&gt;", ">")
        };
        assert_eq!(plain(tree.to_html()), plain(view.to_html()));
    }

    #[test]
    fn what_comes_from_outside_stays_text() {
        let hostile = "\"><script>alert(1)</script>".to_owned();
        let html = markup! { a href=(hostile.clone()) { (hostile) } }.to_html();
        assert!(!html.contains("<script"), "{html}");
        assert!(!html.contains("\"\">"), "{html}");
    }
}
