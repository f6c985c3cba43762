//! Strings of JSON text, sixteen bytes at a time: where they end, and keys that are
//! expected.
#![deny(clippy::arithmetic_side_effects)]

use wide::u8x16;

use super::json_scan::Scan;

/// Bytes that are looked at together.
const LANES: usize = 16;

/// Bytes of a long string that are looked at together.
const LONG: usize = 4 * LANES;

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

/// A key as it stands before its value, `"key":`.
#[derive(Debug)]
pub(super) struct Key {
    text: Box<[u8]>,
    /// Its first 32 bytes.
    lanes: [u8x16; 2],
    /// A bit for each of those that it has.
    bits: u32,
}

impl Key {
    /// From the text between its quotes.
    pub(super) fn new(name: &[u8]) -> Self {
        let text: Box<[u8]> = [b"\"", name, b"\":"].concat().into();
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
        let is_it = key.begins(self.rest());
        self.pass(if is_it { key.text.len() } else { 0 });
        is_it
    }

    /// Passes the rest of a string whose opening quote was passed.
    #[inline]
    pub(super) fn string(&mut self) -> Option<Text<'t>> {
        let start = self.at;
        let (mut escaped, mut high) = (false, false);
        loop {
            let stop = self.stop(&mut high)?;
            if stop == b'"' {
                break;
            }
            if stop != b'\\' {
                // A control character.
                return None;
            }
            escaped = true;
            self.escape()?;
        }
        let bytes = self.bytes.get(start..self.at)?;
        self.pass(1);
        if high {
            std::str::from_utf8(bytes).ok()?;
        }
        Some(Text { bytes, escaped })
    }

    /// Goes on to the next quote, backslash or control character, and gives it.
    #[inline]
    fn stop(&mut self, high: &mut bool) -> Option<u8> {
        loop {
            let rest = self.rest();
            let Some(block) = rest.first_chunk::<LANES>() else { return self.slow_stop(high) };
            let lanes = u8x16::new(*block);
            let stops = stops(lanes).to_bitmask();
            if stops == 0 && rest.len() >= LONG {
                self.skip_long(high);
                continue;
            }
            let before = stops.wrapping_sub(1) & !stops;
            *high |= lanes.to_bitmask() & before & 0xffff != 0;
            let passed = usize::try_from(stops.trailing_zeros()).unwrap_or(LANES).min(LANES);
            self.pass(passed);
            if stops != 0 {
                return self.peek();
            }
        }
    }

    /// Passes whole stretches of a long string that have nothing to stop at.
    #[inline]
    fn skip_long(&mut self, high: &mut bool) {
        while let Some(block) = self.rest().first_chunk::<LONG>() {
            let (lanes, _) = block.as_chunks::<LANES>();
            let [a, b, c, d] =
                [0, 1, 2, 3].map(|at| u8x16::new(lanes.get(at).copied().unwrap_or_default()));
            if ((stops(a) | stops(b)) | (stops(c) | stops(d))).to_bitmask() != 0 {
                // The stop is among these; those before it are passed as far as is cheap.
                if stops(a).to_bitmask() == 0 {
                    *high |= a.to_bitmask() != 0;
                    self.pass(LANES);
                }
                return;
            }
            *high |= ((a | b) | (c | d)).to_bitmask() != 0;
            self.pass(LONG);
        }
        // What is left is shorter.
        if let Some(block) = self.rest().first_chunk::<LANES>() {
            let lanes = u8x16::new(*block);
            if stops(lanes).to_bitmask() == 0 {
                *high |= lanes.to_bitmask() != 0;
                self.pass(LANES);
            }
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
