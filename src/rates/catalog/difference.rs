//! What differs between two books: the prices that decide, cell by cell and
//! over time.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{BandView, ScopedFactor, published_amount, when};
use crate::money::{Money, permille};
use crate::rates::{Band, Cell, Evidence, RateBook, Threshold};
use crate::usage::{Instant, Meter, ServiceTier};

/// What differs.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// Version of the JSON shape.
    pub schema_version: u32,
    /// Always `USD`.
    pub currency: &'static str,
    /// The old book.
    pub old: String,
    /// The new book.
    pub new: String,
    /// Cells that the new book alone has.
    pub added: usize,
    /// Cells that the old book alone has.
    pub removed: usize,
    /// Cells with another amount.
    pub changed: usize,
    /// All of them, in a stable order: published amounts, before multipliers.
    pub cells: Vec<CellChange>,
    /// Multipliers that one of the books alone has.
    pub factors: Vec<FactorChange>,
    /// What else decides which price a row has, and one of the books alone has.
    pub settings: Vec<SettingChange>,
}

/// Something besides prices that one of two books has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SettingChange {
    /// Added or removed.
    pub change: ChangeKind,
    /// The provider.
    pub provider: String,
    /// The model; null where it is about all of the provider's.
    pub model: Option<String>,
    /// What it is, for example `alias`.
    pub setting: &'static str,
    /// What it says.
    pub value: String,
}

/// A multiplier that one of two books has.
#[derive(Debug, Clone, Serialize)]
pub struct FactorChange {
    /// Added or removed.
    pub change: ChangeKind,
    /// The multiplier.
    #[serde(flatten)]
    pub factor: ScopedFactor,
}

/// What happened to a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The new book alone has it.
    Added,
    /// The old book alone has it.
    Removed,
    /// Another amount.
    Changed,
}

/// A cell that differs, in an interval.
#[derive(Debug, Clone, Serialize)]
pub struct CellChange {
    /// What happened.
    pub change: ChangeKind,
    /// The provider.
    pub provider: String,
    /// The models; empty for a fee that holds for all.
    pub models: Vec<String>,
    /// The tier; null for a tool.
    pub tier: Option<String>,
    /// The context band; null for the base one.
    pub band: Option<BandView>,
    /// The regions; empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// The meter.
    pub meter: &'static str,
    /// First day or instant of the difference.
    pub from: String,
    /// First day or instant after it.
    pub to: Option<String>,
    /// What the amounts are for.
    pub per: &'static str,
    /// The old amount.
    pub old_usd: Option<Money>,
    /// The new amount.
    pub new_usd: Option<Money>,
    /// The change in percent, with one decimal and its sign.
    pub change_percent: Option<String>,
    /// Who vouches for the old amount.
    pub old_evidence: Option<&'static str>,
    /// Who vouches for the new amount.
    pub new_evidence: Option<&'static str>,
}

/// A cell apart from its interval and amount.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place<'b> {
    provider: &'b str,
    models: Vec<&'b str>,
    tier: Option<&'b ServiceTier>,
    band: Option<(Threshold, &'b str)>,
    regions: &'b [String],
    meter: Meter,
}

/// The prices of a place, strongest layer first.
type Prices<'b> = Vec<(Evidence, &'b Cell)>;

/// The old and the new price in an interval.
type Pair<'b> = [Option<(Evidence, &'b Cell)>; 2];

impl Difference {
    /// Compares two books by the prices that decide in each.
    pub fn between(old: (&str, &RateBook), new: (&str, &RateBook)) -> Self {
        let mut places: BTreeMap<Place<'_>, [Prices<'_>; 2]> = BTreeMap::new();
        for (at, book) in [old.1, new.1].into_iter().enumerate() {
            for (place, price) in cells(book) {
                if let Some(prices) = places.entry(place).or_default().get_mut(at) {
                    prices.push(price);
                }
            }
        }
        let cells: Vec<CellChange> =
            places.iter().flat_map(|(place, prices)| changes(place, prices)).collect();
        let count = |kind| cells.iter().filter(|cell| cell.change == kind).count();
        Self {
            schema_version: 1,
            currency: "USD",
            old: old.0.to_owned(),
            new: new.0.to_owned(),
            added: count(ChangeKind::Added),
            removed: count(ChangeKind::Removed),
            changed: count(ChangeKind::Changed),
            cells,
            factors: factor_changes(old.1, new.1),
            settings: setting_changes(old.1, new.1),
        }
    }

    /// Whether both books price all the same.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.factors.is_empty() && self.settings.is_empty()
    }
}

/// The multipliers that one book alone has. One that both have twice is in both.
fn factor_changes(old: &RateBook, new: &RateBook) -> Vec<FactorChange> {
    let (mut gone, mut come) = (Vec::new(), new.scoped_factors(|_, _| true));
    for factor in old.scoped_factors(|_, _| true) {
        match come.iter().position(|other| other.same_effect(&factor)) {
            Some(at) => drop(come.remove(at)),
            None => gone.push(factor),
        }
    }
    let change = |change| move |factor| FactorChange { change, factor };
    let gone = gone.into_iter().map(change(ChangeKind::Removed));
    gone.chain(come.into_iter().map(change(ChangeKind::Added))).collect()
}

/// A provider, a model, a setting and its value.
type Setting = (String, Option<String>, &'static str, String);

fn setting_changes(old: &RateBook, new: &RateBook) -> Vec<SettingChange> {
    let (old, new) = (settings(old), settings(new));
    let change = |change| {
        move |(provider, model, setting, value): &Setting| {
            let (provider, model, value) = (provider.clone(), model.clone(), value.clone());
            SettingChange { change, provider, model, setting, value }
        }
    };
    let gone = old.difference(&new).map(change(ChangeKind::Removed));
    gone.chain(new.difference(&old).map(change(ChangeKind::Added))).collect()
}

/// What decides, besides prices, which price a row has.
fn settings(book: &RateBook) -> BTreeSet<Setting> {
    let mut all = BTreeSet::new();
    for layer in book.layers() {
        let own = [("default_region", &layer.default_region), ("borrows", &layer.borrows)];
        let named = own.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
        all.extend(named.map(|(name, value)| (layer.provider.clone(), None, name, value)));
    }
    for model in book.entry_ids() {
        let (provider, id) = (book.model_provider(model), book.model_name(model));
        let mut add = |setting, value: String| {
            all.insert((provider.to_owned(), Some(id.to_owned()), setting, value));
        };
        for (_, part) in book.describe(model) {
            part.aliases.iter().for_each(|alias| add("alias", alias.clone()));
            if part.images_bill_as_text {
                add("images_bill_as_text", "true".to_owned());
            }
            let block = part.web_search_block.map(|tokens| tokens.to_string());
            if let Some(tokens) = block {
                add("web_search_block", tokens);
            }
        }
        for band in book.bands(model) {
            let how = if band.start.exclusive { "over" } else { "at_least" };
            add("band", format!("{}: {how} {}", band.name, band.start.tokens));
        }
    }
    all
}

/// Every cell of a book at its place, of each place the strongest first.
fn cells(book: &RateBook) -> Vec<(Place<'_>, (Evidence, &Cell))> {
    let mut cells = Vec::new();
    for model in book.entry_ids() {
        let bands = book.bands(model);
        for (layer, part) in book.priced_parts(model) {
            for cell in &part.cells {
                let band = cell.band.checked_sub(1).and_then(|band| bands.get(band));
                let place = Place {
                    provider: book.model_provider(model),
                    models: vec![book.model_name(model)],
                    tier: cell.tier.as_ref(),
                    band: band.map(|band| (band.start, band.name.as_str())),
                    regions: &cell.regions,
                    meter: cell.meter,
                };
                cells.push((place, (book.evidence(model, layer, cell), cell)));
            }
        }
    }
    for layer in book.layers() {
        for cell in &layer.tools {
            let mut models: Vec<&str> = cell.models.iter().map(String::as_str).collect();
            models.sort_unstable();
            let (provider, meter) = (layer.provider.as_str(), cell.meter);
            let regions = &cell.regions;
            let place = Place { provider, models, tier: None, band: None, regions, meter };
            cells.push((place, (cell.evidence, cell)));
        }
    }
    cells
}

/// The intervals in which the two prices of a place differ.
fn changes(place: &Place<'_>, prices: &[Prices<'_>; 2]) -> Vec<CellChange> {
    let ends = prices
        .iter()
        .flatten()
        .flat_map(|(_, cell)| [cell.from.or(Some(Instant::EARLIEST)), cell.to]);
    let ends: Vec<Instant> = ends.flatten().collect::<BTreeSet<_>>().into_iter().collect();
    let mut found: Vec<(Instant, Option<Instant>, Pair<'_>)> = Vec::new();
    for (at, from) in ends.iter().enumerate() {
        let to = ends.get(at.saturating_add(1)).copied();
        let pair = prices
            .each_ref()
            .map(|prices| prices.iter().find(|(_, cell)| cell.holds_at(*from)).copied());
        if amounts(&pair)[0] == amounts(&pair)[1] {
            continue;
        }
        match found.last_mut() {
            Some(last) if last.1 == Some(*from) && amounts(&last.2) == amounts(&pair) => {
                last.1 = to;
            }
            _ => found.push((*from, to, pair)),
        }
    }
    found.into_iter().map(|(from, to, pair)| change(place, (from, to), pair)).collect()
}

fn amounts(pair: &Pair<'_>) -> [Option<Money>; 2] {
    pair.map(|price| price.map(|(_, cell)| published_amount(cell.rate, cell.meter)))
}

fn change(place: &Place<'_>, time: (Instant, Option<Instant>), pair: Pair<'_>) -> CellChange {
    let [old_usd, new_usd] = amounts(&pair);
    let kind = match (old_usd, new_usd) {
        (None, _) => ChangeKind::Added,
        (_, None) => ChangeKind::Removed,
        (Some(_), Some(_)) => ChangeKind::Changed,
    };
    let [old_evidence, new_evidence] = pair.map(|price| price.map(|(by, _)| by.name()));
    let band = place.band.map(|(start, name)| Band { name: name.to_owned(), start });
    CellChange {
        change: kind,
        provider: place.provider.to_owned(),
        models: place.models.iter().map(|model| (*model).to_owned()).collect(),
        tier: place.tier.map(|tier| tier.name().to_owned()),
        band: band.as_ref().map(BandView::new),
        regions: place.regions.to_vec(),
        meter: place.meter.name(),
        from: when(time.0),
        to: time.1.map(when),
        per: place.meter.unit().priced_per(),
        change_percent: old_usd.zip(new_usd).and_then(|(old, new)| percent(old, new)),
        old_usd,
        new_usd,
        old_evidence,
        new_evidence,
    }
}

/// The change in percent, rounded half away from zero to one decimal; `None`
/// where the old amount is nothing.
fn percent(old: Money, new: Money) -> Option<String> {
    let delta = new.checked_sub(old)?;
    let tenths = permille(delta.atto().unsigned_abs(), old.atto().unsigned_abs())?;
    let sign = if delta < Money::ZERO { '-' } else { '+' };
    let digits = format!("{tenths:02}");
    let (whole, decimal) = digits.split_at(digits.len().saturating_sub(1));
    Some(format!("{sign}{whole}.{decimal}"))
}
