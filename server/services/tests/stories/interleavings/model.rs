//! What must become of positions and receipts, written again as simply as it can be said, with none of the code under
//! test: whatever is delivered, asked, withdrawn or left to expire, in whatever order.

use std::collections::BTreeMap;

/// A position as it is made: how many instalments each of its options has, and how many days it stays payable.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) options: Vec<usize>,
    pub(super) payable_for_days: Option<u8>,
}

/// A notice: position, option and instalment, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) position: usize,
    pub(super) option: usize,
    pub(super) instalment: usize,
}

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// The hub asks what is due (`None`: for a notice nobody knows).
    Verify(Option<Place>),
    /// The hub asks for the payment's data.
    Get(Option<Place>),
    /// The hub delivers a receipt: its number, what it pays, and in which edition it comes.
    Deliver {
        receipt: u8,
        pays: Option<Place>,
        second_edition: bool,
    },
    /// The institution withdraws a position.
    Cancel(usize),
    /// One server looks for positions whose time is over.
    Sweep,
    /// What such a look does to one position. Its transactions are one for each, so other acts may fall between them.
    SweepOne(usize),
}

/// What is seen of an act from outside.
pub(super) type Seen = &'static str;

/// Everything known at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) positions: Vec<Position>,
    pub(super) receipts: BTreeMap<u8, Kept>,
    pub(super) days_gone: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    /// By option and instalment, the receipt that paid it.
    pub(super) paid_by: Vec<Vec<Option<u8>>>,
    pub(super) payable_for_days: Option<u8>,
    pub(super) cancelled: bool,
    pub(super) expired: bool,
    /// How many times it changed.
    pub(super) moves: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) pays: Option<Place>,
    pub(super) effect: Seen,
    second_edition: bool,
}

impl Position {
    fn chosen(&self) -> Option<usize> {
        self.paid_by
            .iter()
            .position(|option| option.iter().any(Option::is_some))
    }

    /// The last day of an instalment is the position's first, and one more for each instalment before it.
    pub(super) fn last_day(payable_for_days: Option<u8>, instalment: usize) -> Option<u16> {
        payable_for_days.map(|days| u16::from(days) + u16::try_from(instalment).unwrap())
    }

    /// The name of the state the archive must show.
    pub(super) fn state(&self) -> Seen {
        let whole = self
            .paid_by
            .iter()
            .any(|option| option.iter().all(Option::is_some));
        if whole {
            "paid"
        } else if self.cancelled {
            "cancelled"
        } else if self.expired {
            "expired"
        } else {
            "open"
        }
    }
}

impl Model {
    pub(super) fn new(shapes: &[Shape]) -> Self {
        let positions = shapes.iter().map(|shape| Position {
            paid_by: shape.options.iter().map(|count| vec![None; *count]).collect(),
            payable_for_days: shape.payable_for_days,
            cancelled: false,
            expired: false,
            moves: 0,
        });
        Self {
            positions: positions.collect(),
            receipts: BTreeMap::new(),
            days_gone: 0,
        }
    }

    /// Lets an act happen. Returns what must be seen of it.
    pub(super) fn happen(&mut self, act: Act) -> Seen {
        match act {
            Act::Verify(asked) | Act::Get(asked) => asked.map_or("unknown", |place| self.ask(place)),
            Act::Deliver {
                receipt,
                pays,
                second_edition,
            } => self.deliver(receipt, pays, second_edition),
            Act::Cancel(position) => {
                let position = &mut self.positions[position];
                if position.cancelled || position.chosen().is_some() {
                    return "refused";
                }
                position.cancelled = true;
                position.moves += 1;
                "cancelled"
            }
            Act::Sweep => {
                for position in 0..self.positions.len() {
                    self.happen(Act::SweepOne(position));
                }
                "swept"
            }
            Act::SweepOne(place) => {
                let position = &mut self.positions[place];
                let longest = position.paid_by.iter().map(Vec::len).max().unwrap_or(1);
                let over = Position::last_day(position.payable_for_days, longest - 1)
                    .is_some_and(|last| last < self.days_gone);
                if over && !position.cancelled && !position.expired && position.chosen().is_none() {
                    position.expired = true;
                    position.moves += 1;
                }
                "swept"
            }
        }
    }

    fn ask(&self, place: Place) -> Seen {
        let position = &self.positions[place.position];
        let over = Position::last_day(position.payable_for_days, place.instalment)
            .is_some_and(|last| last < self.days_gone);
        if position.paid_by[place.option][place.instalment].is_some() {
            "paid"
        } else if position.chosen().is_some_and(|chosen| chosen != place.option) {
            "unknown"
        } else if position.cancelled {
            "withdrawn"
        } else if position.expired || over {
            "expired"
        } else {
            "payable"
        }
    }

    fn deliver(&mut self, receipt: u8, pays: Option<Place>, second_edition: bool) -> Seen {
        if let Some(kept) = self.receipts.get(&receipt) {
            // The same payment told in the other edition is the same receipt.
            return if kept.pays == pays {
                "repeated"
            } else {
                "repeated differently"
            };
        }
        let effect = pays.map_or("unknown", |place| {
            let position = &mut self.positions[place.position];
            let paid_by = position.paid_by[place.option][place.instalment];
            if position.cancelled {
                "cancelled"
            } else if position.chosen().is_some_and(|chosen| chosen != place.option) {
                "other_option_chosen"
            } else if paid_by.is_some() {
                "paid_twice"
            } else {
                // Money that comes late opens what had expired: the rest can still be paid.
                position.paid_by[place.option][place.instalment] = Some(receipt);
                position.expired = false;
                position.moves += 1;
                "applied"
            }
        });
        let kept = Kept {
            pays,
            effect,
            second_edition,
        };
        self.receipts.insert(receipt, kept);
        effect
    }

    /// Every state that acts done at once may lead to, each seen as told: one for each order that explains what was
    /// seen.
    pub(super) fn after(&self, acts: &[(Act, Seen)], ends: &mut Vec<Self>) {
        if acts.is_empty() && !ends.contains(self) {
            ends.push(self.clone());
        }
        for first in 0..acts.len() {
            let (act, seen) = acts[first];
            let mut model = self.clone();
            if model.happen(act) == seen {
                let rest = [&acts[..first], &acts[first + 1..]].concat();
                model.after(&rest, ends);
            }
        }
    }
}
