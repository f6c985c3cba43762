//! What a format's table says.

use std::borrow::Cow;

use jiff::tz::TimeZone;

use crate::usage::ServiceTier;

/// A log format.
#[derive(Debug, Clone)]
pub struct Format {
    /// Name in reports.
    pub name: &'static str,
    /// One line about it.
    pub about: &'static str,
    /// How records are laid out.
    pub layout: Layout,
    /// How it is recognised by content.
    pub signature: Signature,
    /// Whether a record is one request or sums up many.
    pub scope: Scope,
    /// The provider, where the format implies it.
    pub provider: Cow<'static, str>,
    /// Whether the input count includes cached and written tokens.
    pub cached: CachedTokens,
    /// Whether a modality's count includes its cached part.
    pub modality: Modality,
    /// The tier that the shape of the record proves.
    pub envelope: Option<ServiceTier>,
    /// Names of fields of which one is in every record of this format: without
    /// them, a record without usage is not an empty one but another's. None
    /// for delimited formats, whose header settles it.
    pub marks: &'static [&'static str],
    /// Records that are of this kind say so here; others are rejected.
    pub accepts: Option<(&'static str, &'static [&'static str])>,
    /// Records of these kinds may have usage; those of others count as empty.
    pub used_by: Option<(&'static str, &'static [&'static str])>,
    /// What makes each JSON record one whose fields stand at paths.
    pub rewrite: Option<Rewrite>,
    /// What keeps state from line to line, where a record alone does not tell.
    pub fold: Option<MakeFold>,
    /// How times are written.
    pub times: Times,
    /// How many a count of one stands for: 1, or 1,000.
    pub counts_in: u64,
    /// Why a file of this kind cannot be priced, and what can be done.
    pub refusal: Option<&'static str>,
    /// The fields that mean something.
    pub fields: Vec<Field>,
}

/// How times are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// The order of a day with slashes.
    pub days: Days,
    /// The zone of times that name none; `None` for UTC, which is noted.
    pub zone: Option<TimeZone>,
}

/// The order of a day with slashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// There are none.
    NoSlashes,
    /// `M/D/YYYY`.
    MonthFirst,
    /// `D/M/YYYY`.
    DayFirst,
}

impl Times {
    /// As most logs write them.
    pub(super) const AS_LOGS_DO: Self = Self { days: Days::NoSlashes, zone: None };
}

/// The same record in another shape; `None` where it stays as it is.
pub type Rewrite = fn(&str) -> Option<String>;

/// Begins the fold of a file.
pub type MakeFold = fn() -> Box<dyn Fold>;

/// Goes through the lines of a file in their order.
pub trait Fold: Send {
    /// The record of a line: JSON on one line. `None` where the line stays as it is.
    fn line(&mut self, line: &str) -> Option<String>;
}

impl Format {
    /// Delimited records, each one request of any provider.
    pub(super) const fn delimited(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about,
            layout: Layout::Delimited,
            signature: Signature::NONE,
            scope: Scope::Request,
            provider: Cow::Borrowed(""),
            cached: CachedTokens::InsideInput,
            modality: Modality::Total,
            envelope: None,
            marks: &[],
            accepts: None,
            used_by: None,
            rewrite: None,
            fold: None,
            times: Times::AS_LOGS_DO,
            counts_in: 1,
            refusal: None,
            fields: Vec::new(),
        }
    }

    /// JSON objects, each one request of any provider.
    pub(super) fn json(
        name: &'static str,
        about: &'static str,
        roots: &'static [&'static str],
    ) -> Self {
        Self::json_below(name, about, roots, &[])
    }

    /// JSON objects below some keys of a document, each a record.
    pub(super) fn json_below(
        name: &'static str,
        about: &'static str,
        roots: &'static [&'static str],
        explode: &'static [&'static str],
    ) -> Self {
        Self { layout: Layout::Json { roots, explode }, ..Self::delimited(name, about) }
    }
}

/// How records are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Delimited text with a header.
    Delimited,
    /// JSON objects: one a line, or the values of a document.
    Json {
        /// Where in the object the fields may stand: `""` for the object
        /// itself, `"response"` for `{"response": {...}}`.
        roots: &'static [&'static str],
        /// Keys that hold an array of records.
        explode: &'static [&'static str],
    },
}

/// How a format is recognised.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// Fields that are all there.
    pub all: &'static [&'static str],
    /// Fields of which one is there.
    pub any: &'static [&'static str],
    /// Fields that are not there.
    pub none: &'static [&'static str],
    /// Fields of which one has one of these values, or begins with one that
    /// ends in `*`.
    pub values: Option<(&'static [&'static str], &'static [&'static str])>,
    /// The header of an export without activity.
    pub empty_header: &'static [&'static str],
}

impl Default for Signature {
    fn default() -> Self {
        Self::NONE
    }
}

impl Signature {
    /// Of no fields.
    pub(super) const NONE: Self =
        Self { all: &[], any: &[], none: &[], values: None, empty_header: &[] };

    /// What a file is recognised by, in words.
    pub fn describe(&self) -> String {
        let mut parts = Vec::new();
        if !self.all.is_empty() {
            parts.push(format!("has {}", self.all.join(", ")));
        }
        if !self.any.is_empty() {
            parts.push(format!("has one of {}", self.any.join(", ")));
        }
        if let Some((fields, values)) = self.values {
            parts.push(format!("{} is {}", fields.join(" or "), values.join(" or ")));
        }
        if !self.none.is_empty() {
            parts.push(format!("has none of {}", self.none.join(", ")));
        }
        if parts.is_empty() { "`--map`".to_owned() } else { parts.join("; ") }
    }
}

/// Whether a record is one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One request, unless a count of requests says more.
    Request,
    /// A sum over a period.
    Aggregate,
}

/// Whether cached tokens are part of the input count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CachedTokens {
    /// The input count includes them (`OpenAI`).
    InsideInput,
    /// The input count leaves them out (Anthropic).
    BesideInput,
    /// The total decides: all counts together make it where they stand beside each
    /// other, input and output alone where they include the rest.
    ByTotal,
    /// The same; a record without a total includes them.
    ByTotalOrInside,
}

/// What an image or audio input count covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modality {
    /// Its cached part too.
    Total,
    /// Only what was not cached.
    Uncached,
}

/// The unit of billed amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyUnit {
    /// US dollars.
    Dollars,
    /// Hundredths of a US dollar.
    Cents,
    /// US dollars, perhaps with a `$`, or a word where nothing was billed.
    DollarsOrWord,
}

/// What a field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Start of the request or the period.
    Start,
    /// End of the period.
    End,
    /// Provider.
    Provider,
    /// Model.
    Model,
    /// A value in whose records the model is this one.
    ModelIs(&'static str),
    /// The tier that was served.
    ServedTier,
    /// The tier that was asked for.
    RequestedTier,
    /// Whether it was a batch request.
    BatchFlag,
    /// Number of requests.
    Requests,
    /// Endpoint or operation.
    Endpoint,
    /// Where it was served.
    Region,
    /// Project.
    Project,
    /// User.
    User,
    /// API key.
    ApiKey,
    /// What was billed.
    Billed(MoneyUnit),
    /// The currency of what was billed: US dollars, or the record is rejected.
    Currency,
    /// A value that says that the request cost nothing.
    FreeIf(&'static str),
    /// The speed, which is a tier of its own where it is `fast`.
    Speed,
    /// The items of a response's output: calls of hosted tools among them.
    Output,
    /// The tools that a response was given.
    Tools,
    /// What tells a record from all others of its format: records with one key are one.
    Key,
    /// A count.
    Count(super::count::Count),
    /// A column that the user groups or filters by.
    Column,
    /// A field that only describes the record (its kind, its id).
    Note,
}

/// One meaning, and the names of the fields that may hold it, the first that
/// has a value wins.
#[derive(Debug, Clone)]
pub struct Field {
    /// The meaning.
    pub target: Target,
    /// Column names, or dotted paths below a root.
    pub names: Vec<Cow<'static, str>>,
    /// The kind of record that it counts in alone.
    pub only: Option<&'static str>,
}

impl Field {
    /// A field of a built-in format.
    pub(super) fn new(target: Target, names: &[&'static str]) -> Self {
        let names = names.iter().map(|name| Cow::Borrowed(*name)).collect();
        Self { target, names, only: None }
    }

    /// A count of a built-in format.
    pub(super) fn count(count: super::count::Count, names: &[&'static str]) -> Self {
        Self::new(Target::Count(count), names)
    }

    /// The same in records of one kind alone.
    pub(super) fn only_in(self, kind: &'static str) -> Self {
        Self { only: Some(kind), ..self }
    }

    /// A field that the user names.
    pub(super) fn named(target: Target, name: String) -> Self {
        Self { target, names: vec![Cow::Owned(name)], only: None }
    }
}

impl Target {
    /// What `inspect` calls it.
    pub fn describe(self) -> String {
        let name = match self {
            Self::Start => "start",
            Self::End => "end",
            Self::Provider => "provider",
            Self::Model => "model",
            Self::ModelIs(model) => return format!("model, which is {model}"),
            Self::ServedTier => "service tier (served)",
            Self::RequestedTier => "service tier (requested)",
            Self::BatchFlag => "batch flag",
            Self::Requests => "requests",
            Self::Endpoint => "endpoint",
            Self::Region => "region",
            Self::Project => "project",
            Self::User => "user",
            Self::ApiKey => "api-key",
            Self::Billed(MoneyUnit::Dollars | MoneyUnit::DollarsOrWord) => "billed cost (USD)",
            Self::Billed(MoneyUnit::Cents) => "billed cost (cents)",
            Self::Currency => "currency of what was billed",
            Self::FreeIf(_) => "whether it cost nothing",
            Self::Speed => "speed",
            Self::Output => "output items (tool calls are counted)",
            Self::Tools => "tools (the size of containers)",
            Self::Key => "key (repeated records count once)",
            Self::Count(count) => return count.describe().to_owned(),
            Self::Column => "dimension",
            Self::Note => "description",
        };
        name.to_owned()
    }
}
