//! Runs the built program in a folder of its own, and reads what it answers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// Longer than any run takes, far less than a hang.
const PATIENCE: Duration = Duration::from_mins(1);

/// The environment variables that change what the program prints.
const SENSITIVE: &[&str] = &["COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "TZ"];

/// The built program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_tierwise");

/// The header of the small logs in these tests.
pub(crate) const HEADER: &str =
    "timestamp,model,service_tier,input_tokens,cached_input_tokens,output_tokens\n";

/// One row of it: 1000 in, 100 out on gpt-4.1-mini, Standard, no cache:
/// 1000 x 0.40e-6 + 100 x 1.60e-6 = 0.00056.
pub(crate) const ROW: &str = "2026-10-05T09:00:00Z,gpt-4.1-mini,standard,1000,0,100\n";

/// What [`ROW`] costs.
pub(crate) const ROW_USD: &str = "0.00056";

/// A run to be.
pub(crate) struct Run {
    folder: TempDir,
    arguments: Vec<String>,
    stdin: Vec<u8>,
    environment: Vec<(&'static str, &'static str)>,
    here: PathBuf,
}

impl Run {
    /// A run in a new, empty folder.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let here = folder.path().to_owned();
        Self { folder, arguments: Vec::new(), stdin: Vec::new(), environment: Vec::new(), here }
    }

    /// A run in the crate's own folder, where paths to samples are stable.
    pub(crate) fn in_crate() -> Self {
        Self { here: crate_folder(), ..Self::new() }
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).expect("a folder for the file");
        }
        std::fs::write(path, content).expect("a file in the temporary folder");
        self
    }

    /// Writes `log.csv`: [`HEADER`] and the given rows.
    pub(crate) fn log(self, rows: &str) -> Self {
        self.file("log.csv", format!("{HEADER}{rows}"))
    }

    /// What standard input has.
    pub(crate) fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.stdin = bytes.as_ref().to_vec();
        self
    }

    /// An environment variable.
    pub(crate) fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.environment.push((name, value));
        self
    }

    /// Adds arguments.
    pub(crate) fn args<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.arguments.extend(arguments.into_iter().map(str::to_owned));
        self
    }

    /// Adds arguments that stand in one line, with spaces between them.
    pub(crate) fn line(self, arguments: &str) -> Self {
        let words: Vec<&str> = arguments.split_whitespace().collect();
        self.args(words)
    }

    /// Where a file of this run is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the program and waits for its end.
    pub(crate) fn go(self) -> Done {
        let mut command = assert_cmd::Command::new(PROGRAM);
        command.current_dir(&self.here).args(&self.arguments).timeout(PATIENCE);
        for name in SENSITIVE {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().copied());
        let output = command.write_stdin(self.stdin.clone()).output().expect("the program runs");
        Done {
            folder: self.folder,
            arguments: self.arguments,
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }

    /// Runs it with `--format json`; the report.
    pub(crate) fn report(self) -> Report {
        let done = self.args(["--format", "json"]).go();
        assert_eq!(done.code, Some(0), "{done}");
        done.json()
    }
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Done {
    folder: TempDir,
    arguments: Vec<String>,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl std::fmt::Display for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "`tierwise {}` ended with {:?}\n{}\n{}",
            self.arguments.join(" "),
            self.code,
            self.stderr,
            self.stdout
        )
    }
}

impl Done {
    /// What it wrote to standard output, as JSON.
    pub(crate) fn json(&self) -> Report {
        let value = serde_json::from_str(&self.stdout);
        Report(value.unwrap_or_else(|error| {
            assert!(self.stdout.is_empty(), "{error}: {self}");
            Value::Null
        }))
    }

    /// The text of a file of this run, if it is there.
    pub(crate) fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.path(name)).ok()
    }

    /// Where a file of this run is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The names of the files in the run's folder, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).expect("the run's folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Fails unless it ended with `code`, printed nothing, and said all of
    /// `words` on standard error.
    pub(crate) fn assert_fails(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self}");
        assert_eq!(self.stdout, "", "a failed run prints no report");
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is not in the message of {self}");
        }
        assert!(!self.stderr.contains("panicked"), "{self}");
    }
}

/// A JSON report or estimate.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Report(pub(crate) Value);

impl Report {
    /// The total of a tier with a caching assumption.
    pub(crate) fn total(&self, tier: &str, caching: &str) -> &str {
        total(&self.0, tier, caching)
    }

    /// The total as recorded.
    pub(crate) fn recorded(&self) -> &str {
        self.total("recorded", "recorded")
    }

    /// A whole scenario.
    pub(crate) fn scenario(&self, tier: &str, caching: &str) -> &Value {
        scenario(&self.0, tier, caching)
    }

    /// A class of rows: `priced`, `rejected`, …
    pub(crate) fn rows(&self, class: &str) -> u64 {
        self.0["rows"][class].as_u64().expect("a class of rows")
    }

    /// The messages of a code, in notes and findings.
    pub(crate) fn notes(&self, code: &str) -> Vec<&str> {
        let lists = [&self.0["notes"], &self.0["findings"]];
        let all = lists.into_iter().filter_map(Value::as_array).flatten();
        all.filter(|note| note["code"] == code)
            .map(|note| note["message"].as_str().expect("a message"))
            .collect()
    }

    /// The groups, as `VALUE VALUE: COST` with the values of the named
    /// dimensions (`-` for none) and the cost as recorded.
    pub(crate) fn groups(&self, by: &[&str]) -> Vec<String> {
        let groups = self.0["groups"].as_array().expect("groups");
        let one = |group: &Value| {
            let values: Vec<_> = by.iter().map(|name| key_value(&group["key"], name)).collect();
            format!("{}: {}", values.join(" "), total(group, "recorded", "recorded"))
        };
        groups.iter().map(one).collect()
    }

    /// The rejected records as `(line, field, reason)`.
    pub(crate) fn rejects(&self) -> Vec<(u64, &str, &str)> {
        let all = self.0["rejects"].as_array().expect("rejects").iter();
        all.map(|reject| {
            let text = |name: &str| reject[name].as_str().expect("text");
            (reject["line"].as_u64().expect("a line"), text("field"), text("reason"))
        })
        .collect()
    }

    /// The formats of the inputs, in their order; `-` for an empty one.
    pub(crate) fn formats(&self) -> Vec<&str> {
        let inputs = self.0["inputs"].as_array().expect("inputs").iter();
        inputs.map(|input| input["format"].as_str().unwrap_or("-")).collect()
    }
}

/// A value of a group's key, in either of the shapes `{"by": "value"}` and
/// `[["by", "value"]]` (which of them is right is one test's business).
fn key_value<'v>(key: &'v Value, name: &str) -> &'v str {
    let pair = key.as_array().and_then(|pairs| pairs.iter().find(|pair| pair[0] == name));
    pair.map_or(&key[name], |pair| &pair[1]).as_str().unwrap_or("-")
}

fn scenario<'v>(value: &'v Value, tier: &str, caching: &str) -> &'v Value {
    let scenarios = value["scenarios"].as_array().expect("scenarios");
    scenarios.iter().find(|s| s["tier"] == tier && s["caching"] == caching).unwrap_or(&Value::Null)
}

fn total<'v>(value: &'v Value, tier: &str, caching: &str) -> &'v str {
    let scenario = scenario(value, tier, caching);
    scenario["total_usd"].as_str().or_else(|| scenario["reason"].as_str()).unwrap_or("nothing")
}

/// The crate's own folder.
pub(crate) fn crate_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
