//! Strings of JSON text, sixteen bytes at a time: where they end, and keys that are
//! expected.
#![deny(clippy::arithmetic_side_effects)]

use std::num::NonZeroU64;

use wide::u8x16;

use super::json_scan::Scan;
use super::marks::index;

/// Bytes that are looked at together.
const LANES: usize = 16;

/// Bytes of a long string that are looked at together.
const BLOCK: usize = 4 * LANES;

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

/// Where a string may end or be escaped, or may not have what it has: quotes,
/// backslashes, control characters.
#[inline]
fn stops(lanes: u8x16) -> u8x16 {
    let at = |byte: u8| lanes.simd_eq(u8x16::new([byte; LANES]));
    at(b'"') | at(b'\\') | lanes.simd_le(u8x16::new([0x1f; LANES]))
}

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
struct Expected {
    text: Box<[u8]>,
    /// Its first 32 bytes.
    lanes: [u8x16; 2],
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
    fn new(text: &[u8]) -> Self {
        let text: Box<[u8]> = text.into();
        let mut first = [0; 2 * LANES];
        let mut bits: u32 = 0;
        for (slot, byte) in first.iter_mut().zip(&text) {
            *slot = *byte;
            bits = bits.wrapping_mul(2).wrapping_add(1);
        }
        let (lanes, _) = first.as_chunks::<LANES>();
        let lane = |at: usize| u8x16::new(lanes.get(at).copied().unwrap_or_default());
        Self { text, lanes: [lane(0), lane(1)], bits }
    }

    /// Whether text begins with it.
    #[inline]
    fn begins(&self, rest: &[u8]) -> bool {
        let Some(block) = rest.first_chunk::<{ 2 * LANES }>() else {
            return rest.starts_with(&self.text);
        };
        let (lanes, _) = block.as_chunks::<LANES>();
        let [Some(low), Some(high)] = [lanes.first(), lanes.last()] else { return false };
        let [one, two] = self.lanes;
        let same = |lane: &[u8; LANES], own: u8x16| u8x16::new(*lane).simd_eq(own).to_bitmask();
        let bits = same(low, one) | same(high, two).unbounded_shl(16);
        let begins = bits & self.bits == self.bits;
        begins && (self.text.len() <= 2 * LANES || rest.starts_with(&self.text))
    }
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
        let is_it = expected.begins(self.rest());
        self.pass(if is_it { expected.text.len() } else { 0 });
        is_it
    }

    /// Passes the rest of a string whose opening quote was passed.
    #[inline]
    pub(super) fn string(&mut self) -> Option<Text<'t>> {
        let rest = self.rest();
        let Some(block) = rest.first_chunk::<LANES>() else { return self.long_string() };
        let lanes = u8x16::new(*block);
        let stops = stops(lanes).to_bitmask();
        let before = stops.wrapping_sub(1) & !stops;
        let length = usize::try_from(stops.trailing_zeros()).unwrap_or(LANES);
        // Most are short, and nothing in them is special.
        match rest.split_at_checked(length) {
            Some((bytes, [b'"', ..])) if stops != 0 && lanes.to_bitmask() & before == 0 => {
                self.pass(length.wrapping_add(1));
                Some(Text { bytes, escaped: false })
            }
            _ => self.long_string(),
        }
    }

    #[inline(never)]
    fn long_string(&mut self) -> Option<Text<'t>> {
        let start = self.at;
        let (mut escaped, mut high) = (false, false);
        while !self.block(&mut escaped, &mut high)? {}
        let bytes = self.bytes.get(start..self.at)?;
        self.pass(1);
        if high {
            std::str::from_utf8(bytes).ok()?;
        }
        Some(Text { bytes, escaped })
    }

    /// Goes on in a string, a block at most: to its closing quote (`true`), or behind
    /// an escape or the block.
    #[inline]
    fn block(&mut self, escaped: &mut bool, high: &mut bool) -> Option<bool> {
        let Some(block) = self.rest().first_chunk::<BLOCK>() else {
            return self.slow_block(escaped, high);
        };
        let (lanes, _) = block.as_chunks::<LANES>();
        let [a, b, c, d] =
            [0, 1, 2, 3].map(|at| u8x16::new(lanes.get(at).copied().unwrap_or_default()));
        *high |= ((a | b) | (c | d)).to_bitmask() != 0;
        let bits = |lanes: u8x16| u64::from(stops(lanes).to_bitmask());
        let low = bits(a) | bits(b).unbounded_shl(16);
        let mut stops = low | bits(c).unbounded_shl(32) | bits(d).unbounded_shl(48);
        while let Some(stop) = NonZeroU64::new(stops) {
            let at = index(stop.trailing_zeros());
            match block.get(at..) {
                Some([b'"', ..]) => {
                    self.pass(at);
                    return Some(true);
                }
                Some([b'\\', kind, ..]) if *ESCAPES.get(usize::from(*kind))? => {
                    stops &= !3_u64.unbounded_shl(stop.trailing_zeros());
                    *escaped = true;
                }
                Some([b'\\', ..]) => {
                    self.pass(at);
                    *escaped = true;
                    self.escape()?;
                    return Some(false);
                }
                // A control character.
                _ => return None,
            }
        }
        // An escape at its end was passed in whole or not at all.
        self.pass(BLOCK);
        Some(false)
    }

    /// The same near the end of the text.
    fn slow_block(&mut self, escaped: &mut bool, high: &mut bool) -> Option<bool> {
        match self.slow_stop(high)? {
            b'"' => Some(true),
            b'\\' => {
                *escaped = true;
                self.escape()?;
                Some(false)
            }
            _ => None,
        }
    }

    /// The same, byte by byte.
    fn slow_stop(&mut self, high: &mut bool) -> Option<u8> {
        loop {
            let byte = self.peek()?;
            if matches!(byte, b'"' | b'\\' | 0..=0x1f) {
                return Some(byte);
            }
            *high |= byte >= 0x80;
            self.pass(1);
        }
    }

    /// Passes an escape.
    fn escape(&mut self) -> Option<()> {
        let kind = *self.bytes.get(self.at.saturating_add(1))?;
        self.pass(2);
        if *ESCAPES.get(usize::from(kind))? {
            return Some(());
        }
        let digits = self.bytes.get(self.at..self.at.saturating_add(4))?;
        self.pass(4);
        (kind == b'u' && digits.iter().all(u8::is_ascii_hexdigit)).then_some(())
    }
}
