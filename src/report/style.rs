//! How text outputs write numbers and colours.

use std::borrow::Cow;

use crate::money::{Money, Share, permille, thousands, thousands_of};

/// What a text output may use.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Whether colours are used.
    pub color: bool,
}

impl Style {
    /// A heading.
    pub(super) fn heading(self, text: &str) -> String {
        self.paint(text, anstyle::Style::new().bold())
    }

    /// Text of less weight.
    pub(super) fn faint(self, text: &str) -> String {
        self.paint(text, anstyle::Style::new().dimmed())
    }

    /// A change: less is green, more is red.
    pub(super) fn change(self, text: &str, delta: Money) -> String {
        let color = match delta.cmp(&Money::ZERO) {
            std::cmp::Ordering::Less => anstyle::AnsiColor::Green,
            std::cmp::Ordering::Greater => anstyle::AnsiColor::Red,
            std::cmp::Ordering::Equal => return text.to_owned(),
        };
        self.paint(text, color.on_default())
    }

    fn paint(self, text: &str, style: anstyle::Style) -> String {
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// What makes a spreadsheet take text for a formula; and the apostrophe that keeps it from
/// that, so that no two texts become one.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\''];

/// Text of a log in a cell: with an apostrophe before it where a spreadsheet would run it.
pub(super) fn neutral(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA) { format!("'{text}").into() } else { text.into() }
}

/// `1 row`, `2 rows`.
pub(super) fn rows_of(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{} rows", thousands(u128::from(count))) }
}

/// An amount on its own: exact, with at least two decimals.
pub fn amount(money: Money) -> String {
    let text = money.at_least(2);
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", text.as_str()),
    };
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "00"));
    format!("{sign}{}.{decimals}", thousands_of(whole))
}

/// An amount with `places` decimals and thousands separators.
pub(super) fn amount_with(money: Money, places: u32) -> String {
    let text = money.rounded(places);
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", text.as_str()),
    };
    match unsigned.split_once('.') {
        Some((whole, decimals)) => format!("{sign}{}.{decimals}", thousands_of(whole)),
        None => format!("{sign}{}", thousands_of(unsigned)),
    }
}

/// The decimals that a table of amounts needs: its largest amount keeps at
/// least five digits.
pub(super) fn places(amounts: impl Iterator<Item = Money>) -> u32 {
    let largest = amounts.map(|money| money.atto().unsigned_abs()).max().unwrap_or(0);
    let dollar = 1_000_000_000_000_000_000_u128;
    match largest {
        _ if largest >= dollar.saturating_mul(1000) => 2,
        _ if largest >= dollar => 4,
        _ => 6,
    }
}

/// A change with its sign, and in percent of what it is compared with.
pub(super) fn percent_change(delta: Money, of: Money) -> String {
    let (part, whole) = (delta.atto().unsigned_abs(), of.atto().unsigned_abs());
    let sign = if delta < Money::ZERO { "-" } else { "+" };
    match permille(part, whole) {
        Some(0) | None if part == 0 => "=".to_owned(),
        Some(tenths) => format!("{sign}{}", tenths_percent(tenths)),
        None => "-".to_owned(),
    }
}

/// A share in percent with one decimal; 100 % and 0 % only when exact.
pub(super) fn share(part: u128, whole: u128) -> String {
    match permille(part, whole) {
        None => "-".to_owned(),
        Some(_) if part == whole => "100 %".to_owned(),
        Some(1000) => "> 99.9 %".to_owned(),
        Some(0) if part > 0 => "< 0.1 %".to_owned(),
        Some(tenths) => tenths_percent(tenths),
    }
}

/// The name of what an assumed share of cached input gives; the star says that
/// it is modelled.
pub(super) fn cached_label(share: Share) -> String {
    let exact = share.to_string();
    if exact.len() <= 7 { format!("{exact} cached*") } else { "as assumed*".to_owned() }
}

fn tenths_percent(tenths: u128) -> String {
    let digits = format!("{tenths:02}");
    let (whole, decimal) = digits.split_at(digits.len().saturating_sub(1));
    format!("{}.{decimal} %", thousands_of(whole))
}

/// Text from a log for a terminal: control and direction characters are shown
/// as escapes.
pub fn plain(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars()
        .map(|c| if hidden(c) { c.escape_unicode().to_string() } else { c.to_string() })
        .collect()
}

/// A paragraph that begins with `bullet`, its further lines indented.
pub(super) fn paragraph(bullet: &str, text: &str, width: usize) -> String {
    let width = width.saturating_sub(bullet.len()).max(20);
    let indent = " ".repeat(bullet.len());
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let length = line.chars().count().saturating_add(word.chars().count());
        if !line.is_empty() && length >= width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    format!("{bullet}{}", lines.join(&format!("\n{indent}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(999), "999");
        assert_eq!(amount(Money::from_atto(420_000_000_000_000_000)), "0.42");
        assert_eq!(amount(Money::from_atto(1_382_505_000_000_000_000)), "1.382505");
        assert_eq!(amount_with(Money::from_atto(-1_234_567_000_000_000_000_000), 2), "-1,234.57");
        assert_eq!(share(1, 100_000), "< 0.1 %");
        assert_eq!(share(99_999, 100_000), "> 99.9 %");
        assert_eq!(share(1, 3), "33.3 %");
        assert_eq!(share(5, 5), "100 %");
        assert_eq!(plain("a\u{1b}[31m\u{202e}b"), "a\\u{1b}[31m\\u{202e}b");
    }
}
