//! The outcome file of an import, made of what was written with each transaction, a piece at a time.

use crate::{Services, Unavailable};
use bulk::OUTCOME_HEADER;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use storage::StorageError;
use storage::imports::{Import, list_chunks};

/// Bytes of a piece at most, inflated.
const PIECE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// An outcome file being read. Of an import that is not over it holds what was done so far.
pub struct OutcomeFile {
    services: Services,
    import: i64,
    /// The last piece that was read; `None` before the header.
    after: Option<u64>,
}

impl OutcomeFile {
    pub(super) fn of(services: &Services, import: &Import) -> Self {
        Self {
            services: services.clone(),
            import: import.id,
            after: None,
        }
    }

    /// Its next piece; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Unavailable> {
        let Some(after) = self.after else {
            self.after = Some(0);
            return Ok(Some(OUTCOME_HEADER.as_bytes().to_vec()));
        };
        let mut snapshot = self.services.store.glance().await?;
        let Some(chunk) = list_chunks(&mut snapshot, self.import, after, 1).await?.pop() else {
            return Ok(None);
        };
        self.after = Some(chunk.ordinal);
        let inflated = decompress_to_vec_with_limit(&chunk.lines, PIECE_BYTES_MAX);
        let lines = inflated.map_err(|_| StorageError::Inconsistent {
            table: "import_chunk",
            column: "lines",
            key: format!("{}/{}", self.import, chunk.ordinal),
        })?;
        Ok(Some(lines))
    }
}
