//! The command: what it takes, what it tells, and what it refuses.

use crate::focus::sheet::{Sheet, done, odd_rows};
use crate::run::{ROW, Run};

#[test]
fn sub_accounts_and_tags_are_those_of_the_log() {
    let sheet =
        |arguments: &str| Sheet::of(odd_rows().line(&format!("focus -q log.csv {arguments}")));
    let columns = ["SubAccountId", "SubAccountName", "SubAccountType", "Tags"];
    let lines = |arguments: &str| {
        let mut lines = sheet(arguments).show(&columns);
        lines.sort_unstable();
        lines.dedup();
        lines
    };
    assert_eq!(
        lines("--tag ticket,user"),
        [
            "'@shop '@shop Project -",
            "- - - -",
            r#"- - - {"user":"bob"}"#,
            "search search Project -",
            r#"search search Project {"ticket":"-2","user":"ann"}"#,
            r#"search search Project {"ticket":"=1+1","user":"ann"}"#,
        ]
    );
    assert_eq!(lines("--sub-account api-key"), ["- - - -"]);
    assert_eq!(lines("--sub-account user"), ["- - - -", "ann ann User -", "bob bob User -"]);
    assert_eq!(
        lines("--sub-account ticket"),
        ["'-2 '-2 ticket -", "'=1+1 '=1+1 ticket -", "- - - -"]
    );
    let both = lines("--sub-account user --tag user");
    assert_eq!(
        both,
        ["- - - -", r#"ann ann User {"user":"ann"}"#, r#"bob bob User {"user":"bob"}"#]
    );
}

#[test]
fn raw_text_is_as_the_log_has_it() {
    let values = |arguments: &str| {
        let sheet = Sheet::of(odd_rows().line(&format!("focus -q log.csv {arguments}")));
        sheet.values("SubAccountId").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(values("--sub-account ticket"), ["'-2", "'=1+1"]);
    assert_eq!(values("--sub-account ticket --raw"), ["-2", "=1+1"]);
}

#[test]
fn what_is_left_out_and_assumed_is_told() {
    let done =
        done(odd_rows().line("focus log.csv --rates card.toml --tag cost-centre -o focus.csv"));
    for words in [
        "11 records read, ",
        "of 7 rows with a price and 2 billed without one; not written: 1 unpriced, ",
        "1 billed only",
        "an estimate, not an invoice: BilledCost ",
        "1 row without a price, 1,100 tokens: ",
        "2 rows without a price for which the logs say 0.010000000000000001 USD",
        "1 row of billed amounts alone, 2.50 USD",
        "1 row of complimentary tokens: their ListCost is 0.0035 USD, the Standard price",
        "1 row priced by your cards alone",
        "1 row without a time: in the period of 2026-",
        "1 row with a period of several days",
        "no row has a `cost-centre`",
    ] {
        assert!(done.stderr.contains(words), "{words}: {done}");
    }
    assert!(done.stderr.lines().all(|line| line.starts_with("tierwise: ")), "{done}");
    assert_eq!(done.stdout, "");
    assert!(done.read("focus.csv").is_some_and(|text| text.starts_with("BilledCost,")));
    let quiet = odd_rows().line("focus log.csv -q -o focus.csv").go();
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""), "{quiet}");
}

#[test]
fn a_row_without_a_time_is_in_the_period_of_its_price() {
    let log = "model,input_tokens\ngpt-4o,1000\n";
    let run = Run::new().file("log.csv", log);
    let sheet = Sheet::of(run.line("focus -q log.csv --assume-date 2026-03-05"));
    let periods = ["ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "InvoiceId"];
    assert_eq!(
        sheet.show(&periods),
        ["2026-03-05T00:00:00Z 2026-03-06T00:00:00Z 2026-03-01T00:00:00Z estimate-openai-2026-03"]
    );
}

#[test]
fn the_rates_are_named_in_every_row() {
    let sheet = Sheet::of(Run::new().log(ROW).line("focus -q log.csv"));
    let book = Run::new().log(ROW).line("report log.csv").report().0["rate_book"].clone();
    for row in &sheet.rows {
        assert_eq!(row["x_RateBookDate"], book["as_of"].as_str().expect("a day"));
        let digest = book["sha256"].as_str().expect("a digest");
        assert!(
            digest.starts_with(&row["x_RateBookDigest"]) && row["x_RateBookDigest"].len() == 12
        );
    }
}

#[test]
fn an_account_can_be_named() {
    let sheet = Sheet::of(Run::new().log(ROW).line("focus -q log.csv --billing-account org-1"));
    assert_eq!(sheet.values("BillingAccountId").into_iter().collect::<Vec<_>>(), ["org-1"]);
    let invoices: Vec<_> = sheet.values("InvoiceId").into_iter().collect();
    assert_eq!(invoices, ["estimate-org-1-openai-2026-10"]);
}

#[test]
fn a_log_without_usage_gives_a_header_alone() {
    let done = done(Run::new().log("").line("focus log.csv"));
    assert_eq!(done.stdout.lines().count(), 1, "{done}");
    assert!(done.stderr.contains("0 records read, 0 charges written"), "{done}");
}

#[test]
fn what_cannot_be_done_is_refused() {
    let run = |arguments: &str| Run::new().log(ROW).line(&format!("focus {arguments}")).go();
    for (arguments, code, words) in [
        ("log.csv --sub-account model", 2, "--sub-account model: expected project, user, api-key"),
        ("log.csv --tag day", 2, "--tag day: expected project"),
        ("log.csv --tag a,,b", 2, "--tag: an empty name"),
        ("log.csv --tag a,b,c,d,e,f,g,h", 2, "--tag: at most 8 names"),
        ("log.csv --period week", 2, "--period"),
        ("log.csv -o log.csv", 2, "would be replaced"),
        ("log.csv -o gone/focus.csv", 1, "there is no such folder"),
        ("log.csv -o - --rejects -", 2, "--rejects"),
        ("log.csv --by project", 2, "--by"),
        ("log.csv -o focus.parquet", 2, "-o focus.parquet: a FOCUS file is a .csv file"),
        ("missing.csv", 1, "missing.csv"),
    ] {
        run(arguments).assert_fails(code, &[words]);
    }
    let blank = Run::new().log(ROW).args(["focus", "log.csv", "--billing-account", " "]).go();
    blank.assert_fails(2, &["--billing-account: expected an id"]);
}

#[test]
fn a_failed_run_leaves_the_old_file() {
    let run =
        Run::new().file("focus.csv", "old").file("log.csv", "model,input_tokens\n\"gpt-4o,1\n");
    let done = run.line("focus log.csv -o focus.csv").go();
    assert_ne!(done.code, Some(0), "{done}");
    assert_eq!(done.read("focus.csv").as_deref(), Some("old"));
}

#[test]
fn a_ledger_without_projects_has_no_sub_accounts() {
    let log = "timestamp,model,input_tokens,project\n2026-10-05,gpt-4o,1000,a\n";
    let saved = Run::new().file("log.csv", log).line("ledger log.csv -q -o a.parquet").go();
    let ledger = std::fs::read(saved.path("a.parquet")).expect("a ledger");
    let run = || Run::new().file("a.parquet", &ledger);
    let done = done(run().line("focus a.parquet"));
    assert!(done.stderr.contains("no row has a `project`: SubAccountId is empty"), "{done}");
    run()
        .line("focus a.parquet --sub-account project")
        .go()
        .assert_fails(1, &["without `project`"]);
}

#[test]
fn an_estimate_is_not_read_as_a_bill() {
    let written = Run::new().log(ROW).line("focus log.csv -q").go().stdout;
    let run = Run::new().file("focus.csv", written).line("report focus.csv").go();
    run.assert_fails(1, &["focus.csv", "an estimate and no bill"]);
}
