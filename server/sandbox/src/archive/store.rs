//! Many positions in little memory: each is packed in one allocation of a few hundred bytes, and is found by a
//! sixteen-byte digest of its keys.

use super::position::{Payment, Position, Status};
use chrono::{DateTime, Utc};
use domain::{CreditorFiscalCode, NoticeNumber};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The most positions of all institutions together: less than two gigabytes.
const MAX_POSITIONS: usize = 2_000_000;

/// The positions of every institution.
#[derive(Debug, Default)]
pub(crate) struct Archive {
    /// In the order they came; gaps are deletions.
    shelves: HashMap<CreditorFiscalCode, Vec<Option<Box<[u8]>>>>,
    by_iupd: HashMap<Key, u32>,
    /// A notice number decides its payment reference: one index serves both.
    by_iuv: HashMap<Key, u32>,
}

/// The first half of a SHA-256 digest: two keys never share it.
type Key = [u8; 16];

/// Why a position is not taken or not touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreError {
    /// There is no such position.
    Unknown,
    /// Another position has this `iupd`, `iuv` or `nav`.
    Taken(String),
    /// Its state does not allow it.
    Status(Status),
    /// The archive is full.
    Full,
}

impl Archive {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.by_iupd.len()
    }

    /// Takes a new position.
    pub(crate) fn insert(
        &mut self,
        institution: &CreditorFiscalCode,
        position: &Position,
    ) -> Result<(), StoreError> {
        if self.by_iupd.contains_key(&key(institution, &position.iupd)) {
            return Err(StoreError::Taken(format!("iupd {}", position.iupd)));
        }
        self.notices_are_free(institution, position, None)?;
        if self.len() >= MAX_POSITIONS {
            return Err(StoreError::Full);
        }
        let row = self.shelves.entry(institution.clone()).or_default();
        let slot = u32::try_from(row.len()).map_err(|_| StoreError::Full)?;
        row.push(Some(pack(position)));
        self.by_iupd.insert(key(institution, &position.iupd), slot);
        self.index(institution, position, slot);
        Ok(())
    }

    /// The position of that `iupd`.
    pub(crate) fn find(&self, institution: &CreditorFiscalCode, iupd: &str) -> Option<Position> {
        let slot = *self.by_iupd.get(&key(institution, iupd))?;
        self.at(institution, slot)
    }

    /// The position that notice belongs to.
    pub(crate) fn find_notice(
        &self,
        institution: &CreditorFiscalCode,
        number: &NoticeNumber,
    ) -> Option<Position> {
        let slot = *self.by_iuv.get(&key(institution, number.iuv().as_str()))?;
        self.at(institution, slot)
            .filter(|position| position.notices.iter().any(|notice| notice.number == *number))
    }

    /// Changes a position, its notices too. The change may refuse.
    pub(crate) fn change(
        &mut self,
        institution: &CreditorFiscalCode,
        iupd: &str,
        change: impl FnOnce(Position) -> Result<Position, StoreError>,
    ) -> Result<Position, StoreError> {
        let slot = *self
            .by_iupd
            .get(&key(institution, iupd))
            .ok_or(StoreError::Unknown)?;
        let before = self.at(institution, slot).ok_or(StoreError::Unknown)?;
        let after = change(before.clone())?;
        self.notices_are_free(institution, &after, Some(slot))?;
        self.forget_notices(institution, &before);
        self.index(institution, &after, slot);
        if let Some(place) = self.place(institution, slot) {
            *place = Some(pack(&after));
        }
        Ok(after)
    }

    /// Deletes a position that was not paid.
    pub(crate) fn remove(
        &mut self,
        institution: &CreditorFiscalCode,
        iupd: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let Entry::Occupied(entry) = self.by_iupd.entry(key(institution, iupd)) else {
            return Err(StoreError::Unknown);
        };
        let slot = *entry.get();
        let position = self.at(institution, slot).ok_or(StoreError::Unknown)?;
        let status = position.status(now);
        if !status.can_be_deleted() {
            return Err(StoreError::Status(status));
        }
        self.by_iupd.remove(&key(institution, iupd));
        self.forget_notices(institution, &position);
        if let Some(place) = self.place(institution, slot) {
            *place = None;
        }
        Ok(())
    }

    /// Marks a notice as paid, when its position is here.
    pub(crate) fn pay(&mut self, institution: &CreditorFiscalCode, number: &NoticeNumber, payment: &Payment) {
        self.change_notice(institution, number, |position| {
            for notice in position
                .notices
                .iter_mut()
                .filter(|notice| notice.number == *number)
            {
                notice.payment.get_or_insert_with(|| payment.clone());
            }
        });
    }

    /// Marks a part of a notice as reported in a flow, when its position is here.
    pub(crate) fn report(
        &mut self,
        institution: &CreditorFiscalCode,
        number: &NoticeNumber,
        transfer: u8,
        flow: &str,
    ) {
        self.change_notice(institution, number, |position| {
            for notice in position
                .notices
                .iter_mut()
                .filter(|notice| notice.number == *number)
            {
                for transfer in notice.transfers.iter_mut().filter(|part| part.id == transfer) {
                    transfer.is_reported = true;
                }
                if let Some(payment) = &mut notice.payment {
                    payment.flow = Some(flow.to_owned());
                }
            }
        });
    }

    /// The positions of an institution, oldest first.
    pub(crate) fn iter(&self, institution: &CreditorFiscalCode) -> impl DoubleEndedIterator<Item = Position> {
        let row = self
            .shelves
            .get(institution)
            .map(Vec::as_slice)
            .unwrap_or_default();
        row.iter().flatten().filter_map(|packed| unpack(packed))
    }

    /// A page of an institution's positions without any condition, and how many there are: found without reading the
    /// others.
    pub(crate) fn page(
        &self,
        institution: &CreditorFiscalCode,
        newest_first: bool,
        skip: usize,
        take: usize,
    ) -> (Vec<Position>, usize) {
        let row = self
            .shelves
            .get(institution)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let kept = row.iter().flatten();
        let page = if newest_first {
            kept.clone()
                .rev()
                .skip(skip)
                .take(take)
                .filter_map(|packed| unpack(packed))
                .collect()
        } else {
            kept.clone()
                .skip(skip)
                .take(take)
                .filter_map(|packed| unpack(packed))
                .collect()
        };
        (page, kept.count())
    }

    fn change_notice(
        &mut self,
        institution: &CreditorFiscalCode,
        number: &NoticeNumber,
        change: impl FnOnce(&mut Position),
    ) {
        let Some(&slot) = self.by_iuv.get(&key(institution, number.iuv().as_str())) else {
            return;
        };
        if let Some(mut position) = self.at(institution, slot)
            && let Some(place) = self.place(institution, slot)
        {
            change(&mut position);
            *place = Some(pack(&position));
        }
    }

    fn at(&self, institution: &CreditorFiscalCode, slot: u32) -> Option<Position> {
        let packed = self
            .shelves
            .get(institution)?
            .get(usize::try_from(slot).ok()?)?
            .as_deref()?;
        unpack(packed)
    }

    fn place(&mut self, institution: &CreditorFiscalCode, slot: u32) -> Option<&mut Option<Box<[u8]>>> {
        self.shelves
            .get_mut(institution)?
            .get_mut(usize::try_from(slot).ok()?)
    }

    fn notices_are_free(
        &self,
        institution: &CreditorFiscalCode,
        position: &Position,
        own: Option<u32>,
    ) -> Result<(), StoreError> {
        for notice in &position.notices {
            let holder = self.by_iuv.get(&key(institution, &notice.iuv));
            if holder.is_some_and(|slot| Some(*slot) != own) {
                return Err(StoreError::Taken(format!("iuv {}", notice.iuv)));
            }
        }
        Ok(())
    }

    fn index(&mut self, institution: &CreditorFiscalCode, position: &Position, slot: u32) {
        for notice in &position.notices {
            self.by_iuv.insert(key(institution, &notice.iuv), slot);
        }
    }

    fn forget_notices(&mut self, institution: &CreditorFiscalCode, position: &Position) {
        for notice in &position.notices {
            self.by_iuv.remove(&key(institution, &notice.iuv));
        }
    }
}

fn key(institution: &CreditorFiscalCode, text: &str) -> Key {
    let mut digest = Sha256::new();
    digest.update(institution.as_str());
    digest.update(text);
    let digest: [u8; 32] = digest.finalize().into();
    let (half, _) = digest.split_first_chunk().expect("thirty-two bytes");
    *half
}

fn pack(position: &Position) -> Box<[u8]> {
    postcard::to_stdvec(position)
        .expect("a position is texts and numbers")
        .into_boxed_slice()
}

fn unpack(packed: &[u8]) -> Option<Position> {
    postcard::from_bytes(packed).ok()
}
