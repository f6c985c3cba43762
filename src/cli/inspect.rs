//! `tierwise inspect`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::Args;

use super::arguments::MapArgs;
use super::error::CliError;
use super::output;
use super::{Globals, Outcome};
use crate::formats::{
    Ask, Bound, DetectError, Detected, Reading, Reject, recognise, suggest_mapping,
};
use crate::input::{self, Chunker, Inputs, Source};
use crate::ledger::is_archive;
use crate::money::thousands;
use crate::pipeline::{PipelineError, Tuning};
use crate::report::plain;
use crate::usage::UsageRow;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tierwise inspect completions_usage.csv\n  \
    tierwise inspect private.jsonl --map model=name,input=tokens.in,output=tokens.out --rows 5")]
pub(super) struct InspectArgs {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,

    /// Rows to show.
    #[arg(long, default_value_t = 3, value_name = "N")]
    rows: usize,

    #[command(flatten)]
    map: MapArgs,
}

/// Runs the command.
pub(super) fn run(args: &InspectArgs, _globals: Globals) -> Result<Outcome, CliError> {
    let inputs = Inputs::find(&args.files)?;
    let mut out = String::new();
    for source in &inputs.sources {
        inspect(args, source, &mut out)?;
    }
    let lines: Vec<String> = out.lines().map(plain).collect();
    output::Output::open(None)?.write(&(lines.join("\n") + "\n"))?;
    Ok(Outcome::Done)
}

/// What a file's records are.
#[derive(Default)]
struct Findings {
    rows: u64,
    empty: u64,
    shown: Vec<String>,
    rejected: BTreeMap<(String, &'static str), (u64, u64, String)>,
}

fn inspect(args: &InspectArgs, source: &Source, out: &mut String) -> Result<(), CliError> {
    let path = source.name();
    let mut head = input::open(source)?;
    if is_archive(&head.bytes) {
        let _ = writeln!(out, "{path}: a saved ledger; `tierwise report {path}` reads it");
        return Ok(());
    }
    let format = args.map.format()?;
    let ask = Ask::default();
    let detected = recognise(&path, &mut head, format.as_ref(), &ask);
    if let Err(error @ DetectError::Unknown { .. }) = &detected
        && let Some(mapping) = suggest_mapping(&path, &head.bytes)
    {
        // All of it is TOML, to be kept as it is.
        for line in error.to_string().lines() {
            let _ = writeln!(out, "# {line}");
        }
        let _ = writeln!(out, "#\n{mapping}");
        return Ok(());
    }
    // Writing to a `String` does not fail.
    let Detected::Log(bound) = detected.map_err(PipelineError::from)? else {
        let _ = writeln!(out, "{path}: empty");
        return Ok(());
    };
    let _ = writeln!(out, "{path}: {} ({})", bound.format.name, bound.format.about);
    let _ = writeln!(out, "  recognised by: {}", bound.format.signature.describe());
    fields(&bound, out);
    let mut chunker =
        Chunker::new(bound.open(head.stream), &path, bound.framing, Tuning::default().chunk_size)
            .counting_lines();
    let mut findings = Findings::default();
    while let Some(chunk) = chunker.next_chunk()? {
        bound.read(&chunk, &mut |line, reading, _| {
            findings.add(args.rows, line, reading);
        });
    }
    findings.write(out);
    Ok(())
}

fn fields(bound: &Bound, out: &mut String) {
    let columns = bound.columns();
    if columns.is_empty() {
        let _ = writeln!(out, "  fields that are read:");
        for (meaning, names) in bound.meanings() {
            let _ = writeln!(out, "    {meaning}: {names}");
        }
        return;
    }
    let _ = writeln!(out, "  columns:");
    for (column, meaning) in columns {
        let meaning = meaning.unwrap_or_else(|| "not read; can be grouped by".to_owned());
        let _ = writeln!(out, "    {column}: {meaning}");
    }
}

impl Findings {
    fn add(&mut self, limit: usize, line: u64, reading: Reading<'_>) {
        match reading {
            Reading::Row(mut row) => {
                row.count_all_sessions();
                self.rows = self.rows.saturating_add(1);
                if self.shown.len() < limit {
                    self.shown.push(describe(line, &row));
                }
            }
            Reading::Empty => self.empty = self.empty.saturating_add(1),
            Reading::Rejected(Reject { field, reason, detail }) => {
                let entry = self.rejected.entry((field, reason)).or_insert((0, line, detail));
                entry.0 = entry.0.saturating_add(1);
            }
        }
    }

    fn write(&self, out: &mut String) {
        let rejected =
            self.rejected.values().fold(0_u64, |sum, (rows, ..)| sum.saturating_add(*rows));
        let count = |n: u64| thousands(u128::from(n));
        let (rows, empty, rejected) = (count(self.rows), count(self.empty), count(rejected));
        let _ = writeln!(
            out,
            "  records: {rows} with usage, {empty} empty, {rejected} would be rejected"
        );
        for row in &self.shown {
            let _ = writeln!(out, "    {row}");
        }
        for ((field, reason), (rows, line, detail)) in &self.rejected {
            let reason = reason.replace('_', " ");
            let _ = writeln!(
                out,
                "    rejected: {field}: {reason}: {detail} (line {line}, {} in all)",
                count(*rows)
            );
        }
    }
}

/// A row in canonical form.
fn describe(line: u64, row: &UsageRow<'_>) -> String {
    let mut text = format!("line {line}: {}", row.model.unwrap_or("(no model)"));
    let _ = write!(text, ", {} ({})", row.tier, row.tier_source.name());
    match (row.start, row.end) {
        (Some(start), Some(end)) => drop(write!(text, ", {start} to {end}")),
        (Some(start), None) => drop(write!(text, ", {start}")),
        (None, _) => text.push_str(", no time"),
    }
    let _ = write!(text, ", {} request(s)", row.requests);
    for (meter, count) in row.quantities.nonzero() {
        let _ = write!(text, ", {} {}", meter.name(), thousands(u128::from(count)));
    }
    if let Some(billed) = row.billed {
        let _ = write!(text, ", billed {billed} USD");
    }
    text
}
