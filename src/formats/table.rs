//! What a format's table says.

use std::borrow::Cow;

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
    pub provider: &'static str,
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
    /// The fields that mean something.
    pub fields: Vec<Field>,
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
#[derive(Debug, Clone, Copy, Default)]
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

impl Signature {
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
}

impl Field {
    /// A field of a built-in format.
    pub(super) fn new(target: Target, names: &[&'static str]) -> Self {
        Self { target, names: names.iter().map(|name| Cow::Borrowed(*name)).collect() }
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
            Self::ServedTier => "service tier (served)",
            Self::RequestedTier => "service tier (requested)",
            Self::BatchFlag => "batch flag",
            Self::Requests => "requests",
            Self::Endpoint => "endpoint",
            Self::Region => "region",
            Self::Project => "project",
            Self::User => "user",
            Self::ApiKey => "api-key",
            Self::Billed(MoneyUnit::Dollars) => "billed cost (USD)",
            Self::Count(count) => return count.describe().to_owned(),
            Self::Column => "dimension",
            Self::Note => "description",
        };
        name.to_owned()
    }
}
