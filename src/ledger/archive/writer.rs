//! From a ledger to its table.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::about::{CutsInfo, shown};
use super::{CELL, CUTS, INPUT, InputInfo, LABEL, MARK, REPEATED, TEXTS};
use crate::frame::{ParquetTable, TableColumn, Texts};
use crate::ledger::{Ledger, View};
use crate::usage::{Dimension, Meter};

/// Records of a batch.
const BATCH: usize = 4 * 1024;

/// What is kept.
#[derive(Debug)]
pub struct Archive<'a> {
    /// The sums.
    pub ledger: &'a Ledger,
    /// The sums of rows that repeat others.
    pub repeated: &'a Ledger,
    /// The asked properties, in the order of the keys' labels.
    pub labels: &'a [Dimension],
    /// What became of each input.
    pub inputs: &'a [InputInfo],
}

/// Writes a ledger as a Parquet file. Fails where the stream does, and where a sum is over
/// 64 bits.
pub fn write_archive(archive: &Archive<'_>, out: impl Write) -> io::Result<()> {
    let (cells, repeated) = (archive.ledger.by_key(), archive.repeated.by_key());
    let used = cells.keys().chain(repeated.keys()).fold(0, |used, key| used | key.meters);
    let meters: Vec<Meter> = Meter::of_bits(used).collect();
    let mut table = Table::new(archive.labels, &meters, out)?;
    let all = || cells.iter().chain(&repeated);
    let rows = all().fold(0_u64, |sum, (_, cell)| sum.saturating_add(cell.rows));
    let mut sums: BTreeMap<&str, u128> = BTreeMap::new();
    for (key, cell) in all() {
        for (meter, sum) in cell.totals(key.meters).nonzero() {
            let known = sums.entry(meter.name()).or_default();
            *known = known.saturating_add(sum);
        }
    }
    let cuts = CutsInfo::of(&archive.ledger.cuts, table.names.clone(), (rows, &sums));
    let cuts = serde_json::to_string(&cuts)?;
    table.push(&Record { kind: CUTS, about: Some(cuts), ..Record::default() })?;
    for input in archive.inputs {
        let about = Some(serde_json::to_string(input)?);
        table.push(&Record { kind: INPUT, about, ..Record::default() })?;
    }
    for (kind, ledger, cells) in
        [(CELL, archive.ledger, &cells), (REPEATED, archive.repeated, &repeated)]
    {
        for (key, cell) in cells {
            table.push(&record(kind, &ledger.view(key, cell), archive.labels.len(), &meters)?)?;
        }
    }
    table.finish()
}

/// A record of the table.
#[derive(Default)]
struct Record {
    kind: &'static str,
    /// Those of [`TEXTS`] but the last; none where there are no.
    texts: Vec<Option<String>>,
    about: Option<String>,
    labels: Vec<Option<String>>,
    /// Rows, requests, and the sum of each meter.
    counts: Vec<u64>,
}

fn record(
    kind: &'static str,
    view: &View<'_>,
    labels: usize,
    meters: &[Meter],
) -> io::Result<Record> {
    let (key, cell, cuts) = (view.key, view.cell, view.cuts);
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let at = |at: Option<crate::usage::Instant>| at.map(|at| at.to_string());
    let threshold = |class: u8| cuts.threshold(class).map(shown);
    let number = |number: Option<u64>| number.map(|number| number.to_string());
    let until = key.until.map(|until| cuts.segment(until).end.later(-1));
    let texts = vec![
        at(key.segment),
        at(key.segment.map(|start| cuts.segment(start).end)),
        at(until),
        text(view.provider()),
        view.model().map(str::to_owned),
        text(view.tier()),
        text(key.tier_source.name()),
        view.requested_tier().map(str::to_owned),
        view.endpoint().map(str::to_owned),
        text(view.region()),
        text(view.format()),
        threshold(key.class),
        threshold(key.class.saturating_add(1)),
        threshold(key.highest),
        number(view.reached_window()),
        number(view.reached_cap()),
        key.billed.then(|| cell.billed.usd.exact()),
    ];
    let totals = view.totals();
    let sums = meters.iter().map(|meter| totals.get(*meter));
    let counts = [u128::from(cell.rows), cell.requests].into_iter().chain(sums);
    let too_large = || io::Error::other("a sum is larger than 18446744073709551615");
    let counts: Option<Vec<u64>> = counts.map(|count| u64::try_from(count).ok()).collect();
    if cell.billed.overflow {
        return Err(io::Error::other("the billed amounts are larger than 1.7e20 USD"));
    }
    let labels = (0..labels).map(|label| view.label(label).map(str::to_owned)).collect();
    Ok(Record { kind, texts, about: None, labels, counts: counts.ok_or_else(too_large)? })
}

/// The table being written.
struct Table<W: Write> {
    parquet: ParquetTable<W>,
    names: Vec<String>,
    waiting: Vec<TableColumn>,
    empty: Vec<TableColumn>,
    records: usize,
}

impl<W: Write> Table<W> {
    fn new(labels: &[Dimension], meters: &[Meter], out: W) -> io::Result<Self> {
        let texts = std::iter::once(MARK).chain(TEXTS).map(str::to_owned);
        let texts = texts.chain(labels.iter().map(|label| format!("{LABEL}{}", label.name())));
        let counts = ["rows", "requests"].into_iter().chain(meters.iter().map(|m| m.name()));
        let texts = texts.map(|name| (name, TableColumn::Text(Texts::default())));
        let counts = counts.map(|name| (name.to_owned(), TableColumn::Count(Vec::new())));
        let columns: Vec<_> = texts.chain(counts).collect();
        let empty: Vec<TableColumn> = columns.iter().map(|(_, column)| column.clone()).collect();
        let names = columns.iter().map(|(name, _)| name.clone()).collect();
        let parquet = ParquetTable::new(columns, out)?;
        Ok(Self { parquet, names, waiting: empty.clone(), empty, records: 0 })
    }

    fn push(&mut self, record: &Record) -> io::Result<()> {
        let own = record.texts.iter().map(Option::as_deref);
        let missing = TEXTS.len().saturating_sub(1).saturating_sub(record.texts.len());
        let own = own.chain(std::iter::repeat_n(None, missing));
        let labels = record.labels.iter().map(Option::as_deref).chain(std::iter::repeat(None));
        let mut texts = std::iter::once(Some(record.kind))
            .chain(own)
            .chain([record.about.as_deref()])
            .chain(labels);
        let mut counts = record.counts.iter().copied().chain(std::iter::repeat(0));
        for column in &mut self.waiting {
            match column {
                TableColumn::Text(column) => column.push(texts.next().flatten()),
                TableColumn::Count(column) => column.extend(counts.next()),
            }
        }
        self.records = self.records.saturating_add(1);
        if self.records >= BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.records = 0;
        self.parquet.push(std::mem::replace(&mut self.waiting, self.empty.clone()))
    }

    fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.parquet.finish()
    }
}
