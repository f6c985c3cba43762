//! What a rule demands, as data, and whether a file keeps it.

use std::collections::BTreeMap;

use num_rational::BigRational;
use serde_json::Value;

use super::sheet::{Row, Sheet};
use crate::oracle::decimal;

/// What a rule demands of a column, where it has a value unless said otherwise.
#[derive(Clone, Copy)]
pub(super) enum Check {
    /// The column is there.
    Present,
    /// Every row has a value.
    Filled,
    /// No row has one.
    Empty,
    /// Rows of usage have a value, and no others.
    OfUsage,
    /// Text that is more than blanks.
    Text,
    /// A number that is written as a decimal.
    Decimal,
    /// A number of zero or more.
    NotNegative,
    /// An instant of UTC.
    Time,
    /// One of some values.
    OneOf(&'static [&'static str]),
    /// A JSON object whose keys are unique and whose values are simple.
    Object,
    /// A unit of measure.
    Unit,
    /// The rows with a value are those with one in another column.
    Together(&'static str),
    /// It determines the value of another column.
    Settles(&'static str),
    /// Times one column it is another.
    Product(&'static str, &'static str),
    /// What holds of every row.
    Row(fn(&Row) -> bool),
    /// What holds of the file.
    File(fn(&Sheet) -> bool),
}

impl Check {
    /// The first row that breaks it, or the file.
    pub(super) fn breach(self, sheet: &Sheet, column: &str) -> Option<String> {
        let whole = if let Self::Present = self {
            sheet.columns.iter().any(|name| name == column)
        } else if let Self::Settles(other) = self {
            settles(sheet, column, other)
        } else if let Self::File(holds) = self {
            holds(sheet)
        } else {
            true
        };
        if !whole {
            return Some("the file".to_owned());
        }
        let row = sheet.rows.iter().find(|row| !self.holds(row, column));
        row.map(|row| format!("{row:?}"))
    }

    fn holds(self, row: &Row, column: &str) -> bool {
        let value = row.get(column);
        let each = |holds: fn(&str) -> bool| value.is_none_or(|value| holds(value));
        match self {
            Self::Present | Self::Settles(_) | Self::File(_) => true,
            Self::Filled => value.is_some(),
            Self::Empty => value.is_none(),
            Self::OfUsage => value.is_some() == is_usage(row),
            Self::Text => each(|value| !value.trim().is_empty()),
            Self::Decimal => each(is_decimal),
            Self::NotNegative => each(|value| is_decimal(value) && !value.starts_with('-')),
            Self::Time => each(is_time),
            Self::OneOf(values) => value.is_none_or(|value| values.contains(&value.as_str())),
            Self::Object => each(|value| object(value).is_some()),
            Self::Unit => each(is_unit),
            Self::Together(other) => value.is_some() == row.contains_key(other),
            Self::Product(factor, product) => match (number(row, column), number(row, factor)) {
                (Some(value), Some(factor)) => Some(value * factor) == number(row, product),
                _ => true,
            },
            Self::Row(holds) => holds(row),
        }
    }
}

pub(super) fn is_usage(row: &Row) -> bool {
    row.get("ChargeCategory").is_some_and(|category| category == "Usage")
}

/// A column as a number, where it is one.
pub(super) fn number(row: &Row, column: &str) -> Option<BigRational> {
    row.get(column).filter(|text| is_decimal(text)).map(|text| decimal(text))
}

/// Digits, one point, digits; a minus before a negative one, and no other sign.
fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    unsigned.split_once('.').is_some_and(|(whole, decimals)| digits(whole) && digits(decimals))
}

/// `2026-10-05T00:00:00Z`.
fn is_time(text: &str) -> bool {
    let shape = text.replace(|c: char| c.is_ascii_digit(), "9");
    shape == "9999-99-99T99:99:99Z" && text.parse::<jiff::Timestamp>().is_ok()
}

/// A plural, after a number or with a time, written as the specification lists them.
fn is_unit(text: &str) -> bool {
    const NAMES: [&str; 10] = [
        "Tokens",
        "Characters",
        "Calls",
        "Sessions",
        "Images",
        "Seconds",
        "Minutes",
        "Hours",
        "GiB-Days",
        "B-Days",
    ];
    let name = match text.split_once(' ') {
        Some((count, name)) if count.parse::<u32>().is_ok() => name,
        _ => text,
    };
    NAMES.contains(&name)
}

/// An object as its members, each once, with simple values.
pub(super) fn object(text: &str) -> Option<BTreeMap<String, Value>> {
    let members: BTreeMap<String, Value> = serde_json::from_str(text).ok()?;
    let simple = |value: &Value| !value.is_object() && !value.is_array();
    let unique = members.keys().all(|key| {
        let key = format!("{}:", Value::from(key.as_str()));
        text.matches(&key).count() == 1
    });
    (unique && members.values().all(simple)).then_some(members)
}

fn settles(sheet: &Sheet, column: &str, other: &str) -> bool {
    let mut known: BTreeMap<&String, Option<&String>> = BTreeMap::new();
    sheet.rows.iter().all(|row| {
        let value = row.get(other);
        row.get(column).is_none_or(|key| *known.entry(key).or_insert(value) == value)
    })
}
