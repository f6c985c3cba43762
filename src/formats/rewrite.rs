//! JSON that stands in JSON as text, as some exports write it.

use serde::Deserialize as _;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A record whose texts at some dotted paths are JSON, with that JSON in their place;
/// `None` where there is none.
pub(super) fn with_opened(record: &str, paths: &[&str]) -> Option<String> {
    let mut members = Members(Vec::new());
    let mut deserializer = serde_json::Deserializer::from_str(record);
    deserializer.deserialize_map(&mut members).ok()?;
    deserializer.end().ok()?;
    let mut changed = false;
    let mut out = String::with_capacity(record.len());
    for (at, (key, value)) in members.0.iter().enumerate() {
        out.push(if at == 0 { '{' } else { ',' });
        out.push_str(&serde_json::to_string(key).ok()?);
        out.push(':');
        match opened(key, value.get(), paths) {
            Some(text) => {
                changed = true;
                out.push_str(&text);
            }
            None => out.push_str(value.get()),
        }
    }
    out.push('}');
    changed.then_some(out)
}

/// The value of a key with what is opened in it.
fn opened(key: &str, value: &str, paths: &[&str]) -> Option<String> {
    let below =
        |path: &&str| path.strip_prefix(key).and_then(|rest| rest.strip_prefix('.')).is_some();
    let deeper: Vec<&str> = paths
        .iter()
        .copied()
        .filter(below)
        .filter_map(|path| path.get(key.len().saturating_add(1)..))
        .collect();
    if value.starts_with('{') {
        return if deeper.is_empty() { None } else { with_opened(value, &deeper) };
    }
    if !value.starts_with('"') || !paths.contains(&key) {
        return None;
    }
    let text: String = serde_json::from_str(value).ok()?;
    let text = text.trim();
    let nested = text.starts_with(['{', '[']) && serde_json::from_str::<&RawValue>(text).is_ok();
    if !nested {
        return None;
    }
    Some(with_opened(text, &deeper).unwrap_or_else(|| text.to_owned()))
}

/// The members of an object, in their order.
pub(super) struct Members<'de>(pub(super) Vec<(String, &'de RawValue)>);

impl<'de> Members<'de> {
    /// Those of an object; `None` for what is none.
    pub(super) fn of(raw: &'de str) -> Option<Self> {
        let mut members = Self(Vec::new());
        serde_json::Deserializer::from_str(raw).deserialize_map(&mut members).ok()?;
        Some(members)
    }

    /// The value of a key, as it is written.
    pub(super) fn get(&self, key: &str) -> Option<&'de str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.get())
    }
}

/// The items of an array, as they are written; none for what is no array.
pub(super) fn items(raw: Option<&str>) -> Vec<&RawValue> {
    raw.and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default()
}

/// The text of a JSON value, which may be a number.
pub(super) fn text_of(raw: &str) -> Option<String> {
    let mut deserializer = serde_json::Deserializer::from_str(raw);
    String::deserialize(&mut deserializer).ok()
}

impl<'de> Visitor<'de> for &mut Members<'de> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(member) = map.next_entry()? {
            self.0.push(member);
        }
        Ok(())
    }
}
