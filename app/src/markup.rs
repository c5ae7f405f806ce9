//! Markup that does not change by itself, as a tree of one type.
//!
//! Every distinct `view!` is a type of its own, and the browser carries the code that draws, takes over and redraws
//! each of them. Most of a page only changes when its data does, so it is built as this one tree instead; measured on
//! the portal it saves a fifth of the module. What reacts by itself (a field, a button, a closure) stays a `view!` and
//! is put into the tree. Nothing in a tree waits for data: a page has its data when it draws.

#[cfg(not(feature = "ssr"))]
mod dom;
#[cfg(feature = "ssr")]
mod html;

use leptos::prelude::{AnyView, IntoAny};
use leptos::tachys;
use std::borrow::Cow;

/// Text known when compiling, or made when drawing.
pub(crate) type Text = Cow<'static, str>;

/// Nodes side by side, and the elements still being written.
#[derive(Default)]
pub(crate) struct Markup {
    nodes: Vec<Node>,
    open: Vec<Element>,
}

/// One node.
enum Node {
    /// An element.
    Element(Element),
    /// Text.
    Text(Text),
    /// A view that reacts by itself.
    View(AnyView),
}

/// An element whose attributes do not change by themselves.
struct Element {
    tag: &'static str,
    attributes: Vec<(&'static str, Text)>,
    children: Vec<Node>,
}

// Each of these is called in hundreds of places: small calls keep the browser's module small.
impl Markup {
    /// Begins an element; what follows is inside it until [`Markup::close`].
    #[inline(never)]
    pub(crate) fn open(&mut self, tag: &'static str) {
        self.open.push(Element {
            tag,
            attributes: Vec::new(),
            children: Vec::new(),
        });
    }

    /// Gives the element just begun an attribute; none when the value is absent.
    #[inline(never)]
    pub(crate) fn attribute<V: AttributeValue>(&mut self, name: &'static str, value: V) {
        if let (Some(element), Some(value)) = (self.open.last_mut(), value.into_text()) {
            element.attributes.push((name, value));
        }
    }

    /// Adds what `content` is.
    #[inline(never)]
    pub(crate) fn add<C: Content>(&mut self, content: C) {
        content.add_to(self);
    }

    /// Ends the element begun last.
    #[inline(never)]
    pub(crate) fn close(&mut self) {
        if let Some(element) = self.open.pop() {
            self.push(Node::Element(element));
        }
    }

    #[inline(never)]
    fn push(&mut self, node: Node) {
        self.open
            .last_mut()
            .map_or(&mut self.nodes, |element| &mut element.children)
            .push(node);
    }
}

/// What can stand in a tree.
pub(crate) trait Content {
    /// Adds it at the end of `markup`.
    fn add_to(self, markup: &mut Markup);
}

impl Content for &'static str {
    fn add_to(self, markup: &mut Markup) {
        markup.push(Node::Text(Cow::Borrowed(self)));
    }
}

impl Content for String {
    fn add_to(self, markup: &mut Markup) {
        markup.push(Node::Text(Cow::Owned(self)));
    }
}

impl Content for AnyView {
    fn add_to(self, markup: &mut Markup) {
        markup.push(Node::View(self));
    }
}

impl Content for Markup {
    fn add_to(self, markup: &mut Markup) {
        self.nodes.into_iter().for_each(|node| markup.push(node));
    }
}

impl<T: Content> Content for Option<T> {
    fn add_to(self, markup: &mut Markup) {
        if let Some(content) = self {
            content.add_to(markup);
        }
    }
}

impl<T: Content> Content for Vec<T> {
    fn add_to(self, markup: &mut Markup) {
        for content in self {
            content.add_to(markup);
        }
    }
}

/// What an attribute can be set to.
pub(crate) trait AttributeValue {
    /// The value; `None` leaves the attribute out.
    fn into_text(self) -> Option<Text>;
}

impl AttributeValue for &'static str {
    fn into_text(self) -> Option<Text> {
        Some(Cow::Borrowed(self))
    }
}

impl AttributeValue for String {
    fn into_text(self) -> Option<Text> {
        Some(Cow::Owned(self))
    }
}

impl AttributeValue for bool {
    fn into_text(self) -> Option<Text> {
        self.then_some(Cow::Borrowed(""))
    }
}

impl<T: AttributeValue> AttributeValue for Option<T> {
    fn into_text(self) -> Option<Text> {
        self.and_then(T::into_text)
    }
}

impl From<Markup> for AnyView {
    fn from(markup: Markup) -> Self {
        markup.into_any()
    }
}

tachys::no_attrs!(Markup);

/// Writes a tree: `div class="rows" aria-label=(label) { p { "Text" (value) } }`. A value in parentheses is any
/// expression; elements without content end with `;`.
macro_rules! markup {
    ($($content:tt)*) => {{
        let mut markup = $crate::markup::Markup::default();
        $crate::markup::nodes!(markup; $($content)*);
        markup
    }};
}

/// The nodes of a tree, one after the other. Part of [`markup!`].
macro_rules! nodes {
    ($to:ident;) => {};
    ($to:ident; ($value:expr) $($rest:tt)*) => { $to.add($value); $crate::markup::nodes!($to; $($rest)*) };
    ($to:ident; $text:literal $($rest:tt)*) => { $to.add($text); $crate::markup::nodes!($to; $($rest)*) };
    ($to:ident; $tag:ident $($rest:tt)*) => { $to.open(stringify!($tag)); $crate::markup::nodes!(@ $to $($rest)*) };
    (@ $to:ident $a:ident - $b:ident = ($value:expr) $($rest:tt)*) => {
        $to.attribute(concat!(stringify!($a), "-", stringify!($b)), $value);
        $crate::markup::nodes!(@ $to $($rest)*)
    };
    (@ $to:ident $a:ident - $b:ident = $value:literal $($rest:tt)*) => {
        $to.attribute(concat!(stringify!($a), "-", stringify!($b)), $value);
        $crate::markup::nodes!(@ $to $($rest)*)
    };
    (@ $to:ident $name:ident = ($value:expr) $($rest:tt)*) => {
        $to.attribute(stringify!($name), $value);
        $crate::markup::nodes!(@ $to $($rest)*)
    };
    (@ $to:ident $name:ident = $value:literal $($rest:tt)*) => {
        $to.attribute(stringify!($name), $value);
        $crate::markup::nodes!(@ $to $($rest)*)
    };
    (@ $to:ident { $($content:tt)* } $($rest:tt)*) => {
        $crate::markup::nodes!($to; $($content)*);
        $to.close();
        $crate::markup::nodes!($to; $($rest)*)
    };
    (@ $to:ident ; $($rest:tt)*) => { $to.close(); $crate::markup::nodes!($to; $($rest)*) };
}

pub(crate) use {markup, nodes};
