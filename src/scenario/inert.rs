//! Meters that decide nothing but an amount, so that rows which differ in them alone can
//! be summed together.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::TierChoice;
use super::classes::price_key;
use super::pricer::{Class, Pricer};
use crate::ledger::{Cell, Key, Ledger, MeterMask, PriceKey, meter_bit};
use crate::usage::Meter;

/// Finds inert meters: whether a row that has text input uses one or not, it has a price
/// under the same tiers and lacks one for the same reason, and the same is told of it.
///
/// That holds under several books, of which a ledger is priced with each. It does not
/// hold where a share of input is assumed to be cached, nor in other books: a ledger of
/// rows that were summed together is not to be kept.
#[derive(Debug)]
pub struct InertMeters<'b> {
    books: Vec<Pricer<'b>>,
    known: HashMap<(PriceKey, MeterMask), MeterMask, FixedState>,
}

impl<'b> InertMeters<'b> {
    /// For these books; the others have only prices of the first one.
    pub fn new(books: Vec<Pricer<'b>>) -> Self {
        Self { books, known: HashMap::default() }
    }

    /// Those of some meters that are inert for the rows of a key, apart from its own meters.
    pub fn among(&mut self, meters: MeterMask, (ledger, key): (&Ledger, &Key)) -> MeterMask {
        let key = Key { meters: meter_bit(Meter::Input), ..*key };
        let Some(first) = self.books.first() else { return 0 };
        let cell = Cell::default();
        let view = ledger.view(&key, &cell);
        let price_key = price_key(first, &view);
        if let Some(known) = self.known.get(&(price_key, meters)) {
            return *known;
        }
        let mut inert = meters;
        for (at, pricer) in self.books.iter_mut().enumerate() {
            inert = match pricer.class(&view) {
                Ok(class) => of_class(&class, inert),
                // What rows without a price would cost at Standard is told of the first book.
                Err(_) if at == 0 => 0,
                // None has a price, for a reason that comes before all other meters.
                Err(_) => inert,
            };
        }
        self.known.insert((price_key, meters), inert);
        inert
    }
}

fn of_class(class: &Class<'_>, meters: MeterMask) -> MeterMask {
    let inert = Meter::of_bits(meters).filter(|meter| is_inert(class, *meter));
    inert.fold(0, |mask, meter| mask | meter_bit(meter))
}

fn is_inert(class: &Class<'_>, meter: Meter) -> bool {
    let decides_nothing = |tier: TierChoice| {
        let list = class.list(tier);
        // A tier without a price for text input has none for the row, whatever else it uses.
        let has = |meter| list.of(meter).is_ok();
        !has(Meter::Input) || (has(meter) && has(meter.without_caching()))
    };
    TierChoice::FIXED.into_iter().all(decides_nothing) && is_told_alike(class, meter)
}

/// Whether the use of a meter besides text input changes nothing of what is told of a
/// recorded price: when it was last checked, at the earliest, and what it was multiplied by.
fn is_told_alike(class: &Class<'_>, meter: Meter) -> bool {
    let list = class.list(TierChoice::Recorded);
    let pair = (list.of(Meter::Input), list.of(meter));
    let (Ok(input), Ok(own)) = pair else { return false };
    input.checked <= own.checked && (own.factors.is_empty() || own.factors == input.factors)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::ledger::Cuts;
    use crate::rates::{Aliases, CardSource, RateBook};
    use crate::usage::{Instant, UsageRow};

    const CARD: &str = r#"
        schema = 1
        layer = "card"
        provider = "tester"
        evidence = "user"
        table = "partial"
        source = "a test"
        checked = 2026-10-01
        [sources.older]
        text = "an older page"
        checked = 2026-09-01
        [sources.newer]
        text = "a newer page"
        checked = 2026-10-02
        [[models]]
        id = "one"
        prices = [
            { tier = "standard", usd = { input = "1.00", output = "2.00", audio_input = "3.00" } },
            { tier = "standard", usd = { audio_output = "4.00" }, source = "older" },
            { tier = "standard", usd = { image_output = "5.00" }, source = "newer" },
            { tier = "flex", usd = { input = "0.50", output = "1.00", audio_output = "2.00", image_output = "2.50" } },
        ]
    "#;

    const FACTOR: &str = r#"
        [[factors]]
        name = "discount"
        multiplier = "0.5"
        meters = ["output", "image_output"]
    "#;

    fn book(cards: &[&str]) -> RateBook {
        let source = |text: &&str| CardSource { name: "card".to_owned(), text: (*text).to_owned() };
        RateBook::with_cards(&cards.iter().map(source).collect::<Vec<_>>()).unwrap()
    }

    /// Those of some meters that are inert for a model.
    fn inert(books: &[&RateBook], model: &str, meters: &[Meter]) -> Vec<Meter> {
        let (aliases, at) =
            (Aliases::default(), Instant::parse_log("2026-10-05T10:00:00Z").unwrap().instant);
        let pricers = books.iter().map(|book| Pricer::new(book, &aliases, at));
        let mut finder = InertMeters::new(pricers.collect());
        let mut ledger = Ledger::new(Arc::new(Cuts::new(books[0], TimeZone::UTC)));
        let key =
            ledger.key(&UsageRow::of_model("tester", model), "", &Default::default(), (None, None));
        let asked = meters.iter().fold(0, |mask, meter| mask | meter_bit(*meter));
        Meter::of_bits(finder.among(asked, (&ledger, &key))).collect()
    }

    #[test]
    fn a_meter_that_decides_a_price_or_what_is_told_of_it_is_not_inert() {
        use Meter::{AudioInput, AudioOutput, CachedInput, ImageOutput, Output, Training};
        let book = book(&[CARD]);
        // Flex has no audio input, and no tier has training; Priority and Batch have nothing.
        // That of audio output was checked before that of input.
        let all = [CachedInput, Output, AudioInput, AudioOutput, ImageOutput, Training];
        assert_eq!(inert(&[&book], "one", &all), [CachedInput, Output, ImageOutput]);
        assert_eq!(inert(&[&book], "one", &[AudioInput, Output]), [Output]);
        // What rows would cost at Standard is told of those without a price.
        assert!(inert(&[&book], "another", &all).is_empty());
    }

    #[test]
    fn a_meter_that_a_factor_sets_apart_is_not_inert() {
        use Meter::{CachedInput, ImageOutput, Output};
        let all = [CachedInput, Output, ImageOutput];
        let some = format!("{CARD}{FACTOR}");
        assert_eq!(inert(&[&book(&[&some])], "one", &all), [CachedInput]);
        let every = some.replace("meters = [\"output\", \"image_output\"]", "");
        assert_eq!(inert(&[&book(&[&every])], "one", &all), all);
    }

    #[test]
    fn what_is_inert_is_so_under_every_book() {
        use Meter::{CachedInput, ImageOutput, Output};
        let all = [CachedInput, Output, ImageOutput];
        let (whole, without) = (book(&[CARD]), CARD.replace(", image_output = \"2.50\"", ""));
        assert_eq!(inert(&[&whole, &book(&[&without])], "one", &all), [CachedInput, Output]);
        // A book that does not price input has no row with a price.
        assert_eq!(inert(&[&whole, &book(&[])], "one", &all), all);
    }
}
