//! A format that the user describes: `--map model=name,input=prompt_tokens,…`.

use super::count::Count;
use super::table::{Field, Format, MoneyUnit, Target};

/// A `--map` that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// Not `MEANING=FIELD`.
    #[error("`{part}` is not `MEANING=FIELD`, for example `input=prompt_tokens`")]
    Shape {
        /// The part.
        part: String,
    },
    /// A meaning that does not exist.
    #[error("`{key}` is no meaning; there are {known}")]
    UnknownKey {
        /// As typed.
        key: String,
        /// All of them.
        known: String,
    },
    /// A meaning that is given twice.
    #[error("`{key}` is given twice")]
    Repeated {
        /// The meaning.
        key: String,
    },
    /// A mapping file that cannot be read.
    #[error("{path}:{line}: {message}")]
    File {
        /// The file.
        path: String,
        /// The line.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A zone that does not exist.
    #[error("{path}: zone `{zone}`: expected a name such as `UTC` or `Europe/Berlin`")]
    Zone {
        /// The file.
        path: String,
        /// As written.
        zone: String,
    },
    /// Without a model or a count nothing can be priced.
    #[error("a mapping needs `model=…` and at least one count, for example `input=…`")]
    Incomplete,
}

/// The meanings besides counts.
const KEYS: &[(&str, Target)] = &[
    ("timestamp", Target::Start),
    ("end_time", Target::End),
    ("provider", Target::Provider),
    ("model", Target::Model),
    ("service_tier", Target::ServedTier),
    ("requested_tier", Target::RequestedTier),
    ("batch", Target::BatchFlag),
    ("requests", Target::Requests),
    ("endpoint", Target::Endpoint),
    ("region", Target::Region),
    ("project", Target::Project),
    ("user", Target::User),
    ("api_key", Target::ApiKey),
    ("billed_cost", Target::Billed(MoneyUnit::Dollars)),
    ("key", Target::Key),
];

/// The format of `MEANING=FIELD,MEANING=FIELD,…`. Fields are column names, or
/// dotted paths in JSON. Counts follow `OpenAI`'s convention: the input includes
/// cached, image and audio tokens.
pub fn mapped(text: &str) -> Result<Format, MapError> {
    let mut fields = Vec::new();
    for part in text.split(',') {
        let (key, name) =
            part.split_once('=').ok_or_else(|| MapError::Shape { part: part.to_owned() })?;
        let target = target_of(key.trim())?;
        if name.trim().is_empty() {
            return Err(MapError::Shape { part: part.to_owned() });
        }
        let used = |field: &Field| field.names.iter().any(|other| other.as_ref() == name.trim());
        if fields.iter().any(used) {
            return Err(MapError::Repeated { key: name.trim().to_owned() });
        }
        if fields.iter().any(|field: &Field| field.target == target) {
            return Err(MapError::Repeated { key: key.trim().to_owned() });
        }
        fields.push(Field::named(target, name.trim().to_owned()));
    }
    complete(&fields)?;
    Ok(Format { fields, ..Format::delimited("mapped", "a log that `--map` describes") })
}

/// Whether something can be priced.
pub(super) fn complete(fields: &[Field]) -> Result<(), MapError> {
    let has_model = fields.iter().any(|field| field.target == Target::Model);
    let has_count = fields.iter().any(|field| matches!(field.target, Target::Count(_)));
    if has_model && has_count { Ok(()) } else { Err(MapError::Incomplete) }
}

/// The meaning of a key.
pub(super) fn target_of(key: &str) -> Result<Target, MapError> {
    if let Some((_, target)) = KEYS.iter().find(|(name, _)| *name == key) {
        return Ok(*target);
    }
    let count = Count::ALL.iter().find(|count| count.key() == key);
    count.map(|count| Target::Count(*count)).ok_or_else(|| {
        let counts = Count::ALL.iter().map(|count| count.key());
        let known: Vec<_> = KEYS.iter().map(|(name, _)| *name).chain(counts).collect();
        MapError::UnknownKey { key: key.to_owned(), known: known.join(", ") }
    })
}
