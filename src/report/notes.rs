//! What a reader needs to know, as codes with a sentence each.

use std::collections::{BTreeMap, BTreeSet};

use super::assumed::Assumed;
use super::build::Sources;
use super::doubles::doubles;
use super::model::Note;
use super::style::{amount, rows_of};
use crate::ledger::{FileAccount, Tally};
use crate::money::{Money, thousands};
use crate::rates::Evidence;
use crate::scenario::{Scenario, TierChoice};
use crate::usage::{Dimension, Meter};

/// All notes of a report, in a fixed order.
pub(super) fn notes(sources: &Sources<'_>) -> Vec<Note> {
    let mut notes = Notes(Vec::new());
    notes.left_out(sources);
    notes.rates(sources);
    notes.tiers(sources);
    notes.assumed(sources);
    notes.tools(sources);
    notes.times(sources);
    notes.inputs(sources);
    notes.duplicates(sources);
    notes.0.extend(doubles(sources.files));
    notes.0
}

/// Things in the usage that deserve a look.
pub(super) fn findings(sources: &Sources<'_>) -> Vec<Note> {
    let mut notes = Notes(Vec::new());
    for ((requested, served), rows) in &sources.comparison.mismatches {
        let text = format!("asked for {requested} and served {served}: the served tier is priced");
        notes.about("tier_mismatch", *rows, &text);
    }
    let facts = &sources.comparison.facts;
    for (model, rows) in &facts.at_window {
        let text = format!(
            "of {model} with as much input as its context window or more: are the counts right?"
        );
        notes.about("context_window", *rows, &text);
    }
    for (model, rows) in &facts.at_cap {
        let text =
            format!("of {model} with as much output as its cap or more: was the answer cut?");
        notes.about("output_cap", *rows, &text);
    }
    for (at, model) in facts.price_changes(sources.book) {
        let day = at.to_string();
        notes.add("price_change", format!("a price of {model} changed at {day}, within the usage; every row has the price of its time"));
    }
    notes.0
}

/// A set of names as text.
fn list(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// What either of two notes down, with the models of both.
fn merged<K: Ord + Clone>(
    one: &BTreeMap<K, BTreeSet<String>>,
    other: Option<&BTreeMap<K, BTreeSet<String>>>,
) -> BTreeMap<K, BTreeSet<String>> {
    let mut all = one.clone();
    for (key, models) in other.into_iter().flatten() {
        all.entry(key.clone()).or_default().extend(models.iter().cloned());
    }
    all
}

fn tier_name(tier: TierChoice) -> &'static str {
    super::build::tier_label(tier.name())
}

struct Notes(Vec<Note>);

impl Notes {
    fn add(&mut self, code: &'static str, message: String) {
        self.0.push(Note { code, message });
    }

    /// Adds a note about rows, if there are any.
    fn about(&mut self, code: &'static str, rows: u64, message: &str) {
        if rows > 0 {
            self.add(code, format!("{} {message}", rows_of(rows)));
        }
    }

    /// What the totals leave out.
    fn left_out(&mut self, sources: &Sources<'_>) {
        let unpriced = sources.comparison.unpriced.values();
        let (rows, tokens) = unpriced.fold((0_u64, 0_u128), |(rows, tokens), more| {
            (rows.saturating_add(more.volume.rows), tokens.saturating_add(more.volume.tokens))
        });
        let tokens = thousands(tokens);
        self.about("unpriced", rows, &format!("without a price, {tokens} tokens: in no total"));
        let rejected =
            sources.files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.rows.rejected));
        self.about("rejected", rejected, "rejected: in no total");
    }

    /// What the rates rest on.
    fn rates(&mut self, sources: &Sources<'_>) {
        let facts = &sources.comparison.facts;
        let of_assumed = sources.assumed.map(|assumed| &assumed.prices.comparison.facts);
        let (vouched, borrowed_rates) = (
            merged(&facts.vouched, of_assumed.map(|facts| &facts.vouched)),
            merged(&facts.borrowed, of_assumed.map(|facts| &facts.borrowed)),
        );
        let mut cells: BTreeMap<(Evidence, &BTreeSet<String>), BTreeSet<String>> = BTreeMap::new();
        for ((evidence, tier, meter), models) in &vouched {
            if *tier != TierChoice::Recorded {
                let cell = format!("{} {}", tier_name(*tier), meter.name());
                cells.entry((*evidence, models)).or_default().insert(cell);
            }
        }
        for ((evidence, models), cells) in cells {
            let (models, cells) = (list(models), list(&cells));
            let evidence = evidence.name();
            self.add("evidence", format!("rates of evidence `{evidence}`, not of the provider's own table, for {models}: {cells}"));
        }
        let mut borrowed: BTreeMap<(Meter, Meter, &BTreeSet<String>), BTreeSet<String>> =
            BTreeMap::new();
        for (borrowing, models) in &borrowed_rates {
            if borrowing.tier != TierChoice::Recorded {
                let tiers = borrowed.entry((borrowing.meter, borrowing.from, models)).or_default();
                tiers.insert(tier_name(borrowing.tier).to_owned());
            }
        }
        for ((meter, from, models), tiers) in borrowed {
            let (tiers, models, meter, from) =
                (list(&tiers), list(models), meter.name(), from.name());
            self.add("borrowed_rate", format!("no {meter} rate is published under {tiers} for {models}: priced at the {from} rate of that tier"));
        }
        self.origins(sources);
        if let Some(published) = sources.published_only {
            let gone = sources.comparison.priced_here_alone(published);
            let text =
                "priced here without a price under published rates only: in none of those totals";
            self.about("published_only", gone, text);
        }
        if let Some(list) = sources.list_prices {
            let own = sources.comparison.priced_here_alone(list);
            let theirs = list.priced_here_alone(sources.comparison);
            let text = "priced by your cards alone or by list prices alone: no list total can be stated beside the contracted one";
            self.about("no_list_price", own.saturating_add(theirs), text);
        }
        for (checked, rows) in &facts.after_checked {
            let text = format!("after {}, when their rates were last checked", checked.utc_date());
            self.about("after_last_check", *rows, &text);
        }
    }

    /// Whose prices, of which region, multiplied by what.
    fn origins(&mut self, sources: &Sources<'_>) {
        let facts = &sources.comparison.facts;
        for ((provider, lender), models) in &facts.lent {
            let models = list(models);
            self.add("borrowed_list", format!("{lender}'s list price is taken where no {provider} price is known, as the article calls them generally synchronized: {models}"));
        }
        for ((provider, region), rows) in &facts.region_assumed {
            let text = format!(
                "of {provider} without a region, priced as {region}: `--region` names another"
            );
            self.about("region_assumed", *rows, &text);
        }
        for ((name, multiplier), rows) in &facts.multiplied {
            let text = format!("with rates multiplied by {multiplier} ({name})");
            self.about("factor", *rows, &text);
        }
    }

    /// What the tiers rest on.
    fn tiers(&mut self, sources: &Sources<'_>) {
        let comparison = sources.comparison;
        let absent = comparison.tier_sources.get("absent").copied().unwrap_or(0);
        self.about(
            "tier_assumed",
            absent,
            "without a tier, or not grouped by it: taken as Standard",
        );
        let free = amount(comparison.facts.free_list_usd);
        let text = format!(
            "of complimentary tokens: they cost nothing under any tier (at Standard {free} USD)"
        );
        self.about("free_rows", comparison.facts.free_rows, &text);
        let text = "summing up requests of which some may be over a long-context threshold: \
                    totals take the average request, the range is from all short to all long";
        self.about("context_unsettled", comparison.unsettled_rows, text);
        let cached = comparison.scenarios.get(&Scenario::BASELINE).is_some_and(|total| {
            [Meter::CachedInput, Meter::CachedImageInput, Meter::CachedAudioInput]
                .into_iter()
                .any(|meter| total.quantities.get(meter) > 0)
        });
        if cached {
            let text = "recorded caching on another tier assumes the same cache hits there";
            self.add("same_hits", text.to_owned());
        }
    }

    /// What is assumed of caching.
    fn assumed(&mut self, sources: &Sources<'_>) {
        if let Some(Assumed { share, .. }) = sources.assumed {
            self.add("assumed_cached", format!("{share} cached is modelled, not what the logs say: that share of the input tokens of each modality, whatever was cached, is taken as read from the cache and nothing as written to it; the context band does not change"));
        }
    }

    /// What tool fees rest on.
    fn tools(&mut self, sources: &Sources<'_>) {
        let facts = &sources.comparison.facts;
        let search = facts.web_search;
        if search.upper_extra > Money::ZERO {
            let (calls, extra) = (thousands(search.calls), amount(search.upper_extra));
            self.add("web_search_kind", format!("{calls} web search calls name no kind and are priced as the plain tool; as calls of the preview tool they would cost {extra} USD more"));
        }
        if search.block_calls > 0 {
            let (calls, usd) = (thousands(search.block_calls), amount(search.block_usd));
            self.add("web_search_content", format!("{calls} web search calls are on models that also bill a block of input tokens for each: {usd} USD, not added, as the logs may hold them already"));
        }
        if facts.sessions_as_minutes > 0 {
            let (sessions, less) =
                (thousands(facts.sessions_as_minutes), amount(facts.session_floor_saving));
            self.add("session_minutes", format!("{sessions} code interpreter sessions without minutes are priced as 20 minutes each; at the 5-minute minimum they would cost {less} USD less"));
        }
    }

    /// What times rest on.
    fn times(&mut self, sources: &Sources<'_>) {
        let mut tally = Tally::default();
        for file in sources.files {
            tally.add(&file.tally);
        }
        self.about("zone_assumed", tally.zone_assumed, "with a time without a zone: taken as UTC");
        let when = sources
            .arguments
            .assume_date
            .clone()
            .unwrap_or_else(|| sources.book.as_of().utc_date());
        self.about(
            "without_time",
            tally.without_time,
            &format!("without a time: priced as of {when}"),
        );
        if sources
            .by
            .iter()
            .any(|by| matches!(by, Dimension::Day | Dimension::Week | Dimension::Month))
        {
            let text = "with a period of several days: counted on the first one";
            self.about("several_days", tally.several_days, text);
        }
        self.about(
            "untimed_filtered",
            tally.untimed_filtered,
            "without a time: left out by `--from` or `--to`",
        );
        self.about(
            "straddling",
            tally.straddling,
            "with a period that `--from` or `--to` cuts: taken by its start, never in parts",
        );
        self.about(
            "across_price_change",
            tally.across_price_change,
            "summing up a period in which some price begins or ends: priced at their start, the range is over the prices that hold in it",
        );
        self.about(
            "cut_apart",
            tally.cut_apart,
            "of a saved ledger whose contexts or times these rates cut apart: priced by their average and their start, the range is over the prices that they may have",
        );
        self.about(
            "billed_rounded",
            tally.billed_rounded,
            "with digits beyond 1e-18 USD in the billed amount: rounded there",
        );
    }

    /// An input that was taken for a log and has no usage may be another one.
    fn unused(&mut self, file: &FileAccount, format: &str) {
        if file.rows.read == file.rows.empty {
            let path = &file.path;
            let message = format!(
                "no record of {path} has usage (read as {format}; `tierwise inspect` shows how)"
            );
            self.add("no_usage", message);
        }
    }

    /// Rows that repeat others.
    fn duplicates(&mut self, sources: &Sources<'_>) {
        let count = |of: fn(&FileAccount) -> u64| {
            sources.files.iter().map(of).fold(0_u64, u64::saturating_add)
        };
        let usd = amount(sources.duplicates.total(Scenario::BASELINE));
        let text = format!("repeating others by their key, {usd} USD as recorded: counted once");
        self.about("duplicates", count(|file| file.rows.duplicate), &text);
        self.about(
            "differing_duplicates",
            count(|file| file.differing),
            "repeating others by their key with other counts: the one with the largest output is counted",
        );
    }

    /// What was read.
    fn inputs(&mut self, sources: &Sources<'_>) {
        for path in sources.repeated {
            self.add(
                "repeated_input",
                format!("{path} was named more than once: its rows are counted each time, unless they have keys"),
            );
        }
        if !sources.skipped.is_empty() {
            let names: BTreeSet<String> = sources.skipped.iter().cloned().collect();
            self.add(
                "skipped_files",
                format!("not read, as no log by its extension: {}", list(&names)),
            );
        }
        for file in sources.files {
            let labels = sources.labels.iter().zip(file.labels_seen);
            for (label, _) in
                labels.filter(|(label, seen)| !seen && matches!(label, Dimension::Column(_)))
            {
                if file.rows.read > 0 {
                    self.add("missing_column", format!("no row of {} has a `{label}`", file.path));
                }
            }
            if let Some(format) = file.format.filter(|_| file.rows.read > 0) {
                self.unused(file, format);
            }
            if file.format.is_none() {
                self.add("empty_file", format!("{} is empty", file.path));
            }
        }
    }
}
