//! JSON as it is written: the members of an object in their order, and every
//! value as its text, so that no number is ever a float.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// More than any context has.
const MOST_TOKENS: u64 = 1_000_000_000_000;

/// An object. Its values are parts of the text that it was read from.
pub(super) struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads an object, however deep its values are: they are not looked into.
    pub(super) fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The members in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> + '_ {
        self.0.iter().map(|(name, value)| (name.as_str(), value.get()))
    }

    /// The value of a name; nothing where it is null.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.iter().find(|(own, value)| *own == name && *value != "null").map(|(_, value)| value)
    }

    /// The names that it has more than once: which value counts is not said.
    pub(super) fn repeated(&self) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        self.iter().filter_map(|(name, _)| (!seen.insert(name)).then_some(name)).collect()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

/// Keeps what a map would lose: the order, and names given twice.
struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry::<String, &'de RawValue>()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

/// The elements of an array.
pub(super) fn elements(text: &str) -> Result<Vec<&str>, serde_json::Error> {
    let elements: Vec<&RawValue> = serde_json::from_str(text)?;
    Ok(elements.into_iter().map(RawValue::get).collect())
}

/// A string.
pub(super) fn string(text: &str) -> Option<String> {
    serde_json::from_str(text).ok()
}

/// A count of tokens that a context may have.
pub(super) fn tokens(text: &str) -> Option<u64> {
    serde_json::from_str(text).ok().filter(|count| *count <= MOST_TOKENS)
}
