//! Aligned columns of text.

use console::{Alignment, measure_text_width, pad_str};

/// A table whose first column is text and the others numbers.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    table_with(header, rows, 1)
}

/// A table without borders: `labels` columns of text on the left, then numbers
/// on the right.
pub(super) fn table_with(header: &[&str], rows: &[Vec<String>], labels: usize) -> String {
    let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
    let all = || std::iter::once(&header).chain(rows);
    let width = |at: usize| {
        all().filter_map(|row| row.get(at)).map(|cell| measure_text_width(cell)).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let lines: Vec<String> = all()
        .map(|row| {
            let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| {
                let side = if at < labels { Alignment::Left } else { Alignment::Right };
                pad_str(cell, *width, side, None)
            });
            format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
        })
        .collect();
    lines.join("\n")
}
