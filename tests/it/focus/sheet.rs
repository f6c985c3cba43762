//! A FOCUS file as its reader has it.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;

use crate::oracle::decimal;
use crate::run::{Done, Run};

/// A row: its columns that are not empty.
pub(super) type Row = BTreeMap<String, String>;

/// A FOCUS file.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
}

impl Sheet {
    /// Reads a file.
    pub(super) fn read(text: &str) -> Self {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let head = reader.headers().expect("a header").clone();
        let columns = head.iter().map(str::to_owned).collect();
        let row = |record: csv::StringRecord| {
            let pairs = head.iter().zip(&record).filter(|(_, value)| !value.is_empty());
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        let rows = reader.records().map(|record| row(record.expect("a row"))).collect();
        Self { columns, rows }
    }

    /// What a run writes.
    pub(super) fn of(run: Run) -> Self {
        Self::read(&done(run).stdout)
    }

    /// The sum of a column.
    pub(super) fn sum(&self, column: &str) -> BigRational {
        self.rows.iter().filter_map(|row| row.get(column)).map(|text| decimal(text)).sum()
    }

    /// The sum of a column over the rows with a value in another one.
    pub(super) fn sum_of(&self, column: &str, (key, value): (&str, &str)) -> BigRational {
        let rows = self.rows.iter().filter(|row| row.get(key).is_some_and(|text| text == value));
        let texts = rows.filter_map(|row| row.get(column));
        texts.map(|text| decimal(text)).sum()
    }

    /// The values of a column, each once.
    pub(super) fn values(&self, column: &str) -> BTreeSet<&str> {
        self.rows.iter().filter_map(|row| row.get(column)).map(String::as_str).collect()
    }

    /// Some columns of every row; `-` where they are empty.
    pub(super) fn show(&self, columns: &[&str]) -> Vec<String> {
        let cell = |row: &Row, name: &str| row.get(name).map_or("-", String::as_str).to_owned();
        let line = |row| columns.iter().map(|name| cell(row, name)).collect::<Vec<_>>().join(" ");
        self.rows.iter().map(line).collect()
    }
}

/// A run that must succeed.
pub(super) fn done(run: Run) -> Done {
    let done = run.go();
    assert_eq!(done.code, Some(0), "{done}");
    done
}

/// What the rules are tried on, each with its name: the samples, and what they lack.
pub(super) fn sheets() -> Vec<(&'static str, Sheet)> {
    let map = "--map timestamp=asked,model=model,input=prompt_tokens,output=completion_tokens,\
               billed_cost=charged_usd";
    vec![
        ("october", of_sample("october-2026 --tag user,team")),
        ("october by month", of_sample("october-2026 --period month --sub-account user")),
        ("formats", of_sample("formats --tag user,api-key")),
        ("dashboard", of_sample("openai-dashboard-2025-10")),
        ("real bills", of_sample(&format!("real-bills {map}"))),
        ("odd rows", Sheet::of(odd_rows().line("focus log.csv -q --tag user,ticket"))),
        ("a contract", Sheet::of(odd_rows().line("focus log.csv -q --rates card.toml"))),
    ]
}

fn of_sample(arguments: &str) -> Sheet {
    Sheet::of(Run::in_crate().line(&format!("focus -q sample_data/{arguments}")))
}

/// Rows of every kind: tools, long contexts, other tiers, regions, complimentary and
/// prepaid ones, with billed amounts and without, without a model, a rate, a time.
const ODD_ROWS: &str = "\
timestamp,end_time,region,model,service_tier,project,user,ticket,requests,input_tokens,cached_input_tokens,output_tokens,web_search_calls,code_interpreter_sessions,billed_cost
2026-10-05T10:00:00Z,,,gpt-4.1-mini,flex,search,ann,=1+1,1,1000,800,100,2,0,
2026-10-05T10:00:00Z,,eu,gpt-5.4,batch,search,ann,-2,1,300000,0,100,0,0,0.75
2026-10-05T10:00:00Z,,,gpt-5.4,priority,@shop,,,1,1000,0,100,0,1,-0.1
2026-10-05T10:00:00Z,,,gpt-4o,free,,,,1,1000,0,100,0,0,0
2026-10-05T10:00:00Z,,,gpt-4o,scale,,bob,,1,1000,0,100,0,0,0.01
2026-10-05T10:00:00Z,,,gpt-4o,scale,,bob,,1,1000,0,100,0,0,
2026-10-05T10:00:00Z,,,acme-7b,,search,,,1,1000,0,100,0,0,1e-18
2026-10-05T10:00:00Z,,,own-1,,search,,,1,1000,0,100,0,0,
,,,gpt-4o,,search,,,1,1000,0,100,0,0,0.003500000000000001
2026-10-31T23:00:00Z,2026-11-02T00:00:00Z,,gpt-4.1-mini,,search,,,5,900000,0,100,0,0,
2026-10-06T00:00:00Z,,,gpt-4o,,search,,,1,0,0,0,0,0,2.50
";

/// A card with a discount, and a model that no other card has.
const CARD: &str = "\
schema = 1
layer = \"contract\"
provider = \"openai\"
evidence = \"user\"
table = \"partial\"
source = \"contract 42\"
checked = 2026-10-01
[[models]]
id = \"own-1\"
prices = [{ tier = \"standard\", usd = { input = \"1.00\", output = \"2.00\" } }]
[[factors]]
name = \"discount\"
multiplier = \"0.875\"
";

/// A run over these rows, with the card at hand.
pub(super) fn odd_rows() -> Run {
    Run::new().file("log.csv", ODD_ROWS).file("card.toml", CARD)
}
