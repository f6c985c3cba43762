//! Instants in UTC seconds, and the ways that logs write them.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Seconds in a day.
const DAY: i64 = 86_400;

/// A point in time, in whole seconds since 1970-01-01T00:00:00Z. Fractions of
/// a second are cut: no rate begins within one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// A time as read from a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedTime {
    /// The instant.
    pub instant: Instant,
    /// Whether the text had no zone and was taken as UTC.
    pub zone_assumed: bool,
}

impl Instant {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// The earliest that there is, 0001-01-01T00:00:00Z.
    pub const EARLIEST: Self = Self(-62_135_596_800);

    /// The first one after the last that there is, 9999-12-30T22:00:00Z.
    pub const LATEST: Self = Self(253_402_207_200);

    /// From seconds since the epoch; `None` outside the years 1 to 9999, of
    /// which the last day is not part of any zone's calendar.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        (Self::EARLIEST.0..Self::LATEST.0).contains(&seconds).then_some(Self(seconds))
    }

    /// Seconds since the epoch.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// The instant that is the given number of seconds later.
    #[must_use]
    pub fn later(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The UTC midnight at or before it.
    #[must_use]
    pub fn utc_midnight(self) -> Self {
        Self(self.0.div_euclid(DAY).saturating_mul(DAY))
    }

    /// The first instant of its UTC month, and the first one after it.
    pub fn utc_month(self) -> (Self, Self) {
        let first = self.date(&TimeZone::UTC).map(jiff::civil::Date::first_of_month);
        let start_of = |date: jiff::civil::Date| {
            let midnight = date.at(0, 0, 0, 0).to_zoned_datetime(TimeZone::UTC).ok()?;
            Some(Self(midnight.timestamp().as_second()))
        };
        let next = first.and_then(|date| date.last_of_month().tomorrow().ok()).and_then(start_of);
        let start = first.and_then(start_of).unwrap_or_else(|| self.utc_midnight());
        // The last month that there is has no next one.
        (start, next.unwrap_or_else(|| self.utc_midnight().later(DAY)))
    }

    /// The first instant of its civil day in a zone.
    pub fn day_start(self, zone: &TimeZone) -> Option<Self> {
        let start = self.zoned(zone)?.start_of_day().ok()?;
        Some(Self(start.timestamp().as_second()))
    }

    /// Its civil date in a zone, `YYYY-MM-DD`.
    pub fn date(self, zone: &TimeZone) -> Option<jiff::civil::Date> {
        self.zoned(zone).map(|zoned| zoned.date())
    }

    /// Its civil date in UTC, `YYYY-MM-DD`.
    pub fn utc_date(self) -> String {
        self.date(&TimeZone::UTC).map(|date| date.to_string()).unwrap_or_default()
    }

    fn zoned(self, zone: &TimeZone) -> Option<jiff::ZonedDateTime> {
        let timestamp = Timestamp::from_second(self.0).ok()?;
        Some(timestamp.to_zoned_datetime(zone.clone()))
    }

    /// Reads what a user types: a day (its midnight in `zone`), or an instant
    /// with an offset, or in `zone` without one.
    pub fn parse_argument(text: &str, zone: &TimeZone) -> Option<Self> {
        let time = parse_civil(text)?;
        if !time.zone_assumed {
            return Some(time.instant);
        }
        time.instant.by_the_clock_of(zone)
    }

    /// The instant at which clocks in a zone show what they show in UTC at this one.
    pub fn by_the_clock_of(self, zone: &TimeZone) -> Option<Self> {
        let shown = Timestamp::from_second(self.0).ok()?.to_zoned_datetime(TimeZone::UTC);
        let zoned = shown.datetime().to_zoned_datetime(zone.clone()).ok()?;
        Some(Self(zoned.timestamp().as_second()))
    }

    /// Reads a time as logs write it: RFC 3339 with any number of decimals,
    /// a space instead of the `T`, no zone (taken as UTC), a bare date, or
    /// seconds, milli-, micro- or nanoseconds since the epoch (with decimals).
    pub fn parse_log(text: &str) -> Option<ParsedTime> {
        if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return parse_epoch(text);
        }
        parse_civil(text)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0) {
            Ok(timestamp) => f.pad(&timestamp.to_string()),
            Err(_) => f.pad("?"),
        }
    }
}

/// Seconds, milli-, micro- or nanoseconds since the epoch, from 2001-09-09 on: a
/// smaller number is something else, for example a date without dashes.
fn parse_epoch(text: &str) -> Option<ParsedTime> {
    const SECONDS: std::ops::Range<i64> = 1_000_000_000..100_000_000_000;
    const MILLISECONDS: std::ops::Range<i64> = 1_000_000_000_000..100_000_000_000_000;
    const MICROSECONDS: std::ops::Range<i64> = 1_000_000_000_000_000..100_000_000_000_000_000;
    const NANOSECONDS: std::ops::RangeFrom<i64> = 1_000_000_000_000_000_000..;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    let seconds = match number {
        _ if SECONDS.contains(&number) => number,
        _ if MILLISECONDS.contains(&number) => number.div_euclid(1000),
        _ if MICROSECONDS.contains(&number) => number.div_euclid(1_000_000),
        _ if NANOSECONDS.contains(&number) => number.div_euclid(1_000_000_000),
        _ => return None,
    };
    Some(ParsedTime { instant: Instant::from_seconds(seconds)?, zone_assumed: false })
}

/// `YYYY-MM-DD[(T| )HH:MM[:SS[.f…]][Z|±HH[:]MM]]`.
fn parse_civil(text: &str) -> Option<ParsedTime> {
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let days = parse_date(date)?;
    if rest.is_empty() {
        let instant = Instant::from_seconds(days.checked_mul(DAY)?)?;
        return Some(ParsedTime { instant, zone_assumed: true });
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, zone) = split_zone(rest);
    let seconds = parse_clock(clock)?;
    let zone = zone.trim_start_matches(' ');
    let zone_assumed = zone.is_empty();
    let offset = if zone_assumed { 0 } else { parse_offset(zone)? };
    let total = days.checked_mul(DAY)?.checked_add(seconds)?;
    let instant = Instant::from_seconds(total.checked_sub(offset)?)?;
    Some(ParsedTime { instant, zone_assumed })
}

/// Splits a clock text where its zone begins.
fn split_zone(text: &str) -> (&str, &str) {
    match text.find(['Z', 'z', '+', '-', ' ']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    }
}

/// Days since the epoch of `YYYY-MM-DD`.
fn parse_date(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let (year, month, day) = (digits(text, 0..4)?, digits(text, 5..7)?, digits(text, 8..10)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if year == 0 || day == 0 || day > length {
        return None;
    }
    // Years that begin in March make the leap day the last one.
    let (shifted_year, shifted_month) =
        if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Seconds of `HH:MM[:SS[.f…]]`.
fn parse_clock(text: &str) -> Option<i64> {
    let (hour, minute) = (digits(text, 0..2)?, digits(text, 3..5)?);
    let second = match text.get(5..)? {
        "" => 0,
        _ => digits(text, 6..8)?,
    };
    let fraction = text.get(8..).unwrap_or_default();
    let colons =
        text.as_bytes().get(2) == Some(&b':') && text.as_bytes().get(5).is_none_or(|b| *b == b':');
    let clean = fraction.is_empty()
        || fraction
            .strip_prefix(['.', ','])
            .is_some_and(|f| !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()));
    // A leap second counts as the second before it.
    (colons && clean && hour < 24 && minute < 60 && second <= 60)
        .then_some(hour * 3600 + minute * 60 + second.min(59))
}

/// Seconds east of UTC.
fn parse_offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z" | "UTC") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = digits(text, 1..3)?;
    let minutes = match text.get(3..)? {
        "" => 0,
        _ if text.as_bytes().get(3) == Some(&b':') && text.len() == 6 => digits(text, 4..6)?,
        _ if text.len() == 5 => digits(text, 3..5)?,
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// The number at a range of a text, if it is digits alone.
fn digits(text: &str, range: std::ops::Range<usize>) -> Option<i64> {
    let part = text.get(range)?;
    part.bytes()
        .try_fold(0_i64, |value, b| b.is_ascii_digit().then(|| value * 10 + i64::from(b - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_times_agree_with_jiff() {
        for text in [
            "2026-10-15T12:34:56Z",
            "2026-10-15T12:34:56.789123456Z",
            "2024-02-29T23:59:59+02:00",
            "2000-02-29T00:00:00-11:30",
            "1970-01-01T00:00:00Z",
            "2024-04-08T12:23:02.435Z",
        ] {
            let ours = Instant::parse_log(text).unwrap();
            let theirs: Timestamp = text.parse().unwrap();
            assert_eq!(ours.instant.0, theirs.as_second(), "{text}");
            assert!(!ours.zone_assumed, "{text}");
        }
    }

    #[test]
    fn other_spellings_are_read() {
        for (text, expected, assumed) in [
            ("1759622400", 1_759_622_400, false),
            ("1759622400.0", 1_759_622_400, false),
            ("1759622400123", 1_759_622_400, false),
            ("2025-10-05", 1_759_622_400, true),
            ("2025-10-05 00:00:01.847371", 1_759_622_401, true),
            ("2025-10-05T00:00", 1_759_622_400, true),
            ("2025-10-05T00:00:00+0000", 1_759_622_400, false),
            ("2025-10-05 00:00:00 UTC", 1_759_622_400, false),
        ] {
            let time = Instant::parse_log(text).unwrap();
            assert_eq!((time.instant.0, time.zone_assumed), (expected, assumed), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "Total",
            "2025-13-01",
            "2025-02-29",
            "2025-10-05T24:00:00Z",
            "2025-10-05T00:60:00Z",
            "5/1/25",
            "2025-10-05T00:00:00+25:00",
            "2025-10-05T",
            "99999999999999999999",
            "1.2.3",
            "20250901",
            "202609010000",
            "0",
            "2025-10-05T00:00:00.Z",
            "2025-1-5",
            "-1",
        ] {
            assert_eq!(Instant::parse_log(text), None, "{text}");
        }
    }

    #[test]
    fn months_end_where_the_next_begins() {
        for (text, start, end) in [
            ("2026-10-05T03:00:00Z", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"),
            ("2024-02-29T23:59:59Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
            ("2025-12-31T23:59:59Z", "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ] {
            let (first, next) = Instant::parse_log(text).unwrap().instant.utc_month();
            assert_eq!((first.to_string().as_str(), next.to_string().as_str()), (start, end));
        }
    }

    #[test]
    fn days_begin_at_the_zones_midnight() {
        let zone = TimeZone::get("America/Los_Angeles").unwrap();
        let instant = Instant::parse_log("2026-10-05T03:00:00Z").unwrap().instant;
        assert_eq!(instant.day_start(&zone).unwrap().to_string(), "2026-10-04T07:00:00Z");
        assert_eq!(instant.utc_midnight().to_string(), "2026-10-05T00:00:00Z");
        assert_eq!(instant.utc_date(), "2026-10-05");
    }
}
