//! Aligned columns of text.

use console::{Alignment, measure_text_width, pad_str};

/// Narrower than this no text column becomes.
const NARROWEST: usize = 12;

/// The gap between columns.
const GAP: usize = 2;

/// Rows of cells: columns of text on the left, then numbers on the right.
pub(super) struct Table<'t> {
    /// The names of the columns.
    pub(super) header: &'t [&'t str],
    /// The cells.
    pub(super) rows: &'t [Vec<String>],
    /// How many columns are text.
    pub(super) labels: usize,
    /// The columns of the terminal.
    pub(super) width: usize,
}

impl Table<'_> {
    /// The table without borders. Where it is too wide, text is shortened in
    /// its middle; numbers never are.
    pub(super) fn render(&self) -> String {
        let header: Vec<String> = self.header.iter().map(|name| (*name).to_owned()).collect();
        let widths = self.widths(&header);
        let all = std::iter::once(&header).chain(self.rows);
        let lines: Vec<String> = all.map(|row| self.line(row, &widths)).collect();
        lines.join("\n")
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let cells = row.iter().zip(widths).enumerate().map(|(at, (cell, width))| {
            let is_label = at < self.labels;
            let side = if is_label { Alignment::Left } else { Alignment::Right };
            let text = if is_label { shortened(cell, *width) } else { cell.clone() };
            pad_str(&text, *width, side, None).into_owned()
        });
        format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
    }

    /// The width of each column; text columns give way, the widest first.
    fn widths(&self, header: &[String]) -> Vec<usize> {
        let all = || std::iter::once(header).chain(self.rows.iter().map(Vec::as_slice));
        let widest = |at: usize| {
            let cells = all().filter_map(|row| row.get(at));
            cells.map(|cell| measure_text_width(cell)).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..header.len()).map(widest).collect();
        let total =
            |widths: &[usize]| widths.iter().map(|width| width.saturating_add(GAP)).sum::<usize>();
        while total(&widths) > self.width {
            let widest = widths.iter_mut().take(self.labels).max();
            match widest.filter(|width| **width > NARROWEST) {
                Some(width) => *width = width.saturating_sub(1),
                None => break,
            }
        }
        widths
    }
}

/// Text of at most `width` columns, its middle left out.
fn shortened(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if measure_text_width(text) <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let tail = kept.div_euclid(2);
    let head: String = text.chars().take(kept.saturating_sub(tail)).collect();
    let end: String = text.chars().skip(length.saturating_sub(tail)).collect();
    format!("{head}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_gives_way_and_numbers_do_not() {
        let rows = vec![vec!["a-very-long-name-of-a-model".to_owned(), "1,234.56".to_owned()]];
        let table = Table { header: &["model", "usd"], rows: &rows, labels: 1, width: 30 };
        let shown = table.render();
        assert_eq!(shown, "  model                    usd\n  a-very-lo…-a-model  1,234.56");
        let wide = Table { width: 80, ..table }.render();
        assert!(wide.contains("a-very-long-name-of-a-model"));
    }
}
