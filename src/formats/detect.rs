//! Recognises a file's format by its content.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::ask::Ask;
use super::bind::Bound;
use super::json_tree::Node;
use super::probe::Probe;
use super::registry;
use super::table::{Format, Layout};
use crate::input::{Chunker, Framing};

/// The delimiters that are tried.
const DELIMITERS: &[u8] = b",\t;";

/// Bytes of a JSON document that are looked at in one piece.
const SAMPLE_CHUNK: usize = 16 * 1024;

/// Records of a JSON file that are looked at.
const SAMPLE: usize = 20;

/// What a file is.
#[derive(Debug, Clone)]
pub enum Detected {
    /// A log of a known format.
    Log(Box<Bound>),
    /// Nothing but white space.
    Empty,
}

/// A file that is not recognised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DetectError {
    /// No format matches.
    #[error(
        "{path}: not a log format that is known\n  found: {found}\n  nearest: {nearest}\n  {advice}"
    )]
    Unknown {
        /// The input.
        path: String,
        /// The header or keys.
        found: String,
        /// The formats that share most fields.
        nearest: String,
        /// What to do.
        advice: &'static str,
    },
    /// Not text.
    #[error(
        "{path}: not text (and no gzip, zstd, Parquet or UTF-16 with its mark); unpack or convert it first"
    )]
    Binary {
        /// The input.
        path: String,
    },
    /// Several formats match.
    #[error("{path}: could be any of {formats}; read it with `--map` to say what its fields mean")]
    Ambiguous {
        /// The input.
        path: String,
        /// Their names.
        formats: String,
    },
    /// A log that cannot be priced.
    #[error("{path}: {format}: {why}")]
    Refused {
        /// The input.
        path: String,
        /// The format.
        format: &'static str,
        /// Why, and what to do.
        why: &'static str,
    },
    /// Two columns of one name.
    #[error("{path}:1: the column `{column}` occurs twice in the header; rename one")]
    RepeatedColumn {
        /// The input.
        path: String,
        /// The name.
        column: String,
    },
    /// A `--map` whose fields the file does not have.
    #[error("{path}: `--map` names `{column}`, which the file does not have ({found})")]
    NoSuchColumn {
        /// The input.
        path: String,
        /// The name.
        column: String,
        /// The header.
        found: String,
    },
}

const ADVICE: &str = "say what its fields mean with `--map model=COLUMN,input=COLUMN,output=COLUMN,…`, or leave it \
                      out; `tierwise inspect` proposes a mapping";

/// Recognises a file from its first bytes. `complete` says that they are all.
/// With `given` the file is read as that format.
pub(super) fn detect(
    path: &str,
    head: &[u8],
    complete: bool,
    given: Option<&Format>,
    ask: &Ask,
) -> Result<Detected, DetectError> {
    let text = head.trim_ascii_start();
    match text.first() {
        None if complete => Ok(Detected::Empty),
        Some(b'[') if complete && is_empty_array(text) => Ok(Detected::Empty),
        Some(b'{' | b'[') => detect_json(path, text, given, ask),
        Some(_) if memchr::memchr(0, text).is_some() => {
            Err(DetectError::Binary { path: path.to_owned() })
        }
        _ => detect_delimited(path, head, given, ask),
    }
}

fn is_empty_array(text: &[u8]) -> bool {
    matches!(serde_json::from_slice::<Vec<&RawValue>>(text), Ok(items) if items.is_empty())
}

/// Bytes that a header is within, by far.
const HEADER: usize = 64 * 1024;

fn detect_delimited(
    path: &str,
    head: &[u8],
    given: Option<&Format>,
    ask: &Ask,
) -> Result<Detected, DetectError> {
    // Where a delimiter does not occur, a header has no second column.
    let begin = head.get(..HEADER).unwrap_or(head);
    let occurs =
        |delimiter: &&u8| **delimiter == b',' || memchr::memchr(**delimiter, begin).is_some();
    let headers: Vec<(u8, Vec<String>)> =
        DELIMITERS.iter().filter(occurs).map(|d| (*d, header(head, *d))).collect();
    let mut matched: Vec<(u8, &Vec<String>, Format)> = Vec::new();
    let widest = headers.iter().max_by_key(|(_, header)| header.len());
    if let (Some(format), Some((delimiter, header))) = (given, widest) {
        check_mapped(path, format, header)?;
        matched.push((*delimiter, header, format.clone()));
    } else {
        for (delimiter, header) in &headers {
            let formats = registry().iter().filter(|format| format.layout == Layout::Delimited);
            let known = formats.filter(|format| format.signature.matches_header(header));
            matched.extend(known.map(|format| (*delimiter, header, format.clone())));
        }
    }
    if matched.len() > 1 {
        let names: Vec<_> = matched.iter().map(|(_, _, format)| format.name).collect();
        return Err(DetectError::Ambiguous { path: path.to_owned(), formats: names.join(", ") });
    }
    let Some((delimiter, header, format)) = matched.pop() else {
        let found = widest.map(|(_, header)| header.clone()).unwrap_or_default();
        return Err(unknown(path, &found, Layout::Delimited));
    };
    check_refusal(path, &format)?;
    let repeated = header
        .iter()
        .enumerate()
        .find(|(at, name)| header.iter().skip(at.saturating_add(1)).any(|other| other == *name));
    if let Some((_, column)) = repeated {
        return Err(DetectError::RepeatedColumn { path: path.to_owned(), column: column.clone() });
    }
    Ok(Detected::Log(Box::new(Bound::delimited(format, delimiter, header, ask))))
}

fn check_refusal(path: &str, format: &Format) -> Result<(), DetectError> {
    let path = path.to_owned();
    let refused = |why| Err(DetectError::Refused { path, format: format.name, why });
    format.refusal.map_or(Ok(()), refused)
}

/// Each mapped field has a column.
fn check_mapped(path: &str, format: &Format, header: &[String]) -> Result<(), DetectError> {
    let has = |name: &str| {
        let outer = name.split('.').next().unwrap_or_default();
        header.iter().any(|column| column == name || column == outer)
    };
    check_names(path, format, &has, header)
}

/// Every mapped path is in one of the sampled records.
fn check_mapped_paths(path: &str, format: &Format, samples: &[String]) -> Result<(), DetectError> {
    let has = |name: &str| {
        let mut tree = Node::default();
        tree.insert(name, 0);
        samples.iter().any(|sample| {
            let mut slot = [None];
            let _cut = tree.extract(sample, false, &mut slot);
            slot.iter().any(Option::is_some)
        })
    };
    let keys = samples.first().map(|sample| keys_of(sample)).unwrap_or_default();
    check_names(path, format, &has, &keys)
}

/// Of the names of each mapped field one is there.
fn check_names(
    path: &str,
    format: &Format,
    has: &dyn Fn(&str) -> bool,
    found: &[String],
) -> Result<(), DetectError> {
    let missing = format.fields.iter().find(|field| !field.names.iter().any(|name| has(name)));
    let Some(name) = missing.and_then(|field| field.names.first()) else { return Ok(()) };
    Err(DetectError::NoSuchColumn {
        path: path.to_owned(),
        column: name.to_string(),
        found: found.join(", "),
    })
}

fn header(head: &[u8], delimiter: u8) -> Vec<String> {
    let name = |name: &[u8]| String::from_utf8_lossy(name).trim().to_owned();
    let line = memchr::memchr2(b'\n', b'\r', head).and_then(|end| head.get(..end));
    if let Some(line) = line.filter(|line| !line.is_empty() && !line.contains(&b'"')) {
        return line.split(|byte| *byte == delimiter).map(name).collect();
    }
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(head);
    let mut record = csv::ByteRecord::new();
    if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
        return Vec::new();
    }
    record.iter().map(name).collect()
}

fn detect_json(
    path: &str,
    text: &[u8],
    given: Option<&Format>,
    ask: &Ask,
) -> Result<Detected, DetectError> {
    let first_line = text.split(|b| *b == b'\n').next().unwrap_or_default();
    let is_object =
        |line: &[u8]| serde_json::from_slice::<BTreeMap<String, &RawValue>>(line).is_ok();
    let lines = is_object(first_line);
    let samples = if lines { sample_lines(text) } else { sample_elements(text) };
    let probe = Probe::of_all();
    let mut found = vec![None; probe.paths.len()];
    for sample in &samples {
        probe.look(sample, &mut found);
    }
    if let Some(format) = given {
        check_mapped_paths(path, format, &samples)?;
    }
    let mut matched: Vec<Format> = match given {
        Some(format) => {
            vec![Format { layout: Layout::Json { roots: &[""], explode: &[] }, ..format.clone() }]
        }
        None => registry()
            .iter()
            .filter(|f| f.layout != Layout::Delimited && probe.matches(&f.signature, &found))
            .cloned()
            .collect(),
    };
    if matched.len() > 1 {
        let names: Vec<_> = matched.iter().map(|format| format.name).collect();
        return Err(DetectError::Ambiguous { path: path.to_owned(), formats: names.join(", ") });
    }
    let Some(format) = matched.pop() else {
        let keys = samples.first().map(|sample| keys_of(sample)).unwrap_or_default();
        return Err(unknown(path, &keys, Layout::Json { roots: &[], explode: &[] }));
    };
    check_refusal(path, &format)?;
    let pages = matches!(format.layout, Layout::Json { explode, .. } if !explode.is_empty());
    if format.fold.is_some() && !lines {
        let why = "this log is read line by line; write each event on a line of its own \
                   (`jq -c .` or `jq -c '.[]'`)";
        return Err(DetectError::Refused { path: path.to_owned(), format: format.name, why });
    }
    let framing = if lines && !pages { Framing::Lines } else { Framing::Elements };
    Ok(Detected::Log(Box::new(Bound::json(format, framing, ask))))
}

/// The first records of JSON; of other text the widest header.
pub(super) fn sample_of(head: &[u8]) -> Result<Vec<String>, Vec<String>> {
    let text = head.trim_ascii_start();
    if !matches!(text.first(), Some(b'{' | b'[')) {
        let headers = DELIMITERS.iter().map(|delimiter| header(head, *delimiter));
        return Err(headers.max_by_key(Vec::len).unwrap_or_default());
    }
    let first = text.split(|b| *b == b'\n').next().unwrap_or_default();
    let lines = serde_json::from_slice::<BTreeMap<String, &RawValue>>(first).is_ok();
    Ok(if lines { sample_lines(text) } else { sample_elements(text) })
}

fn sample_lines(text: &[u8]) -> Vec<String> {
    let lines = text.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    lines.take(SAMPLE).filter_map(|line| String::from_utf8(line.to_vec()).ok()).collect()
}

/// The values of a document; the beginning of the first one if it is longer
/// than what was read.
fn sample_elements(text: &[u8]) -> Vec<String> {
    let stream = Box::new(std::io::Cursor::new(text.to_vec()));
    let mut chunker = Chunker::new(stream, "", Framing::Elements, SAMPLE_CHUNK);
    let mut values: Vec<String> = Vec::new();
    // A document that is cut here ends in an error, after its whole values.
    while let Ok(Some(chunk)) = chunker.next_chunk()
        && values.len() < SAMPLE
    {
        let bytes =
            chunk.elements.iter().filter_map(|span| chunk.bytes().get(span.start..span.end));
        values.extend(bytes.filter_map(|value| String::from_utf8(value.to_vec()).ok()));
    }
    values.truncate(SAMPLE);
    if values.is_empty() {
        let cut = String::from_utf8_lossy(text);
        values.push(cut.trim_start_matches(['[', ' ', '\n', '\r', '\t']).to_owned());
    }
    values
}

fn keys_of(sample: &str) -> Vec<String> {
    let keys: Result<BTreeMap<String, &RawValue>, _> = serde_json::from_str(sample);
    keys.map(|keys| keys.into_keys().collect()).unwrap_or_default()
}

fn unknown(path: &str, found: &[String], layout: Layout) -> DetectError {
    let same_layout =
        |format: &&Format| (format.layout == Layout::Delimited) == (layout == Layout::Delimited);
    let mut near: Vec<(usize, &'static str)> = registry()
        .iter()
        .filter(same_layout)
        .map(|format| {
            let names = format.fields.iter().flat_map(|field| &field.names);
            let shared =
                names.filter(|name| found.iter().any(|f| f.as_str() == name.as_ref())).count();
            (shared, format.name)
        })
        .collect();
    // Of those that share as many, the first of the registry.
    near.sort_by_key(|(shared, _)| std::cmp::Reverse(*shared));
    let nearest: Vec<_> =
        near.iter().filter(|(shared, _)| *shared > 0).take(3).map(|(_, name)| *name).collect();
    let list = |items: Vec<&str>| {
        if items.is_empty() { "none".to_owned() } else { items.join(", ") }
    };
    let found: Vec<&str> = found.iter().map(String::as_str).take(40).collect();
    DetectError::Unknown {
        path: path.to_owned(),
        found: list(found),
        nearest: list(nearest),
        advice: ADVICE,
    }
}
