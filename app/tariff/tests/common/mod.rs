//! The tariff files the tests have at hand, and answers to them.

mod draw;
mod files;
mod specification;

pub(crate) use draw::{Dice, day_near, right_answer, right_answers};
pub(crate) use files::{BASE, all, compiled};
