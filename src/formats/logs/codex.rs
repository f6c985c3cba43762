//! Rollout files of Codex, and the stream of `codex exec --json`: one event a line.
//!
//! The model stands in the event of a turn, and holds from then on. Events of token
//! counts say what the session used in all and what its last call used; they are written
//! again without a call between. One whose total is new is one call.
//!
//! The file of a fork or of a sub-agent may begin with the history of the session that it
//! comes from, its counts included, at their own times or at the time of the copy. Such
//! counts have the key of that session, so that they are known as repeated.

use std::fmt::Write as _;

use super::{Count, Field, Fold, Format, Members, Signature, Target};
use crate::usage::Instant;

/// The kinds of lines that are known by.
const KINDS: &[&str] =
    &["session_meta", "turn_context", "event_msg", "response_item", "thread.started"];

/// The table, of what the fold makes of each line.
pub(super) fn format() -> Format {
    Format {
        signature: Signature {
            any: &["payload", "thread_id"],
            none: &["message", "response"],
            values: Some((&["type"], KINDS)),
            ..Signature::default()
        },
        provider: "openai".into(),
        marks: &["event"],
        fold: Some(|| Box::new(Session::default())),
        fields: vec![
            Field::new(Target::Start, &["timestamp"]),
            Field::new(Target::Note, &["event"]),
            Field::new(Target::Key, &["key"]),
            Field::new(Target::Model, &["model"]),
            Field::new(Target::RequestedTier, &["service_tier"]),
            Field::new(Target::Project, &["cwd"]),
            Field::new(Target::User, &["session"]),
            Field::count(Count::Input, &["input_tokens"]),
            Field::count(Count::Cached, &["cached_input_tokens"]),
            Field::count(Count::Output, &["output_tokens"]),
        ],
        ..Format::json("codex", "rollout files of Codex, and `codex exec --json`", &[""])
    }
}

/// The kinds of lines that say something of those after them.
const TELLING: [&str; 4] =
    [r#""session_meta""#, r#""turn_context""#, r#""thread.started""#, r#""event_msg""#];

/// The kinds of events that do.
const TELLING_EVENTS: [&str; 2] = [r#""thread_settings_applied""#, r#""token_count""#];

/// The counts of a usage object that are read.
const COUNTS: [&str; 3] = ["input_tokens", "cached_input_tokens", "output_tokens"];

/// What the lines so far say of those that follow. Texts are JSON.
#[derive(Debug, Default)]
struct Session {
    id: Option<String>,
    lineage: Lineage,
    model: Option<String>,
    tier: Option<String>,
    folder: Option<String>,
    /// What was used in all at the last count.
    total: Option<String>,
}

/// Where a session comes from. Texts are JSON.
#[derive(Debug, Default)]
struct Lineage {
    /// The oldest session that is known, whose totals go on in this one.
    origin: Option<String>,
    /// The one before the session whose head was read last.
    parent: Option<String>,
    /// When the file was begun.
    begun: Option<Instant>,
    /// Whether counts of the origin were met.
    copied: bool,
}

/// The use of a call that only a total tells of, in which that of other sessions may be.
const UNKNOWN: &str = r#"{"input_tokens":"unknown: the total goes on from another session"}"#;

/// How long after its head a history may still be copied, in seconds. A call takes longer.
const COPYING: i64 = 2;

impl Lineage {
    /// Takes the time of a count.
    fn note_count(&mut self, time: Option<&str>) {
        let later = self
            .begun
            .zip(time.and_then(instant))
            .is_some_and(|(begun, time)| time > begun.later(COPYING));
        self.copied |= self.origin.is_some() && !later;
    }
}

impl Fold for Session {
    fn line(&mut self, line: &str) -> Option<String> {
        let line = Members::of(line)?;
        let kind = line.get("type").unwrap_or("null");
        let payload = line.get("payload").and_then(Members::of);
        let payload = payload.as_ref().unwrap_or(&line);
        let time = line.get("timestamp");
        if kind == r#""session_meta""# {
            self.begin(payload, time);
        }
        if TELLING.contains(&kind) {
            self.learn(kind, payload);
        }
        let call = match (kind, payload.get("type")) {
            (r#""event_msg""#, Some(r#""token_count""#)) => self.counted(payload, time),
            (r#""turn.completed""#, _) => line.get("usage").map(str::to_owned),
            _ => None,
        };
        let mut out = format!("{{\"event\":{kind}");
        if let Some(usage) = call.as_deref().and_then(Members::of) {
            self.write(&mut out, time, &usage);
        }
        out.push('}');
        Some(out)
    }
}

impl Session {
    /// Takes the head of a session: of the file's own, of one whose history is copied, or
    /// of the next where files were joined.
    fn begin(&mut self, payload: &Members<'_>, time: Option<&str>) {
        let id = payload.get("id").filter(|id| id.starts_with('"'));
        let parent = parent_of(payload);
        if id.is_some() && id == self.lineage.parent.as_deref() {
            self.lineage.origin = id.map(str::to_owned);
            self.lineage.parent = parent;
        } else if id.is_none() || (id != self.id.as_deref() && id != self.lineage.origin.as_deref())
        {
            let begun = time.or_else(|| payload.get("timestamp")).and_then(instant);
            let lineage = Lineage { origin: parent.clone(), parent, begun, copied: false };
            *self = Self { id: id.map(str::to_owned), lineage, ..Self::default() };
        }
    }

    /// Takes what a line says of those after it.
    fn learn(&mut self, kind: &str, payload: &Members<'_>) {
        let event = payload.get("type").unwrap_or_default();
        if kind == r#""event_msg""# && !TELLING_EVENTS.contains(&event) {
            return;
        }
        let settings = payload.get("thread_settings").and_then(Members::of);
        let settings = settings.as_ref().unwrap_or(payload);
        let info = payload.get("info").and_then(Members::of);
        replace(&mut self.id, payload.get("thread_id"));
        replace(&mut self.folder, payload.get("cwd"));
        if settings.get("service_tier").is_some() {
            self.tier =
                settings.get("service_tier").filter(|tier| *tier != "null").map(str::to_owned);
        }
        replace(&mut self.model, settings.get("model"));
        replace(&mut self.model, info.and_then(|info| info.get("model")));
    }

    /// The usage of the call that a count tells of; `None` where there was none.
    fn counted(&mut self, payload: &Members<'_>, time: Option<&str>) -> Option<String> {
        let info = Members::of(payload.get("info")?)?;
        let last = info.get("last_token_usage").filter(|last| last.starts_with('{'));
        let Some(total) = info.get("total_token_usage").and_then(compact) else {
            return last.map(str::to_owned);
        };
        if self.total.as_ref() == Some(&total) {
            return None;
        }
        self.lineage.note_count(time);
        let before = self.total.replace(total.clone());
        // What a session had used before its history begins is not known.
        let unknown = before.is_none() && self.lineage.origin.is_some() && !self.lineage.copied;
        let told = last.or(unknown.then_some(UNKNOWN)).map(str::to_owned);
        Some(told.unwrap_or_else(|| difference(&total, before.as_deref())))
    }

    /// Writes what a call used, and what is known of it.
    fn write(&self, out: &mut String, time: Option<&str>, usage: &Members<'_>) {
        let mut put = |key: &str, value: Option<&str>| {
            if let Some(value) = value {
                // Writing to a `String` does not fail.
                let _ = write!(out, ",\"{key}\":{value}");
            }
        };
        put("timestamp", time);
        put("model", self.model.as_deref());
        put("service_tier", self.tier.as_deref());
        put("cwd", self.folder.as_deref());
        put("session", self.id.as_deref());
        let origin = self.lineage.origin.as_ref().filter(|_| self.lineage.copied);
        let key = origin.or(self.id.as_ref()).zip(self.total.as_ref());
        let key = key.and_then(|(id, total)| serde_json::to_string(&format!("{id}{total}")).ok());
        put("key", key.as_deref());
        for count in COUNTS {
            put(count, usage.get(count));
        }
    }
}

/// The session that one was forked from, or that began it.
fn parent_of(payload: &Members<'_>) -> Option<String> {
    let source = payload.get("source").and_then(Members::of);
    let agent = source.and_then(|source| source.get("subagent").and_then(Members::of));
    let spawn = agent.and_then(|agent| agent.get("thread_spawn").and_then(Members::of));
    let spawned = spawn.as_ref().and_then(|spawn| spawn.get("parent_thread_id"));
    let named = [payload.get("forked_from_id"), payload.get("parent_thread_id"), spawned];
    named.into_iter().flatten().find(|id| id.starts_with('"')).map(str::to_owned)
}

/// The instant of a JSON text.
fn instant(text: &str) -> Option<Instant> {
    Instant::parse_log(text.trim_matches('"')).map(|time| time.instant)
}

/// Keeps a text; `null` and what is none change nothing.
fn replace(known: &mut Option<String>, value: Option<&str>) {
    if let Some(value) = value.filter(|value| value.starts_with('"')) {
        *known = Some(value.to_owned());
    }
}

/// An object of counts without its blanks; `None` for what is none.
fn compact(raw: &str) -> Option<String> {
    let usage = Members::of(raw)?;
    let count = |name: &str| format!("\"{name}\":{}", usage.get(name).unwrap_or("null"));
    Some(format!("{{{}}}", COUNTS.map(count).join(",")))
}

/// What was used since another count; what is no number stays as it is.
fn difference(total: &str, before: Option<&str>) -> String {
    let (total, before) = (Members::of(total), before.and_then(Members::of));
    let number = |usage: &Option<Members<'_>>, name: &str| -> Option<i128> {
        usage.as_ref()?.get(name)?.parse().ok()
    };
    let count = |name: &str| {
        let raw = total.as_ref().and_then(|total| total.get(name)).unwrap_or("null");
        let known = number(&before, name).unwrap_or(0);
        let more = number(&total, name).and_then(|total| total.checked_sub(known));
        let more = more.map_or_else(|| raw.to_owned(), |more| more.to_string());
        format!("\"{name}\":{more}")
    };
    format!("{{{}}}", COUNTS.map(count).join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the fold makes of lines.
    fn folded(lines: &[&str]) -> Vec<String> {
        let mut session = Session::default();
        lines.iter().map(|line| session.line(line).unwrap_or_default()).collect()
    }

    const TURN: &str = r#"{"type":"turn_context","payload":{"model":"gpt-5.2-codex"}}"#;

    fn count(total: u64, last: &str) -> String {
        let total = format!(
            r#"{{"input_tokens":{total},"cached_input_tokens":0,"output_tokens":{total}}}"#
        );
        format!(
            r#"{{"type":"event_msg","payload":{{"type":"token_count","info":{{"total_token_usage":{total}{last}}}}}}}"#
        )
    }

    #[test]
    fn a_total_that_is_written_again_is_no_call() {
        let last = r#","last_token_usage":{"input_tokens":7,"output_tokens":3}"#;
        let first = count(10, last);
        let lines = folded(&[
            TURN,
            &first,
            &first,
            r#"{"type":"event_msg","payload":{"type":"token_count","info":null}}"#,
        ]);
        assert_eq!(lines[0], r#"{"event":"turn_context"}"#);
        assert_eq!(
            lines[1],
            r#"{"event":"event_msg","model":"gpt-5.2-codex","input_tokens":7,"output_tokens":3}"#
        );
        assert_eq!(lines[2], r#"{"event":"event_msg"}"#);
        assert_eq!(lines[3], r#"{"event":"event_msg"}"#);
    }

    #[test]
    fn totals_alone_are_told_apart() {
        let lines = folded(&[&count(10, ""), &count(25, ""), &count(20, "")]);
        for (line, more) in lines.iter().zip([10, 15, -5]) {
            assert!(line.contains(&format!("\"input_tokens\":{more},")), "{line}");
        }
    }

    /// The keys of what a session of lines has counted.
    fn keys(lines: &[&str]) -> Vec<String> {
        let key = |line: &String| {
            let line = Members::of(line)?;
            line.get("input_tokens").and(line.get("key")).map(str::to_owned)
        };
        folded(lines).iter().filter_map(key).collect()
    }

    fn head(id: &str, parent: &str, at: &str) -> String {
        format!(r#"{{"timestamp":"{at}","type":"session_meta","payload":{{"id":"{id}"{parent}}}}}"#)
    }

    fn at(time: &str, count: &str) -> String {
        count.replacen('{', &format!("{{\"timestamp\":\"{time}\","), 1)
    }

    const LAST: &str = r#","last_token_usage":{"input_tokens":10,"output_tokens":1}"#;
    const OF_A: &str = r#","forked_from_id":"a""#;

    #[test]
    fn copied_counts_have_the_key_of_their_session() {
        let first = head("a", "", "2026-10-05T09:00:00Z");
        let spawned =
            r#","source":{"subagent":{"thread_spawn":{"parent_thread_id":"a","depth":1}}}"#;
        let (old, new) = ("2026-10-05T09:00:30Z", "2026-10-05T10:00:09Z");
        let parent = keys(&[&first, &at(old, &count(10, LAST)), &at(old, &count(20, LAST))]);
        for (names, copy) in [(OF_A, old), (spawned, "2026-10-05T10:00:01Z")] {
            let own = head("b", names, "2026-10-05T10:00:00Z");
            let [one, two] = [10, 20].map(|total| at(copy, &count(total, LAST)));
            let more = at(new, &count(30, LAST));
            for heads in [vec![own.as_str()], vec![&own, &first], vec![&own, &first, &own, &first]]
            {
                let lines: Vec<&str> = heads.into_iter().chain([&*one, &*two, &*more]).collect();
                let fork = keys(&lines);
                assert_eq!(fork[..2], parent[..]);
                assert!(!parent.contains(&fork[2]), "{fork:?}");
            }
        }
    }

    #[test]
    fn sessions_that_copy_nothing_have_their_own_keys() {
        let call = at("2026-10-05T10:00:09Z", &count(10, LAST));
        let begun = "2026-10-05T10:00:00Z";
        let one = keys(&[&head("b", OF_A, begun), &head("a", "", begun), &call]);
        let other = keys(&[&head("c", OF_A, begun), &head("a", "", begun), &call]);
        assert_ne!(one, other);
        // What the totals of such a session began with is not known.
        let total = at("2026-10-05T10:00:09Z", &count(10, ""));
        let lines = folded(&[&head("b", OF_A, begun), TURN, &total]);
        assert!(lines[2].contains("input_tokens\":\"unknown: "), "{}", lines[2]);
    }

    #[test]
    fn a_session_after_another_has_nothing_of_it() {
        let [one, two] = ["a", "b"].map(|id| head(id, "", "2026-10-05T10:00:00Z"));
        let call = count(10, LAST);
        let lines = folded(&[&one, TURN, &call, &two, &call]);
        assert!(lines[2].contains("gpt-5.2-codex"), "{}", lines[2]);
        assert!(!lines[4].contains("gpt-5.2-codex"), "{}", lines[4]);
        assert_eq!(keys(&[&one, &call, &two, &call]).len(), 2);
    }

    #[test]
    fn what_is_no_object_stays_as_it_is() {
        assert_eq!(Session::default().line("not JSON"), None);
        assert_eq!(Session::default().line("[1]"), None);
    }
}
