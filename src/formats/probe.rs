//! What a sample of a file has of the fields that formats are recognised by.

use std::sync::LazyLock;

use super::json_tree::Node;
use super::registry;
use super::table::Signature;
use super::value::Value;

/// The fields that any signature asks about.
pub(super) struct Probe {
    pub(super) paths: Vec<&'static str>,
    tree: Node,
}

impl Probe {
    /// The fields of all formats.
    pub(super) fn of_all() -> &'static Self {
        static PROBE: LazyLock<Probe> = LazyLock::new(Probe::new);
        &PROBE
    }

    fn new() -> Self {
        let mut paths: Vec<&'static str> = Vec::new();
        for format in registry() {
            let signature = format.signature;
            let values = signature.values.map_or(&[][..], |(fields, _)| fields);
            for group in [signature.all, signature.any, signature.none, values] {
                paths.extend(group);
            }
        }
        paths.sort_unstable();
        paths.dedup();
        let mut tree = Node::default();
        for (slot, path) in paths.iter().enumerate() {
            tree.insert(path, slot);
        }
        Self { paths, tree }
    }

    /// Adds what a sample has. A sample that is cut is used as far as it goes.
    pub(super) fn look(&self, sample: &str, found: &mut [Option<Vec<String>>]) {
        let mut slots = vec![None; self.paths.len()];
        let _cut = self.tree.extract(sample, true, &mut slots);
        for (known, slot) in found.iter_mut().zip(&slots) {
            if let Some(raw) = slot {
                let text = Value::from_json(raw).as_text().unwrap_or_default().to_owned();
                known.get_or_insert_default().push(text);
            }
        }
    }

    pub(super) fn matches(&self, signature: &Signature, found: &[Option<Vec<String>>]) -> bool {
        let values = |name: &&str| {
            let slot = self.paths.iter().position(|path| path == name);
            slot.and_then(|slot| found.get(slot)).and_then(Option::as_ref)
        };
        let has = |name: &&str| values(name).is_some();
        let value_fits = signature.values.is_none_or(|(fields, wanted)| {
            let mut present = fields.iter().filter_map(values).flatten();
            present.any(|text| wanted.iter().any(|want| fits(want, text)))
        });
        signature.all.iter().all(has)
            && (signature.any.is_empty() || signature.any.iter().any(has))
            && !signature.none.iter().any(has)
            && value_fits
    }
}

fn fits(wanted: &str, text: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(prefix) => text.starts_with(prefix),
        None => text == wanted,
    }
}

impl Signature {
    /// Whether a header is one of the format.
    pub(super) fn matches_header(&self, header: &[String]) -> bool {
        let has = |name: &&str| header.iter().any(|column| column == name);
        if !self.empty_header.is_empty() && header.len() == self.empty_header.len() {
            return self.empty_header.iter().all(has);
        }
        self.all.iter().all(has)
            && (self.any.is_empty() || self.any.iter().any(has))
            && !self.none.iter().any(has)
    }
}
