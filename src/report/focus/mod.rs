//! Charges as a FOCUS 1.2 file: a row for each, with the columns of the specification
//! first and those of the tool (`x_`) after them.
//!
//! The file is an estimate, and says so in every row. Numbers have a decimal point, so
//! that whoever guesses types takes a column for decimal; what is not known is empty.

mod account;
mod columns;
mod names;

pub use account::{FocusRun, focus_account};

/// The billing account where none is named.
pub const ACCOUNT: &str = "tierwise-estimate";

use std::io::{self, Write};

use super::style::neutral;
use crate::money::Money;
use crate::rates::RateBook;
use crate::scenario::Charge;
use columns::{COLUMNS, Cell};

/// What all rows of a file have in common.
#[derive(Debug)]
pub struct FocusFile<'f> {
    /// The rates.
    pub book: &'f RateBook,
    /// The account that the charges are billed to.
    pub billing_account: &'f str,
    /// What the first asked property of the charges is, which is the sub-account.
    pub sub_account_type: &'f str,
    /// The names of the tags, each with its place among the asked properties.
    pub tags: Vec<(usize, String)>,
    /// Whether text that a spreadsheet would run stays as it is.
    pub raw: bool,
}

/// A charge with what its file has in common.
#[derive(Clone, Copy)]
struct Row<'r> {
    file: &'r FocusFile<'r>,
    charge: &'r Charge<'r>,
    as_of: &'r str,
}

impl FocusFile<'_> {
    /// Writes the header and a row for each charge.
    pub fn write(&self, charges: &[Charge<'_>], out: &mut dyn Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(COLUMNS.iter().map(|(name, _)| name))?;
        let as_of = self.book.as_of().utc_date();
        for charge in charges {
            let row = Row { file: self, charge, as_of: &as_of };
            for (_, cell) in COLUMNS {
                writer.write_field(self.text(cell, &row))?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        writer.flush()
    }

    fn text(&self, cell: &Cell, row: &Row<'_>) -> String {
        match cell {
            Cell::Same(text) => (*text).to_owned(),
            Cell::Number(number) => number(row).unwrap_or_default(),
            Cell::Text(text) => {
                let text = text(row).unwrap_or_default();
                if self.raw { text } else { neutral(&text).into_owned() }
            }
        }
    }
}

/// An exact amount with a decimal point.
fn decimal(amount: Money) -> String {
    amount.at_least(1)
}

/// A whole number with a decimal point.
fn whole(number: u128) -> String {
    format!("{number}.0")
}

/// A number of units in multiples of `per`, a power of ten: exact, with a decimal point.
fn multiples(number: u128, per: u32) -> String {
    let scale = u128::from(per.max(1));
    let places = usize::try_from(scale.checked_ilog10().unwrap_or(0)).unwrap_or(0);
    let (count, rest) =
        (number.checked_div(scale).unwrap_or(0), number.checked_rem(scale).unwrap_or(0));
    let decimals = format!("{rest:0places$}");
    let decimals = decimals.trim_end_matches('0');
    format!("{count}.{}", if decimals.is_empty() { "0" } else { decimals })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_decimal_point_and_no_zeros_at_their_end() {
        for (number, per, text) in [
            (0, 1_000_000, "0.0"),
            (1, 1_000_000, "0.000001"),
            (1_500_000, 1_000_000, "1.5"),
            (12_000_000, 1_000_000, "12.0"),
            (1_001, 1_000, "1.001"),
            (7, 1, "7.0"),
        ] {
            assert_eq!(multiples(number, per), text);
        }
        assert_eq!(whole(7), "7.0");
        for (atto, text) in [
            (0, "0.0"),
            (-10_i128.pow(18), "-1.0"),
            (5 * 10_i128.pow(17), "0.5"),
            (1, "0.000000000000000001"),
        ] {
            assert_eq!(decimal(Money::from_atto(atto)), text);
        }
    }

    #[test]
    fn columns_are_in_order_those_of_the_tool_last() {
        let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        let (own, focus): (Vec<&str>, Vec<&str>) =
            names.iter().partition(|name| name.starts_with("x_"));
        assert!(focus.is_sorted() && own.is_sorted());
        assert_eq!(names, [focus, own].concat());
    }
}
