//! A mapping file for a log that is not known, guessed from the names of its fields.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::value::RawValue;

use super::detect::sample_of;

/// How deep objects are looked into.
const MAX_DEPTH: usize = 5;

/// Names that mean something, the surest first, as they are without their signs.
const GUESSES: &[(&str, &[&str])] = &[
    (
        "timestamp",
        &[
            "timestamp",
            "createdat",
            "starttime",
            "requesttime",
            "time",
            "created",
            "ts",
            "date",
            "datetime",
            "startedat",
            "day",
            "when",
            "at",
        ],
    ),
    ("end_time", &["endtime", "endedat", "completedat"]),
    ("provider", &["provider", "providername", "vendor", "llmprovider"]),
    (
        "model",
        &["model", "modelname", "modelid", "llmmodel", "modelversion", "engine", "deployment"],
    ),
    ("service_tier", &["servicetier", "servedtier", "tier"]),
    ("requested_tier", &["requestedtier", "requestedservicetier"]),
    ("batch", &["batch", "isbatch"]),
    ("requests", &["requests", "numrequests", "nummodelrequests", "requestcount", "calls"]),
    ("region", &["region", "location"]),
    ("project", &["project", "projectid", "projectname", "team", "teamid", "app", "application"]),
    ("user", &["user", "userid", "username", "useremail", "enduser"]),
    ("api_key", &["apikey", "apikeyid", "keyid", "keyname"]),
    ("billed_cost", &["billedcost", "cost", "costusd", "totalcost", "spend", "amount", "price"]),
    ("key", &["requestid", "id", "uuid", "responseid", "generationid", "callid"]),
    (
        "input",
        &[
            "inputtokens",
            "prompttokens",
            "tokensin",
            "tokensprompt",
            "inputtokencount",
            "prompttokencount",
            "ntokensin",
            "promptlength",
            "input",
            "prompt",
            "in",
        ],
    ),
    (
        "cached",
        &[
            "cachedtokens",
            "cachedinputtokens",
            "cachereadtokens",
            "cachereadinputtokens",
            "inputcachedtokens",
            "cached",
            "cacheread",
            "promptcachereadtokens",
        ],
    ),
    (
        "cache_write",
        &["cachewritetokens", "cachecreationinputtokens", "cachecreationtokens", "cachewrite"],
    ),
    (
        "output",
        &[
            "outputtokens",
            "completiontokens",
            "tokensout",
            "tokenscompletion",
            "outputtokencount",
            "completiontokencount",
            "candidatestokencount",
            "ntokensout",
            "output",
            "completion",
            "out",
        ],
    ),
    ("image_input", &["imageinputtokens", "inputimagetokens", "imagetokens"]),
    ("audio_input", &["audioinputtokens", "inputaudiotokens"]),
    ("audio_output", &["audiooutputtokens", "outputaudiotokens"]),
    ("web_search", &["websearchcalls", "websearches", "websearchrequests"]),
];

/// What a mapping file for a log would be, as TOML to be checked; `None` where the log
/// has no fields. `head` is its beginning.
pub fn suggest_mapping(path: &str, head: &[u8]) -> Option<String> {
    let (fields, json) = match sample_of(head) {
        Ok(samples) => (paths_of(&samples), true),
        Err(header) => (header, false),
    };
    if fields.is_empty() {
        return None;
    }
    let (found, rest) = guessed(fields);
    Some(text(path, &found, &rest, json))
}

/// The paths of all values in some records.
fn paths_of(samples: &[String]) -> Vec<String> {
    let mut paths = Vec::new();
    for sample in samples {
        add_paths("", sample, MAX_DEPTH, &mut paths);
    }
    paths
}

fn add_paths(above: &str, raw: &str, depth: usize, paths: &mut Vec<String>) {
    let members: Result<BTreeMap<String, &RawValue>, _> = serde_json::from_str(raw);
    for (key, value) in members.unwrap_or_default() {
        let path = if above.is_empty() { key } else { format!("{above}.{key}") };
        let inner = value.get().starts_with('{');
        if let Some(deeper) = depth.checked_sub(1).filter(|_| inner) {
            add_paths(&path, value.get(), deeper, paths);
        } else if !paths.contains(&path) {
            paths.push(path);
        }
    }
}

/// What each field seems to mean; and those that mean nothing known.
fn guessed(mut fields: Vec<String>) -> (Vec<(&'static str, String)>, Vec<String>) {
    let mut found = Vec::new();
    for (meaning, names) in GUESSES {
        let place = names.iter().find_map(|name| fields.iter().position(|f| is_named(f, name)));
        if let Some(place) = place {
            found.push((*meaning, fields.remove(place)));
        }
    }
    (found, fields)
}

/// Whether a field has a name, whatever its signs and wherever it stands.
fn is_named(field: &str, name: &str) -> bool {
    let last = field.rsplit('.').next().unwrap_or_default();
    let letters = last.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).eq(name.chars())
}

fn text(path: &str, found: &[(&str, String)], rest: &[String], json: bool) -> String {
    let mut out = String::new();
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let has = |wanted: &str| found.iter().any(|(meaning, _)| *meaning == wanted);
    // Writing to a `String` does not fail.
    let _ = writeln!(
        out,
        "# A mapping for {path}, guessed from its field names. Check every line, then:\n\
         #   tierwise report {path} --map-file mapping.toml\n\
         records = \"request\"   # or \"sum\", where a record sums up a period\n\
         cached = \"inside\"     # or \"beside\", where the input leaves cached tokens out\n\
         counts = \"ones\"       # or \"thousands\"\n\
         money = \"usd\"         # or \"cents\"\n\
         days = \"none\"         # or \"month-first\", \"day-first\", where days have slashes\n\
         zone = \"UTC\"          # of times that name none"
    );
    if !has("provider") {
        let _ =
            writeln!(out, "provider = \"\"         # such as \"openai\", where it is one alone");
    }
    let _ = writeln!(out, "\n[fields]");
    for (meaning, field) in found {
        // Wrong, this one would leave rows out.
        let (sign, hint) = match *meaning {
            "key" => ("# ", "   # if records with one value are one record"),
            _ => ("", ""),
        };
        let _ = writeln!(out, "{sign}{meaning} = {}{hint}", quoted(field));
    }
    for missing in ["model", "input", "output"].into_iter().filter(|meaning| !has(meaning)) {
        let _ = writeln!(out, "# {missing} = \"…\"   # no field looks like it");
    }
    let kind = if json { "paths" } else { "columns" };
    for name in rest.iter().take(40) {
        let _ = writeln!(out, "# of the {kind} not used: {}", quoted(name));
    }
    out
}
