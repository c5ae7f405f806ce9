//! The last so many of something.

use std::collections::VecDeque;

/// A list that forgets its oldest items.
#[derive(Debug)]
pub(crate) struct Recent<T> {
    items: VecDeque<T>,
    max: usize,
}

impl<T> Recent<T> {
    pub(crate) const fn new(max: usize) -> Self {
        Self {
            items: VecDeque::new(),
            max,
        }
    }

    pub(crate) fn push(&mut self, item: T) {
        if self.items.len() == self.max {
            self.items.pop_front();
        }
        self.items.push_back(item);
    }

    /// Newest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter().rev()
    }

    /// Oldest first.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.items.iter_mut()
    }

    pub(crate) fn find(&self, is: impl Fn(&T) -> bool) -> Option<&T> {
        self.items.iter().rev().find(|item| is(item))
    }

    pub(crate) fn find_mut(&mut self, is: impl Fn(&T) -> bool) -> Option<&mut T> {
        self.items.iter_mut().rev().find(|item| is(item))
    }

    pub(crate) fn remove(&mut self, is: impl Fn(&T) -> bool) {
        self.items.retain(|item| !is(item));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_at_the_limit() {
        let mut recent = Recent::new(2);
        recent.push(1);
        recent.push(2);
        assert_eq!(recent.iter().copied().collect::<Vec<_>>(), [2, 1]);
        recent.push(3);
        assert_eq!(recent.iter().copied().collect::<Vec<_>>(), [3, 2]);
    }
}
