//! Numbers for the notices that are made here.

use domain::{CreditorInstitution, NoticeNumber};
use storage::debt_positions::find_notice;
use storage::notice_numbers::reserve_bases;
use storage::{StorageError, Tx};

/// Numbers tried in one go when some were given out elsewhere.
const NUMBERS_MAX: usize = 100;

/// A number of our own that nobody has. Numbers that came from outside keep below ours; should some not, they are
/// passed over.
pub(crate) async fn new_number(
    tx: &mut Tx,
    institution: &CreditorInstitution,
) -> Result<NoticeNumber, StorageError> {
    for _ in 0..NUMBERS_MAX {
        let bases = reserve_bases(tx, &institution.fiscal_code, 1).await?;
        let number = NoticeNumber::issue(institution.segregation_code, *bases.start());
        if let Some(number) = number
            && find_notice(tx, &institution.fiscal_code, &number)
                .await?
                .is_none()
        {
            return Ok(number);
        }
    }
    Err(StorageError::Duplicate {
        what: "notice number",
    })
}
