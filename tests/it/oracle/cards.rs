//! The card files as tables of the oracle's own: decimal text to rationals, no
//! checks beyond what reading needs.

use std::collections::BTreeMap;
use std::path::Path;

use num_bigint::BigInt;
use num_rational::BigRational;
use toml::{Table, Value};

use super::rates::Named;

/// Stands for a price without a first day: since before the book.
const ALWAYS: i64 = i64::MIN;

/// Prices hold from the first second to before the second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Interval {
    pub(crate) from: i64,
    pub(crate) to: Option<i64>,
}

impl Interval {
    pub(crate) fn holds(self, at: i64) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }

    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.to.is_none_or(|to| other.from < to) && other.to.is_none_or(|to| self.from < to)
    }
}

/// One published amount.
#[derive(Debug, Clone)]
pub(crate) struct Price {
    pub(crate) tier: String,
    pub(crate) band: Option<String>,
    pub(crate) meter: String,
    pub(crate) interval: Interval,
    pub(crate) published: String,
    /// Where it comes from, in words.
    pub(crate) source: String,
    pub(crate) evidence: String,
    pub(crate) confidence: String,
    /// Empty: of every region.
    pub(crate) regions: Vec<String>,
}

/// A model as one card describes it.
#[derive(Debug, Clone)]
pub(crate) struct ModelCard {
    pub(crate) id: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) images_as_text: bool,
    /// The provider's own, which price nothing.
    pub(crate) estimates: Vec<Price>,
    /// Name, tokens, whether the band begins above them.
    pub(crate) bands: Vec<(String, u64, bool)>,
    pub(crate) prices: Vec<Price>,
}

/// A tool's fee.
#[derive(Debug, Clone)]
pub(crate) struct Fee {
    pub(crate) meter: String,
    /// Empty: of every model.
    pub(crate) models: Vec<String>,
    pub(crate) interval: Interval,
    pub(crate) published: String,
    /// Where it comes from, in words.
    pub(crate) source: String,
    pub(crate) evidence: String,
    pub(crate) confidence: String,
}

/// A multiplier.
#[derive(Debug, Clone)]
pub(crate) struct Factor {
    pub(crate) name: String,
    pub(crate) multiplier: String,
    pub(crate) models: Vec<String>,
    pub(crate) interval: Interval,
    pub(crate) source: String,
}

/// One card.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    pub(crate) provider: String,
    pub(crate) evidence: String,
    pub(crate) source: String,
    /// The newest day on which one of its prices was checked.
    pub(crate) newest: i64,
    pub(crate) default_region: String,
    /// The provider whose list prices it borrows.
    pub(crate) borrows: Option<String>,
    pub(crate) models: Vec<ModelCard>,
    pub(crate) fees: Vec<Fee>,
    pub(crate) factors: Vec<Factor>,
}

/// All cards, the strongest first.
#[derive(Debug, Clone)]
pub(crate) struct Book {
    pub(crate) cards: Vec<Card>,
    /// When rows without a time are priced.
    pub(crate) as_of: i64,
}

impl Book {
    /// Every card file of the program.
    pub(crate) fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rates/cards");
        let entries = std::fs::read_dir(folder).expect("the cards");
        let paths = entries.map(|entry| entry.expect("a card").path());
        let texts = paths.map(|path| std::fs::read_to_string(path).expect("a card"));
        let mut cards: Vec<Card> =
            texts.map(|text| card(&text.parse::<Table>().expect("TOML"))).collect();
        // A name without a provider is OpenAI's before a reseller's.
        let reseller = |card: &Card| card.default_region.len();
        cards.sort_by_key(|card| (strength(&card.evidence), reseller(card), card.provider.clone()));
        let own = cards.iter().filter(|card| card.evidence == "provider");
        let as_of = own.map(|card| card.newest).max().expect("a provider's card");
        Self { cards, as_of }
    }

    /// The providers' own tables alone, none of them lent to another provider (its
    /// word for that is the article's); rows without a time as before.
    pub(crate) fn published_only(&self) -> Self {
        let mut cards = self.cards.clone();
        for card in &mut cards {
            card.borrows = None;
            card.fees.retain(|fee| fee.evidence == "provider");
            for model in &mut card.models {
                model.prices.retain(|price| price.evidence == "provider");
            }
            card.models.retain(|model| !model.prices.is_empty());
        }
        Self { cards, as_of: self.as_of }
    }

    /// Every model of every card.
    pub(crate) fn models(&self) -> impl Iterator<Item = &ModelCard> {
        self.cards.iter().flat_map(|card| &card.models)
    }

    /// Every instant at which a price of a model, or some fee, begins or ends.
    pub(crate) fn changes(&self, model: Option<&Named>) -> Vec<i64> {
        let of_model = |card: &&ModelCard| model.is_none_or(|named| named.id == card.id);
        let prices = self.models().filter(of_model).flat_map(|model| &model.prices);
        let fees = self.cards.iter().flat_map(|card| &card.fees).map(|fee| fee.interval);
        let both = prices.map(|price| price.interval).chain(fees);
        let mut all: Vec<i64> =
            both.flat_map(|held| [Some(held.from), held.to]).flatten().collect();
        all.retain(|at| *at != ALWAYS);
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Where any model's long context begins, in tokens.
    pub(crate) fn thresholds(&self) -> Vec<(u64, bool)> {
        let bands = self.models().flat_map(|model| &model.bands);
        let mut all: Vec<_> = bands.map(|(_, tokens, above)| (*tokens, *above)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn strength(evidence: &str) -> usize {
    let order = ["user", "provider", "third_party", "article"];
    order.iter().position(|name| *name == evidence).expect("a known evidence")
}

/// The exact number that decimal text says.
pub(crate) fn decimal(text: &str) -> BigRational {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().expect("digits");
    let places = u32::try_from(fraction.len()).expect("few decimals");
    let value = BigRational::new(digits, BigInt::from(10).pow(places));
    if negative { -value } else { value }
}

fn text(table: &Table, key: &str) -> String {
    table.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list<'t>(table: &'t Table, key: &str) -> impl Iterator<Item = &'t Value> {
    table.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn tables<'t>(table: &'t Table, key: &str) -> impl Iterator<Item = &'t Table> {
    list(table, key).filter_map(Value::as_table)
}

fn texts(table: &Table, key: &str) -> Vec<String> {
    list(table, key).filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A day's midnight in UTC, or the instant.
fn instant(value: &Value) -> i64 {
    let written = value.as_datetime().expect("a day").to_string();
    let full = if written.len() == 10 { format!("{written}T00:00:00Z") } else { written };
    full.parse::<jiff::Timestamp>().expect("an instant").as_second()
}

fn interval(table: &Table) -> Interval {
    let from = table.get("from").map_or(ALWAYS, instant);
    Interval { from, to: table.get("to").map(instant) }
}

/// A card's sources by the names that its lines use; its own has none.
struct Sources<'t>(&'t Table);

impl Sources<'_> {
    /// The source of a line.
    fn of(&self, line: &Table) -> String {
        self.named(line).map_or_else(|| text(self.0, "source"), |source| text(source, "text"))
    }

    /// Who vouches for a line.
    fn evidence(&self, line: &Table) -> String {
        let own = self.named(line).filter(|source| source.contains_key("evidence"));
        text(own.unwrap_or(self.0), "evidence")
    }

    fn named(&self, line: &Table) -> Option<&Table> {
        let name = line.get("source").and_then(Value::as_str)?;
        let all = self.0.get("sources").and_then(Value::as_table).expect("named sources");
        Some(all.get(name).and_then(Value::as_table).expect("a named source"))
    }

    /// The newest day on which a source was checked.
    fn newest(&self) -> i64 {
        let all = self.0.get("sources").and_then(Value::as_table).into_iter().flatten();
        let days = all.filter_map(|(_, source)| source.get("checked")).map(instant);
        let own = self.0.get("checked").map(instant).expect("every card was checked");
        days.chain([own]).max().unwrap_or(own)
    }
}

fn confidence(line: &Table) -> String {
    line.get("confidence").and_then(Value::as_str).unwrap_or("high").to_owned()
}

fn card(table: &Table) -> Card {
    let sources = Sources(table);
    Card {
        provider: text(table, "provider"),
        evidence: text(table, "evidence"),
        source: text(table, "source"),
        newest: sources.newest(),
        default_region: text(table, "default_region"),
        borrows: table.get("borrows").and_then(Value::as_str).map(str::to_owned),
        models: tables(table, "models").map(|entry| model(entry, &sources)).collect(),
        fees: tables(table, "tools").flat_map(|tool| fees(tool, &sources)).collect(),
        factors: tables(table, "factors").map(|entry| factor(entry, &sources)).collect(),
    }
}

fn model(table: &Table, sources: &Sources<'_>) -> ModelCard {
    let bands = table.get("bands").and_then(Value::as_table);
    let lines = |key| tables(table, key).flat_map(|line| prices(line, sources)).collect();
    ModelCard {
        id: text(table, "id"),
        aliases: texts(table, "aliases"),
        images_as_text: table.get("images_bill_as_text").and_then(Value::as_bool) == Some(true),
        estimates: lines("estimates"),
        bands: bands.into_iter().flatten().map(|(name, band)| threshold(name, band)).collect(),
        prices: lines("prices"),
    }
}

fn factor(table: &Table, sources: &Sources<'_>) -> Factor {
    Factor {
        name: text(table, "name"),
        multiplier: text(table, "multiplier"),
        models: texts(table, "models"),
        interval: interval(table),
        source: sources.of(table),
    }
}

fn threshold(name: &str, band: &Value) -> (String, u64, bool) {
    let number = |key: &str| band.get(key).and_then(Value::as_integer);
    let tokens = number("over").or_else(|| number("at_least")).expect("a threshold");
    (name.to_owned(), u64::try_from(tokens).expect("tokens"), number("over").is_some())
}

fn prices(line: &Table, sources: &Sources<'_>) -> Vec<Price> {
    let usd = line.get("usd").and_then(Value::as_table).expect("amounts");
    let price = |(meter, amount): (&String, &Value)| Price {
        tier: text(line, "tier"),
        band: line.get("band").and_then(Value::as_str).map(str::to_owned),
        meter: meter.clone(),
        interval: interval(line),
        published: amount.as_str().expect("decimal text").to_owned(),
        source: sources.of(line),
        evidence: sources.evidence(line),
        confidence: confidence(line),
        regions: texts(line, "regions"),
    };
    usd.iter().map(price).collect()
}

fn fees(tool: &Table, sources: &Sources<'_>) -> Vec<Fee> {
    let fee = |line: &Table| Fee {
        meter: text(tool, "meter"),
        models: texts(tool, "models"),
        interval: interval(line),
        published: text(line, "usd"),
        source: sources.of(line),
        evidence: sources.evidence(line),
        confidence: confidence(line),
    };
    tables(tool, "prices").map(fee).collect()
}

/// Meters to published amounts, for the shape of a whole model.
pub(crate) type Cells<'b> = BTreeMap<(&'b str, Option<&'b str>, &'b str), Vec<&'b Price>>;

impl ModelCard {
    /// Prices by tier, band and meter.
    pub(crate) fn cells(&self) -> Cells<'_> {
        let mut cells = Cells::new();
        for price in &self.prices {
            let key = (price.tier.as_str(), price.band.as_deref(), price.meter.as_str());
            cells.entry(key).or_default().push(price);
        }
        cells
    }
}
