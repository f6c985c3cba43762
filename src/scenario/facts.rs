//! What a reader needs to know about how totals came about: cells that were
//! borrowed or vouched for by others than the provider, tool fees with an upper
//! figure, prices checked earlier than the usage.

use std::collections::{BTreeMap, BTreeSet};

use super::comparison::OutOfRange;
use super::total::add;
use super::{Caching, Class, Scenario, TierChoice};
use crate::ledger::View;
use crate::money::Money;
use crate::rates::{Cost, Evidence, Model, ModelId, Priced, RateBook, SESSION_FLOOR_MINUTES};
use crate::usage::{Instant, Meter};

/// A meter that was priced from another meter's cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Borrowing {
    /// The tier.
    pub tier: TierChoice,
    /// The meter.
    pub meter: Meter,
    /// The meter whose price it took.
    pub from: Meter,
}

/// Web search calls, and what a reader must know of their fee.
#[derive(Debug, Clone, Copy, Default)]
pub struct WebSearch {
    /// Calls of no named kind, where the preview tool costs more.
    pub calls: u128,
    /// What they cost more if they were of the preview tool.
    pub upper_extra: Money,
    /// Calls on models for which the provider also bills a block of input.
    pub block_calls: u128,
    /// What those blocks cost at the recorded tier.
    pub block_usd: Money,
}

/// What a reader needs to know about how totals came about.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Borrowed prices, each with the models that borrowed.
    pub borrowed: BTreeMap<Borrowing, BTreeSet<String>>,
    /// Cells that others than the provider vouch for: tier, meter, evidence,
    /// each with the models.
    pub vouched: BTreeMap<(Evidence, TierChoice, Meter), BTreeSet<String>>,
    /// Web search calls.
    pub web_search: WebSearch,
    /// What code interpreter sessions cost less if they were as short as the
    /// provider bills.
    pub session_floor_saving: Money,
    /// Code interpreter sessions that are priced as 20 minutes.
    pub sessions_as_minutes: u128,
    /// Rows later than the day on which one of their prices was last checked, by
    /// that day, the earliest of them.
    pub after_checked: BTreeMap<Instant, u64>,
    /// Rows of free tokens.
    pub free_rows: u64,
    /// What they would cost at Standard.
    pub free_list_usd: Money,
    /// Rows whose recorded price was multiplied, by the factor's name and
    /// multiplier.
    pub multiplied: BTreeMap<(String, String), u64>,
    /// Rows priced from another provider's list: that provider, and the models.
    pub lent: BTreeMap<(String, String), BTreeSet<String>>,
    /// Rows without a region whose provider prices by region: the provider, the
    /// region that they were priced as, how many.
    pub region_assumed: BTreeMap<(String, String), u64>,
    /// Requests at or over their model's context window, by model.
    pub at_window: BTreeMap<String, u64>,
    /// Requests at or over their model's output cap, by model.
    pub at_cap: BTreeMap<String, u64>,
    /// The first and the last instant of each model's usage.
    spans: BTreeMap<ModelId, (Instant, Instant)>,
}

/// Seconds of a day.
const DAY: i64 = 86_400;

/// The prices of a cell's meters as recorded.
fn recorded_prices<'b>(view: &View<'_>, class: &Class<'b>) -> Vec<Priced<'b>> {
    let list = class.list(TierChoice::Recorded);
    view.meters().filter_map(|meter| list.of(meter).ok()).collect()
}

/// The day after one of a cell's prices was last checked, the earliest of them;
/// `None` for free rows.
pub(super) fn unchecked_from(view: &View<'_>, class: &Class<'_>) -> Option<Instant> {
    let prices = recorded_prices(view, class);
    let checked = prices.iter().map(|price| price.checked).min();
    checked.filter(|_| !class.free).map(|checked| checked.later(DAY))
}

impl Facts {
    /// Notes what one cost under a scenario rests on.
    pub(super) fn note_cost(
        &mut self,
        (book, model): (&RateBook, ModelId),
        scenario: Scenario,
        cost: &Cost<'_>,
    ) {
        let name = book.model_name(model);
        for line in &cost.lines {
            let (meter, price) = (line.meter, line.price);
            if let Some(from) = price.borrowed_from
                && scenario.caching != Caching::None
                && meter.is_token()
            {
                let borrowing = Borrowing { tier: scenario.tier, meter, from };
                self.borrowed.entry(borrowing).or_default().insert(name.to_owned());
            }
            if let Some(lender) = price.lender {
                let pair = (book.model_provider(model).to_owned(), lender.to_owned());
                self.lent.entry(pair).or_default().insert(name.to_owned());
            }
            if price.evidence != Evidence::Provider {
                let key = (price.evidence, scenario.tier, meter);
                self.vouched.entry(key).or_default().insert(name.to_owned());
            }
        }
    }

    /// Notes what one ledger cell with a price is told by: the limits that it reaches,
    /// and its time, with the instant from which on its prices were not checked.
    pub(super) fn note_cell(
        &mut self,
        book: &RateBook,
        view: &View<'_>,
        class: &Class<'_>,
        (at, unchecked_from): (Instant, Option<Instant>),
    ) {
        self.note_limits(book, view, class);
        let span = self.spans.entry(class.found.model).or_insert((at, at));
        *span = (span.0.min(at), span.1.max(at));
        if let Some(from) = unchecked_from.filter(|from| *from <= at) {
            let rows = self.after_checked.entry(from.later(-DAY)).or_default();
            *rows = rows.saturating_add(view.cell.rows);
        }
    }

    /// Notes what cells rest on that cost the same per unit.
    pub(super) fn note_alike(
        &mut self,
        book: &RateBook,
        view: &View<'_>,
        class: &Class<'_>,
    ) -> Result<(), OutOfRange> {
        self.note_origin(book, view, class);
        let totals = view.totals();
        if class.free {
            self.free_rows = self.free_rows.saturating_add(view.cell.rows);
            let list =
                class.list(TierChoice::Standard).price(&totals).map_err(|_no_rate| OutOfRange)?;
            return add(&mut self.free_list_usd, list.total);
        }
        self.note_tools(book, view, class)?;
        let prices = recorded_prices(view, class);
        let factors = prices.iter().flat_map(|price| book.factors(price.factors));
        let named = factors.map(|factor| (factor.name.clone(), factor.multiplier.to_string()));
        for factor in named.collect::<BTreeSet<_>>() {
            let rows = self.multiplied.entry(factor).or_default();
            *rows = rows.saturating_add(view.cell.rows);
        }
        Ok(())
    }

    /// Whose prices, and of which region, where the log does not settle it.
    fn note_origin(&mut self, book: &RateBook, view: &View<'_>, class: &Class<'_>) {
        let model = class.found.model;
        let provider = || book.model_provider(model).to_owned();
        let region = book.region(model, "");
        if class.region_assumed && !region.is_empty() {
            let rows = self.region_assumed.entry((provider(), region.to_owned())).or_default();
            *rows = rows.saturating_add(view.cell.rows);
        }
    }

    fn note_limits(&mut self, book: &RateBook, view: &View<'_>, class: &Class<'_>) {
        if view.key.limits == (0, 0) {
            return;
        }
        let model = class.found.model;
        let name = book.model_name(model);
        let limit =
            |pick: fn(&Model) -> Option<u64>| book.describe(model).find_map(|(_, part)| pick(part));
        let pairs = [
            (view.reached_window(), limit(|part| part.context_window), &mut self.at_window),
            (view.reached_cap(), limit(|part| part.max_output), &mut self.at_cap),
        ];
        for (reached, limit, found) in pairs {
            if limit.is_some_and(|limit| reached >= Some(limit)) {
                let rows = found.entry(name.to_owned()).or_default();
                *rows = rows.saturating_add(view.cell.rows);
            }
        }
    }

    /// Prices that changed while a model was in use: the model, and when.
    pub fn price_changes(&self, book: &RateBook) -> BTreeSet<(Instant, String)> {
        let changes = self.spans.iter().flat_map(|(model, (first, last))| {
            let name = book.model_name(*model);
            book.price_changes(*model, *first, *last)
                .into_iter()
                .map(move |at| (at, name.to_owned()))
        });
        changes.collect()
    }

    fn note_tools(
        &mut self,
        book: &RateBook,
        view: &View<'_>,
        class: &Class<'_>,
    ) -> Result<(), OutOfRange> {
        let totals = view.totals();
        let recorded = class.list(TierChoice::Recorded);
        let (calls, sessions) =
            (totals.get(Meter::WebSearchCall), totals.get(Meter::CodeInterpreterSession));
        if calls > 0 {
            if let (Ok(plain), Ok(preview)) =
                (recorded.of(Meter::WebSearchCall), recorded.of(Meter::WebSearchPreviewCall))
            {
                let (plain, preview) = (plain.rate.cost(calls), preview.rate.cost(calls));
                let extra = preview
                    .zip(plain)
                    .and_then(|(high, low)| high.checked_sub(low))
                    .ok_or(OutOfRange)?;
                if extra > Money::ZERO {
                    self.web_search.calls = self.web_search.calls.saturating_add(calls);
                    add(&mut self.web_search.upper_extra, extra)?;
                }
            }
            let block =
                book.describe(class.found.model).find_map(|(_, part)| part.web_search_block);
            if let (Some(block), Ok(input)) = (block, recorded.of(Meter::Input)) {
                self.web_search.block_calls = self.web_search.block_calls.saturating_add(calls);
                let tokens = calls.saturating_mul(u128::from(block));
                add(&mut self.web_search.block_usd, input.rate.cost(tokens).ok_or(OutOfRange)?)?;
            }
        }
        if let (Ok(session), Ok(minute)) =
            (recorded.of(Meter::CodeInterpreterSession), recorded.of(Meter::ContainerMinute))
            && sessions > 0
            && session.borrowed_from == Some(Meter::ContainerMinute)
        {
            self.sessions_as_minutes = self.sessions_as_minutes.saturating_add(sessions);
            let minutes = sessions.saturating_mul(u128::from(SESSION_FLOOR_MINUTES));
            let floor = minute.rate.cost(minutes).ok_or(OutOfRange)?;
            let full = session.rate.cost(sessions).ok_or(OutOfRange)?;
            add(&mut self.session_floor_saving, full.checked_sub(floor).ok_or(OutOfRange)?)?;
        }
        Ok(())
    }
}
