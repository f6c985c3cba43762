//! The account of every row, by file.

use super::{Page, WIDE};
use crate::ledger::RowCounts;
use crate::money::thousands;
use crate::report::model::InputInfo;
use crate::report::statements;
use crate::report::style::plain;

impl Page<'_> {
    pub(super) fn rows(&mut self) {
        let report = self.report;
        let folder = common_folder(&report.inputs);
        match folder {
            "" => self.section("Rows"),
            folder => self.section(&format!("Rows, by file in {}", plain(folder))),
        }
        let used = || statements::used_classes(&report.rows);
        let wide = self.style.width >= WIDE;
        let mut header = if wide { vec!["file", "format"] } else { vec!["file"] };
        let labels = header.len();
        header.extend(used().map(|(name, _)| name));
        let line = |mut row: Vec<String>, rows: &RowCounts| {
            row.resize(labels, String::new());
            row.extend(used().map(|(_, count)| thousands(u128::from(count(rows)))));
            row
        };
        let file = |input: &InputInfo| {
            let mut row = vec![plain(input.path.strip_prefix(folder).unwrap_or(&input.path))];
            if wide {
                row.push(input.format.unwrap_or("-").to_owned());
            }
            line(row, &input.rows)
        };
        let mut rows: Vec<Vec<String>> = report.inputs.iter().map(file).collect();
        rows.push(line(vec!["total".to_owned()], &report.rows));
        self.table(&header, &rows, labels);
    }
}

/// The folder that all inputs are in, with its final `/`.
fn common_folder(inputs: &[InputInfo]) -> &str {
    let mut paths = inputs.iter().map(|input| input.path.as_str());
    let first = paths.next().unwrap_or_default();
    let mut folder = first.rfind('/').and_then(|at| first.get(..=at)).unwrap_or_default();
    for path in paths {
        while !path.starts_with(folder) {
            let shorter = folder.trim_end_matches('/').rfind('/');
            folder = shorter.and_then(|at| folder.get(..=at)).unwrap_or_default();
        }
    }
    folder
}
