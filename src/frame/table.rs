//! Columns of rows, written as a Parquet file: one row group is in memory at a
//! time, and its size does not depend on how the rows come.

use std::io::{self, Write};

use polars::prelude::{BatchedWriter, Column, DataFrame, ParquetWriter, PolarsError};

/// Rows of a row group.
const GROUP: usize = 16 * 1024;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableColumn {
    /// Text, where there is one.
    Text(Vec<Option<String>>),
    /// Whole numbers.
    Count(Vec<u64>),
}

impl TableColumn {
    fn len(&self) -> usize {
        match self {
            Self::Text(texts) => texts.len(),
            Self::Count(counts) => counts.len(),
        }
    }

    /// Moves the rows of another column of the same kind to the end of this one.
    fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Text(texts), Self::Text(mut more)) => texts.append(&mut more),
            (Self::Count(counts), Self::Count(mut more)) => counts.append(&mut more),
            (Self::Text(_), Self::Count(_)) | (Self::Count(_), Self::Text(_)) => {}
        }
    }

    /// Takes the first rows.
    fn take(&mut self, rows: usize) -> Self {
        match self {
            Self::Text(texts) => Self::Text(texts.drain(..rows.min(texts.len())).collect()),
            Self::Count(counts) => Self::Count(counts.drain(..rows.min(counts.len())).collect()),
        }
    }

    fn column(self, name: &str) -> Column {
        match self {
            Self::Text(texts) => Column::new(name.into(), texts),
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
            ("text".to_owned(), TableColumn::Text(Vec::new())),
        ];
        let mut bytes = Vec::new();
        let mut table = ParquetTable::new(empty, &mut bytes).unwrap();
        let mut next = 0_u64;
        for rows in pieces {
            let end = next + u64::try_from(*rows).unwrap();
            let texts = (next..end).map(|n| (n % 3 == 0).then(|| n.to_string()));
            let columns =
                vec![TableColumn::Count((next..end).collect()), TableColumn::Text(texts.collect())];
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
