//! Where CSV records end: the last newline that is not inside quotes.
//!
//! Quotes that all stand around whole fields are looked at block by block. Where one does not,
//! the text is scanned again by [`CarefulScan`].

use memchr::{memchr, memrchr};

use super::careful::CarefulScan;
use crate::blocks::{BLOCK, Lanes, Marks, Quoting, WithLanes, with_lanes};

/// The state of a scan over a buffer that begins at a record.
#[derive(Debug, Clone)]
pub(super) struct QuoteScan {
    delimiter: u8,
    /// The blocks before it have been scanned.
    position: usize,
    /// What is known of quotes there.
    quoting: Quoting,
    /// The end of the last whole record.
    record_end: usize,
    /// Whether the text ends within quotes.
    is_open: bool,
    /// Scans text whose quotes are not all around whole fields.
    careful: Option<CarefulScan>,
}

impl QuoteScan {
    pub(super) const fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            position: 0,
            quoting: Quoting::START,
            record_end: 0,
            is_open: false,
            careful: None,
        }
    }

    /// Scans what is new in the buffer. `at_end` says that no more will come.
    pub(super) fn scan(&mut self, buffer: &[u8], at_end: bool) {
        if self.careful.is_none() && !with_lanes(Scanning { scan: self, buffer }) {
            self.careful = Some(CarefulScan::new(self.delimiter));
        }
        if let Some(careful) = &mut self.careful {
            careful.scan(buffer, at_end);
        }
    }

    /// The end of the last whole record, 0 when there is none.
    pub(super) fn record_end(&self) -> usize {
        self.careful.as_ref().map_or(self.record_end, CarefulScan::record_end)
    }

    /// Where a quote is open at the end of the buffer that was scanned.
    pub(super) fn open(&self, buffer: &[u8]) -> Option<usize> {
        if let Some(careful) = &self.careful {
            return careful.open();
        }
        let mut careful = CarefulScan::new(self.delimiter);
        careful.scan(self.is_open.then_some(buffer)?, true);
        careful.open()
    }

    /// Begins again where `end` bytes, whole records, leave the buffer; gives the closing quotes
    /// in them that are followed by more text.
    pub(super) fn advance(&mut self, end: usize) -> Vec<usize> {
        let malformed = self.careful.as_ref().map(|careful| careful.malformed_before(end));
        *self = Self::new(self.delimiter);
        malformed.unwrap_or_default()
    }

    /// Takes a block that begins at `base`, as `quoting` knows it; `end` has the bit of the end
    /// of the text, where that is in it.
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn take<L: Lanes>(
        &mut self,
        lanes: L,
        (block, base): (&[u8; BLOCK], usize),
        (quoting, end): (&mut Quoting, u64),
    ) {
        let marks = Marks::of(lanes, block, self.delimiter);
        let newlines = marks.newlines & !quoting.hidden(&marks, end);
        if let Some(last) = newlines.checked_ilog2().and_then(|bit| usize::try_from(bit).ok()) {
            self.record_end = base.saturating_add(last).saturating_add(1);
        }
    }

    /// Passes blocks without quotes.
    fn pass(&mut self, text: &[u8], quoting: &mut Quoting) {
        let splits = |byte: &u8| *byte == b'\n' || *byte == self.delimiter;
        if let Some(last) = text.last() {
            quoting.after_separator = u64::from(splits(last));
        }
        if let Some(newline) = memrchr(b'\n', text) {
            self.record_end = self.position.saturating_add(newline).saturating_add(1);
        }
        self.position = self.position.saturating_add(text.len());
    }
}

/// A scan of what is new in a buffer. Gives whether all quotes are around whole fields.
struct Scanning<'s> {
    scan: &'s mut QuoteScan,
    buffer: &'s [u8],
}

impl WithLanes for Scanning<'_> {
    type Output = bool;

    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> bool {
        let Self { scan, buffer } = self;
        let (mut blocks, rest) =
            buffer.get(scan.position..).unwrap_or_default().as_chunks::<BLOCK>();
        let mut quoting = scan.quoting;
        while let Some((first, others)) = blocks.split_first() {
            if quoting.is_outside() {
                let text = blocks.as_flattened();
                let plain = memchr(b'"', text).map_or(blocks.len(), |quote| quote / BLOCK);
                if let Some((passed, left)) = blocks.split_at_checked(plain).filter(|_| plain > 0) {
                    scan.pass(passed.as_flattened(), &mut quoting);
                    blocks = left;
                    continue;
                }
            }
            scan.take(lanes, (first, scan.position), (&mut quoting, 0));
            if quoting.tangled != 0 {
                return false;
            }
            scan.position = scan.position.saturating_add(BLOCK);
            blocks = others;
        }
        scan.quoting = quoting;
        // What follows the last block is looked at again when there is more.
        let mut last = [0; BLOCK];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        let end = u32::try_from(rest.len()).map_or(0, |end| 1_u64.unbounded_shl(end));
        scan.take(lanes, (&last, scan.position), (&mut quoting, end));
        scan.is_open = quoting.inside != 0;
        quoting.tangled == 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever comes at once, and wherever quotes stand.
        #[test]
        fn records_end_where_a_careful_scan_says(
            fields in proptest::collection::vec(
                (prop_oneof![
                    8 => "[a-z]{0,40}",
                    4 => "\"([a-z,\n]|\"\"){0,70}\"",
                    1 => "[a\",\r]{1,5}",
                ], prop_oneof![4 => Just(","), 2 => Just("\n"), 1 => Just("\r\n")]),
                0..60,
            ),
            steps in proptest::collection::vec(1..300_usize, 1..9),
            is_stray in proptest::bool::weighted(0.3),
        ) {
            let own = |(field, _): &&(String, &str)| {
                is_stray || !field.contains('\r') && (field.starts_with('"') || !field.contains('"'))
            };
            let text = fields.iter().filter(own);
            let text: Vec<u8> = text.flat_map(|(field, end)| [field.as_bytes(), end.as_bytes()].concat()).collect();
            let mut text = text.as_slice();
            let mut scan = QuoteScan::new(b',');
            let mut steps = steps.iter().cycle();
            let mut known = 0;
            while known < text.len() {
                known = text.len().min(known + steps.next().unwrap());
                let at_end = known == text.len();
                let buffer = &text[..known];
                let mut careful = CarefulScan::new(b',');
                careful.scan(buffer, at_end);
                scan.scan(buffer, at_end);
                prop_assert_eq!(scan.record_end(), careful.record_end());
                if at_end {
                    prop_assert_eq!(scan.open(buffer), careful.open());
                }
                let cut = careful.record_end();
                if cut > 0 && known % 3 == 0 {
                    prop_assert_eq!(scan.advance(cut), careful.malformed_before(cut));
                    text = &text[cut..];
                    known -= cut;
                }
            }
        }
    }
}
