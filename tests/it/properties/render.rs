//! Writes generated records as CSV and as JSON Lines.

use std::fmt::Display;

use csv::{QuoteStyle, Terminator, WriterBuilder};
use serde_json::{Map, Value};

use super::generator::Record;

/// Every column, in an order that tests may change.
pub(super) const COLUMNS: [&str; 28] = [
    "timestamp",
    "end_time",
    "serial",
    "provider",
    "project",
    "user",
    "team",
    "model",
    "service_tier",
    "requested_tier",
    "requests",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "image_input_tokens",
    "cached_image_input_tokens",
    "image_output_tokens",
    "audio_input_tokens",
    "cached_audio_input_tokens",
    "audio_output_tokens",
    "training_tokens",
    "web_search_calls",
    "file_search_calls",
    "code_interpreter_sessions",
    "billed_cost",
    "endpoint",
    "request_id",
];

/// A field as JSON writes it; CSV writes the same text.
enum Field {
    Absent,
    Text(String),
    Number(String),
}

impl From<Option<String>> for Field {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Absent, Self::Text)
    }
}

/// As CSV. `quoted` puts quotes around every field and ends lines with CR LF.
pub(super) fn csv(log: &[Record], columns: &[&str], quoted: bool) -> String {
    let (style, end) = if quoted {
        (QuoteStyle::Always, Terminator::CRLF)
    } else {
        (QuoteStyle::Necessary, Terminator::Any(b'\n'))
    };
    let mut writer =
        WriterBuilder::new().quote_style(style).terminator(end).from_writer(Vec::new());
    writer.write_record(columns).expect("memory");
    for (serial, record) in log.iter().enumerate() {
        let texts = columns.iter().map(|column| match field(record, serial, column) {
            Field::Absent => String::new(),
            Field::Text(text) | Field::Number(text) => text,
        });
        writer.write_record(texts).expect("memory");
    }
    String::from_utf8(writer.into_inner().expect("memory")).expect("text")
}

/// As JSON Lines, with `null` for what is absent.
pub(super) fn jsonl(log: &[Record]) -> String {
    let line = |(serial, record): (usize, &Record)| {
        let pairs = COLUMNS.iter().map(|column| {
            let value = match field(record, serial, column) {
                Field::Absent => Value::Null,
                Field::Text(text) => Value::String(text),
                Field::Number(text) => serde_json::from_str(&text).expect("a number"),
            };
            ((*column).to_owned(), value)
        });
        format!("{}\n", Value::Object(pairs.collect::<Map<_, _>>()))
    };
    log.iter().enumerate().map(line).collect()
}

fn field(record: &Record, serial: usize, column: &str) -> Field {
    let row = &record.row;
    if let Some((_, text)) = record.spoiled.filter(|(spoiled, _)| *spoiled == column) {
        return Field::Text(text.to_owned());
    }
    let [project, user, team] = record.labels.map(|label| label.map(str::to_owned));
    match column {
        "timestamp" => row.start.map(|at| time(at, record.spelling)).into(),
        "end_time" => row.start.zip(record.lasts).map(|(at, by)| time(at + by, 0)).into(),
        "serial" => Field::Text(format!("r{serial}")),
        "provider" => row.provider.clone().into(),
        "project" => project.into(),
        "user" => user.into(),
        "team" => team.into(),
        "model" => row.model.clone().into(),
        "service_tier" => row.served.clone().into(),
        "requested_tier" => row.requested.clone().into(),
        "requests" => number(row.requests, record.spelling),
        "billed_cost" => record.billed.map(str::to_owned).into(),
        "request_id" => Field::Text("req-1".to_owned()),
        "endpoint" => {
            Field::Text(if serial.is_multiple_of(3) { "chat" } else { "responses" }.to_owned())
        }
        _ => number(row.counts.get(column).copied(), record.spelling),
    }
}

/// `40`, `"40"` or `40.0`. Large numbers stay whole: a JSON library may not.
fn number(count: Option<u64>, spelling: u8) -> Field {
    let Some(count) = count else {
        return Field::Absent;
    };
    match spelling % 3 {
        0 => Field::Number(count.to_string()),
        1 => Field::Text(count.to_string()),
        _ => Field::Text(format!("{count}.0")),
    }
}

/// RFC 3339 in UTC or with an offset, without a zone, or seconds.
fn time(at: i64, spelling: u8) -> String {
    let utc = timestamp(at);
    let text = utc.to_string();
    match spelling % 4 {
        0 => text,
        1 => at.to_string(),
        2 => text.replace('T', " ").replace('Z', ".250"),
        _ => offset(timestamp(at + 5400)),
    }
}

/// The same instant on a clock that is an hour and a half ahead.
fn offset(ahead: impl Display) -> String {
    ahead.to_string().replace('Z', "+01:30")
}

fn timestamp(at: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(at).expect("a year before 9999")
}
