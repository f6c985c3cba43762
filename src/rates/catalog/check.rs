//! A user's card looked over: every problem with its line, and what is legal
//! but looks wrong.
//!
//! The card reader stops at the first problem. To find the others, the line of
//! a problem is taken out (or put right from the template) and the rest is read
//! again.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{CARD_TEMPLATE, begins, when};
use crate::money::{Money, Multiplier};
use crate::rates::card::{self, CardError, CardSource, Owner};
use crate::rates::lookup::Aliases;
use crate::rates::{Cell, Layer, Model, RateBook};

/// The most problems of one card that are told.
const MOST_PROBLEMS: usize = 100;

/// A rate this many times another one is likely in another unit.
const SUSPICIOUS_RATIO: i128 = 100;

/// Multipliers below or above these are likely meant otherwise.
const USUAL_MULTIPLIERS: [&str; 2] = ["0.25", "2"];

/// What a look at a card found.
#[derive(Debug, Clone, Serialize)]
pub struct CardCheck {
    /// The file.
    pub path: String,
    /// The layer's name, where the card can be used.
    pub layer: Option<String>,
    /// How many models it describes.
    pub models: usize,
    /// How many prices it has, fees of tools included.
    pub cells: usize,
    /// The first day or instant that a price holds for.
    pub first: Option<String>,
    /// The first at which none holds any more; null where one is open-ended.
    pub last: Option<String>,
    /// Why it cannot be used, in the order of the lines.
    pub problems: Vec<Problem>,
    /// What is legal but looks wrong.
    pub warnings: Vec<Warning>,
}

/// A value that is refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// Line, from 1; null where it is about the whole card.
    pub line: Option<usize>,
    /// What is wrong and what is expected.
    pub message: String,
}

/// Something legal that looks wrong.
#[derive(Debug, Clone, Serialize)]
pub struct Warning {
    /// What kind.
    pub code: &'static str,
    /// In words.
    pub message: String,
}

impl CardCheck {
    /// Looks a card over, against the built-in book.
    pub fn of(source: &CardSource, built_in: &RateBook) -> Self {
        let mut check = Self {
            path: source.name.clone(),
            layer: None,
            models: 0,
            cells: 0,
            first: None,
            last: None,
            problems: problems(source),
            warnings: Vec::new(),
        };
        if let Ok(layer) = card::load(source, Owner::User) {
            check.describe(&layer, built_in);
        }
        check
    }

    fn describe(&mut self, layer: &Layer, built_in: &RateBook) {
        let of_models = layer.models.iter().flat_map(|model| &model.cells);
        let cells: Vec<&Cell> = of_models.chain(&layer.tools).collect();
        let last = cells.iter().map(|cell| cell.to).collect::<Option<Vec<_>>>();
        self.layer = Some(layer.name.clone());
        self.models = layer.models.len();
        self.cells = cells.len();
        self.first = cells.iter().map(|cell| cell.from).min().map(begins);
        self.last = last.and_then(|ends| ends.into_iter().max()).map(when);
        self.warn_of_factors(layer);
        let known = built_in.layers().iter().any(|other| other.provider == layer.provider);
        if known {
            for model in &layer.models {
                self.warn_of_model(layer, model, built_in);
            }
        } else {
            self.warn_of_provider(layer, built_in);
        }
    }

    /// A provider that the built-in book does not have.
    fn warn_of_provider(&mut self, layer: &Layer, built_in: &RateBook) {
        let known = built_in.layers().iter().map(|other| other.provider.as_str());
        let known: Vec<&str> = known.collect::<BTreeSet<_>>().into_iter().collect();
        self.warn(
            "unknown_provider",
            format!(
                "`{}` is no provider of the built-in rates (they have {}); the card's prices hold \
                 for rows of that provider alone",
                layer.provider,
                known.join(", ")
            ),
        );
    }

    /// A multiplier that is likely a percentage.
    fn warn_of_factors(&mut self, layer: &Layer) {
        let [low, high] = USUAL_MULTIPLIERS.map(Multiplier::parse);
        for factor in &layer.factors {
            let multiplier = Some(factor.multiplier);
            if multiplier < low || multiplier > high {
                let (name, text) = (&factor.name, factor.multiplier);
                self.warn(
                    "multiplier",
                    format!(
                        "`{name}` multiplies prices by {text}, so that 1.00 USD becomes {text}; \
                         12.5 % off is 0.875, 10 % on top is 1.10"
                    ),
                );
            }
        }
    }

    fn warn(&mut self, code: &'static str, message: String) {
        self.warnings.push(Warning { code, message });
    }

    fn warn_of_model(&mut self, layer: &Layer, model: &Model, built_in: &RateBook) {
        let found = built_in.find_or_near(&layer.provider, &model.id, &Aliases::default());
        match found {
            Err(unknown) => self.warn_of_id(layer, model, &unknown.near),
            Ok(found) if built_in.model_name(found.model) != model.id => {
                let (id, other) = (&model.id, built_in.model_name(found.model));
                self.warn(
                    "shadows_alias",
                    format!(
                        "`{id}` is a name of `{other}`; with this card it is a model of its own, \
                         and only the card's prices hold for it"
                    ),
                );
            }
            Ok(found) => {
                let own = built_in.describe(found.model).flat_map(|(_, part)| &part.cells);
                self.warn_of_units(model, &own.collect::<Vec<_>>());
            }
        }
        self.warn_of_bands(model);
    }

    /// A model that the built-in book does not have.
    fn warn_of_id(&mut self, layer: &Layer, model: &Model, near: &[String]) {
        let (id, provider) = (&model.id, &layer.provider);
        let has = if near.is_empty() {
            String::new()
        } else {
            format!(" (they have {})", near.join(", "))
        };
        self.warn(
            "unknown_model",
            format!(
                "`{id}` is no model of the built-in {provider} rates{has}; the card's prices are \
                 all that it has"
            ),
        );
    }

    /// A rate far from every built-in one of the same model and meter.
    fn warn_of_units(&mut self, model: &Model, built_in: &[&Cell]) {
        for cell in &model.cells {
            let same = |other: &&&Cell| other.meter == cell.meter;
            let same_tier = |other: &&&Cell| same(other) && other.tier == cell.tier;
            let nearest = built_in.iter().find(same_tier).or_else(|| built_in.iter().find(same));
            let all = built_in.iter().filter(same);
            if let Some(other) = nearest.filter(|_| all.clone().all(|other| is_far(cell, other))) {
                let tier = cell.tier.as_ref().map_or("", |tier| tier.name());
                let (meter, per) = (cell.meter.name(), cell.meter.unit().priced_per());
                self.warn(
                    "unit",
                    format!(
                        "`{}` {tier} {meter}: {} is 100 times away from the built-in {}; amounts \
                         are USD per {per}",
                        model.id, cell.published, other.published
                    ),
                );
            }
        }
    }

    /// Cells of a band that no request can reach, or of a base band that every
    /// request leaves.
    fn warn_of_bands(&mut self, model: &Model) {
        for (at, band) in model.bands.iter().enumerate() {
            let over = band.start.tokens.saturating_add(u64::from(band.start.exclusive));
            let beyond = model.context_window.filter(|window| over > *window);
            if let Some(window) = beyond {
                self.warn(
                    "never_holds",
                    format!(
                        "`{}` band `{}` begins at {over} input tokens, beyond the context window \
                         of {window}: its prices never hold",
                        model.id, band.name
                    ),
                );
            }
            if at == 0 && over == 0 {
                self.warn(
                    "never_holds",
                    format!(
                        "`{}` band `{}` begins at no tokens: the prices without a band never hold",
                        model.id, band.name
                    ),
                );
            }
        }
    }
}

/// Whether one rate is at least 100 times the other. Nothing is far from free.
fn is_far(one: &Cell, other: &Cell) -> bool {
    let amount = |cell: &Cell| cell.rate.cost(1).map_or(0, Money::atto);
    let (one, other) = (amount(one), amount(other));
    let (small, large) = (one.min(other), one.max(other));
    small > 0 && small.saturating_mul(SUSPICIOUS_RATIO) <= large
}

/// Every problem of a card, in the order of its lines.
fn problems(source: &CardSource) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    let mut rest = source.clone();
    let mut added: usize = 0;
    while problems.len() < MOST_PROBLEMS {
        let Err(error) = card::load(&rest, Owner::User) else { break };
        let problem = Problem::new(&error, &rest.text);
        let is_toml = rest.text.parse::<toml::Table>().is_ok();
        let line = problem.line;
        if let Some(valid) = problem.missing_field().and_then(head_line) {
            let key = problem.missing_field().unwrap_or_default();
            // A line of it was there, and was taken out.
            let known = has_line_of(&source.text, key);
            problems.extend((!known).then(|| Problem { line: Some(1), ..problem.clone() }));
            rest.text.insert_str(0, &format!("{valid}\n"));
            added = added.saturating_add(1);
            continue;
        }
        // What is missing once something was taken out is no problem of the card.
        let missing = problem.missing_field().is_some();
        if problems.is_empty() || (is_toml && !missing) {
            let line = line.map(|line| line.saturating_sub(added));
            problems.push(Problem { line, ..problem });
        }
        if !is_toml || !line.is_some_and(|line| repair(&mut rest.text, line, missing)) {
            break;
        }
    }
    if problems.is_empty() {
        problems.extend(beside_built_in(source));
    }
    problems.sort();
    problems
}

/// Whether a card has a line of a key.
fn has_line_of(text: &str, key: &str) -> bool {
    text.lines().any(|line| line.split('=').next().is_some_and(|name| name.trim() == key))
}

/// A problem of the card beside the built-in ones.
fn beside_built_in(source: &CardSource) -> Option<Problem> {
    let error = RateBook::with_cards(std::slice::from_ref(source)).err()?;
    let mut problem = Problem::new(&error, &source.text);
    if let CardError::Bands { model, .. } = &error {
        let id = format!("\"{model}\"");
        let is_id = |line: &str| line.trim_start().starts_with("id") && line.contains(&id);
        let at = source.text.lines().position(is_id);
        problem.line = at.map(|at| at.saturating_add(1));
    }
    Some(problem)
}

impl Problem {
    fn new(error: &CardError, text: &str) -> Self {
        if let CardError::Value { line, message, .. } = error {
            return Self { line: Some(*line), message: message.clone() };
        }
        if let CardError::Syntax { source, .. } = error {
            let before = source.span().and_then(|span| text.get(..span.start));
            let line = before.map(|before| before.matches('\n').count().saturating_add(1));
            return Self { line, message: source.message().to_owned() };
        }
        Self { line: None, message: error.to_string() }
    }

    /// The field that it says is missing.
    fn missing_field(&self) -> Option<&str> {
        self.message.strip_prefix("missing field `")?.split('`').next()
    }
}

/// Takes a line out (`whole_entry`: the entry that it is in), or puts it right
/// where it is one of the card's head. False where nothing is left to take.
fn repair(text: &mut String, line: usize, whole_entry: bool) -> bool {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = line.saturating_sub(1);
    let is_entry = |line: &String| line.trim_start().starts_with("[[");
    let begins = lines.iter().take(at.saturating_add(1)).rposition(is_entry);
    let named = lines.get(at).is_some_and(is_entry);
    let taken = match begins {
        Some(begin) if named || whole_entry => {
            let rest = lines.iter().skip(begin.saturating_add(1));
            let length = rest.clone().position(is_entry).unwrap_or_else(|| rest.count());
            begin..=begin.saturating_add(length)
        }
        _ => at..=at,
    };
    let valid = begins.is_none().then(|| lines.get(at).and_then(|line| head_line(line))).flatten();
    let mut changed = false;
    for line in lines.iter_mut().take(taken.end().saturating_add(1)).skip(*taken.start()) {
        let new = valid.unwrap_or_default();
        changed |= line != new;
        new.clone_into(line);
    }
    *text = lines.join("\n");
    changed
}

/// The template's line of the same key.
fn head_line(line: &str) -> Option<&'static str> {
    let key = line.split('=').next()?.trim();
    CARD_TEMPLATE
        .lines()
        .take_while(|line| !line.starts_with("[["))
        .find(|valid| valid.split_once('=').is_some_and(|(name, _)| name.trim() == key))
}
