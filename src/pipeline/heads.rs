//! What rows of one time segment have in common that have one price, by number.

use super::cells::{MOST_HEADS, size};
use super::places::{Places, mixed};
use super::prices::Prices;
use crate::formats::{Brief, COUNTED, bits};
use crate::ledger::{Key, Ledger, MeterMask, Segment, Shape, meter_bit};
use crate::usage::Meter;

/// What a row has in common with others of its segment, apart from its labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct HeadKey {
    pub(super) names: u64,
    /// In the lower half the meters in use, one bit each. In the upper one, from its
    /// lowest byte on: the context class, the limits that were reached, and whether
    /// they say what was billed.
    bits: u64,
}

/// Whether rows say what was billed, in the upper half of the bits of a key.
const BILLED: u32 = 1 << 24;

/// The bit of [`Meter::Input`].
const INPUT: u32 = 1;

const _: () = assert!(matches!(COUNTED[0], Meter::Input), "`INPUT` is its bit");

impl HeadKey {
    /// Of a row in a context class.
    #[inline]
    pub(super) fn new(row: &Brief, class: u32) -> Self {
        let billed = if row.has_billed { BILLED } else { 0 };
        let upper = u64::from(class | billed).unbounded_shl(32);
        Self { names: row.names, bits: u64::from(row.used) | upper }
    }

    #[inline]
    fn hash(self) -> u64 {
        mixed(self.names, self.bits)
    }

    /// The meters in use, one bit each.
    fn meters(self) -> u32 {
        u32::try_from(self.bits & u64::from(u32::MAX)).unwrap_or(0)
    }

    /// The upper half of its bits.
    fn upper(self) -> u32 {
        u32::try_from(self.bits.unbounded_shr(32)).unwrap_or(0)
    }

    /// The same without some meters.
    fn without(self, meters: u32) -> Self {
        Self { bits: self.bits & !u64::from(meters), ..self }
    }

    /// The key in the ledger of rows with these names: apart from their labels.
    fn key(self, names: &Key, segment: Segment) -> Key {
        let [class, window, cap, _] = self.upper().to_le_bytes();
        Key {
            segment: Some(segment.start),
            class,
            limits: (window, cap),
            billed: self.upper() & BILLED != 0,
            meters: mask(self.meters()),
            ..names.unlabelled()
        }
    }
}

/// The meters of some bits of [`COUNTED`], as the ledger has them.
fn mask(meters: u32) -> MeterMask {
    let used = bits(meters).filter_map(|bit| COUNTED.get(size(bit)));
    used.fold(0, |mask, meter| mask | meter_bit(*meter))
}

/// The number of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HeadAt(pub(super) u32);

/// Rows of one price; or of several keys, which differ in inert meters alone.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) key: Key,
    /// Its meters, one bit each.
    pub(super) meters: u32,
    pub(super) priced: bool,
}

impl Head {
    /// Which numbers the sums of its rows have.
    pub(super) const fn shape(&self) -> Shape {
        Shape::of(&self.key)
    }
}

/// The heads of one time segment.
#[derive(Debug, Default)]
pub(super) struct Heads {
    /// Each key with the number of its head.
    known: Vec<(HeadKey, u32)>,
    /// Of numbers of these keys.
    places: Places,
    all: Vec<Head>,
}

impl Heads {
    /// The number of a key's head.
    #[inline]
    pub(super) fn find(&self, key: HeadKey) -> Option<HeadAt> {
        let of = |at: u32| self.known.get(size(at.wrapping_sub(1)));
        let at = self.places.find(key.hash(), |at| of(at).is_some_and(|known| known.0 == key))?;
        of(at).map(|(_, head)| HeadAt(*head))
    }

    /// A head.
    pub(super) fn get(&self, at: HeadAt) -> Option<&Head> {
        self.all.get(size(at.0))
    }

    /// All of them.
    pub(super) fn into_all(self) -> Vec<Head> {
        self.all
    }

    /// Begins a key that has no head; `names` is a key in the ledger of rows with its
    /// names. Those of `meters` that are inert do not give it a head of its own. `None` where
    /// there are too many.
    pub(super) fn begin(
        &mut self,
        key: HeadKey,
        (names, segment): (&Key, Segment),
        meters: u32,
        (prices, ledger): (&mut Prices<'_>, &Ledger),
    ) -> Option<HeadAt> {
        let own = key.key(names, segment);
        let asked = if key.meters() & INPUT == 0 { 0 } else { meters & !INPUT };
        let common = key.without(inert(asked, &own, (prices, ledger)));
        if let Some(at) = self.find(common) {
            let head = self.all.get_mut(size(at.0))?;
            head.meters |= key.meters();
            head.key.meters |= own.meters;
            self.enter(key, at);
            return Some(at);
        }
        let at = u32::try_from(self.all.len()).ok().filter(|at| *at < MOST_HEADS).map(HeadAt)?;
        self.all.push(Head { key: own, meters: key.meters(), priced: prices.has(ledger, &own) });
        self.enter(key, at);
        if common != key {
            self.enter(common, at);
        }
        Some(at)
    }

    fn enter(&mut self, key: HeadKey, head: HeadAt) {
        self.known.push((key, head.0));
        let known = &self.known;
        let hash = |at: u32| known.get(size(at.wrapping_sub(1))).map_or(0, |known| known.0.hash());
        self.places.enter(u32::try_from(known.len()).unwrap_or(u32::MAX), hash);
    }
}

/// Which of some meters are inert for the rows of a key, one bit each.
fn inert(asked: u32, key: &Key, (prices, ledger): (&mut Prices<'_>, &Ledger)) -> u32 {
    if asked == 0 {
        return 0;
    }
    let found = prices.inert(mask(asked), (ledger, key));
    let is_inert = |bit: &u32| mask(1_u32.unbounded_shl(*bit)) & found != 0;
    bits(asked).filter(is_inert).fold(0, |all, bit| all | 1_u32.unbounded_shl(bit))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::formats::MAX_LABELS;
    use crate::ledger::{Cuts, Segments};
    use crate::rates::{Aliases, RateBook};
    use crate::scenario::Pricer;
    use crate::usage::{Instant, UsageRow};

    /// Begins rows of one model that use meters, the first few of which are kept apart; gives
    /// the head of each.
    fn heads(together: bool, uses: &[u32], apart: usize) -> (Heads, Vec<u32>) {
        let (book, aliases) = (RateBook::built_in().unwrap(), Aliases::default());
        let at = Instant::parse_log("2026-10-05T10:00:00Z").unwrap().instant;
        let cuts = Arc::new(Cuts::new(&book, TimeZone::UTC));
        let segment = Segments::new(&cuts).of(at);
        let mut ledger = Ledger::new(Arc::clone(&cuts));
        let row = UsageRow::of_model("openai", "gpt-4o");
        let names = ledger.key(&row, "", &[None; MAX_LABELS], (None, None));
        let pricer = Pricer::new(&book, &aliases, at);
        let mut prices =
            if together { Prices::of_sums(pricer, Vec::new()) } else { Prices::of_each(pricer) };
        let mut heads = Heads::default();
        let all = uses.iter().fold(0, |all, used| all | used);
        let begin = |(at, used): (usize, &u32)| {
            let key = HeadKey { names: 1, bits: u64::from(*used) };
            let meters = if at < apart { 0 } else { all };
            let prices = (&mut prices, &ledger);
            let known = heads.find(key);
            known.or_else(|| heads.begin(key, (&names, segment), meters, prices)).unwrap().0
        };
        let found = uses.iter().enumerate().map(begin).collect();
        (heads, found)
    }

    #[test]
    fn rows_that_differ_in_inert_meters_have_one_head() {
        let bit = |meter| 1 << COUNTED.iter().position(|own| *own == meter).unwrap();
        let (cached, output, training) =
            (bit(Meter::CachedInput), bit(Meter::Output), bit(Meter::Training));
        // Without input nothing is inert, and gpt-4o has no price for training.
        let uses = [
            INPUT | output,
            INPUT | cached,
            INPUT | cached | output,
            cached | output,
            INPUT | training,
            INPUT | training | output,
            INPUT,
        ];
        let (heads, found) = heads(true, &uses, 0);
        assert_eq!(found, [0, 0, 0, 1, 2, 2, 0]);
        let own: Vec<u32> = heads.into_all().iter().map(|head| head.meters).collect();
        assert_eq!(own, [INPUT | cached | output, cached | output, INPUT | training | output]);
        // Those that were kept apart at first stay so, and others join one of them.
        assert_eq!(self::heads(true, &uses, 2).1, [0, 1, 2, 3, 4, 4, 2]);
        assert_eq!(self::heads(false, &uses, 0).1, [0, 1, 2, 3, 4, 5, 6]);
    }
}
