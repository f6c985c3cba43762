//! One model: its tiers side by side, what borrows, what is missing, its
//! history and its sources.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{BandView, PriceView, RowView, UnknownModel, when};
use crate::rates::lookup::Aliases;
use crate::rates::pricing::PriceList;
use crate::rates::{ModelId, PriceQuery, RateBook, Threshold};
use crate::usage::{Instant, Meter, ServiceTier};

/// One model.
#[derive(Debug, Clone, Serialize)]
pub struct Sheet {
    /// Version of the JSON shape.
    pub schema_version: u32,
    /// Always `USD`.
    pub currency: &'static str,
    /// The name that was asked for.
    pub asked: String,
    /// The rule by which it is the model.
    pub rule: &'static str,
    /// The model.
    pub model: String,
    /// The provider.
    pub provider: String,
    /// Names that share its prices.
    pub aliases: Vec<String>,
    /// The most input and output tokens of one request.
    pub context_window: Option<u64>,
    /// The most output tokens of one request.
    pub max_output: Option<u64>,
    /// When the tables hold.
    pub at: String,
    /// Where they hold; null where all regions have one price.
    pub region: Option<String>,
    /// The columns of the tables.
    pub tiers: Vec<String>,
    /// A table a band, the base one first.
    pub bands: Vec<BandTable>,
    /// What is priced by another meter's cell.
    pub borrowing: Vec<Borrowing>,
    /// What has no price.
    pub missing: Vec<Missing>,
    /// The model whose training price it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trains_as: Option<String>,
    /// The fees of tools, the same in every tier.
    pub tools: Vec<PriceView>,
    /// The published prices, interval by interval.
    pub history: Vec<RowView>,
    /// Where they come from.
    pub sources: Vec<SourceView>,
}

/// The prices of one context band.
#[derive(Debug, Clone, Serialize)]
pub struct BandTable {
    /// The band; null for the base one.
    pub band: Option<BandView>,
    /// A line a meter.
    pub meters: Vec<MeterLine>,
}

/// The prices of a meter.
#[derive(Debug, Clone, Serialize)]
pub struct MeterLine {
    /// The meter.
    pub meter: &'static str,
    /// By tier, in the order of the tiers; null where there is none.
    pub prices: Vec<Option<PriceView>>,
}

/// A meter that is priced by another one's cell.
#[derive(Debug, Clone, Serialize)]
pub struct Borrowing {
    /// The band; null for the base one.
    pub band: Option<String>,
    /// The meter.
    pub meter: &'static str,
    /// The meter whose cell it has.
    pub from: &'static str,
    /// In these tiers.
    pub tiers: Vec<String>,
}

/// What a tier has no price for.
#[derive(Debug, Clone, Serialize)]
pub struct Missing {
    /// The band; null for the base one.
    pub band: Option<String>,
    /// The tier.
    pub tier: String,
    /// Why.
    pub reason: &'static str,
    /// The meters; empty for all.
    pub meters: Vec<&'static str>,
}

/// Where prices of a model come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SourceView {
    /// The layer.
    pub layer: String,
    /// Who vouches for it.
    pub evidence: &'static str,
    /// When it was last checked.
    pub checked: String,
    /// Where it was published.
    pub source: String,
}

impl RateBook {
    /// What the book has of a model, its tables at an instant.
    pub fn sheet(
        &self,
        provider: &str,
        name: &str,
        aliases: &Aliases,
        (region, at): (&str, Instant),
    ) -> Result<Sheet, UnknownModel> {
        let found = self.find_or_near(provider, name, aliases)?;
        let (model, tiers) = (found.model, self.tiers_of(found.model));
        let region = self.region(model, region);
        let maker = Maker { book: self, model, tiers, region, at };
        let tables: Vec<Columns<'_>> = maker.tables();
        let parts = || self.describe(found.model).map(|(_, part)| part);
        let aliases: BTreeSet<&String> = parts().flat_map(|part| &part.aliases).collect();
        Ok(Sheet {
            schema_version: 1,
            currency: "USD",
            asked: name.to_owned(),
            rule: found.rule.name(),
            model: self.model_name(found.model).to_owned(),
            provider: self.model_provider(found.model).to_owned(),
            aliases: aliases.into_iter().cloned().collect(),
            context_window: parts().find_map(|part| part.context_window),
            max_output: parts().find_map(|part| part.max_output),
            at: when(at),
            region: Some(region).filter(|name| !name.is_empty()).map(str::to_owned),
            tiers: maker.tiers.iter().map(|tier| tier.name().to_owned()).collect(),
            bands: tables.iter().map(|columns| maker.table(columns)).collect(),
            borrowing: tables.iter().flat_map(|columns| maker.borrowing(columns)).collect(),
            missing: tables.iter().flat_map(|columns| maker.missing(columns)).collect(),
            trains_as: maker.trains_as(),
            tools: maker.tools(),
            history: self.history(found.model).into_iter().map(|row| row.row).collect(),
            sources: maker.sources(),
        })
    }

    /// The four tiers that are compared, and the further ones that it has.
    pub(super) fn tiers_of(&self, model: ModelId) -> Vec<ServiceTier> {
        use ServiceTier::{Batch, Flex, Priority, Standard};
        let cells = self.describe(model).flat_map(|(_, part)| &part.cells);
        let own: BTreeSet<&ServiceTier> = cells.filter_map(|cell| cell.tier.as_ref()).collect();
        let mut tiers = vec![Standard, Flex, Priority, Batch];
        let further: Vec<_> =
            own.into_iter().filter(|tier| !tiers.contains(tier)).cloned().collect();
        tiers.extend(further);
        tiers
    }
}

/// The price lists of one band, by tier.
struct Columns<'b> {
    band: Option<BandView>,
    lists: Vec<PriceList<'b>>,
}

/// Makes the parts of a sheet.
struct Maker<'b, 'q> {
    book: &'b RateBook,
    model: ModelId,
    tiers: Vec<ServiceTier>,
    region: &'q str,
    at: Instant,
}

impl<'b> Maker<'b, '_> {
    fn list(&self, tier: &ServiceTier, context: Option<Threshold>) -> PriceList<'b> {
        let query = PriceQuery { tier, region: self.region, context, at: self.at };
        self.book.price_list(self.model, &query)
    }

    fn tables(&self) -> Vec<Columns<'b>> {
        let bands = self.book.bands(self.model);
        let starts = std::iter::once(None).chain(bands.iter().map(Some));
        let columns = starts.map(|band| {
            let start = band.map(|band| band.start);
            let list = |tier| self.list(tier, start);
            Columns { band: band.map(BandView::new), lists: self.tiers.iter().map(list).collect() }
        });
        columns.collect()
    }

    /// The meters that have a line: those of any published cell, training
    /// where the model's twin has a price, and the three that all texts have.
    fn meters(&self) -> Vec<Meter> {
        let cells = self.book.describe(self.model).flat_map(|(_, part)| &part.cells);
        let mut meters: BTreeSet<Meter> = cells.map(|cell| cell.meter).collect();
        if meters.contains(&Meter::Input) {
            meters.insert(Meter::CachedInput);
        }
        if self.book.trained_as(self.model).is_some() {
            meters.insert(Meter::Training);
        }
        meters.into_iter().collect()
    }

    fn table(&self, columns: &Columns<'_>) -> BandTable {
        let of = |meter: Meter| MeterLine {
            meter: meter.name(),
            prices: columns
                .lists
                .iter()
                .map(|list| list.of(meter).ok())
                .map(|price| price.map(|price| PriceView::of_price(self.book, meter, price)))
                .collect(),
        };
        let meters = self.meters().into_iter().map(of);
        // Training knows no bands.
        let in_band =
            |line: &MeterLine| columns.band.is_none() || line.meter != Meter::Training.name();
        BandTable { band: columns.band.clone(), meters: meters.filter(in_band).collect() }
    }

    fn borrowing(&self, columns: &Columns<'_>) -> Vec<Borrowing> {
        let mut pairs: BTreeMap<(Meter, Meter), Vec<String>> = BTreeMap::new();
        for (tier, list) in self.tiers.iter().zip(&columns.lists) {
            for meter in Meter::ALL.iter().filter(|meter| meter.is_token()) {
                let from = list.of(*meter).ok().and_then(|price| price.borrowed_from);
                if let Some(from) = from {
                    pairs.entry((*meter, from)).or_default().push(tier.name().to_owned());
                }
            }
        }
        let band = columns.band.as_ref().map(|band| band.name.clone());
        let view = |((meter, from), tiers): ((Meter, Meter), Vec<String>)| Borrowing {
            band: band.clone(),
            meter: meter.name(),
            from: from.name(),
            tiers,
        };
        pairs.into_iter().map(view).collect()
    }

    fn missing(&self, columns: &Columns<'_>) -> Vec<Missing> {
        let band = columns.band.as_ref().map(|band| band.name.clone());
        let mut meters = self.meters();
        meters.retain(|meter| columns.band.is_none() || *meter != Meter::Training);
        let mut missing = Vec::new();
        for (tier, list) in self.tiers.iter().zip(&columns.lists) {
            let mut reasons: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
            for meter in &meters {
                if let Err(why) = list.of(*meter) {
                    reasons.entry(why.name()).or_default().push(meter.name());
                }
            }
            for (reason, mut without) in reasons {
                if without.len() == meters.len() {
                    without.clear();
                }
                let (band, tier) = (band.clone(), tier.name().to_owned());
                missing.push(Missing { band, tier, reason, meters: without });
            }
        }
        missing
    }

    fn trains_as(&self) -> Option<String> {
        let mut cells = self.book.describe(self.model).flat_map(|(_, part)| &part.cells);
        let own = cells.any(|cell| cell.meter == Meter::Training);
        let twin = self.book.trained_as(self.model).filter(|_| !own)?;
        Some(self.book.model_name(twin).to_owned())
    }

    fn tools(&self) -> Vec<PriceView> {
        let standard = &ServiceTier::Standard;
        let list = self.list(standard, None);
        let tools = Meter::ALL.iter().filter(|meter| meter.is_tool());
        let priced = tools.filter_map(|meter| Some((*meter, list.of(*meter).ok()?)));
        priced.map(|(meter, price)| PriceView::of_price(self.book, meter, price)).collect()
    }

    fn sources(&self) -> Vec<SourceView> {
        let mut sources = Vec::new();
        for (layer, part) in self.book.describe(self.model) {
            let views = part.cells.iter().map(|cell| SourceView {
                layer: layer.name.clone(),
                evidence: self.book.evidence(self.model, layer, cell).name(),
                checked: when(cell.checked),
                source: cell.source.to_string(),
            });
            sources.extend(views.collect::<BTreeSet<_>>());
        }
        sources
    }
}
