//! The browser's half: a tree takes over the nodes the server drew, makes new ones, and changes what differs when the
//! data of a page changes, so that focus and what is read aloud stay where they are.

use super::{Element, Markup, Node, Text};
use leptos::prelude::AnyView;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::{Rndr, types};
use leptos::tachys::view::{Mountable, Position, PositionState, Render, RenderFlags, RenderHtml};
use wasm_bindgen::JsCast;

/// A tree on the page.
pub(crate) struct Shown(Vec<ShownNode>);

enum ShownNode {
    Element(ShownElement),
    Text(types::Text, Text),
    View(<AnyView as Render>::State),
}

struct ShownElement {
    node: types::Element,
    tag: &'static str,
    attributes: Vec<(&'static str, Text)>,
    children: Shown,
}

impl Render for Markup {
    type State = Shown;

    fn build(self) -> Shown {
        build_nodes(self.nodes, None)
    }

    fn rebuild(self, shown: &mut Shown) {
        rebuild_nodes(self.nodes, shown, None);
    }
}

/// What a browser takes the elements of a drawing for; those of a page need no such name.
const SVG: Option<&str> = Some("http://www.w3.org/2000/svg");

fn build_nodes(nodes: Vec<Node>, namespace: Option<&'static str>) -> Shown {
    Shown(
        nodes
            .into_iter()
            .map(|node| build_node(node, namespace))
            .collect(),
    )
}

fn rebuild_nodes(nodes: Vec<Node>, shown: &mut Shown, namespace: Option<&'static str>) {
    if nodes.len() == shown.0.len() {
        for (node, shown) in nodes.into_iter().zip(&mut shown.0) {
            rebuild_node(node, shown, namespace);
        }
    } else {
        let mut new = build_nodes(nodes, namespace);
        shown.insert_before_this(&mut new);
        shown.unmount();
        *shown = new;
    }
}

/// The namespace inside an element that stands in `outer`.
fn namespace_in(tag: &str, outer: Option<&'static str>) -> Option<&'static str> {
    if tag == "svg" { SVG } else { outer }
}

fn build_node(node: Node, namespace: Option<&'static str>) -> ShownNode {
    match node {
        Node::Element(Element {
            tag,
            attributes,
            children,
        }) => {
            let namespace = namespace_in(tag, namespace);
            let node = Rndr::create_element(tag, namespace);
            for (name, value) in &attributes {
                Rndr::set_attribute(&node, name, value);
            }
            let mut children = build_nodes(children, namespace);
            children.mount(&node, None);
            ShownNode::Element(ShownElement {
                node,
                tag,
                attributes,
                children,
            })
        }
        Node::Text(text) => ShownNode::Text(Rndr::create_text_node(&text), text),
        Node::View(view) => ShownNode::View(view.build()),
    }
}

fn rebuild_node(node: Node, shown: &mut ShownNode, namespace: Option<&'static str>) {
    match (node, shown) {
        (Node::Element(element), ShownNode::Element(shown)) if element.tag == shown.tag => {
            rebuild_element(element, shown, namespace);
        }
        (Node::Text(text), ShownNode::Text(node, old)) => {
            if text != *old {
                Rndr::set_text(node, &text);
                *old = text;
            }
        }
        (Node::View(view), ShownNode::View(shown)) => view.rebuild(shown),
        (node, shown) => {
            let mut new = build_node(node, namespace);
            shown.insert_before_this(&mut new);
            shown.unmount();
            *shown = new;
        }
    }
}

fn rebuild_element(element: Element, shown: &mut ShownElement, namespace: Option<&'static str>) {
    let namespace = namespace_in(element.tag, namespace);
    for (name, value) in &element.attributes {
        if !shown
            .attributes
            .iter()
            .any(|old| old.0 == *name && old.1 == *value)
        {
            Rndr::set_attribute(&shown.node, name, value);
        }
    }
    for (name, _) in &shown.attributes {
        if !element.attributes.iter().any(|new| new.0 == *name) {
            Rndr::remove_attribute(&shown.node, name);
        }
    }
    shown.attributes = element.attributes;
    if shown.children.0.is_empty() {
        let mut children = build_nodes(element.children, namespace);
        children.mount(&shown.node, None);
        shown.children = children;
    } else {
        rebuild_nodes(element.children, &mut shown.children, namespace);
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

    fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: RenderFlags, _: Vec<AnyAttribute>) {}

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Shown {
        take_over_nodes(self.nodes, cursor, position)
    }

    fn into_owned(self) -> Self {
        self
    }
}

fn take_over_nodes(nodes: Vec<Node>, cursor: &Cursor, position: &PositionState) -> Shown {
    Shown(
        nodes
            .into_iter()
            .map(|node| take_over(node, cursor, position))
            .collect(),
    )
}

/// Takes over the next node the server drew. It is the one expected: both drew the same tree.
fn take_over(node: Node, cursor: &Cursor, position: &PositionState) -> ShownNode {
    match node {
        Node::Element(Element {
            tag,
            attributes,
            children,
        }) => {
            advance(cursor, position);
            let node: types::Element = cursor
                .current()
                .dyn_into()
                .expect("the server drew an element here");
            position.set(Position::FirstChild);
            let children = take_over_nodes(children, cursor, position);
            cursor.set(node.clone().into());
            position.set(Position::NextChild);
            ShownNode::Element(ShownElement {
                node,
                tag,
                attributes,
                children,
            })
        }
        Node::Text(text) => {
            let after_text = position.get() == Position::NextChildAfterText;
            advance(cursor, position);
            if after_text {
                // Past the comment that keeps two texts apart.
                cursor.sibling();
            }
            let node: types::Text = cursor.current().dyn_into().expect("the server drew a text here");
            position.set(Position::NextChildAfterText);
            ShownNode::Text(node, text)
        }
        Node::View(view) => ShownNode::View(view.hydrate::<true>(cursor, position)),
    }
}

fn advance(cursor: &Cursor, position: &PositionState) {
    match position.get() {
        Position::FirstChild => cursor.child(),
        Position::Current => {}
        Position::NextChild | Position::NextChildAfterText | Position::OnlyChild | Position::LastChild => {
            cursor.sibling();
        }
    }
}

impl Mountable for Shown {
    fn unmount(&mut self) {
        self.0.iter_mut().for_each(Mountable::unmount);
    }

    fn mount(&mut self, parent: &types::Element, marker: Option<&types::Node>) {
        for node in &mut self.0 {
            node.mount(parent, marker);
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.0.iter().any(|node| node.insert_before_this(child))
    }

    fn elements(&self) -> Vec<types::Element> {
        self.0.iter().flat_map(Mountable::elements).collect()
    }
}

impl Mountable for ShownNode {
    fn unmount(&mut self) {
        match self {
            Self::Element(element) => element.node.unmount(),
            Self::Text(node, _) => node.unmount(),
            Self::View(view) => view.unmount(),
        }
    }

    fn mount(&mut self, parent: &types::Element, marker: Option<&types::Node>) {
        match self {
            Self::Element(element) => element.node.mount(parent, marker),
            Self::Text(node, _) => node.mount(parent, marker),
            Self::View(view) => view.mount(parent, marker),
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        match self {
            Self::Element(element) => element.node.insert_before_this(child),
            Self::Text(node, _) => node.insert_before_this(child),
            Self::View(view) => view.insert_before_this(child),
        }
    }

    fn elements(&self) -> Vec<types::Element> {
        match self {
            Self::Element(element) => vec![element.node.clone()],
            Self::Text(..) => Vec::new(),
            Self::View(view) => view.elements(),
        }
    }
}
