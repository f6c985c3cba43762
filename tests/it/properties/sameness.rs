//! The report is the same bytes whatever the threads, the chunks and the order
//! of the inputs.

use std::path::PathBuf;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tierwise::report::Report;
use tierwise::scenario::Uncovered;

use super::generator::{log, log_of_few_sorts};
use super::harness::{Folder, Run, faces, substance};
use super::render::{COLUMNS, csv, jsonl};

/// Pieces that a delimited file can be made of, quotes and ends of lines most
/// of all.
const PIECES: &[&str] = &[
    "\"",
    "\"\"",
    ",",
    "\n",
    " ",
    "gpt-4.1",
    "7",
    "-1",
    "x",
    "Total",
    "é",
    "\"gpt-4o\",5,6\n",
    "gpt-5,10,2\n",
    "model,input_tokens,note\n",
    "gpt-4o,7,\"a\nb\"\n",
    "\r\n",
    "\r",
    "\n\n",
];

fn run(threads: usize, chunk_size: usize) -> Run {
    Run { threads, chunk_size, ..Run::by(&["project", "day"]) }
}

/// Both faces of the report, or the message in its place.
fn outcome(run: &Run, paths: &[PathBuf]) -> Result<(String, String), String> {
    run.of(paths).map(|report| faces(&report))
}

fn assert_same(paths: &[PathBuf], sizes: &[usize]) -> Result<(), TestCaseError> {
    let expected = outcome(&run(1, 1 << 20), paths);
    for threads in 1..=4 {
        for size in sizes {
            let found = outcome(&run(threads, *size), paths);
            prop_assert_eq!(&found, &expected, "{} threads, chunks of {}", threads, size);
        }
    }
    Ok(())
}

/// A log's own columns in another order.
fn columns() -> impl Strategy<Value = Vec<&'static str>> {
    Just(COLUMNS.to_vec()).prop_shuffle()
}

proptest! {
    #![proptest_config(super::config(12))]

    #[test]
    fn threads_and_chunks_change_no_byte(log in log(8), size in 2_usize..400) {
        let folder = Folder::new();
        let csv = folder.file("a.csv", csv(&log, &COLUMNS, false).as_bytes());
        let jsonl = folder.file("b.jsonl", jsonl(&log).as_bytes());
        let paths: Vec<PathBuf> = std::iter::once(csv).chain((!log.is_empty()).then_some(jsonl)).collect();
        assert_same(&paths, &[1, size])?;
    }

    #[test]
    fn the_order_of_the_arguments_changes_no_byte(
        logs in vec(log(8), 2..5),
        order in any::<u64>(),
    ) {
        let folder = Folder::new();
        let mut paths = Vec::new();
        for (at, log) in logs.iter().enumerate() {
            paths.push(folder.file(&format!("{at}.csv"), csv(log, &COLUMNS, at % 2 == 0).as_bytes()));
        }
        let run = run(2, 300);
        let expected = outcome(&run, &paths);
        prop_assert!(expected.is_ok(), "{expected:?}");
        let turn = usize::try_from(order % 5).expect("small") % paths.len();
        paths.rotate_left(turn);
        paths.reverse();
        prop_assert_eq!(outcome(&run, &paths), expected);
    }

    #[test]
    fn the_order_of_the_columns_changes_no_byte(log in log(8), columns in columns()) {
        // Notes name the file, which is the same for both.
        let folder = Folder::new();
        let outcome = |columns: &[&str]| {
            let path = folder.file("log", csv(&log, columns, true).as_bytes());
            let report = Run::by(&["team", "model"]).of(&[path])?;
            let mut substance = substance(&report);
            substance.as_object_mut().expect("an object").remove("rejects");
            Ok(substance)
        };
        let expected: Result<_, String> = outcome(&COLUMNS);
        let found = outcome(&columns);
        // Which of two bad fields is named depends on their order; the rows do not.
        prop_assert_eq!(found, expected);
    }
}

proptest! {
    #![proptest_config(super::config(120))]

    #[test]
    fn rows_that_are_summed_together_say_what_they_say_apart(
        log in log_of_few_sorts(24),
        (leaves_out, published_only) in any::<(bool, bool)>(),
        only in proptest::option::of(select(vec![("tier", "flex"), ("project", "naïve ☃"), ("user", "")])),
        (threads, sorts_apart) in (1_usize..3, 0_usize..6),
    ) {
        let folder = Folder::new();
        let path = folder.file("log.csv", csv(&log, &COLUMNS, false).as_bytes());
        let uncovered = if leaves_out { Uncovered::Exclude } else { Uncovered::Standard };
        let outcome = |together| {
            let run = Run {
                only: only.map(|(field, value)| (field, value.to_owned())),
                uncovered,
                published_only,
                together,
                sorts_apart,
                shows_published: !published_only,
                ..run(threads, 900)
            };
            outcome(&run, std::slice::from_ref(&path))
        };
        prop_assert_eq!(outcome(true), outcome(false));
    }
}

/// Counts of the last columns of a row, most often nothing.
fn rare_counts() -> impl Strategy<Value = [&'static str; 3]> {
    let odd = select(vec!["7", "", "123456789", "\"0\"", "00", "x", "-1", "0 "]);
    let count = prop_oneof![30 => Just("0"), 1 => odd];
    [count.clone(), count.clone(), count]
}

proptest! {
    #![proptest_config(super::config(24))]

    #[test]
    fn counts_that_are_mostly_nothing_are_read_as_they_stand(
        rows in vec(rare_counts(), 200..500),
        delimiter in select(vec![",", ";", "\t"]),
        end in select(vec!["\n", "\r\n"]),
    ) {
        let header = ["model", "input_tokens", "image_input_tokens", "web_search_calls", "file_search_calls"];
        let mut text = header.join(delimiter) + end;
        for (at, row) in rows.iter().enumerate() {
            // What comes first is all nothing.
            let own = if at < 128 { ["0"; 3] } else { *row };
            text += &[&["gpt-4o", "50"][..], &own].concat().join(delimiter);
            text += end;
        }
        let folder = Folder::new();
        let paths = [folder.file("log.csv", text.as_bytes())];
        let of = |chunk_size| Run { chunk_size, ..Run::by(&["model"]) }.of(&paths);
        let [whole, cut] = [1 << 20, 1].map(|size| of(size).map(|report| substance(&report)));
        prop_assert_eq!(whole, cut);
    }
}

/// Both reports of a text: whole, and in chunks of `size` bytes.
fn whole_and_cut<T>(
    text: &str,
    size: usize,
    face: impl Fn(&Report) -> T,
) -> [Result<T, String>; 2] {
    let folder = Folder::new();
    let paths = [folder.file("log", text.as_bytes())];
    let by = Run::by(&["note"]);
    let cut = Run { threads: 2, chunk_size: size, ..by.clone() };
    [by, cut].map(|run| run.of(&paths).map(|report| face(&report)))
}

fn assert_same_bytes(text: &str, size: usize) -> Result<(), TestCaseError> {
    let [whole, cut] = whole_and_cut(text, size, faces);
    prop_assert!(cut == whole, "{text:?} in chunks of {size}");
    Ok(())
}

proptest! {
    #![proptest_config(super::config(160))]

    #[test]
    fn chunks_change_nothing_in_files_of_any_shape(
        mark in select(vec!["", "\u{feff}"]),
        pieces in vec(select(PIECES), 0..14),
        size in 1_usize..24,
    ) {
        let text = format!("{mark}model,input_tokens,note\n{}", pieces.concat());
        let [whole, cut] = whole_and_cut(&text, size, substance);
        prop_assert_eq!(cut, whole, "{:?} in chunks of {}", text, size);
        // Lines after a blank one or a carriage return: see below.
        if !text.contains("\n\n") && !text.contains('\r') {
            assert_same_bytes(&text, size)?;
        }
    }
}

#[test]
fn chunks_change_no_line_number_where_lines_end_with_cr_lf() {
    let text = "model,input_tokens,note\r\ngpt-4o,5,x\r\ngpt-4o,-5,x\r\n";
    assert_same_bytes(text, 1).expect("the same bytes");
}

#[test]
fn chunks_change_no_line_number_after_a_blank_line() {
    let text = "model,input_tokens,note\n\ngpt-4o,-5,x\n";
    assert_same_bytes(text, 1).expect("the same bytes");
}

#[test]
fn chunks_change_nothing_where_a_blank_line_comes_first() {
    let text = "\nmodel,input_tokens,note\ngpt-4o,5,x\n";
    assert_same_bytes(text, 1).expect("the same bytes");
}
