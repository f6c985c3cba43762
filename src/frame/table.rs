//! Columns of rows, written as a Parquet file: one row group is in memory at a
//! time, and its size does not depend on how the rows come.

use std::io::{self, Write};

use polars::prelude::{
    BatchedWriter, Column, DataFrame, IntoColumn as _, ParquetWriter, PolarsError, StringChunked,
};

/// Rows of a row group.
const GROUP: usize = 16 * 1024;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableColumn {
    /// Text, where there is one.
    Text(Texts),
    /// Whole numbers.
    Count(Vec<u64>),
}

/// Texts of a column, one after the other in one piece of memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    text: String,
    /// Where each ends; none where there is no text.
    ends: Vec<(usize, bool)>,
}

impl Texts {
    /// Adds a text, or that there is none.
    pub fn push(&mut self, text: Option<&str>) {
        self.text.push_str(text.unwrap_or_default());
        self.ends.push((self.text.len(), text.is_some()));
    }

    /// Adds the text that `write` puts behind the others.
    pub fn push_by(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        self.ends.push((self.text.len(), true));
    }

    fn iter(&self) -> impl Iterator<Item = Option<&str>> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(end, _)| *end));
        starts
            .zip(&self.ends)
            .map(|(start, (end, is_there))| self.text.get(start..*end).filter(|_| *is_there))
    }

    fn append(&mut self, other: &Self) {
        let before = self.text.len();
        self.text.push_str(&other.text);
        let ends = other.ends.iter().map(|(end, there)| (before.saturating_add(*end), *there));
        self.ends.extend(ends);
    }

    /// Takes the first ones.
    fn take(&mut self, many: usize) -> Self {
        let rest = self.ends.split_off(many.min(self.ends.len()));
        let end = self.ends.last().map_or(0, |(end, _)| *end);
        let text = self.text.split_off(end);
        let rest = rest.into_iter().map(|(at, there)| (at.saturating_sub(end), there)).collect();
        std::mem::replace(self, Self { text, ends: rest })
    }
}

impl TableColumn {
    fn len(&self) -> usize {
        match self {
            Self::Text(texts) => texts.ends.len(),
            Self::Count(counts) => counts.len(),
        }
    }

    /// Moves the rows of another column of the same kind to the end of this one.
    fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Text(texts), Self::Text(more)) => texts.append(&more),
            (Self::Count(counts), Self::Count(mut more)) => counts.append(&mut more),
            (Self::Text(_), Self::Count(_)) | (Self::Count(_), Self::Text(_)) => {}
        }
    }

    /// Takes the first rows.
    fn take(&mut self, rows: usize) -> Self {
        match self {
            Self::Text(texts) => Self::Text(texts.take(rows)),
            Self::Count(counts) => Self::Count(counts.drain(..rows.min(counts.len())).collect()),
        }
    }

    fn column(self, name: &str) -> Column {
        match self {
            Self::Text(texts) => {
                let texts: StringChunked = texts.iter().collect();
                texts.with_name(name.into()).into_column()
            }
            Self::Count(counts) => Column::new(name.into(), counts),
        }
    }
}

/// A Parquet file being written.
pub struct ParquetTable<W: Write> {
    names: Vec<String>,
    waiting: Vec<TableColumn>,
    writer: BatchedWriter<W>,
}

impl<W: Write> std::fmt::Debug for ParquetTable<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetTable").field("names", &self.names).finish_non_exhaustive()
    }
}

impl<W: Write> ParquetTable<W> {
    /// Begins a file with columns, each named and empty.
    pub fn new(columns: Vec<(String, TableColumn)>, out: W) -> io::Result<Self> {
        let (names, waiting): (Vec<String>, Vec<TableColumn>) = columns.into_iter().unzip();
        let frame = frame(&names, waiting.clone())?;
        let writer = ParquetWriter::new(out).batched(frame.schema()).map_err(failed)?;
        Ok(Self { names, waiting, writer })
    }

    /// Adds rows, given by column.
    pub fn push(&mut self, columns: Vec<TableColumn>) -> io::Result<()> {
        for (waiting, column) in self.waiting.iter_mut().zip(columns) {
            waiting.append(column);
        }
        while self.waiting.first().is_some_and(|column| column.len() >= GROUP) {
            self.write()?;
        }
        Ok(())
    }

    /// Writes what is left, and the end of the file.
    pub fn finish(mut self) -> io::Result<()> {
        if self.waiting.first().is_some_and(|column| column.len() > 0) {
            self.write()?;
        }
        self.writer.finish().map_err(failed)?;
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        let group = self.waiting.iter_mut().map(|column| column.take(GROUP)).collect();
        let frame = frame(&self.names, group)?;
        self.writer.write_batch(&frame).map_err(failed)
    }
}

fn frame(names: &[String], columns: Vec<TableColumn>) -> io::Result<DataFrame> {
    let height = columns.first().map_or(0, TableColumn::len);
    let columns = names.iter().zip(columns).map(|(name, column)| column.column(name));
    DataFrame::new(height, columns.collect()).map_err(failed)
}

fn failed(error: PolarsError) -> io::Error {
    if let PolarsError::IO { error, .. } = error {
        return error.kind().into();
    }
    io::Error::other(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(pieces: &[usize]) -> Vec<u8> {
        let empty = vec![
            ("n".to_owned(), TableColumn::Count(Vec::new())),
            ("text".to_owned(), TableColumn::Text(Texts::default())),
        ];
        let mut bytes = Vec::new();
        let mut table = ParquetTable::new(empty, &mut bytes).unwrap();
        let mut next = 0_u64;
        for rows in pieces {
            let end = next + u64::try_from(*rows).unwrap();
            let mut texts = Texts::default();
            for n in next..end {
                texts.push((n % 3 == 0).then(|| n.to_string()).as_deref());
            }
            let columns = vec![TableColumn::Count((next..end).collect()), TableColumn::Text(texts)];
            table.push(columns).unwrap();
            next = end;
        }
        table.finish().unwrap();
        bytes
    }

    #[test]
    fn row_groups_do_not_depend_on_how_the_rows_come() {
        let whole = file(&[2 * GROUP + 5]);
        assert!(file(&[1, GROUP, 4, GROUP - 1, 1]) == whole);
        assert!(file(&[GROUP, GROUP, 5]) == whole);
        assert!(!file(&[]).is_empty());
    }
}
