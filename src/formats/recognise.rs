//! Recognises an input by its beginning, of which more is read where the first record is
//! longer than that.

use super::ask::Ask;
use super::detect::{DetectError, Detected, detect};
use super::table::Format;
use crate::input::Head;

/// How many times as much is read when a beginning does not tell.
const FACTOR: usize = 8;

/// The longest beginning, in bytes.
const LONGEST: usize = 128 * 1024 * 1024;

/// Recognises an input. With `given` it is read as that format.
pub fn recognise(
    path: &str,
    head: &mut Head,
    given: Option<&Format>,
    ask: &Ask,
) -> Result<Detected, DetectError> {
    loop {
        let found = detect(path, &head.bytes, head.complete, given, ask);
        let size = head.bytes.len().saturating_mul(FACTOR);
        let is_json = matches!(head.bytes.trim_ascii_start().first(), Some(b'{' | b'['));
        let unknown =
            matches!(found, Err(DetectError::Unknown { .. } | DetectError::NoSuchColumn { .. }));
        if !unknown || !is_json || head.complete || size > LONGEST {
            return found;
        }
        // What cannot be read is told by whoever reads on.
        if head.grow(size).is_err() {
            return found;
        }
    }
}
