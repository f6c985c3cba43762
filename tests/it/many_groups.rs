//! Groups that are added up by several threads.

use crate::run::Run;

#[test]
fn groups_of_many_cells_are_the_same_whoever_adds_them_up() {
    // Each user has a row on each of two days, so that the days are added up apart
    // and then together: 2 x n x 0.40e-6.
    const USERS: u32 = 12_000;
    let row = |(day, user)| format!("2026-10-{day}T12:00:00Z,gpt-4.1-mini,u{user:05},{user}");
    let days = ["05", "06"].into_iter();
    let rows = days.flat_map(|day| (1..=USERS).map(move |user| row((day, user))));
    let header = "timestamp,model,user,input_tokens".to_owned();
    let log = std::iter::once(header).chain(rows).collect::<Vec<_>>().join("\n");
    let run = |threads: &str| {
        let run = Run::new().file("log.csv", &log).line("report log.csv --by user");
        run.line(&format!("--threads {threads} --chunk-size 65536")).report()
    };
    let groups = run("3").groups(&["user"]);
    let usd = |user: u32| {
        let text = format!("{}.{:07}", user * 8 / 10_000_000, user * 8 % 10_000_000);
        text.trim_end_matches('0').to_owned()
    };
    let expected: Vec<String> =
        (1..=USERS).rev().map(|user| format!("u{user:05}: {}", usd(user))).collect();
    assert_eq!(groups, expected);
    assert_eq!(run("1").groups(&["user"]), expected);
}
