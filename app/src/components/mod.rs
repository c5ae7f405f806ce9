//! Pieces of markup that more than one page uses. The classes are those of the style sheet in `style/`.

pub(crate) mod alert;
pub(crate) mod code_field;
pub(crate) mod document;
pub(crate) mod error_summary;
pub(crate) mod facts;
#[cfg(not(feature = "ssr"))]
pub(crate) mod frame;
pub(crate) mod icon;
#[cfg(not(feature = "ssr"))]
pub(crate) mod module;
pub(crate) mod problem_page;
pub(crate) mod proof_field;
pub(crate) mod rating;
pub(crate) mod reactive;
pub(crate) mod scanner;
pub(crate) mod steps;

pub(crate) use alert::{Tone, alert};
pub(crate) use error_summary::error_summary;
pub(crate) use facts::{fact, fact_with_action};
pub(crate) use icon::icon;
pub(crate) use problem_page::problem_page;
pub(crate) use steps::{Step, breadcrumb, steps};
