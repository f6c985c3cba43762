//! The single values of a card, each checked; every error names its line.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;
use toml::value::Datetime;

use super::card::{CardError, CardSource, Owner};
use super::layer::{Cell, Evidence, Threshold};
use super::raw::{RawBand, RawCard};
use crate::money::{MoneyError, Rate};
use crate::usage::{Instant, Meter, ServiceTier};

/// A day or instant that may be left out.
pub(super) type Day = Option<Spanned<Datetime>>;

/// Where prices come from, and who vouches for them.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) text: Arc<str>,
    pub(super) evidence: Evidence,
    pub(super) checked: Instant,
}

/// The sources of a card.
pub(super) struct Sources<'r> {
    pub(super) own: Source,
    pub(super) named: BTreeMap<&'r str, Source>,
}

/// Turns raw values into checked ones; knows the text for line numbers.
pub(super) struct Values<'a> {
    pub(super) source: &'a CardSource,
    pub(super) owner: Owner,
}

impl Values<'_> {
    /// Where the card's prices come from.
    pub(super) fn sources<'r>(&self, raw: &'r RawCard) -> Result<Sources<'r>, CardError> {
        let own = Source {
            text: raw.source.as_str().into(),
            evidence: self.evidence(&raw.evidence)?,
            checked: self.instant(&raw.checked)?,
        };
        let named = raw.sources.iter().map(|(name, raw)| {
            let evidence = raw.evidence.as_ref().map(|name| self.evidence(name)).transpose()?;
            let checked = raw.checked.as_ref().map(|day| self.instant(day)).transpose()?;
            let source = Source {
                text: raw.text.as_str().into(),
                evidence: evidence.unwrap_or(own.evidence),
                checked: checked.unwrap_or(own.checked),
            };
            Ok((name.as_str(), source))
        });
        Ok(Sources { named: named.collect::<Result<_, _>>()?, own })
    }

    fn evidence(&self, name: &Spanned<String>) -> Result<Evidence, CardError> {
        match (Evidence::from_name(name.get_ref()), self.owner) {
            (Some(Evidence::Provider), Owner::User) => Err(self.error(
                name,
                "expected `user` or `third_party`: only the built-in cards speak for a provider",
            )),
            (Some(evidence), _) => Ok(evidence),
            (None, _) => {
                Err(self.error(name, "expected `provider`, `third_party`, `article` or `user`"))
            }
        }
    }

    pub(super) fn tier(&self, name: &Spanned<String>) -> Result<ServiceTier, CardError> {
        ServiceTier::from_card(name.get_ref()).ok_or_else(|| {
            self.error(
                name,
                "expected `standard`, `flex`, `priority`, `batch`, `ultrafast` or `decisions`",
            )
        })
    }

    pub(super) fn threshold(&self, band: &Spanned<RawBand>) -> Result<Threshold, CardError> {
        match (band.get_ref().over, band.get_ref().at_least) {
            (Some(tokens), None) => Ok(Threshold { tokens, exclusive: true }),
            (None, Some(tokens)) => Ok(Threshold { tokens, exclusive: false }),
            _ => Err(self.error(band, "expected one of `over = N` and `at_least = N`")),
        }
    }

    pub(super) fn rate(&self, amount: &Spanned<String>, meter: Meter) -> Result<Rate, CardError> {
        Rate::parse(amount.get_ref(), meter.unit().per()).map_err(|error: MoneyError| {
            let priced_per = meter.unit().priced_per();
            self.error(amount, &format!("`{}` USD per {priced_per} {error}", amount.get_ref()))
        })
    }

    pub(super) fn interval(
        &self,
        from: Option<&Spanned<Datetime>>,
        to: Option<&Spanned<Datetime>>,
    ) -> Result<(Option<Instant>, Option<Instant>), CardError> {
        let start = from.map(|from| self.instant(from)).transpose()?;
        let Some(to) = to else {
            return Ok((start, None));
        };
        let end = self.instant(to)?;
        if start.is_some_and(|start| end <= start) {
            return Err(self.error(to, "`to` is not after `from`"));
        }
        Ok((start, Some(end)))
    }

    /// A day (its midnight in UTC) or an instant with an offset.
    pub(super) fn instant(&self, value: &Spanned<Datetime>) -> Result<Instant, CardError> {
        let date = value.get_ref();
        if date.date.is_none() || (date.time.is_some() && date.offset.is_none()) {
            return Err(self.error(value, "expected a day, or an instant with its offset"));
        }
        Instant::parse_log(&date.to_string())
            .map(|time| time.instant)
            .ok_or_else(|| self.error(value, "expected a day, or an instant with its offset"))
    }

    pub(super) fn check_overlap(
        &self,
        cells: &[Cell],
        cell: &Cell,
        at: &Spanned<String>,
    ) -> Result<(), CardError> {
        let overlaps = |other: &&Cell| other.same_cell(cell) && other.overlaps(cell);
        let Some(other) = cells.iter().find(overlaps) else {
            return Ok(());
        };
        let meter = cell.meter.name();
        let since = other.from.map_or_else(String::new, |from| format!(" from {from}"));
        Err(self.error(at, &format!("`{meter}` overlaps the price that holds{since}")))
    }

    /// The line of a value, from 1.
    pub(super) fn line<T>(&self, value: &Spanned<T>) -> usize {
        let before = self.source.text.get(..value.span().start).unwrap_or_default();
        memchr::memchr_iter(b'\n', before.as_bytes()).count().saturating_add(1)
    }

    pub(super) fn error<T>(&self, value: &Spanned<T>, message: &str) -> CardError {
        let (name, line) = (self.source.name.clone(), self.line(value));
        CardError::Value { name, line, message: message.to_owned() }
    }
}
