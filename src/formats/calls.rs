//! What a response of the Responses API did with hosted tools, from the items of its
//! output.

use serde_json::value::RawValue;

use super::keys::digest;
use super::rewrite::{Members, items};
use crate::usage::{Meter, Session};

/// The calls of one response.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// Web searches.
    pub(super) web: u64,
    /// File searches.
    pub(super) file: u64,
    /// Images that were made. Their tokens are not part of the response's.
    pub(super) images: u64,
    /// The containers that code ran in, each once.
    containers: Vec<String>,
    /// The size of new containers.
    memory: Option<String>,
}

impl Calls {
    /// Takes the items of an output. Opening a page or finding in one is part of a
    /// search.
    pub(super) fn add_output(&mut self, output: &str) {
        for item in items(Some(output)).into_iter().filter_map(|item| Members::of(item.get())) {
            match item.get("type") {
                Some(r#""web_search_call""#) => {
                    let action = item.get("action").and_then(Members::of);
                    let kind = action.as_ref().and_then(|action| action.get("type"));
                    let is_search = kind.is_none_or(|kind| kind == r#""search""#);
                    self.web = self.web.saturating_add(u64::from(is_search));
                }
                Some(r#""file_search_call""#) => self.file = self.file.saturating_add(1),
                Some(r#""image_generation_call""#) => self.images = self.images.saturating_add(1),
                Some(r#""code_interpreter_call""#) => {
                    let container = item.get("container_id").filter(|id| id.starts_with('"'));
                    self.containers.extend(container.map(str::to_owned));
                }
                _ => {}
            }
        }
        self.containers.sort_unstable();
        self.containers.dedup();
    }

    /// Takes the tools that a response was given, of which one may size containers.
    pub(super) fn add_tools(&mut self, tools: &str) {
        let memory = |tool: &RawValue| {
            let container = Members::of(Members::of(tool.get())?.get("container")?)?;
            container.get("memory_limit").map(str::to_owned)
        };
        self.memory = items(Some(tools)).into_iter().find_map(memory);
    }

    /// The sessions that it took part in.
    pub(super) fn sessions(&self) -> Vec<Session> {
        let meter = match self.memory.as_deref() {
            Some(r#""4g""#) => Meter::CodeInterpreterSession4g,
            Some(r#""16g""#) => Meter::CodeInterpreterSession16g,
            Some(r#""64g""#) => Meter::CodeInterpreterSession64g,
            _ => Meter::CodeInterpreterSession,
        };
        let key = |container: &String| digest(["container", container]);
        self.containers.iter().map(|id| Session { key: key(id), meter }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_are_counted_and_containers_once() {
        let mut calls = Calls::default();
        calls.add_tools(r#"[{"type":"web_search"},{"type":"code_interpreter","container":{"type":"auto","memory_limit":"4g"}}]"#);
        calls.add_output(
            r#"[{"type":"web_search_call","action":{"type":"search"}},
                {"type":"web_search_call","action":{"type":"open_page"}},
                {"type":"web_search_call"},
                {"type":"file_search_call"},
                {"type":"image_generation_call","id":"ig_1","size":"1024x1024"},
                {"type":"code_interpreter_call","container_id":"cntr_1"},
                {"type":"code_interpreter_call","container_id":"cntr_1"},
                {"type":"code_interpreter_call","container_id":"cntr_2"},
                {"type":"message"}, 3]"#,
        );
        assert_eq!((calls.web, calls.file, calls.images), (2, 1, 1));
        let sessions = calls.sessions();
        assert_eq!(sessions.len(), 2);
        assert!(sessions.iter().all(|one| one.meter == Meter::CodeInterpreterSession4g));
        calls.add_output("null");
        assert_eq!(calls.sessions(), sessions);
    }
}
