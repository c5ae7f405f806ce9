//! Deflate, for one stream after another with the same tables: making them anew for each stream took as long as a third of
//! a document.

use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress, create_comp_flags_from_zip_params,
};

/// How hard streams are compressed: a step more costs twice the time for a thousandth of the bytes.
const LEVEL: i32 = 4;
/// 32 KiB of window, with zlib's head: what readers of PDF expect.
const WINDOW: i32 = 15;
/// No data of a kind of their own.
const STRATEGY: i32 = 0;

/// A compressor of streams.
pub(super) struct Compressor(Box<CompressorOxide>);

impl Compressor {
    /// A compressor.
    pub(super) fn new() -> Self {
        let flags = create_comp_flags_from_zip_params(LEVEL, WINDOW, STRATEGY);
        Self(Box::new(CompressorOxide::new(flags)))
    }

    /// A stream, compressed. Equal streams come out equal, whatever went before.
    pub(super) fn compress(&mut self, mut content: &[u8]) -> Vec<u8> {
        self.0.reset();
        let mut out = vec![0; content.len() / 2 + 64];
        let mut filled = 0;
        loop {
            let (status, taken, written) =
                compress(&mut self.0, content, &mut out[filled..], TDEFLFlush::Finish);
            filled += written;
            match status {
                TDEFLStatus::Done => break,
                TDEFLStatus::Okay => {
                    content = &content[taken..];
                    out.resize(out.len() * 2, 0);
                }
                TDEFLStatus::BadParam | TDEFLStatus::PutBufFailed => {
                    unreachable!("the parameters are constants and there is no buffer to put into")
                }
            }
        }
        out.truncate(filled);
        out
    }
}

impl std::fmt::Debug for Compressor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compressor").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_comes_out_the_same_whatever_went_before() {
        let text: Vec<u8> = (0..5000_u32)
            .flat_map(|number| (number * number).to_be_bytes())
            .collect();
        let mut compressor = Compressor::new();
        let first = compressor.compress(&text);
        for between in [&b""[..], b"another", &text[100..4000], &vec![0; 100_000]] {
            let compressed = compressor.compress(between);
            let back = miniz_oxide::inflate::decompress_to_vec_zlib(&compressed);
            assert_eq!(back.expect("a whole stream"), between);
            assert_eq!(compressor.compress(&text), first);
        }
        assert_eq!(Compressor::new().compress(&text), first);
    }
}
