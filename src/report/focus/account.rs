//! What a FOCUS file holds and what it leaves out, in sentences.

use crate::ledger::{BilledSum, FileAccount, RowCounts, Tally};
use crate::money::thousands;
use crate::report::doubles::doubles;
use crate::report::style::{amount, rows_of};
use crate::scenario::{COMPARED, Caching, Charges, Comparison, Scenario};
use crate::usage::{Dimension, Instant};

/// What a file was made of.
#[derive(Debug)]
pub struct FocusRun<'r> {
    /// What it holds.
    pub charges: &'r Charges<'r>,
    /// The totals of the same usage.
    pub comparison: &'r Comparison,
    /// The inputs.
    pub files: &'r [FileAccount],
    /// Inputs that were named more than once.
    pub repeated: &'r [String],
    /// The asked properties.
    pub labels: &'r [Dimension],
    /// When rows without a time are priced.
    pub assumed: Instant,
}

/// What a reader of the file needs to know, a line each.
pub fn focus_account(run: &FocusRun<'_>) -> Vec<String> {
    let (mut rows, mut tally, mut billed_only) =
        (RowCounts::default(), Tally::default(), BilledSum::default());
    for file in run.files {
        rows.add(&file.rows);
        tally.add(&file.tally);
        billed_only.add(&file.billed_only);
    }
    let mut lines = vec![summary(run, &rows), sums(run)];
    let mut about = |count: u64, text: String| {
        if count > 0 {
            lines.push(format!("{} {text}", rows_of(count)));
        }
    };
    left_out(run, (&rows, &billed_only), &mut about);
    prices(run, &mut about);
    times(run, &tally, &mut about);
    lines.extend(inputs(run));
    lines
}

/// Adds a sentence about so many rows, if there are any.
type About<'a> = dyn FnMut(u64, String) + 'a;

fn summary(run: &FocusRun<'_>, rows: &RowCounts) -> String {
    let count = |n: u64| thousands(u128::from(n));
    format!(
        "{} records read, {} charges written, of {} rows with a price and {} billed without one; \
         not written: {} unpriced, {} rejected, {} duplicate, {} empty, {} filtered, {} billed only",
        count(rows.read),
        thousands(run.charges.all.len().try_into().unwrap_or(u128::MAX)),
        count(rows.priced),
        count(run.charges.only_billed.rows),
        count(rows.unpriced.saturating_sub(run.charges.only_billed.rows)),
        count(rows.rejected),
        count(rows.duplicate),
        count(rows.empty),
        count(rows.filtered),
        count(rows.billed_only),
    )
}

fn sums(run: &FocusRun<'_>) -> String {
    let charges = run.charges;
    let logged = match run.comparison.billed.rows {
        0 => "all of it computed".to_owned(),
        rows => format!("of which {} as {} say", amount(charges.logged_usd), rows_of(rows)),
    };
    format!(
        "an estimate, not an invoice: BilledCost {} USD, {logged}; usage as recorded {} USD",
        amount(charges.billed_usd),
        amount(charges.sums.recorded)
    )
}

/// What is known and not in the file, or without its usage.
fn left_out(
    run: &FocusRun<'_>,
    (rows, billed_only): (&RowCounts, &BilledSum),
    about: &mut About<'_>,
) {
    let left_out = &run.charges.left_out;
    let tokens = thousands(left_out.tokens);
    about(
        left_out.rows,
        format!(
            "without a price, {tokens} tokens: their cost is not known, and they are not in the file (`tierwise report` names them)"
        ),
    );
    let only = &run.charges.only_billed;
    let usd = amount(only.usd);
    about(
        only.rows,
        format!(
            "without a price for which the logs say {usd} USD: charges of the category Adjustment, without quantities"
        ),
    );
    let usd = amount(billed_only.usd);
    about(
        rows.billed_only,
        format!(
            "of billed amounts alone, {usd} USD: not in the file, as other rows may be that usage"
        ),
    );
}

/// What the prices rest on.
fn prices(run: &FocusRun<'_>, about: &mut About<'_>) {
    let comparison = run.comparison;
    for tier in COMPARED {
        let scenario = Scenario { tier, caching: Caching::Recorded };
        let total = comparison.scenarios.get(&scenario);
        let rows = total.map_or(0, |total| total.fallback.volume.rows);
        about(
            rows,
            format!("without a {} price: Standard's stands there (x_FallbackTiers)", tier.name()),
        );
    }
    let absent = comparison.tier_sources.get("absent").copied().unwrap_or(0);
    about(absent, "read without a tier, or not grouped by it: taken as Standard".to_owned());
    let usd = amount(run.charges.free_list_usd);
    about(
        comparison.facts.free_rows,
        format!(
            "of complimentary tokens: their ListCost is {usd} USD, the Standard price, and what they cost is 0"
        ),
    );
    about(
        run.charges.unlisted_rows,
        "priced by your cards alone: their list price is that of the card, before its multipliers"
            .to_owned(),
    );
    about(
        comparison.unsettled_rows,
        "summing up requests of which some may be over a long-context threshold: priced as the \
         average request, `tierwise report` has the range"
            .to_owned(),
    );
}

/// What the periods rest on.
fn times(run: &FocusRun<'_>, tally: &Tally, about: &mut About<'_>) {
    let day = run.assumed.utc_date();
    about(
        tally.without_time,
        format!("without a time: in the period of {day}, `--assume-date` names another"),
    );
    about(tally.zone_assumed, "with a time without a zone: taken as UTC".to_owned());
    about(
        tally.several_days,
        "with a period of several days: in the period of the first one".to_owned(),
    );
    about(
        tally.across_price_change,
        "summing up a period in which some price begins or ends: priced at their start".to_owned(),
    );
    about(tally.untimed_filtered, "without a time: left out by `--from` or `--to`".to_owned());
}

/// What the inputs leave open.
fn inputs(run: &FocusRun<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for path in run.repeated {
        lines.push(format!(
            "{path} was named more than once: its rows are charged each time, unless they have keys"
        ));
    }
    let has_rows = run.files.iter().any(|file| file.rows.read > 0);
    for (at, label) in run.labels.iter().enumerate().filter(|_| has_rows) {
        let is_seen = |file: &FileAccount| file.labels_seen.get(at).copied().unwrap_or(false);
        if !run.files.iter().any(is_seen) {
            let column = if at == 0 { "SubAccountId is empty" } else { "it is in no Tags" };
            lines.push(format!("no row has a `{label}`: {column}"));
        }
    }
    lines.extend(doubles(run.files).into_iter().map(|note| note.message));
    lines
}
