//! A format bound to one file: which column or path holds which field, and
//! what the user asked to see of it.

use std::borrow::Cow;
use std::io::Read;

use super::ask::{Ask, Dedupe, Labels, MAX_LABELS};
use super::canonical::{self, Reading};
use super::delimited::Columns;
use super::delimited_together::QuickText;
use super::fold::Folded;
use super::json::Paths;
use super::json_quick::QuickJson;
use super::json_together::Waiting;
use super::pass::Pass;
use super::plain::PlainSink;
use super::quick::{Quick, QuickRow};
use super::quick_rows::QuickRows;
use super::table::{Field, Format, Layout, Target};
use super::value::Value;
use crate::input::{Chunk, Framing, line_breaks};
use crate::usage::Dimension;

/// A format bound to one file.
#[derive(Debug, Clone)]
pub struct Bound {
    /// The format.
    pub format: Format,
    /// How its records are delimited.
    pub framing: Framing,
    /// The fields that are read, in the order of a record's values.
    pub(super) fields: Vec<Field>,
    /// For each asked property, the field that has it.
    pub(super) labels: Vec<Option<usize>>,
    source: Source,
}

/// Reads the rows of the usual kind of one file, chunk by chunk.
#[derive(Debug)]
pub struct QuickReader {
    quick: Quick,
    text: QuickSource,
}

/// What finds the fields of a record.
#[derive(Debug)]
enum QuickSource {
    Delimited(QuickText),
    Json(QuickJson, Waiting),
}

/// Takes what is read, in order.
pub trait RecordSink {
    /// Whether it has to know on which line each row begins.
    fn wants_lines(&self) -> bool {
        false
    }

    /// Takes those that it can of rows that were read together, and marks them as taken:
    /// they are not given again. All others are given one by one, in order. Says whether there
    /// are none.
    fn rows(&mut self, rows: &mut QuickRows) -> bool;

    /// Takes a row of the usual kind; `false` where it is to be read again and
    /// given to [`RecordSink::record`].
    fn row(&mut self, row: &QuickRow<'_>) -> bool;

    /// Takes what a record is that begins on a line, and the values of the asked
    /// properties.
    fn record(&mut self, line: u64, reading: Reading<'_>, labels: &Labels<'_>);
}

/// What is told of each record: its line and its values, or what it is without
/// any.
type EachRecord<'e> = dyn FnMut(u64, Result<&[Value<'_>], Reading<'_>>) + 'e;

/// A field of a record, as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadField {
    /// What it means.
    pub target: Target,
    /// The column or path; all that may hold it, where there are several.
    pub name: String,
    /// The text.
    pub value: String,
}

#[derive(Debug, Clone)]
enum Source {
    Delimited(Columns),
    Json(Paths),
}

impl Bound {
    /// Binds a delimited format to a header.
    pub(super) fn delimited(format: Format, delimiter: u8, header: &[String], ask: &Ask) -> Self {
        let (fields, labels) = fields_and_labels(&format, ask);
        let columns = Columns::new(header, &fields);
        let framing = Framing::Csv { delimiter };
        Self { format, framing, fields, labels, source: Source::Delimited(columns) }
    }

    /// Binds a JSON format.
    pub(super) fn json(format: Format, framing: Framing, ask: &Ask) -> Self {
        let (fields, labels) = fields_and_labels(&format, ask);
        let (roots, explode) = match format.layout {
            Layout::Json { roots, explode } => (roots, explode),
            Layout::Delimited => (&[""][..], &[][..]),
        };
        let paths = Paths::new(&fields, roots, explode);
        Self { format, framing, fields, labels, source: Source::Json(paths) }
    }

    /// The records of a file that is read as it stands, or line by line where one line
    /// says what another means.
    pub fn open(&self, stream: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        match self.format.fold {
            None => stream,
            Some(fold) => Box::new(Folded::new(stream, fold())),
        }
    }

    /// Whether that is the file as it stands.
    pub fn reads_as_it_stands(&self) -> bool {
        self.format.fold.is_none()
    }

    /// Whether its records have a key: of those with one key one counts.
    pub fn has_keys(&self) -> bool {
        self.fields.iter().any(|field| field.target == Target::Key)
    }

    /// Whether its records may share sessions.
    pub fn has_sessions(&self) -> bool {
        self.fields.iter().any(|field| field.target == Target::Output)
    }

    /// Reads every record of a chunk, in order: its line, what it is, and the
    /// values of the asked properties.
    pub fn read(&self, chunk: &Chunk, each: &mut dyn FnMut(u64, Reading<'_>, &Labels<'_>)) {
        self.records(chunk, &mut |line, record| match record {
            Ok(values) => each(line, canonical::read(self, values), &self.labels_of(values)),
            Err(reading) => each(line, reading, &[None; MAX_LABELS]),
        });
    }

    /// What reads the rows of the usual kind; `None` where the format has none.
    pub fn quick(&self) -> Option<QuickReader> {
        let quick = Quick::new(self)?;
        // A header that looks like a row is told apart by the usual way alone.
        let numeric = |name: &String| name.bytes().all(|byte| byte.is_ascii_digit());
        let text = match &self.source {
            Source::Delimited(columns) if columns.header().iter().any(numeric) => return None,
            Source::Delimited(columns) => QuickSource::Delimited(QuickText::new(columns, &quick)?),
            Source::Json(_) if self.framing != Framing::Lines => return None,
            Source::Json(paths) => {
                QuickSource::Json(QuickJson::new(paths, quick.fields())?, Waiting::default())
            }
        };
        Some(QuickReader { quick, text })
    }

    /// Reads every record of a chunk, rows of the usual kind by `reader`. Gives
    /// the number of lines of the chunk.
    pub fn read_quick(
        &self,
        chunk: &Chunk,
        reader: &mut QuickReader,
        sink: &mut dyn RecordSink,
    ) -> u64 {
        let QuickReader { quick, text } = reader;
        let mut pass = Pass { bound: self, quick, sink };
        match (&self.source, text) {
            (Source::Delimited(columns), QuickSource::Delimited(text)) => {
                columns.read_quick(self, chunk, text, &mut pass)
            }
            (Source::Json(paths), QuickSource::Json(keys, waiting)) => {
                paths.read_quick(self, chunk, (keys, waiting), &mut pass)
            }
            // A reader of another format's records.
            (Source::Delimited(_) | Source::Json(_), _) => {
                self.records(chunk, &mut |line, record| pass.record(line, record));
                line_breaks(chunk.bytes())
            }
        }
    }

    /// Whether it reads records as another one does.
    pub fn reads_alike(&self, other: &Self) -> bool {
        let same = match (&self.source, &other.source) {
            (Source::Delimited(own), Source::Delimited(others)) => own.header() == others.header(),
            (Source::Json(_), Source::Json(_)) => true,
            (Source::Delimited(_), Source::Json(_)) | (Source::Json(_), Source::Delimited(_)) => {
                false
            }
        };
        let names = |bound: &Self| -> Vec<Vec<Cow<'static, str>>> {
            bound.fields.iter().map(|field| field.names.clone()).collect()
        };
        same && self.format.name == other.format.name
            && self.framing == other.framing
            && self.labels == other.labels
            && names(self) == names(other)
    }

    /// Reads the records of a chunk that begin on a line, each with the fields
    /// that it was read from.
    pub fn trace(
        &self,
        chunk: &Chunk,
        line: u64,
        each: &mut dyn FnMut(Reading<'_>, Vec<ReadField>),
    ) {
        self.records(chunk, &mut |at, record| match record {
            _ if at != line => {}
            Ok(values) => each(canonical::read(self, values), self.fields_of(values)),
            Err(reading) => each(reading, Vec::new()),
        });
    }

    fn records(&self, chunk: &Chunk, each: &mut EachRecord<'_>) {
        match &self.source {
            Source::Delimited(columns) => columns.read(self, chunk, each),
            Source::Json(paths) => paths.read(self, chunk, each),
        }
    }

    /// The fields that a record has.
    fn fields_of(&self, values: &[Value<'_>]) -> Vec<ReadField> {
        let fields = self.fields.iter().zip(values).enumerate();
        fields
            .filter_map(|(at, (field, value))| {
                let known = |name: &&Cow<'_, str>| match &self.source {
                    Source::Delimited(columns) => columns.has(at, name),
                    Source::Json(_) => true,
                };
                let mut names: Vec<&str> = Vec::new();
                for name in field.names.iter().filter(known) {
                    let name = name.trim_start_matches('/');
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
                Some(ReadField {
                    target: field.target,
                    name: names.join(" or "),
                    value: value.as_text()?.to_owned(),
                })
            })
            .collect()
    }

    pub(super) fn labels_of<'v>(&self, values: &'v [Value<'_>]) -> Labels<'v> {
        let mut labels = [None; MAX_LABELS];
        for (slot, field) in labels.iter_mut().zip(&self.labels) {
            *slot = field.and_then(|at| values.get(at)).and_then(Value::as_text);
        }
        labels
    }

    /// Whether records are JSON.
    pub(super) const fn framing_is_json(&self) -> bool {
        !matches!(self.framing, Framing::Csv { .. })
    }

    /// The columns of a delimited file, each with the meaning it has here.
    pub fn columns(&self) -> Vec<(String, Option<String>)> {
        match &self.source {
            Source::Delimited(columns) => columns.meanings(&self.fields),
            Source::Json(_) => Vec::new(),
        }
    }

    /// The fields that are looked for, each with the names it may have.
    pub fn meanings(&self) -> Vec<(String, String)> {
        let known = self.fields.iter().filter(|field| field.target != Target::Column);
        known.map(|field| (field.target.describe(), field.names.join(", "))).collect()
    }
}

/// The format's fields and the asked columns; and where each label is.
fn fields_and_labels(format: &Format, ask: &Ask) -> (Vec<Field>, Vec<Option<usize>>) {
    let mut fields = format.fields.clone();
    let declared = fields.iter().find(|field| field.target == Target::Key).cloned();
    if ask.dedupe != Dedupe::Declared {
        fields.retain(|field| field.target != Target::Key);
    }
    if let Dedupe::By(name) = &ask.dedupe {
        // Records without it have the key that their format has.
        let mut field = Field::named(Target::Key, path_of(name, format));
        field.names.extend(declared.into_iter().flat_map(|field| field.names));
        fields.push(field);
    }
    let mut labels = Vec::new();
    for label in ask.labels() {
        let target = match &label {
            Dimension::Project => Target::Project,
            Dimension::User => Target::User,
            Dimension::ApiKey => Target::ApiKey,
            Dimension::Column(_)
            | Dimension::Provider
            | Dimension::Model
            | Dimension::Tier
            | Dimension::Endpoint
            | Dimension::Region
            | Dimension::Day
            | Dimension::Week
            | Dimension::Month
            | Dimension::Format => Target::Column,
        };
        if target == Target::Column {
            labels.push(Some(fields.len()));
            fields.push(Field::named(target, path_of(label.name(), format)));
        } else {
            labels.push(fields.iter().position(|field| field.target == target));
        }
    }
    (fields, labels)
}

/// A column by name, or in JSON a dotted path from the record's top.
fn path_of(name: &str, format: &Format) -> String {
    match format.layout {
        Layout::Delimited => name.to_owned(),
        Layout::Json { .. } => format!("/{}", name.trim_start_matches('/')),
    }
}
