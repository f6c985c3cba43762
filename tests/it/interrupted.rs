//! Outputs that are cut off: by a full disk, or because the run is killed. What was there
//! before stays, and no half of a file is left under its name.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::run::{HEADER, PROGRAM};

const BEFORE: &str = "what was there before\n";

/// Every command that writes a file, with the file's name last.
const OUTPUTS: [&str; 10] = [
    "report log.csv --by user --format json -o out",
    "report log.csv --by user --format csv -o out",
    "report log.csv --by user --format markdown -o out",
    "report log.csv --by user --format html -o out",
    "report log.csv --by user --format parquet -o out",
    "report log.csv --html out",
    "report log.csv --rejects out",
    "price log.csv -o out.csv",
    "ledger log.csv --by user -o out.parquet",
    "focus log.csv --sub-account user -o out",
];

/// A folder with a log of some hundred users and as many rejects, and older outputs.
fn scene() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let rows = (0..1_000).map(|user| {
        let start = format!("2026-10-{:02}T10:00:00Z,gpt-4.1-mini,default", user % 28 + 1);
        format!("{start},{user},0,{user},u{user}\n{start},-1,0,1,u{user}\n")
    });
    let log = format!("{},user\n{}", HEADER.trim_end(), rows.collect::<String>());
    fs::write(folder.path().join("log.csv"), log).expect("a log");
    for name in ["out", "out.csv", "out.parquet"] {
        fs::write(folder.path().join(name), BEFORE).expect("a file");
    }
    folder
}

fn output_of(folder: &Path, arguments: &str) -> PathBuf {
    folder.join(arguments.rsplit(' ').next().expect("a file"))
}

#[test]
fn a_full_disk_is_a_clear_error_and_the_old_file_survives() {
    for arguments in OUTPUTS {
        let folder = scene();
        // A limit on the size of files fails writes as a full disk does.
        let mut command = Command::new("sh");
        command.arg("-c").arg("trap '' XFSZ; ulimit -f 1; exec \"$@\"").arg("sh").arg(PROGRAM);
        let output = command.current_dir(folder.path()).args(arguments.split(' ')).output();
        let output = output.expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments}: {said}");
        let name = output_of(folder.path(), arguments);
        let shown = name.file_name().expect("a name").to_string_lossy();
        assert!(
            said.contains(&format!("{shown}: ")) && said.contains("too large"),
            "{arguments}: {said}"
        );
        assert_eq!(fs::read_to_string(&name).expect("a file"), BEFORE, "{arguments}");
        let left: Vec<_> = fs::read_dir(folder.path())
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name())
            .filter(|name| name.to_string_lossy().starts_with('.'))
            .collect();
        assert!(left.is_empty(), "{arguments}: {left:?}");
    }
}

#[test]
fn a_device_without_space_is_named() {
    let folder = scene();
    for arguments in ["report log.csv -o /dev/full", "price log.csv --format csv -o /dev/full"] {
        let mut command = Command::new(PROGRAM);
        let output = command.current_dir(folder.path()).args(arguments.split(' ')).output();
        let output = output.expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments}: {said}");
        assert!(said.contains("/dev/full: ") && said.contains("No space left"), "{said}");
    }
}

#[test]
fn a_run_that_is_killed_leaves_the_old_file_or_the_whole_new_one() {
    for arguments in OUTPUTS {
        let folder = scene();
        let name = output_of(folder.path(), arguments);
        let mut command = Command::new(PROGRAM);
        command.current_dir(folder.path()).args(arguments.split(' '));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        command.status().expect("the program runs");
        let (took, whole) = (start.elapsed(), fs::read(&name).expect("a file"));
        assert_ne!(whole, BEFORE.as_bytes(), "{arguments}");
        for step in 1..=8_u32 {
            fs::write(&name, BEFORE).expect("a file");
            let mut child = command.spawn().expect("the program runs");
            std::thread::sleep(took * step / 8 + Duration::from_micros(1));
            let killed = child.kill();
            child.wait().expect("its end");
            killed.expect("it was ours");
            let left = fs::read(&name).expect("a file");
            let is_whole = left == BEFORE.as_bytes() || left == whole;
            assert!(is_whole, "{arguments} after {step}/8 of {took:?}: {} bytes", left.len());
        }
    }
}
