//! Generates logs: every shape of row that tierwise's own format can hold.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::oracle::{Book, Row};

/// The cards, as the oracle reads them.
pub(super) static BOOK: LazyLock<Book> = LazyLock::new(Book::read);

/// One record of a log, with what no price depends on.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// What decides its price.
    pub(super) row: Row,
    /// Seconds that a summed-up period lasts.
    pub(super) lasts: Option<i64>,
    /// `project`, `user` and a column `team`.
    pub(super) labels: [Option<&'static str>; 3],
    pub(super) billed: Option<&'static str>,
    /// A column and what it holds that cannot be read.
    pub(super) spoiled: Option<(&'static str, &'static str)>,
    /// How times and counts are spelled.
    pub(super) spelling: u8,
}

const TIERS: &[&str] =
    &["default", "standard", "flex", "flex-tier", "priority", "fast", "batch", "Batch", "auto"];
const ODD_TIERS: &[&str] =
    &["scale", "incentivized-tier", "free", "ultrafast", "gold", "on_demand", "Standard", "AUTO"];
const LABELS: &[&str] = &[
    "search",
    "a,b",
    "say \"hi\"",
    "two\nlines",
    "cr\r\nlf",
    "naïve ☃",
    "\"",
    ",",
    "'",
    "42",
    "null",
    "Total",
];
/// Models of other providers with long-context thresholds of their own.
const BANDED: &[&str] = &["claude-haiku-5-5", "gemini/gemini-2.5-pro", "grok-4.7"];
const UNKNOWN: &[&str] =
    &["acme-7b", "gpt-4.1-minimal", "GPT-4.1", "ft:gpt-9:acme::x1", "gpt-4.1 mini"];
const BILLED: &[&str] =
    &["0", "0.0125", "1.2000000000000002e-05", "-0.5", "12", "0.003835980000000000000000000001"];
const SPOILED: &[(&str, &str)] = &[
    ("input_tokens", "-5"),
    ("output_tokens", "1.5"),
    ("output_tokens", "many"),
    ("input_tokens", "18446744073709551616"),
    ("requests", "-1"),
    ("timestamp", "yesterday"),
    ("end_time", "2025-02-29"),
    ("billed_cost", "free"),
    ("web_search_calls", "true"),
];

/// A log of up to `most` records.
pub(super) fn log(most: usize) -> impl Strategy<Value = Vec<Record>> {
    vec(record(), 0..=most)
}

/// A log of single requests that differ in little but what they use: many of one model,
/// tier and time.
pub(super) fn log_of_few_sorts(most: usize) -> impl Strategy<Value = Vec<Record>> {
    let one = |record: Record| Record { lasts: None, spoiled: None, ..record };
    let sorts = vec(record().prop_map(one), 1..3);
    (sorts, vec((any::<Index>(), parts(), label()), 1..=most)).prop_map(|(sorts, uses)| {
        let record = |(sort, parts, label): &(Index, Parts, Option<&'static str>)| {
            let record = sort.get(&sorts);
            let row = Row { counts: parts.counts(1), requests: None, ..record.row.clone() };
            let [_, second, third] = record.labels;
            let billed = record.billed.filter(|_| row.counts.values().any(|count| *count > 0));
            Record { row, labels: [*label, second, third], billed, ..record.clone() }
        };
        uses.iter().map(record).collect()
    })
}

/// A log without summed-up periods: these may not cross a local midnight.
pub(super) fn log_of_instants(most: usize) -> impl Strategy<Value = Vec<Record>> {
    let record = record().prop_map(|record| Record { lasts: None, ..record });
    vec(record, 0..=most)
}

pub(super) fn record() -> impl Strategy<Value = Record> {
    let labels = [label(), label(), label()];
    let spoiled = prop_oneof![12 => Just(None), 1 => select(SPOILED).prop_map(Some)];
    let lasts = prop_oneof![3 => Just(None), 1 => (0_i64..200_000).prop_map(Some)];
    let billed = option::of(select(BILLED));
    (row(), lasts, labels, billed, spoiled, 0_u8..12).prop_map(
        |(row, lasts, labels, billed, spoiled, spelling)| {
            // What was billed without usage is another matter.
            let billed = billed.filter(|_| row.counts.values().any(|count| *count > 0));
            let lasts = lasts.filter(|_| row.start.is_some());
            let row = Row { spoiled: spoiled.is_some(), ..row };
            Record { row, lasts, labels, billed, spoiled, spelling }
        },
    )
}

fn label() -> impl Strategy<Value = Option<&'static str>> {
    option::of(select(LABELS))
}

fn row() -> impl Strategy<Value = Row> {
    let provider = prop_oneof![
        8 => Just(None),
        4 => Just(Some("openai")),
        1 => select(vec!["OpenAI", "anthropic"]).prop_map(Some),
    ];
    let requests = prop_oneof![
        6 => Just(None),
        2 => Just(Some(1)),
        1 => Just(Some(0)),
        4 => (2_u64..6).prop_map(Some),
        1 => Just(Some(1_000_000)),
    ];
    let context = (start(), requests);
    (provider, model(), tier(), tier(), context, parts()).prop_map(
        |(provider, model, served, requested, (start, requests), parts)| Row {
            end: None,
            start: start.of(model.as_deref()),
            provider: provider.map(str::to_owned),
            model,
            served,
            requested,
            requests,
            counts: parts.counts(requests.unwrap_or(1)),
            spoiled: false,
        },
    )
}

fn tier() -> impl Strategy<Value = Option<String>> {
    let tier = prop_oneof![4 => Just(None), 8 => select(TIERS).prop_map(Some), 1 => select(ODD_TIERS).prop_map(Some)];
    tier.prop_map(|tier| tier.map(str::to_owned))
}

/// Any name of the book, as it is or as gateways and fine-tuning change it.
fn model() -> impl Strategy<Value = Option<String>> {
    let names = BOOK.models().flat_map(|model| std::iter::once(&model.id).chain(&model.aliases));
    let names: Vec<String> = names.cloned().collect();
    let known = (select(names), 0_u8..24).prop_map(|(name, change)| match change {
        0 => format!("openai/{name}"),
        1 => format!("azure/{name}"),
        2 => format!("{name}-2026-01-31"),
        3 => format!("ft:{name}:acme::Ab12"),
        4 => format!("ft:{name}:acme:bot:Ab12:ckpt-step-84"),
        5 => format!("{name}:acme::Ab12"),
        _ => name,
    });
    prop_oneof![
        20 => known.prop_map(Some),
        4 => Just(Some("gpt-5.4".to_owned())),
        4 => Just(Some("gpt-4.1-mini".to_owned())),
        2 => select(BANDED).prop_map(|name| Some(name.to_owned())),
        2 => select(UNKNOWN).prop_map(|name| Some(name.to_owned())),
        1 => Just(None),
    ]
}

/// When a row starts.
#[derive(Debug, Clone)]
enum Start {
    At(Option<i64>),
    /// So many seconds from a price change of its model.
    Change(Index, i64),
}

/// Now and then no time; often at a price change, to the second.
fn start() -> impl Strategy<Value = Start> {
    const FIRST: i64 = 1_714_521_600; // 2024-05-01
    const SETTLED: i64 = 1_756_166_400; // 2025-08-26
    const LAST: i64 = 1_798_761_600; // 2027-01-01
    let busy = 1_790_812_800_i64..1_791_417_600; // the first week of 2026-10
    prop_oneof![
        1 => Just(Start::At(None)),
        3 => (any::<Index>(), -1_i64..=1).prop_map(|(change, by)| Start::Change(change, by)),
        1 => (FIRST..LAST).prop_map(|at| Start::At(Some(at))),
        4 => (SETTLED..LAST).prop_map(|at| Start::At(Some(at))),
        4 => busy.prop_map(|at| Start::At(Some(at))),
    ]
}

impl Start {
    fn of(&self, model: Option<&str>) -> Option<i64> {
        let (change, by) = match self {
            Self::At(at) => return *at,
            Self::Change(change, by) => (change, by),
        };
        let named = model.and_then(|name| BOOK.resolve("", name));
        let changes = BOOK.changes(named.as_ref());
        Some(changes.get(change.index(changes.len())).copied().unwrap_or(BOOK.as_of) + by)
    }
}

/// Disjoint counts, and how the log gets them wrong.
#[derive(Debug, Clone)]
struct Parts {
    /// Text, cached, written, image, cached image, audio, cached audio input;
    /// text, image, audio output.
    tokens: [u64; 10],
    /// Training, web search, file search, code interpreter.
    others: [u64; 4],
    /// A long-context threshold, and the tokens by which every request passes it.
    long: Option<(u64, i64)>,
    /// Whether a part is larger than its whole.
    overlapping: bool,
}

fn parts() -> impl Strategy<Value = Parts> {
    let text = || prop_oneof![1 => Just(0), 4 => 1_u64..50_000, 1 => 0_u64..2_000_000_000_000];
    let rare = |most: u64| prop_oneof![12 => Just(0), 1 => 1..most];
    let odd = |most: u64| prop_oneof![60 => Just(0), 1 => 1..most];
    let some = || prop_oneof![1 => Just(0_u64), 1 => 1_u64..20_000];
    let input = (text(), some(), rare(5_000), rare(3_000), rare(3_000), odd(3_000), odd(3_000));
    let output = (text(), odd(5_000), odd(5_000));
    let others = [odd(2_000_000).boxed(), rare(40).boxed(), rare(40).boxed(), rare(9).boxed()];
    let threshold = prop_oneof![3 => Just(272_000), 1 => Just(200_000), 1 => Just(100_000)];
    let long = prop_oneof![4 => Just(None), 1 => (threshold, -1_i64..=1).prop_map(Some)];
    let overlapping = prop_oneof![15 => Just(false), 1 => Just(true)];
    (input, output, others, long, overlapping).prop_map(|(i, o, others, long, overlapping)| {
        let tokens = [i.0, i.1, i.2, i.3, i.4, i.5, i.6, o.0, o.1, o.2];
        Parts { tokens, others, long, overlapping }
    })
}

impl Parts {
    /// The columns of a log: totals that include their parts.
    fn counts(&self, requests: u64) -> BTreeMap<&'static str, u64> {
        let [text, cached, written, image, cached_image, audio, cached_audio, out, drawn, spoken] =
            self.tokens;
        let [training, search, files, code] = self.others;
        let rest = cached + written + image + cached_image + audio + cached_audio;
        let long = self
            .long
            .map(|(threshold, by)| (threshold * requests.max(1)).saturating_add_signed(by));
        let input = long.filter(|input| *input >= rest).unwrap_or(text + rest);
        let all_cached = cached + cached_image + cached_audio;
        let cached = if self.overlapping { input + 1 } else { all_cached };
        let columns = [
            ("input_tokens", input),
            ("cached_input_tokens", cached),
            ("cache_write_tokens", written),
            ("output_tokens", out + drawn + spoken),
            ("image_input_tokens", image + cached_image),
            ("cached_image_input_tokens", cached_image),
            ("image_output_tokens", drawn),
            ("audio_input_tokens", audio + cached_audio),
            ("cached_audio_input_tokens", cached_audio),
            ("audio_output_tokens", spoken),
            ("training_tokens", training),
            ("web_search_calls", search),
            ("file_search_calls", files),
            ("code_interpreter_sessions", code),
        ];
        // A zero is as often left out as written.
        columns.into_iter().filter(|(_, count)| *count > 0 || input.is_multiple_of(2)).collect()
    }
}

/// The rows alone.
pub(super) fn rows(log: &[Record]) -> Vec<Row> {
    let with_end = |record: &Record| {
        let end = record.row.start.zip(record.lasts).map(|(start, lasts)| start + lasts);
        Row { end, ..record.row.clone() }
    };
    log.iter().map(with_end).collect()
}
