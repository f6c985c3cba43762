//! Runs that fail: no output is written, and none that was there is touched.
//!
//! A worker that panics cannot be had from outside: the library offers no row,
//! setting or seam that makes one panic, so `PipelineError::Worker` and
//! `PipelineError::Chunks` are checked here for their exit code alone.
#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use tierwise::pipeline::PipelineError;

const GOOD: &str = "model,input_tokens,output_tokens\ngpt-4.1-mini,1000,100\n";
const BEFORE: &str = "what was there before\n";

/// A folder with a good log, a bad one, and a report of an earlier run.
struct Scene {
    folder: TempDir,
}

impl Scene {
    fn new(bad: &[u8]) -> Self {
        let scene = Self { folder: TempDir::new().expect("a folder") };
        fs::write(scene.path("good.csv"), GOOD).expect("a file");
        fs::write(scene.path("bad.csv"), bad).expect("a file");
        for output in ["report.json", "rejects.csv"] {
            fs::write(scene.path(output), BEFORE).expect("a file");
        }
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn report(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tierwise"));
        command.current_dir(self.folder.path()).arg("report").args(arguments);
        let outputs = ["--format", "json", "-o", "report.json", "--rejects", "rejects.csv"];
        command.args(outputs).output().expect("the program runs")
    }

    /// The names of all files, sorted.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder");
        let names = entries.map(|entry| entry.expect("a file").file_name());
        let mut names: Vec<String> =
            names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a file")
}

fn assert_untouched(scene: &Scene, output: &Output, exit: i32) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{said}");
    assert!(output.stdout.is_empty(), "nothing goes to standard output");
    assert!(said.starts_with("tierwise: "), "{said}");
    for name in ["report.json", "rejects.csv"] {
        assert_eq!(read(&scene.path(name)), BEFORE, "{name} after: {said}");
    }
    let names = ["bad.csv", "good.csv", "rejects.csv", "report.json"];
    assert_eq!(scene.files(), names, "nothing is left behind");
}

#[test]
fn a_run_that_fails_writes_no_output_and_touches_none() {
    for bad in [
        &b"model,input_tokens\ngpt-4o,-1\n\"gpt-4o,1\n"[..],
        b"colour,shape\nred,round\n",
        b"model,model,input_tokens\na,b,1\n",
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1],
        b"{\"model\":\"gpt-4o\",\n\"input_tokens\":1",
    ] {
        let scene = Scene::new(bad);
        assert_untouched(&scene, &scene.report(&["good.csv", "bad.csv"]), 1);
    }
}

#[test]
fn a_log_that_is_missing_or_an_option_that_is_wrong_touches_nothing() {
    let scene = Scene::new(b"");
    assert_untouched(&scene, &scene.report(&["good.csv", "missing.csv"]), 1);
    assert_untouched(
        &scene,
        &scene.report(&["good.csv", "--from", "2026-10-02", "--to", "2026-10-01"]),
        2,
    );
}

#[test]
fn an_amount_out_of_range_touches_no_report() {
    let most = "170141183460469231730";
    let bad = format!("model,input_tokens,billed_cost\ngpt-4o,1,{most}\ngpt-4o,1,{most}\n");
    let scene = Scene::new(bad.as_bytes());
    let output = scene.report(&["good.csv", "bad.csv"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(read(&scene.path("report.json")), BEFORE);
}

#[test]
fn a_run_whose_gate_trips_still_writes_its_report() {
    let scene = Scene::new(b"model,input_tokens\nunheard-of,1\n");
    let output = scene.report(&["good.csv", "bad.csv", "--max-unpriced", "0.1%"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(read(&scene.path("report.json")).starts_with('{'));
    assert!(read(&scene.path("rejects.csv")).starts_with("path,line"));
}

#[test]
fn an_output_is_never_one_of_the_inputs() {
    let scene = Scene::new(GOOD.as_bytes());
    let output = scene.report(&["good.csv", "report.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(read(&scene.path("report.json")), BEFORE);
}

#[test]
fn a_worker_that_fails_and_chunks_that_are_missing_are_internal() {
    let path = || "log.csv".to_owned();
    assert!(PipelineError::Worker { path: path(), chunk: 3 }.is_internal());
    assert!(PipelineError::Chunks { path: path(), read: 4, merged: 3 }.is_internal());
    let refused = PipelineError::Refused { path: path(), line: 1, message: "no" };
    assert!(!refused.is_internal());
}
