//! The shape of the source tree: which room may know which, and how long files
//! may be.
#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, and those that each may import from.
const ROOMS: [(&str, &[&str]); 13] = [
    ("blocks", &[]),
    ("money", &[]),
    ("usage", &["money"]),
    ("rates", &["money", "usage", "blocks"]),
    ("frame", &["money", "usage", "blocks"]),
    ("input", &["money", "usage", "rates", "frame", "blocks"]),
    ("formats", &["money", "usage", "rates", "frame", "blocks", "input"]),
    ("ledger", &["money", "usage", "rates", "frame", "input", "formats"]),
    ("scenario", &["money", "usage", "rates", "frame", "input", "formats", "ledger"]),
    ("report", &["money", "usage", "rates", "frame", "input", "formats", "ledger", "scenario"]),
    (
        "pipeline",
        &[
            "money", "usage", "rates", "frame", "blocks", "input", "formats", "ledger", "scenario",
            "report",
        ],
    ),
    (
        "cli",
        &[
            "money", "usage", "rates", "frame", "input", "formats", "ledger", "scenario", "report",
            "pipeline",
        ],
    ),
    ("main", &["cli"]),
];

/// Formats that take a field table from another one: a line of Batch output
/// holds a response, and the dashboard exports what the usage API gives.
const SHARED_TABLES: &[(&str, &str)] = &[
    ("openai_batch_output", "openai_response_log"),
    ("openai_dashboard_usage", "openai_usage_api"),
    ("claude_code", "anthropic_messages"),
];

/// Rooms that no other may hide in.
const NAMELESS: &[&str] = &["utils", "util", "common", "helpers", "helper", "misc"];

const MOST_LINES: usize = 400;

/// A source file: its path below the project, and its text.
struct SourceFile {
    path: String,
    text: String,
}

fn files_of(folder: &str) -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    walk(&root.join(folder), &mut paths);
    paths.sort();
    let file = |path: PathBuf| SourceFile {
        path: path.strip_prefix(root).expect("below the root").display().to_string(),
        text: fs::read_to_string(path).expect("text"),
    };
    paths.into_iter().map(file).collect()
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

impl SourceFile {
    /// The room of `src/room.rs` and `src/room/file.rs`.
    fn room(&self) -> &str {
        let below = self.path.strip_prefix("src/").unwrap_or_default();
        below.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    fn stem(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// Code without comments.
    fn code(&self) -> String {
        let lines = self.text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// What follows each `prefix` in the code: the names of a path or of a
    /// group `{a, b::c}`.
    fn names_after(&self, prefix: &str) -> BTreeSet<String> {
        let code = self.code();
        let mut names = BTreeSet::new();
        for (at, _) in code.match_indices(prefix) {
            let rest = code.get(at + prefix.len()..).unwrap_or_default();
            match rest.strip_prefix('{') {
                Some(group) => names.extend(group_heads(group)),
                None => names.extend(head(rest)),
            }
        }
        names
    }
}

/// The first name of a path.
fn head(path: &str) -> Option<String> {
    let name: String =
        path.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    Some(name).filter(|name| !name.is_empty())
}

/// The first names of the paths of a group, up to its closing brace.
fn group_heads(group: &str) -> Vec<String> {
    let mut depth = 0_i32;
    let mut parts = vec![String::new()];
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => parts.push(String::new()),
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                parts.last_mut().expect("a part").push(c);
            }
        }
    }
    parts.iter().filter_map(|part| head(part)).collect()
}

fn allowed(room: &str) -> Option<&'static [&'static str]> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed)
}

#[test]
fn imports_run_one_way() {
    for file in files_of("src").iter().filter(|file| !["lib", "main"].contains(&file.room())) {
        let allowed =
            allowed(file.room()).unwrap_or_else(|| unreachable!("{} is in no room", file.path));
        for name in file.names_after("crate::") {
            let fits = name == file.room() || allowed.contains(&name.as_str());
            assert!(fits, "{} knows `{name}`, which is not to its left", file.path);
        }
    }
}

#[test]
fn main_knows_the_command_line_alone() {
    let main = files_of("src").into_iter().find(|file| file.path == "src/main.rs").expect("main");
    assert_eq!(main.names_after("tierwise::"), BTreeSet::from(["cli".to_owned()]));
}

#[test]
fn relative_imports_stay_in_their_room() {
    for file in files_of("src") {
        // `super` in a file is its folder; in a `mod.rs` the folder above.
        let folders = file.path.matches('/').count();
        let ups_within = folders.saturating_sub(if file.stem() == "mod" { 2 } else { 1 });
        // Indented ones are in test modules, one level further in.
        let imports = file.text.lines().filter(|line| line.starts_with("use super::"));
        for line in imports {
            assert!(line.matches("super::").count() <= ups_within, "{}: {line}", file.path);
        }
    }
}

#[test]
fn formats_named_after_logs_do_not_import_each_other() {
    let files = files_of("src/formats/logs");
    let logs: Vec<&SourceFile> = files.iter().filter(|file| file.stem() != "mod").collect();
    assert!(logs.len() >= 20, "the formats are elsewhere");
    for file in &logs {
        let paths = ["super::", "crate::formats::"];
        let known: BTreeSet<String> =
            paths.iter().flat_map(|path| file.names_after(path)).collect();
        for other in logs.iter().filter(|other| known.contains(other.stem())) {
            let pair = (file.stem(), other.stem());
            assert!(SHARED_TABLES.contains(&pair), "{pair:?} is not an agreed pair");
        }
    }
}

#[test]
fn every_file_of_formats_is_declared() {
    for folder in ["src/formats", "src/formats/logs"] {
        let (files, root) = (files_of(folder), format!("{folder}/mod.rs"));
        let levels = root.matches('/').count();
        let is_root = |file: &&SourceFile| file.path == root;
        let is_beside =
            |file: &&SourceFile| file.path.matches('/').count() == levels && !is_root(file);
        let root = files.iter().find(is_root).expect("a mod.rs");
        for file in files.iter().filter(is_beside) {
            let declaration = format!("mod {};", file.stem());
            assert!(root.text.lines().any(|line| line.ends_with(&declaration)), "{}", file.path);
        }
    }
}

#[test]
fn only_the_pipeline_knows_threads() {
    for file in files_of("src").iter().filter(|file| file.room() != "pipeline") {
        for word in ["rayon::", "std::thread::{", "thread::spawn", "use std::sync::mpsc"] {
            assert!(!file.code().contains(word), "{}: {word}", file.path);
        }
    }
}

#[test]
fn only_the_frame_knows_polars() {
    for file in files_of("src").iter().filter(|file| file.room() != "frame") {
        assert!(!file.code().contains("polars"), "{}", file.path);
    }
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = ["src", "tests", "benches"]
        .into_iter()
        .flat_map(files_of)
        .map(|file| (file.text.lines().count(), file.path))
        .filter(|(lines, _)| *lines > MOST_LINES)
        .map(|(lines, path)| format!("{path}: {lines}"))
        .collect();
    assert!(long.is_empty(), "over {MOST_LINES} lines: {long:?}");
}

#[test]
fn modules_have_names_of_their_own() {
    for file in ["src", "tests"].into_iter().flat_map(files_of) {
        let parts = file.path.trim_end_matches(".rs").split('/');
        for part in parts {
            assert!(!NAMELESS.contains(&part), "{}", file.path);
        }
    }
}

#[test]
fn every_file_says_what_it_owns() {
    for file in ["src", "tests", "benches"].into_iter().flat_map(files_of) {
        let documented = file.text.starts_with("//!") || file.path == "src/main.rs";
        assert!(documented, "{} does not begin with //!", file.path);
    }
}

#[test]
fn nothing_is_left_unfinished() {
    // Written apart, so that this file passes its own test.
    let words =
        [["todo", "!("], ["dbg", "!("], ["unimplemented", "!("], ["FIX", "ME"], ["TO", "DO"]];
    for file in ["src", "tests", "benches"].into_iter().flat_map(files_of) {
        for word in words.map(|parts| parts.concat()) {
            assert!(!file.text.contains(&word), "{}: {word}", file.path);
        }
    }
}
