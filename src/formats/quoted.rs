//! The fields of one record with quotes, by the rules of the `csv` crate, which is the
//! reference for this reader.
#![deny(clippy::arithmetic_side_effects)]

use memchr::memchr;

/// A field of a record that was taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    /// First byte of its text, after an opening quote.
    pub(super) start: usize,
    /// One past the last byte of its text.
    pub(super) end: usize,
    /// Whether it has doubled quotes.
    pub(super) escaped: bool,
}

/// Takes a record that begins at `start` apart; gives where it ends: at a newline outside
/// quotes, or at the end of the text.
pub(super) fn take_quoted(
    bytes: &[u8],
    (start, delimiter): (usize, u8),
    fields: &mut Vec<Field>,
) -> usize {
    let mut at = start;
    loop {
        let quoted = bytes.get(at) == Some(&b'"');
        let field =
            if quoted { quoted_field(bytes, at) } else { bare_field(bytes, (at, delimiter)) };
        fields.push(field);
        let after = field.end.saturating_add(usize::from(quoted));
        match bytes.get(after) {
            Some(byte) if *byte == delimiter => at = after.saturating_add(1),
            Some(b'\r') => return after.saturating_add(1),
            _ => return after.min(bytes.len()),
        }
    }
}

/// A field without quotes around it ends at a delimiter or a newline.
fn bare_field(bytes: &[u8], (start, delimiter): (usize, u8)) -> Field {
    let rest = bytes.get(start..).unwrap_or_default();
    let end = memchr::memchr2(delimiter, b'\n', rest);
    let end = end.map_or(bytes.len(), |found| start.saturating_add(found));
    Field { start, end, escaped: false }
}

/// The field whose opening quote is at `open`.
pub(super) fn quoted_field(bytes: &[u8], open: usize) -> Field {
    let start = open.saturating_add(1);
    let (mut from, mut escaped) = (start, false);
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let Some(found) = memchr(b'"', rest) else {
            return Field { start, end: bytes.len(), escaped };
        };
        let quote = from.saturating_add(found);
        if bytes.get(quote.saturating_add(1)) != Some(&b'"') {
            return Field { start, end: quote, escaped };
        }
        escaped = true;
        from = quote.saturating_add(2);
    }
}
