//! The prices of a book at an instant: one row a model, tier and band.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{BandView, PriceView, ScopedFactor, UnknownModel, when};
use crate::rates::lookup::Aliases;
use crate::rates::{Cell, Layer, ModelId, RateBook};
use crate::usage::{Instant, Meter, ServiceTier};

/// What is listed.
#[derive(Debug, Clone)]
pub struct ListQuery<'q> {
    /// Only this provider's models.
    pub provider: Option<&'q str>,
    /// Only this model, found as a logged name is.
    pub model: Option<&'q str>,
    /// Only this tier.
    pub tier: Option<ServiceTier>,
    /// When.
    pub at: Instant,
}

/// The book that a view is of.
#[derive(Debug, Clone, Serialize)]
pub struct BookView {
    /// The newest day on which a layer was checked.
    pub as_of: String,
    /// SHA-256 of the card texts.
    pub sha256: String,
    /// Its layers, strongest first.
    pub layers: Vec<String>,
}

/// The prices of a book at an instant.
#[derive(Debug, Clone, Serialize)]
pub struct Listing {
    /// Version of the JSON shape.
    pub schema_version: u32,
    /// Always `USD`.
    pub currency: &'static str,
    /// When.
    pub at: String,
    /// The book.
    pub rate_book: BookView,
    /// The rows.
    pub rows: Vec<RowView>,
    /// The fees of tools, the same in every tier.
    pub tools: Vec<ToolView>,
    /// What is not in these prices: multipliers that hold then for some of them.
    pub factors: Vec<ScopedFactor>,
    /// Models that have prices at other dates only.
    pub at_other_dates: Vec<String>,
}

/// What a model costs under a tier, in a band, while none of it changes.
#[derive(Debug, Clone, Serialize)]
pub struct RowView {
    /// The provider.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The tier.
    pub tier: String,
    /// The context band; null for the base one.
    pub band: Option<BandView>,
    /// The regions; empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// First day or instant on which all prices of the row hold.
    pub from: String,
    /// First day or instant on which one of them no longer holds.
    pub to: Option<String>,
    /// The published prices.
    pub prices: Vec<PriceView>,
}

/// The fee of a tool.
#[derive(Debug, Clone, Serialize)]
pub struct ToolView {
    /// The provider.
    pub provider: String,
    /// The models that it holds for; empty for all.
    pub models: Vec<String>,
    /// The fee.
    pub price: PriceView,
}

/// A row with its interval as instants.
pub(super) struct TimedRow {
    from: Instant,
    to: Option<Instant>,
    pub(super) row: RowView,
}

impl TimedRow {
    fn holds_at(&self, at: Instant) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }
}

/// A cell with its layer.
type Held<'b> = (&'b Layer, &'b Cell);

impl RateBook {
    /// The prices at an instant that a query asks for.
    pub fn listing(
        &self,
        query: &ListQuery<'_>,
        aliases: &Aliases,
    ) -> Result<Listing, UnknownModel> {
        let mut listing = Listing {
            schema_version: 1,
            currency: "USD",
            at: when(query.at),
            rate_book: self.view(),
            rows: Vec::new(),
            tools: Vec::new(),
            factors: Vec::new(),
            at_other_dates: Vec::new(),
        };
        let models = self.asked_models(query, aliases)?;
        for model in &models {
            let rows = self.history(*model);
            let asked =
                |row: &TimedRow| query.tier.as_ref().is_none_or(|tier| row.row.tier == tier.name());
            let rows: Vec<TimedRow> = rows.into_iter().filter(asked).collect();
            if !rows.is_empty() && !rows.iter().any(|row| row.holds_at(query.at)) {
                listing.at_other_dates.push(self.model_name(*model).to_owned());
            }
            let held = rows.into_iter().filter(|row| row.holds_at(query.at));
            listing.rows.extend(held.map(|row| row.row));
        }
        listing.tools = self.tools_of(query, &models);
        listing.factors = self.factors_of(query, &models);
        Ok(listing)
    }

    /// The book itself.
    pub fn view(&self) -> BookView {
        BookView {
            as_of: when(self.as_of()),
            sha256: self.sha256().to_owned(),
            layers: self.layers().iter().map(|layer| layer.name.clone()).collect(),
        }
    }

    fn asked_models(
        &self,
        query: &ListQuery<'_>,
        aliases: &Aliases,
    ) -> Result<Vec<ModelId>, UnknownModel> {
        let of_provider = |provider: &str| {
            query.provider.is_none_or(|asked| asked.eq_ignore_ascii_case(provider))
        };
        let Some(name) = query.model else {
            let all = self.every_model().filter(|model| of_provider(self.model_provider(*model)));
            return Ok(all.collect());
        };
        let providers: BTreeSet<&str> =
            self.every_model().map(|model| self.model_provider(model)).collect();
        let asked = providers.into_iter().filter(|provider| of_provider(provider));
        let found: Vec<ModelId> =
            asked.filter_map(|provider| Some(self.find(provider, name, aliases)?.model)).collect();
        if found.is_empty() {
            self.find_or_near(query.provider.unwrap_or_default(), name, aliases)?;
        }
        Ok(found)
    }

    /// The multipliers that hold then for some of the models, and for which.
    fn factors_of(&self, query: &ListQuery<'_>, models: &[ModelId]) -> Vec<ScopedFactor> {
        let ids = |provider: &str| -> BTreeSet<&str> {
            let own = models.iter().filter(|model| self.model_provider(**model) == provider);
            own.map(|model| self.model_name(*model)).collect()
        };
        let mut factors = self.scoped_factors(|layer, factor| {
            let ids = ids(&layer.provider);
            let tier = |tier: &ServiceTier| factor.tiers.is_empty() || factor.tiers.contains(tier);
            let named = factor.models.iter().any(|name| ids.contains(name.as_str()));
            (named || (factor.models.is_empty() && !ids.is_empty()))
                && query.tier.as_ref().is_none_or(tier)
                && factor.holds_at(query.at)
        });
        for factor in &mut factors {
            let ids = ids(&factor.provider);
            factor.models.retain(|name| ids.contains(name.as_str()));
        }
        factors
    }

    fn tools_of(&self, query: &ListQuery<'_>, models: &[ModelId]) -> Vec<ToolView> {
        let asked: BTreeSet<(&str, &str)> = models
            .iter()
            .map(|model| (self.model_provider(*model), self.model_name(*model)))
            .collect();
        let holds_for = |provider: &str, cell: &Cell| {
            asked.iter().any(|(of, id)| {
                *of == provider
                    && (cell.models.is_empty() || cell.models.iter().any(|model| model == id))
            })
        };
        let mut seen: BTreeSet<(&str, Meter, &[String])> = BTreeSet::new();
        let mut tools = Vec::new();
        for layer in self.layers() {
            for cell in layer.tools.iter().filter(|cell| cell.holds_at(query.at)) {
                let new = holds_for(&layer.provider, cell)
                    && seen.insert((&layer.provider, cell.meter, &cell.models));
                if new {
                    let price = PriceView::of_cell(layer, cell);
                    let (provider, models) = (layer.provider.clone(), cell.models.clone());
                    tools.push(ToolView { provider, models, price });
                }
            }
        }
        tools
    }

    /// A cell as the price of a model.
    fn own_view(&self, model: ModelId, (layer, cell): Held<'_>) -> PriceView {
        let evidence = self.evidence(model, layer, cell).name();
        PriceView { evidence, ..PriceView::of_cell(layer, cell) }
    }

    /// A model's prices, interval by interval, by tier and band.
    pub(super) fn history(&self, model: ModelId) -> Vec<TimedRow> {
        let mut places: BTreeMap<Place<'_>, Vec<Held<'_>>> = BTreeMap::new();
        for (layer, part) in self.describe(model) {
            for cell in &part.cells {
                if let Some(tier) = &cell.tier {
                    let place = (tier, cell.band, &*cell.regions);
                    places.entry(place).or_default().push((layer, cell));
                }
            }
        }
        let rows = places.into_iter().flat_map(|((tier, band, regions), cells)| {
            intervals(&cells).into_iter().map(move |(from, to, held)| TimedRow {
                from,
                to,
                row: RowView {
                    provider: self.model_provider(model).to_owned(),
                    model: self.model_name(model).to_owned(),
                    tier: tier.name().to_owned(),
                    band: self.band_view(model, band),
                    regions: regions.to_vec(),
                    from: when(from),
                    to: to.map(when),
                    prices: held.into_iter().map(|held| self.own_view(model, held)).collect(),
                },
            })
        });
        rows.collect()
    }
}

/// A tier, a band and the regions of a row.
type Place<'b> = (&'b ServiceTier, usize, &'b [String]);

/// The intervals in which the cells that hold are the same, with those cells.
fn intervals<'b>(cells: &[Held<'b>]) -> Vec<(Instant, Option<Instant>, Vec<Held<'b>>)> {
    let ends = cells.iter().flat_map(|(_, cell)| [cell.from.or(Some(Instant::EARLIEST)), cell.to]);
    let ends: Vec<Instant> = ends.flatten().collect::<BTreeSet<_>>().into_iter().collect();
    let mut rows: Vec<(Instant, Option<Instant>, Vec<Held<'b>>)> = Vec::new();
    for (at, from) in ends.iter().enumerate() {
        let to = ends.get(at.saturating_add(1)).copied();
        let held = held_at(cells, *from);
        match rows.last_mut() {
            Some(last) if last.1 == Some(*from) && same(&last.2, &held) => last.1 = to,
            _ if held.is_empty() => {}
            _ => rows.push((*from, to, held)),
        }
    }
    rows
}

/// The cell of each meter that holds: the strongest layer's.
fn held_at<'b>(cells: &[Held<'b>], at: Instant) -> Vec<Held<'b>> {
    let strongest = Meter::ALL.iter().filter_map(|meter| {
        cells.iter().find(|(_, cell)| cell.meter == *meter && cell.holds_at(at)).copied()
    });
    strongest.collect()
}

fn same(one: &[Held<'_>], other: &[Held<'_>]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| std::ptr::eq(a.1, b.1))
}
