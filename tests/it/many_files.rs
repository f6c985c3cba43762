//! Small files, which are read whole, each by one thread.

use crate::run::Run;

/// Files of a folder, the third of which begins a quote that is never closed.
fn with_a_bad_one() -> Run {
    let header = "model,input_tokens,output_tokens,note";
    let good = format!("{header}\n{}\n", ["gpt-4.1-mini,1000,100,"; 30].join("\n"));
    let bad = format!("{header}\ngpt-4o,1,1,\ngpt-4o,1,1,\ngpt-4o,1,1,\"open\n");
    Run::new()
        .file("logs/a.csv", &good)
        .file("logs/b.csv", &good)
        .file("logs/c.csv", &bad)
        .file("logs/d.csv", "no,log\n1,2\n")
        .file("logs/e.csv", &good)
}

#[test]
fn the_first_file_that_fails_is_told_with_its_line() {
    for options in ["--threads 1", "--threads 4", "--threads 4 --chunk-size 40"] {
        let done = with_a_bad_one().line("report logs").line(options).go();
        done.assert_fails(1, &["logs/c.csv:4: a quote opens here"]);
    }
}

#[test]
fn rejects_of_small_files_have_their_lines_in_order() {
    let text =
        "model,input_tokens\ngpt-4o,1\ngpt-4o,many\ngpt-4o,1\ngpt-4o,1\ngpt-4o,1\ngpt-4o,x\n";
    let run = |options: &str| {
        let run = Run::new().file("logs/a.csv", text).file("logs/b.csv", text);
        let run = run.line("report logs --format json --rejects rejects.csv").line(options);
        let done = run.go();
        (done.stdout.clone(), done.read("rejects.csv").expect("a file"))
    };
    let (report, rejects) = run("--threads 3");
    let place = |line: &str| line.split(',').take(2).collect::<Vec<_>>().join(":");
    let places: Vec<String> = rejects.lines().map(place).collect();
    let expected = ["path:line", "logs/a.csv:3", "logs/a.csv:7", "logs/b.csv:3", "logs/b.csv:7"];
    assert_eq!(places, expected);
    for options in ["--threads 1", "--threads 3 --chunk-size 20"] {
        assert_eq!(run(options), (report.clone(), rejects.clone()), "{options}");
    }
}

#[test]
fn a_file_that_begins_as_the_one_before_is_still_looked_at() {
    let first = "model,input_tokens\ngpt-4o,1000\n";
    // Another header that begins alike, other line ends, a blank line before, none after.
    let others = [
        "model,input_tokens,project\ngpt-4o,1000,a\n",
        "model,input_tokens\r\ngpt-4o,1000\r\n",
        "\nmodel,input_tokens\ngpt-4o,1000\n",
        "model,input_tokens\ngpt-4o,1000",
        "model;input_tokens\ngpt-4o;1000\n",
        "model,input_tokens\n",
    ];
    let run = || Run::new().file("logs/a.csv", first).file("logs/c.csv", first);
    for other in others {
        let one = Run::new().file("log.csv", other).line("report log.csv --by project").report();
        let run = run().file("logs/b.csv", other);
        let all = run.line("report logs --by project --threads 1").report();
        assert_eq!(all.rows("priced"), one.rows("priced") + 2, "{other}");
        assert_eq!(all.groups(&["project"]).len(), 1 + usize::from(other.contains("project")));
    }
    let torn = run().file("logs/b.csv", "model,input_tokens\ngpt-4o,10\0\n");
    torn.line("report logs --threads 1").go().assert_fails(1, &["logs/b.csv: not text"]);
    let open = run().file("logs/b.csv", "model,input_tokens\n\"gpt-4o,10\n");
    open.line("report logs --threads 1")
        .go()
        .assert_fails(1, &["logs/b.csv:2: a quote opens here"]);
}
