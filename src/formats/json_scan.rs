//! Walks over JSON text and checks it, without copies: where strings, numbers and
//! nested values end. What it takes, `serde_json` takes too (a test says so); what
//! it does not take is left to `serde_json` to judge.
#![deny(clippy::arithmetic_side_effects)]

/// Values nested deeper are left to the other way.
const DEEPEST: u32 = 64;

/// A place in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'t> {
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    /// Whether a carriage return was passed.
    pub(super) returns: bool,
}

impl<'t> Scan<'t> {
    /// At the beginning of a text.
    pub(super) const fn new(bytes: &'t [u8], at: usize) -> Self {
        Self { bytes, at, returns: false }
    }

    /// How many bytes were passed.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The next byte.
    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    pub(super) fn pass(&mut self, count: usize) {
        self.at = self.at.saturating_add(count);
    }

    /// Passes a byte, if it is the next one.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let is_it = self.peek() == Some(byte);
        self.pass(usize::from(is_it));
        is_it
    }

    /// Passes a text, if it is the next one.
    fn take_text(&mut self, text: &[u8]) -> bool {
        let is_it = self.rest().starts_with(text);
        self.pass(if is_it { text.len() } else { 0 });
        is_it
    }

    /// What was not passed yet.
    #[inline]
    pub(super) fn rest(&self) -> &'t [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Passes spaces, tabs and carriage returns: a newline ends a record.
    #[inline]
    pub(super) fn blanks(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\r')) = self.peek() {
            self.returns |= byte == b'\r';
            self.pass(1);
        }
    }

    /// Passes a colon and the blanks around it.
    #[inline]
    pub(super) fn colon(&mut self) -> Option<()> {
        self.blanks();
        let found = self.take(b':');
        self.blanks();
        found.then_some(())
    }

    /// Passes what stands after a member: a comma (`true`), or the given end.
    #[inline]
    pub(super) fn goes_on(&mut self, end: u8) -> Option<bool> {
        match self.peek() {
            Some(b',') => {
                self.pass(1);
                if self.peek() <= Some(b' ') {
                    self.blanks();
                }
                return Some(true);
            }
            Some(byte) if byte == end => {
                self.pass(1);
                return Some(false);
            }
            _ => {}
        }
        self.blanks();
        if self.take(b',') {
            self.blanks();
            return Some(true);
        }
        self.take(end).then_some(false)
    }

    /// Passes a number, and gives it.
    #[inline]
    pub(super) fn number(&mut self) -> Option<&'t [u8]> {
        let (start, bytes) = (self.at, self.bytes);
        self.at = number_end(bytes, start)?;
        bytes.get(start..self.at)
    }

    fn any_number(&mut self) -> Option<()> {
        self.take(b'-');
        let first = self.at;
        let whole = self.digits();
        let leading_zero = whole > 1 && self.bytes.get(first) == Some(&b'0');
        if whole == 0 || leading_zero {
            return None;
        }
        if self.take(b'.') && self.digits() == 0 {
            return None;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.pass(1);
            if !self.take(b'+') {
                self.take(b'-');
            }
            if self.digits() == 0 {
                return None;
            }
        }
        Some(())
    }

    /// Passes digits; says how many.
    #[inline]
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.pass(1);
        }
        self.at.saturating_sub(start)
    }

    /// Passes `true`, `false` or `null`.
    #[inline]
    pub(super) fn word(&mut self) -> Option<()> {
        let found = match self.peek()? {
            b't' => self.take_text(b"true"),
            b'f' => self.take_text(b"false"),
            _ => self.take_text(b"null"),
        };
        found.then_some(())
    }

    /// Passes any value.
    #[inline]
    pub(super) fn value(&mut self) -> Option<()> {
        self.nested(DEEPEST)
    }

    fn nested(&mut self, depth: u32) -> Option<()> {
        match self.peek()? {
            b'"' => {
                self.pass(1);
                self.string().map(drop)
            }
            b'-' | b'0'..=b'9' => self.number().map(drop),
            b'{' => self.object(depth.checked_sub(1)?),
            b'[' => self.array(depth.checked_sub(1)?),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: u32) -> Option<()> {
        self.pass(1);
        self.blanks();
        if self.take(b'}') {
            return Some(());
        }
        loop {
            if !self.take(b'"') {
                return None;
            }
            self.string()?;
            self.colon()?;
            self.nested(depth)?;
            if !self.goes_on(b'}')? {
                return Some(());
            }
        }
    }

    fn array(&mut self, depth: u32) -> Option<()> {
        self.pass(1);
        self.blanks();
        if self.take(b']') {
            return Some(());
        }
        loop {
            self.nested(depth)?;
            if !self.goes_on(b']')? {
                return Some(());
            }
        }
    }
}

/// Where a number ends that begins at `start`; `None` for what is none.
#[expect(clippy::inline_always, reason = "a call for each number costs as much again")]
#[inline(always)]
pub(super) fn number_end(bytes: &[u8], start: usize) -> Option<usize> {
    let length = bytes.get(start..)?.first_chunk().and_then(short_number);
    match length {
        Some(length) => Some(start.wrapping_add(length)),
        None => any_number_end(bytes, start),
    }
}

#[inline(never)]
fn any_number_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut scan = Scan::new(bytes, start);
    scan.any_number().map(|()| scan.at)
}

/// How many bytes a number has of up to seven digits, and up to seven decimals more.
#[inline]
fn short_number(text: &[u8; 17]) -> Option<usize> {
    let whole = leading_digits(*text.first_chunk()?);
    let is_whole = whole == 1 || text.first() != Some(&b'0');
    if !(1..8).contains(&whole) || !is_whole {
        return None;
    }
    let (next, decimals) = text.get(whole..)?.split_first()?;
    let mut length = whole;
    let mut next = *next;
    if next == b'.' {
        let digits = leading_digits(*decimals.first_chunk()?);
        if digits == 0 {
            return None;
        }
        length = length.wrapping_add(1).wrapping_add(digits);
        next = *text.get(length)?;
        if next.is_ascii_digit() {
            return None;
        }
    }
    (next | 0x20 != b'e').then_some(length)
}

/// How many of eight bytes, from the first one on, are digits.
#[inline]
fn leading_digits(bytes: [u8; 8]) -> usize {
    usize::try_from(no_digits(bytes).trailing_zeros().unbounded_shr(3)).unwrap_or(0)
}

/// Whether so many of eight bytes are digits, from the first one on, and the next one is none.
#[inline]
pub(super) fn digits_at_first(bytes: [u8; 8], many: usize) -> bool {
    let end = 0x80_u64.unbounded_shl(u32::try_from(many).unwrap_or(u32::MAX).wrapping_mul(8));
    no_digits(bytes) & (end.wrapping_sub(1) | end) == end
}

/// The highest bit of each byte that is no digit.
#[inline]
fn no_digits(bytes: [u8; 8]) -> u64 {
    let digits = u64::from_le_bytes(bytes) ^ 0x3030_3030_3030_3030;
    (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::*;

    /// Whether the scan takes a text as one value without newlines.
    fn takes(text: &[u8]) -> bool {
        let mut scan = Scan::new(text, 0);
        scan.value().is_some() && scan.at() == text.len()
    }

    #[test]
    fn what_is_json_is_known_at_every_length() {
        for text in [
            r#""""#,
            r#""a\"b\\\/\b\f\n\r\t\u00e9é""#,
            r#"{"a":[1,-0,0.5,1e5,-1.25E-7,true,false,null,{}],"b":{"c":"d"},"":[]}"#,
            r#"{ "a" : [ 1 , 2 ] }"#,
        ] {
            assert!(takes(text.as_bytes()), "{text}");
            for end in 1..text.len() {
                assert!(!takes(&text.as_bytes()[..end]), "{}", text.split_at(end).0);
            }
        }
        for text in [
            "",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "+1",
            "tru",
            "nul",
            "NaN",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\t\"",
            "\"a",
            "{\"a\"}",
            "{a:1}",
            "[1,]",
            "{\"a\":1,}",
            "[1 2]",
            "\"\\u12\"",
            "{,}",
        ] {
            assert!(!takes(text.as_bytes()), "{text}");
        }
        assert!(!takes(b"\"\xff\"") && !takes(b"\"0123456789abcdef\xc3\""));
    }

    proptest! {
        #[test]
        fn what_is_taken_is_what_serde_json_takes(
            pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..12),
        ) {
            let text = pieces.concat();
            let text = text.as_slice();
            let theirs = serde_json::from_slice::<IgnoredAny>(text).is_ok()
                && std::str::from_utf8(text).is_ok();
            let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
            let around = text.first().is_some_and(blank) || text.last().is_some_and(blank);
            prop_assert_eq!(takes(text), theirs && !around, "{}", String::from_utf8_lossy(text));
        }
    }

    const PIECES: &[&[u8]] = &[
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\"",
        b"\"a\"",
        b"\"b\":",
        b"1",
        b"0",
        b"-",
        b".5",
        b"e1",
        b"true",
        b"null",
        b" ",
        b"\t",
        b"\\",
        b"\\n",
        b"\\u00e9",
        b"\\ud800",
        b"\xc3\xa9",
        b"\xff",
        b"\x01",
        b"long text of more than sixteen bytes",
        b"{\"a\":1}",
        b"[1,2]",
        b"\r",
    ];
}
