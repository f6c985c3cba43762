//! Spans and log records of OpenTelemetry's conventions for generative AI, as OTLP JSON:
//! one export a line, or a document.
//!
//! Spans of agents and workflows repeat what their children used, so that a span with
//! usage below it has none of its own. Older names of attributes are read too.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use serde_json::value::RawValue;

use super::{Count, Field, Format, Members, Signature, Target, items, text_of};

/// The table, of what each export becomes.
pub(super) fn format() -> Format {
    Format {
        signature: Signature { any: OUTER, ..Signature::default() },
        marks: &["of"],
        rewrite: Some(records),
        fields: vec![
            Field::new(Target::Start, &["time"]),
            Field::new(Target::Note, &["of"]),
            Field::new(Target::Key, &["key"]),
            Field::new(Target::Provider, &["provider"]),
            Field::new(Target::Model, &["model"]),
            Field::new(Target::ServedTier, &["served"]),
            Field::new(Target::RequestedTier, &["requested"]),
            Field::new(Target::Endpoint, &["operation"]),
            Field::new(Target::Project, &["service"]),
            Field::new(Target::User, &["conversation"]),
            Field::count(Count::Input, &["input"]),
            Field::count(Count::Cached, &["cached"]),
            Field::count(Count::CacheWrite, &["written"]),
            Field::count(Count::Audio, &["audio"]),
            Field::count(Count::Image, &["image"]),
            Field::count(Count::Output, &["output"]),
            Field::count(Count::AudioOutput, &["audio_output"]),
        ],
        ..Format::json_below(
            "otel-genai",
            "OpenTelemetry GenAI spans and logs, OTLP JSON",
            &[""],
            &["records"],
        )
    }
}

/// The keys of an export.
const OUTER: &[&str] = &[
    "resourceSpans",
    "resource_spans",
    "resourceLogs",
    "resource_logs",
    "resourceMetrics",
    "resource_metrics",
];

/// The keys of the levels of an export down to its records.
const LEVELS: [[&str; 2]; 2] = [["scopeSpans", "scopeLogs"], ["spans", "logRecords"]];

/// The attributes that say each thing, the strongest first.
const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("provider", &["gen_ai.provider.name", "gen_ai.system", "ai.model.provider"]),
    (
        "model",
        &["gen_ai.response.model", "gen_ai.request.model", "ai.response.model", "ai.model.id"],
    ),
    ("served", &["openai.response.service_tier", "gen_ai.openai.response.service_tier"]),
    ("requested", &["openai.request.service_tier", "gen_ai.openai.request.service_tier"]),
    ("operation", &["gen_ai.operation.name"]),
    ("call", &["gen_ai.response.id", "ai.response.id"]),
    ("step", &["ai.operationId"]),
    ("conversation", &["gen_ai.conversation.id"]),
    (
        "input",
        &["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "ai.usage.promptTokens"],
    ),
    (
        "cached",
        &[
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cached_input_tokens",
            "gen_ai.usage.input_tokens.cached",
            "ai.usage.cachedInputTokens",
        ],
    ),
    (
        "written",
        &["gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.input_tokens.cache_write"],
    ),
    ("audio", &["gen_ai.usage.audio.input_tokens"]),
    ("image", &["gen_ai.usage.image.input_tokens"]),
    ("audio_output", &["gen_ai.usage.audio.output_tokens"]),
    (
        "output",
        &[
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.completion_tokens",
            "ai.usage.completionTokens",
        ],
    ),
];

/// Operations that repeat what others below them used.
const PARENTS: &[&str] = &["invoke_agent", "invoke_workflow", "create_agent", "execute_tool"];

/// A span, by its trace and itself.
type SpanId = (Option<String>, String);

/// One span or log record.
struct Record {
    /// `None` for a log record, which is no part of a tree.
    id: Option<SpanId>,
    parent: Option<SpanId>,
    /// What it says of each thing, as JSON.
    known: Vec<(&'static str, String)>,
}

/// An export as `{"records": [...]}`; `None` for what is none.
fn records(export: &str) -> Option<String> {
    let export = Members::of(export)?;
    let mut found = Vec::new();
    for (key, resources) in export.0.iter().filter(|(key, _)| OUTER.contains(&key.as_str())) {
        for resource in items(Some(resources.get())) {
            resource_records(key, resource, &mut found);
        }
    }
    let above = above_usage(&found);
    let texts: Vec<String> = found.iter().map(|record| record.text(&above)).collect();
    Some(format!("{{\"records\":[{}]}}", texts.join(",")))
}

fn resource_records(key: &str, resource: &RawValue, found: &mut Vec<Record>) {
    let Some(resource) = Members::of(resource.get()) else { return };
    let about = resource.get("resource").and_then(Members::of);
    let about = about.map(|about| attributes(&about)).unwrap_or_default();
    let [scopes, leaves] = LEVELS;
    for scope in either(&resource, scopes).into_iter().filter_map(|raw| Members::of(raw.get())) {
        let records = either(&scope, leaves).into_iter();
        found.extend(records.filter_map(|raw| Record::of(key, &Members::of(raw.get())?, &about)));
    }
}

/// The items of whichever key there is, in either spelling.
fn either<'m>(members: &Members<'m>, keys: [&str; 2]) -> Vec<&'m RawValue> {
    let found = keys.iter().find_map(|key| get(members, key));
    found.and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default()
}

/// A key as `camelCase` or as `snake_case`.
fn get<'m>(members: &Members<'m>, key: &str) -> Option<&'m str> {
    let snake: String = key
        .chars()
        .flat_map(|c| {
            c.is_ascii_uppercase().then_some('_').into_iter().chain(Some(c.to_ascii_lowercase()))
        })
        .collect();
    members.get(key).or_else(|| members.get(&snake))
}

/// The attributes of a resource, span or log record, each as JSON.
fn attributes(of: &Members<'_>) -> Vec<(String, String)> {
    let attribute = |raw: &RawValue| {
        let members = Members::of(raw.get())?;
        let value = Members::of(members.get("value")?)?;
        let (_, value) = value.0.first()?;
        Some((text_of(members.get("key")?)?, value.get().to_owned()))
    };
    items(of.get("attributes")).into_iter().filter_map(attribute).collect()
}

impl Record {
    /// A span, or a log record that has usage.
    fn of(key: &str, record: &Members<'_>, about: &[(String, String)]) -> Option<Self> {
        let own = attributes(record);
        let find = |name: &&str| own.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let mut known: Vec<(&'static str, String)> = Vec::new();
        for (thing, names) in ATTRIBUTES {
            known.extend(names.iter().find_map(find).map(|value| (*thing, value.clone())));
        }
        let service = about.iter().find(|(key, _)| key == "service.name");
        known.extend(service.map(|(_, name)| ("service", name.clone())));
        let time = ["endTimeUnixNano", "startTimeUnixNano", "timeUnixNano", "observedTimeUnixNano"];
        let times = time.iter().filter_map(|name| get(record, name).and_then(seconds));
        known.extend(times.take(1).map(|time| ("time", time)));
        let is_span = key.ends_with("pans");
        let text = |name: &str| get(record, name).and_then(text_of).filter(|id| !id.is_empty());
        let trace = text("traceId");
        let span = |name: &str| text(name).map(|id| (trace.clone(), id)).filter(|_| is_span);
        let (id, parent) = (span("spanId"), span("parentSpanId"));
        let record = Self { id, parent, known };
        (is_span || record.has_usage()).then_some(record)
    }

    /// What tells it from others: the call that it tells of, else the span that it is.
    fn key(&self) -> Option<String> {
        let span = || {
            let (trace, id) = self.id.as_ref()?;
            serde_json::to_string(&format!("{}:{id}", trace.as_deref()?)).ok()
        };
        self.get("call").map(str::to_owned).or_else(span)
    }

    fn get(&self, thing: &str) -> Option<&str> {
        self.known.iter().find(|(known, _)| *known == thing).map(|(_, value)| value.as_str())
    }

    fn has_usage(&self) -> bool {
        ["input", "output"].iter().any(|thing| self.get(thing).is_some())
    }

    /// Whether it repeats what others below it used: by its name, or as those are known.
    fn repeats(&self, above: &HashSet<&SpanId>) -> bool {
        let name = |thing: &str| self.get(thing).and_then(text_of).unwrap_or_default();
        let step = name("step");
        let is_whole = !step.is_empty() && !step.contains(".do");
        PARENTS.contains(&name("operation").as_str())
            || is_whole
            || self.id.as_ref().is_some_and(|id| above.contains(id))
    }

    /// The record as a flat object.
    fn text(&self, above: &HashSet<&SpanId>) -> String {
        if self.repeats(above) {
            return r#"{"of":"children"}"#.to_owned();
        }
        let mut out = r#"{"of":"record""#.to_owned();
        for (thing, value) in &self.known {
            // Writing to a `String` does not fail.
            let _ = write!(out, ",\"{thing}\":{value}");
        }
        let key = self.key();
        let _ = key.map(|key| write!(out, ",\"key\":{key}"));
        out.push('}');
        out
    }
}

/// The spans with a span below them that has usage.
fn above_usage(all: &[Record]) -> HashSet<&SpanId> {
    let parents: HashMap<&SpanId, &SpanId> =
        all.iter().filter_map(|record| record.id.as_ref().zip(record.parent.as_ref())).collect();
    let mut above = HashSet::new();
    for record in all.iter().filter(|record| record.has_usage()) {
        let mut next = record.parent.as_ref().filter(|parent| record.id.as_ref() != Some(parent));
        // Those above one that is known are known.
        while let Some(id) = next.filter(|id| above.insert(*id)) {
            next = parents.get(id).copied();
        }
    }
    above
}

/// Whole seconds of a time in nanoseconds, a number or a text; what is none stays as it
/// is.
fn seconds(raw: &str) -> Option<String> {
    let text = raw.trim_matches('"');
    let whole = text.len().checked_sub(9).and_then(|end| text.get(..end));
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match whole.filter(|whole| digits && !whole.is_empty()) {
        Some(whole) => Some(whole.to_owned()),
        None if digits => None,
        None => Some(raw.to_owned()),
    }
}
