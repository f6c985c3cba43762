//! What usage can be grouped and filtered by.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Instant;

/// A property of a row that reports group by or filter on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Provider as logged.
    Provider,
    /// Model as logged.
    Model,
    /// The tier that is billed.
    Tier,
    /// Project, team or workspace.
    Project,
    /// User or end user.
    User,
    /// API key or its id.
    ApiKey,
    /// Endpoint or operation.
    Endpoint,
    /// Where requests were served.
    Region,
    /// Civil day in the report's zone, `YYYY-MM-DD`.
    Day,
    /// ISO week in the report's zone, `YYYY-Www`.
    Week,
    /// Civil month in the report's zone, `YYYY-MM`.
    Month,
    /// The log format that the row came from.
    Format,
    /// Any other column of the input, by its name.
    Column(Box<str>),
}

/// A name that cannot be grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an empty name cannot be grouped by")]
pub struct DimensionError;

impl Dimension {
    /// The built-in dimensions, in the order help shows them.
    pub const BUILT_IN: &[Self] = &[
        Self::Provider,
        Self::Model,
        Self::Tier,
        Self::Project,
        Self::User,
        Self::ApiKey,
        Self::Endpoint,
        Self::Region,
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Format,
    ];

    /// The word of `--by`.
    pub fn name(&self) -> &str {
        match self {
            Self::Provider => "provider",
            Self::Model => "model",
            Self::Tier => "tier",
            Self::Project => "project",
            Self::User => "user",
            Self::ApiKey => "api-key",
            Self::Endpoint => "endpoint",
            Self::Region => "region",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Format => "format",
            Self::Column(name) => name,
        }
    }

    /// A built-in word, or else a column of the input.
    pub fn parse(text: &str) -> Result<Self, DimensionError> {
        let built_in = Self::BUILT_IN.iter().find(|dimension| dimension.name() == text);
        match built_in {
            Some(dimension) => Ok(dimension.clone()),
            None if text.is_empty() => Err(DimensionError),
            None if text == "api_key" => Ok(Self::ApiKey),
            None => Ok(Self::Column(text.into())),
        }
    }

    /// Whether rows carry it only when asked: a name in the log that decides no
    /// price.
    pub const fn is_label(&self) -> bool {
        matches!(self, Self::Project | Self::User | Self::ApiKey | Self::Column(_))
    }

    /// The day, week or month of an instant in a zone; `None` for a dimension
    /// that is no part of the time.
    pub fn of_time(&self, at: Instant, zone: &TimeZone) -> Option<String> {
        self.of_date(at.date(zone)?)
    }

    /// The same of a date.
    pub fn of_date(&self, date: Date) -> Option<String> {
        match self {
            Self::Day => Some(date.to_string()),
            Self::Month => Some(format!("{:04}-{:02}", date.year(), date.month())),
            Self::Week => {
                let week = date.iso_week_date();
                Some(format!("{:04}-W{:02}", week.year(), week.week()))
            }
            Self::Provider
            | Self::Model
            | Self::Tier
            | Self::Project
            | Self::User
            | Self::ApiKey
            | Self::Endpoint
            | Self::Region
            | Self::Format
            | Self::Column(_) => None,
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
