//! Reads delimited records through the `csv` crate.

use csv::{ByteRecord, ReaderBuilder};

use super::bind::Bound;
use super::canonical::{Reading, Reject};
use super::json_tree::Node;
use super::table::{Field, Target};
use super::value::Value;
use crate::input::{Chunk, Framing, line_breaks};

/// Which column holds which field.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    header: Vec<String>,
    /// For each field, the columns that may hold it.
    pub(super) sources: Vec<Vec<usize>>,
    /// For each field, the columns that may hold it in JSON, and where.
    pub(super) inner: Vec<Vec<(usize, Node)>>,
}

type Each<'e> = dyn FnMut(u64, Result<&[Value<'_>], Reading<'_>>) + 'e;

impl Columns {
    pub(super) fn new(header: &[String], fields: &[Field]) -> Self {
        let column = |name: &str| header.iter().position(|column| column == name);
        let sources = fields
            .iter()
            .map(|field| field.names.iter().filter_map(|name| column(name)).collect())
            .collect();
        let inner = |name: &str| {
            let (outer, path) = name.split_once('.').filter(|_| column(name).is_none())?;
            let mut node = Node::default();
            node.insert(path, 0);
            Some((column(outer)?, node))
        };
        let inner = fields
            .iter()
            .map(|field| field.names.iter().filter_map(|name| inner(name)).collect())
            .collect();
        Self { header: header.to_vec(), sources, inner }
    }

    /// The names of the columns.
    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// Each column, and what it means.
    pub(super) fn meanings(&self, fields: &[Field]) -> Vec<(String, Option<String>)> {
        let meaning = |at: usize| {
            let field = self.sources.iter().position(|columns| columns.contains(&at))?;
            fields.get(field).map(|field| field.target.describe())
        };
        self.header.iter().enumerate().map(|(at, name)| (name.clone(), meaning(at))).collect()
    }

    /// Whether a field may be read from the column of a name.
    pub(super) fn has(&self, field: usize, name: &str) -> bool {
        let mut columns = self.sources.get(field).into_iter().flatten();
        columns.any(|at| self.header.get(*at).is_some_and(|column| column == name))
    }

    /// Reads the records of a chunk through the `csv` crate. The first record of
    /// the file is the header.
    pub(super) fn read(&self, bound: &Bound, chunk: &Chunk, each: &mut Each<'_>) {
        let text = Text {
            bytes: chunk.bytes(),
            first_line: chunk.first_line,
            header: chunk.index == 0,
            malformed: &chunk.malformed_quotes,
        };
        self.read_text(bound, &text, each);
    }

    /// The same of a text.
    pub(super) fn read_text(&self, bound: &Bound, text: &Text<'_>, each: &mut Each<'_>) {
        let Framing::Csv { delimiter } = bound.framing else {
            return;
        };
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.bytes);
        let mut malformed = text.malformed.iter().peekable();
        let mut record = ByteRecord::new();
        let mut header_left = text.header;
        let mut lines = Lines { bytes: text.bytes, counted: 0, line: text.first_line };
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                // Reading from memory does not fail, and any number of fields is
                // taken; if it does, nothing after it is lost in silence.
                Err(error) => {
                    let reject = Reject::new("record", "not_csv", error.to_string());
                    each(text.first_line, Err(Reading::Rejected(reject)));
                    break;
                }
            }
            let line = lines.of(&record);
            let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
            let mut broken = false;
            while malformed.next_if(|at| **at < end).is_some() {
                broken = true;
            }
            if std::mem::take(&mut header_left) {
                continue;
            }
            if broken {
                let detail = "text follows a closing quote".to_owned();
                each(
                    line,
                    Err(Reading::Rejected(Reject::new("record", "malformed_quote", detail))),
                );
                continue;
            }
            self.read_record(bound, &record, line, each);
        }
    }

    fn read_record(&self, bound: &Bound, record: &ByteRecord, line: u64, each: &mut Each<'_>) {
        if let Some(reject) = self.refuse_record(record) {
            return each(line, Err(Reading::Rejected(reject)));
        }
        let mut values = Vec::with_capacity(self.sources.len());
        for (field, columns) in bound.fields.iter().zip(&self.sources) {
            let Some(value) = first_present(record, columns) else {
                let name = field.names.first().map_or("record", |name| name);
                let detail = "the field is not UTF-8 text".to_owned();
                return each(line, Err(Reading::Rejected(Reject::new(name, "not_utf8", detail))));
            };
            values.push(value);
        }
        for (value, inner) in values.iter_mut().zip(&self.inner) {
            if !value.is_present() {
                *value = first_inner(record, inner);
            }
        }
        if record.len() == self.header.len() {
            return each(line, Ok(&values));
        }
        let timed = |target: Target| matches!(target, Target::Start | Target::End);
        let blank =
            |(field, value): (&Field, &Value<'_>)| timed(field.target) || !value.is_present();
        let more = record.iter().skip(self.header.len()).all(<[u8]>::is_empty);
        if more && bound.fields.iter().zip(&values).all(blank) {
            return each(line, Err(Reading::Empty));
        }
        let detail = format!("has {} fields, the header has {}", record.len(), self.header.len());
        each(line, Err(Reading::Rejected(Reject::new("record", "field_count", detail))));
    }

    /// A header that comes again.
    fn refuse_record(&self, record: &ByteRecord) -> Option<Reject> {
        let same = |(field, name): (&[u8], &String)| field == name.as_bytes();
        if record.len() == self.header.len() && record.iter().zip(&self.header).all(same) {
            let detail = "the header is repeated here".to_owned();
            return Some(Reject::new("record", "repeated_header", detail));
        }
        None
    }
}

/// The first of the columns that has a value; `None` when it is not UTF-8.
fn first_present<'r>(record: &'r ByteRecord, columns: &[usize]) -> Option<Value<'r>> {
    let mut found = Value::Absent;
    for column in columns {
        let Some(field) = record.get(*column) else {
            continue;
        };
        found = Value::from_text(std::str::from_utf8(field).ok()?);
        if found.is_present() {
            break;
        }
    }
    Some(found)
}

/// The first value that the JSON of some columns has.
fn first_inner<'r>(record: &'r ByteRecord, columns: &[(usize, Node)]) -> Value<'r> {
    let values = columns.iter().filter_map(|(column, node)| {
        let text = std::str::from_utf8(record.get(*column)?).ok()?;
        let mut slot = [None];
        node.extract(text, false, &mut slot).ok()?;
        slot.first().copied().flatten().map(Value::from_json)
    });
    let mut present = values.filter(Value::is_present);
    present.next().unwrap_or_default()
}

/// Text that begins at a record.
pub(super) struct Text<'t> {
    pub(super) bytes: &'t [u8],
    pub(super) first_line: u64,
    /// Whether its first record is the header.
    pub(super) header: bool,
    /// Closing quotes that are followed by more text.
    pub(super) malformed: &'t [usize],
}

/// Finds the lines of records that come in order.
struct Lines<'c> {
    bytes: &'c [u8],
    counted: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of a record's first byte: the reader's position may be before
    /// the line breaks that end the record before.
    fn of(&mut self, record: &ByteRecord) -> u64 {
        let position = record.position().map_or(0, csv::Position::byte);
        let from = usize::try_from(position).unwrap_or(usize::MAX);
        let rest = self.bytes.get(from..).unwrap_or_default();
        let blank = rest.iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
        let start = from.saturating_add(blank);
        let passed = self.bytes.get(self.counted..start).unwrap_or_default();
        self.line = self.line.saturating_add(line_breaks(passed));
        self.counted = start;
        self.line
    }
}
