//! The keys that are wanted of a JSON object, and how `serde_json` finds their
//! values as text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A tree of wanted keys.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    pub(super) key: Box<str>,
    pub(super) slot: Option<usize>,
    pub(super) children: Vec<Self>,
}

impl Node {
    /// Wants the value at a dotted path in slot `slot`.
    pub(super) fn insert(&mut self, path: &str, slot: usize) {
        let (key, rest) = match path.split_once('.') {
            Some((key, rest)) => (key, Some(rest)),
            None => (path, None),
        };
        let at = self.children.iter().position(|child| &*child.key == key).unwrap_or_else(|| {
            self.children.push(Self { key: key.into(), ..Self::default() });
            self.children.len().saturating_sub(1)
        });
        let Some(child) = self.children.get_mut(at) else {
            return;
        };
        match rest {
            Some(rest) => child.insert(rest, slot),
            None => child.slot = Some(slot),
        }
    }

    /// Gives every key that has no slot one of its own, from `next` on, so that
    /// a key that is repeated is seen at any depth.
    pub(super) fn number(&mut self, next: &mut usize) {
        for child in &mut self.children {
            if child.slot.is_none() {
                child.slot = Some(*next);
                *next = next.saturating_add(1);
            }
            child.number(next);
        }
    }

    /// Fills the slots from an object. On an error the slots filled so far
    /// stay filled.
    pub(super) fn extract<'de>(
        &self,
        raw: &'de str,
        into_arrays: bool,
        slots: &mut [Option<&'de str>],
    ) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(raw);
        Fill { node: self, into_arrays, slots }.deserialize(&mut deserializer)?;
        deserializer.end()
    }

    /// Takes what is wanted of the value of this node.
    fn take<'de>(
        &self,
        raw: &'de str,
        into_arrays: bool,
        slots: &mut [Option<&'de str>],
    ) -> Result<(), serde_json::Error> {
        if let Some(slot) = self.slot.and_then(|slot| slots.get_mut(slot)) {
            if slot.is_some() {
                return Err(serde_json::Error::custom(format!(
                    "the key `{}` occurs twice",
                    self.key
                )));
            }
            *slot = Some(raw);
        }
        if self.children.is_empty() {
            return Ok(());
        }
        if raw.starts_with('{') {
            return self.extract(raw, into_arrays, slots);
        }
        if into_arrays && raw.starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(raw)?;
            if let Some(first) = items.first().filter(|item| item.get().starts_with('{')) {
                return self.extract(first.get(), into_arrays, slots);
            }
        }
        Ok(())
    }
}

struct Fill<'n, 's, 'de> {
    node: &'n Node,
    into_arrays: bool,
    slots: &'s mut [Option<&'de str>],
}

impl<'de> DeserializeSeed<'de> for Fill<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fill<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            match self.node.children.iter().find(|child| *child.key == *key) {
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(child) => {
                    let raw: &'de RawValue = map.next_value()?;
                    child
                        .take(raw.get(), self.into_arrays, self.slots)
                        .map_err(A::Error::custom)?;
                }
            }
        }
        Ok(())
    }
}

/// A key, borrowed where it has no escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}
