//! A format that the user describes in a file: which field means what, and how counts,
//! amounts and times are written. Every setting but the fields may be left out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::Deserialize;

use super::mapping::{MapError, complete, target_of};
use super::table::{CachedTokens, Days, Field, Format, MoneyUnit, Scope, Target, Times};

/// What a file may say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MapFile {
    #[serde(default)]
    provider: String,
    #[serde(default)]
    records: Records,
    #[serde(default)]
    cached: Cached,
    #[serde(default)]
    counts: Counts,
    #[serde(default)]
    money: Money,
    #[serde(default)]
    days: DayOrder,
    zone: Option<String>,
    fields: BTreeMap<String, Names>,
}

/// What a record is.
#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
enum Records {
    #[default]
    Request,
    Sum,
}

/// Where cached tokens are.
#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
enum Cached {
    #[default]
    Inside,
    Beside,
}

/// What counts are of.
#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
enum Counts {
    #[default]
    Ones,
    Thousands,
}

/// What amounts are in.
#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
enum Money {
    #[default]
    Usd,
    Cents,
}

/// How days with slashes are written.
#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
enum DayOrder {
    #[default]
    None,
    MonthFirst,
    DayFirst,
}

/// One field, or several of which the first that has a value counts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Some(Vec<String>),
}

/// The format of a mapping file, whose text is TOML. Fields are column names, or in JSON
/// dotted paths or JSON pointers (`/usage/input`).
pub fn mapped_by_file(path: &str, text: &str) -> Result<Format, MapError> {
    let file: MapFile = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        MapError::File { path: path.to_owned(), line, message: error.message().to_owned() }
    })?;
    let money = match file.money {
        Money::Usd => MoneyUnit::Dollars,
        Money::Cents => MoneyUnit::Cents,
    };
    let mut fields = Vec::new();
    for (key, names) in file.fields {
        let target = target_of(&key)?;
        let billed = matches!(target, Target::Billed(_));
        let target = if billed { Target::Billed(money) } else { target };
        let names = match names {
            Names::One(name) => vec![name],
            Names::Some(names) => names,
        };
        let names = names.iter().map(|name| Cow::Owned(path_of(name))).collect();
        fields.push(Field { target, names, only: None });
    }
    complete(&fields)?;
    Ok(Format {
        scope: match file.records {
            Records::Request => Scope::Request,
            Records::Sum => Scope::Aggregate,
        },
        provider: file.provider.into(),
        cached: match file.cached {
            Cached::Inside => CachedTokens::InsideInput,
            Cached::Beside => CachedTokens::BesideInput,
        },
        counts_in: match file.counts {
            Counts::Ones => 1,
            Counts::Thousands => 1000,
        },
        times: Times {
            days: match file.days {
                DayOrder::None => Days::NoSlashes,
                DayOrder::MonthFirst => Days::MonthFirst,
                DayOrder::DayFirst => Days::DayFirst,
            },
            zone: file.zone.as_deref().map(|zone| zone_of(path, zone)).transpose()?,
        },
        fields,
        ..Format::delimited("mapped", "a log that a mapping file describes")
    })
}

/// A JSON pointer as a dotted path; other names as they are.
fn path_of(name: &str) -> String {
    match name.strip_prefix('/') {
        Some(pointer) => pointer.replace('/', "."),
        None => name.to_owned(),
    }
}

fn zone_of(path: &str, name: &str) -> Result<TimeZone, MapError> {
    TimeZone::get(name)
        .map_err(|_source| MapError::Zone { path: path.to_owned(), zone: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_as_in_most_logs() {
        let format =
            mapped_by_file("m.toml", "[fields]\nmodel = 'm'\ninput = '/usage/in'").unwrap();
        assert_eq!((format.scope, format.counts_in), (Scope::Request, 1));
        assert_eq!((format.cached, &format.times), (CachedTokens::InsideInput, &Times::AS_LOGS_DO));
        let names: Vec<_> = format.fields.iter().flat_map(|field| &field.names).collect();
        assert_eq!(names, ["usage.in", "m"]);
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (text, line, what) in [
            ("provider = 'openai'\ncashed = 'inside'\n[fields]\n", 2, "cashed"),
            ("cached = 'outside'\n[fields]\nmodel = 'm'\n", 1, "outside"),
            ("provider = 'x'", 1, "fields"),
        ] {
            let error = mapped_by_file("m.toml", text).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("m.toml:{line}: ")) && error.contains(what),
                "{error}"
            );
        }
        for (text, what) in [
            ("[fields]\nmodle = 'm'\ninput = 'i'", "modle"),
            ("[fields]\nmodel = 'm'", "at least one count"),
            ("zone = 'Mars'\n[fields]\nmodel = 'm'\ninput = 'i'", "Mars"),
        ] {
            let error = mapped_by_file("m.toml", text).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
    }
}
