//! Numbers for notices, taken from blocks kept in memory: whoever makes a notice waits for no other transaction, and one
//! that is long holds nobody up. A block is reserved in a transaction of its own; what a process that ends leaves of it is
//! never given out.

use crate::Services;
use domain::{CreditorFiscalCode, CreditorInstitution, NoticeNumber};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use storage::StorageError;
use storage::notice_numbers::reserve_bases;

/// Numbers in a block, when no more are wanted at once.
const BLOCK: u32 = 64;

/// The blocks of this process, for each institution.
#[derive(Debug, Default)]
pub struct NumberBlocks {
    left: Mutex<HashMap<CreditorFiscalCode, Range<u64>>>,
}

impl NumberBlocks {
    /// Makes sure that there are `count` numbers for the institution, reserving a block if there are not. Another may take
    /// them first: [`NumberBlocks::take`] says so.
    pub async fn prepare(
        &self,
        services: &Services,
        institution: &CreditorFiscalCode,
        count: usize,
    ) -> Result<(), StorageError> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if self.holds(institution, count) {
            return Ok(());
        }
        let mut tx = services.store.begin().await?;
        let bases = reserve_bases(&mut tx, institution, count.max(BLOCK)).await?;
        tx.commit().await?;
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let block = *bases.start()..bases.end() + 1;
        // What was left of the block before is not enough for whoever came: it is given up.
        left.insert(institution.clone(), block);
        Ok(())
    }

    fn holds(&self, institution: &CreditorFiscalCode, count: u32) -> bool {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.get(institution).map_or(0, |block| block.end - block.start) >= u64::from(count)
    }

    /// Takes numbers that nobody else gets; `None` when so many are not prepared.
    pub fn take(&self, institution: &CreditorInstitution, count: usize) -> Option<Vec<NoticeNumber>> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let count = u64::try_from(count).ok()?;
        if count == 0 {
            return Some(Vec::new());
        }
        let block = left.get_mut(&institution.fiscal_code)?;
        if block.end - block.start < count {
            return None;
        }
        let bases = block.start..block.start + count;
        block.start = bases.end;
        bases
            .map(|base| NoticeNumber::issue(institution.segregation_code, base))
            .collect()
    }
}
