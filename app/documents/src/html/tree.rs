//! The elements the HTML view is made of: no others can stand in it, whatever the data.

use super::text;
use serde::{Deserialize, Serialize};

/// An element. It crosses from server to browser as the HTML it is written in, which is the shortest form of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Element {
    /// What it is.
    pub tag: Tag,
    /// Its attributes.
    pub attributes: Vec<(Attribute, String)>,
    /// What stands in it.
    pub children: Vec<Node>,
}

/// What stands in an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Text.
    Text(String),
}

impl Element {
    /// An element with these in it.
    pub(super) fn new(tag: Tag, children: Vec<Node>) -> Self {
        Self {
            tag,
            attributes: Vec::new(),
            children,
        }
    }

    /// An element of a class.
    pub(super) fn of_class(tag: Tag, class: &str, children: Vec<Node>) -> Self {
        Self::new(tag, children).with(Attribute::Class, class)
    }

    /// An element with one more attribute.
    pub(super) fn with(mut self, attribute: Attribute, value: impl Into<String>) -> Self {
        self.attributes.push((attribute, value.into()));
        self
    }
}

impl Element {
    /// The first element that is this, from here on inwards.
    pub fn find(&self, tag: Tag) -> Option<&Self> {
        if self.tag == tag {
            return Some(self);
        }
        self.children.iter().find_map(|child| match child {
            Node::Element(element) => element.find(tag),
            Node::Text(_) => None,
        })
    }

    /// All the text in it.
    pub fn text(&self) -> String {
        let texts = self.children.iter().map(|child| match child {
            Node::Element(element) => element.text(),
            Node::Text(text) => text.clone(),
        });
        texts.collect()
    }
}

/// A text that is not the HTML of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the HTML of a document")]
pub struct NotOurs;

impl From<Element> for String {
    fn from(element: Element) -> Self {
        let mut html = Self::new();
        text::write(&mut html, &element);
        html
    }
}

impl TryFrom<String> for Element {
    type Error = NotOurs;

    fn try_from(html: String) -> Result<Self, NotOurs> {
        text::read(&html).ok_or(NotOurs)
    }
}

impl From<Element> for Node {
    fn from(element: Element) -> Self {
        Self::Element(element)
    }
}

macro_rules! names {
    ($(#[$about:meta])* $type:ident { $($variant:ident => $name:literal),* $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $type {
            $(
                #[doc = concat!("`", $name, "`.")]
                $variant,
            )*
        }

        impl $type {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The one with this name.
            pub(super) fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }

            /// As HTML writes it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

names!(
    /// What an element is.
    Tag {
        Article => "article",
        Caption => "caption",
        Dd => "dd",
        Div => "div",
        Dl => "dl",
        Dt => "dt",
        Figure => "figure",
        H1 => "h1",
        H2 => "h2",
        H3 => "h3",
        H4 => "h4",
        H5 => "h5",
        H6 => "h6",
        P => "p",
        Path => "path",
        Span => "span",
        Strong => "strong",
        Svg => "svg",
        Table => "table",
        Tbody => "tbody",
        Td => "td",
        Th => "th",
        Thead => "thead",
        Title => "title",
        Tr => "tr",
    }
);

impl Tag {
    /// The heading of a level; none goes below 6.
    pub(super) const fn heading(level: u8) -> Self {
        match level {
            0 | 1 => Self::H1,
            2 => Self::H2,
            3 => Self::H3,
            4 => Self::H4,
            5 => Self::H5,
            6.. => Self::H6,
        }
    }
}

names!(
    /// What an attribute says.
    Attribute {
        Class => "class",
        D => "d",
        Fill => "fill",
        FillRule => "fill-rule",
        Focusable => "focusable",
        Label => "data-label",
        Lang => "lang",
        Role => "role",
        Scope => "scope",
        Transform => "transform",
        ViewBox => "viewBox",
    }
);
