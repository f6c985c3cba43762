//! Strings of JSON text, many bytes at a time: where they end, and keys that are
//! expected.
#![deny(clippy::arithmetic_side_effects)]

use super::json_scan::Scan;
use super::positions::index;
use crate::blocks::{Bits, LANES, Lanes, Usual, WIDE, WithLanes, with_lanes};

/// Bytes of a long string that are looked at together.
const BLOCK: usize = WIDE;

/// What may follow a backslash, but for `u`: a table, as it is asked often.
const ESCAPES: [bool; 256] = {
    let mut escapes = [false; 256];
    let kinds = *b"\"\\/bfnrt";
    let mut at = 0_usize;
    while at < kinds.len() {
        escapes[kinds[at] as usize] = true;
        at = at.wrapping_add(1);
    }
    escapes
};

/// A key as it stands before its value, with the blanks of the record that had it
/// first: as the first one of an object, `"key":`, and as a later one, `,"key":`.
#[derive(Debug)]
pub(super) struct Key {
    name: Box<[u8]>,
    first: Expected,
    next: Expected,
}

/// A text that is expected.
#[derive(Debug)]
pub(super) struct Expected {
    text: Box<[u8]>,
    /// Its first bytes.
    first: [u8; LANES],
    /// A bit for each of those that it has.
    bits: u32,
}

impl Key {
    /// From the text between its quotes, and all that stands before its value: behind
    /// the brace, or behind the value of another key, where there is a comma.
    pub(super) fn new(name: &[u8], text: &[u8]) -> Self {
        let key = text.trim_ascii_start();
        let (first, next) = match key.strip_prefix(b",") {
            Some(key) => (key.trim_ascii_start(), text.to_vec()),
            None => (text, [b",", key].concat()),
        };
        Self { name: name.into(), first: Expected::new(first), next: Expected::new(&next) }
    }

    /// The text between its quotes.
    pub(super) fn name(&self) -> &[u8] {
        &self.name
    }
}

impl Expected {
    pub(super) fn new(text: &[u8]) -> Self {
        let mut first = [0; LANES];
        let mut bits: u32 = 0;
        for (slot, byte) in first.iter_mut().zip(text) {
            *slot = *byte;
            bits = bits.wrapping_mul(2).wrapping_add(1);
        }
        Self { text: text.into(), first, bits }
    }

    /// The text.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether text begins with it.
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    pub(super) fn begins<L: Lanes>(&self, lanes: L, rest: &[u8]) -> bool {
        let Some(block) = rest.first_chunk() else { return rest.starts_with(&self.text) };
        let same = lanes.same(lanes.block(block), lanes.block(&self.first));
        let begins = same & self.bits == self.bits;
        begins && (self.text.len() <= LANES || rest.starts_with(&self.text))
    }
}

/// How many bytes come before the first stop, if that is among these and all before it
/// are ASCII.
#[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
#[inline(always)]
fn short_length<L: Lanes>(lanes: L, bytes: &[u8; LANES]) -> Option<usize> {
    let block = lanes.block(bytes);
    let stops = lanes.stops(block);
    let before = stops.wrapping_sub(1) & !stops;
    let is_short = stops != 0 && lanes.high(block) & before == 0;
    is_short.then(|| index(stops.trailing_zeros()))
}

/// The text of a string, between its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text<'t> {
    /// As it stands; valid UTF-8.
    pub(super) bytes: &'t [u8],
    /// Whether it has escapes.
    pub(super) escaped: bool,
}

impl<'t> Scan<'t> {
    /// Passes a key, if it is the next one.
    #[inline]
    pub(super) fn take_key(&mut self, key: &Key) -> bool {
        self.take_expected(&key.first)
    }

    /// Passes a comma and a key, if they come next.
    #[inline]
    pub(super) fn take_next_key(&mut self, key: &Key) -> bool {
        self.take_expected(&key.next)
    }

    #[inline]
    fn take_expected(&mut self, expected: &Expected) -> bool {
        let is_it = expected.begins(Usual, self.rest());
        self.pass(if is_it { expected.text.len() } else { 0 });
        is_it
    }

    /// Passes the rest of a string whose opening quote was passed.
    #[inline]
    pub(super) fn string(&mut self) -> Option<Text<'t>> {
        let (start, bytes) = (self.at, self.bytes);
        let (end, escaped) = string_end(Usual, bytes, start)?;
        self.at = end.wrapping_add(1);
        bytes.get(start..end).map(|bytes| Text { bytes, escaped })
    }
}

/// Where a string ends whose first byte, or closing quote, is at `start`: the place of that
/// quote, and whether it has escapes. `None` for what is no string.
#[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
#[inline(always)]
pub(super) fn string_end<L: Lanes>(lanes: L, bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    let rest = bytes.get(start..)?;
    // Most are short, and nothing in them is special.
    match rest.first_chunk().and_then(|block| short_length(lanes, block)) {
        Some(length) if rest.get(length) == Some(&b'"') => {
            Some((start.wrapping_add(length), false))
        }
        _ => long_string_end(bytes, start),
    }
}

#[inline(never)]
fn long_string_end(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    let Ends { at, escaped, high, .. } = with_lanes(LongString { bytes, start })?;
    if high {
        simdutf8::basic::from_utf8(bytes.get(start..at)?).ok()?;
    }
    Some((at, escaped))
}

/// The rest of a string of any length.
struct LongString<'t> {
    bytes: &'t [u8],
    start: usize,
}

/// Where a string ends.
struct Ends {
    /// Its closing quote.
    at: usize,
    /// Whether it has escapes.
    escaped: bool,
    /// Whether it is not all ASCII, as far as that is known: it may be what follows.
    high: bool,
    /// One if the byte at `at` is escaped by the one before it.
    after_escape: u64,
}

impl WithLanes for LongString<'_> {
    type Output = Option<Ends>;

    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Option<Ends> {
        let Self { bytes, start } = self;
        let mut ends = Ends { at: start, escaped: false, high: false, after_escape: 0 };
        loop {
            let Some(block) = bytes.get(ends.at..)?.first_chunk::<BLOCK>() else {
                ends.go_on_slowly(bytes)?;
                return Some(ends);
            };
            if ends.go_on(lanes, bytes, block)? {
                return Some(ends);
            }
        }
    }
}

impl Ends {
    /// Goes on, a block at most: to the closing quote (`true`), or behind the block.
    /// `None` for what no string has.
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn go_on<L: Lanes>(&mut self, lanes: L, bytes: &[u8], block: &[u8; BLOCK]) -> Option<bool> {
        let wide = lanes.wide(block);
        let all = |byte: u8| lanes.wide_equal(wide, byte);
        self.high |= lanes.wide_high(wide) != 0;
        let stops = lanes.wide_stops(wide);
        if stops | self.after_escape == 0 {
            self.at = self.at.wrapping_add(BLOCK);
            return Some(false);
        }
        let (quotes, backslashes) = (all(b'"'), all(b'\\'));
        let escaped = self.escaped_by(backslashes);
        let ends = quotes & !escaped;
        // Of the string, where it ends here.
        let own = ends.trailing_zeros_mask();
        if stops & !quotes & !backslashes & own != 0 {
            return None;
        }
        self.escaped |= (backslashes | escaped) & own != 0;
        let mut rare = escaped & own & !(quotes | backslashes | all(b'n'));
        while rare != 0 {
            let at = index(rare.trailing_zeros());
            is_escape(block.get(at..)?, bytes.get(self.at.wrapping_add(at)..)?).then_some(())?;
            rare = rare.without_lowest();
        }
        self.at = self.at.wrapping_add(index(ends.trailing_zeros()));
        Some(ends != 0)
    }

    /// The bytes of a block that are escaped: behind an odd number of backslashes.
    #[inline]
    fn escaped_by(&mut self, backslashes: u64) -> u64 {
        const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
        // A backslash that begins a run may escape; in a run every other one does: those
        // at the places that the carries of a subtraction leave.
        let may_escape = backslashes & !self.after_escape;
        let runs = (may_escape.unbounded_shl(1) | ODD).wrapping_sub(may_escape) ^ ODD;
        let escaped = runs ^ (backslashes | self.after_escape);
        self.after_escape = (runs & backslashes).unbounded_shr(63);
        escaped
    }

    /// Goes on to the closing quote, byte by byte.
    fn go_on_slowly(&mut self, bytes: &[u8]) -> Option<()> {
        if self.after_escape != 0 {
            self.at = self.at.checked_sub(1)?;
        }
        loop {
            match *bytes.get(self.at)? {
                b'"' => return Some(()),
                b'\\' => self.escape(bytes)?,
                0..=0x1f => return None,
                byte => {
                    self.high |= byte >= 0x80;
                    self.at = self.at.wrapping_add(1);
                }
            }
        }
    }

    /// Passes an escape.
    fn escape(&mut self, bytes: &[u8]) -> Option<()> {
        let (_, escape) = bytes.get(self.at..)?.split_first()?;
        is_escape(escape, escape).then_some(())?;
        let length = if escape.first() == Some(&b'u') { 6 } else { 2 };
        self.escaped = true;
        self.at = self.at.wrapping_add(length);
        Some(())
    }
}

/// Whether a byte may follow a backslash; of a `u`, the bytes of the text from there on
/// are looked at.
fn is_escape(kind: &[u8], text: &[u8]) -> bool {
    match kind.first() {
        Some(b'u') => text.get(1..5).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)),
        Some(kind) => ESCAPES.get(usize::from(*kind)) == Some(&true),
        None => false,
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PIECES: &[&str] =
        &["\\", "\\\\", "\"", "\\\"", "n", "\\u00e9", "\\u12", "é", "\u{1}", "0123456789", "a"];

    proptest! {
        /// Blocks begin and end anywhere in runs of backslashes.
        #[test]
        fn long_strings_end_where_serde_json_ends_them(
            pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..200),
            before in 0_usize..70,
        ) {
            let text = format!("{}{}\"{}", "x".repeat(before), pieces.concat(), " ".repeat(130));
            let quoted = format!("\"{text}");
            let mut theirs = serde_json::Deserializer::from_str(&quoted).into_iter::<String>();
            let is_string = theirs.next().is_some_and(|value| value.is_ok());
            let end = is_string.then(|| theirs.byte_offset() - 2);
            let whole = text.get(..=end.unwrap_or(0)).unwrap_or_default();
            for text in [text.as_bytes(), whole.as_bytes()] {
                let found = string_end(Usual, text, 0);
                prop_assert_eq!(found.map(|(end, _)| end), end);
                prop_assert!(found.is_none_or(|(_, escaped)| escaped == whole.contains('\\')));
            }
        }
    }
}
