//! The page in a browser: it opens quietly, prices every choice as the report does, and
//! what logs say stays text.

use std::path::PathBuf;

use serde_json::Value;

use crate::browser::{Browser, chromium};
use crate::page::{HOSTILE, MODELS, hostile, month, page, report, small};
use crate::run::Done;

const TIERS: [&str; 5] = ["recorded", "standard", "flex", "priority", "batch"];

/// A browser that shows the page of a log.
fn shown(test: &str, log: &str, arguments: &str) -> Option<(Browser, Done, PathBuf)> {
    let program = chromium(test)?;
    let (done, path) = page(log, arguments);
    let mut browser = Browser::start(&program);
    browser.open(&path, "");
    Some((browser, done, path))
}

#[test]
fn the_page_opens_quietly_and_prices_every_choice_as_the_report() {
    let log = small();
    let Some((mut browser, _done, _)) = shown("page", &log, "") else { return };
    let choose = |browser: &mut Browser, selector: &str, value: &str| {
        browser.eval(&format!(
            "{{ const e = document.querySelector('{selector}'); e.value = '{value}'; \
             e.dispatchEvent(new Event('input', {{bubbles: true}})); \
             e.dispatchEvent(new Event('change', {{bubbles: true}})); }}"
        ));
    };
    let live = |browser: &mut Browser| browser.text("document.querySelector('#live').value");
    let plain = report(&log, "");
    assert_eq!(live(&mut browser), plain.recorded());
    for (at, tier) in TIERS.iter().enumerate() {
        choose(&mut browser, "#all-tier", &at.to_string());
        browser.eval("document.querySelector('input[value=recorded]').click()");
        assert_eq!(live(&mut browser), plain.total(tier, "recorded"), "{tier}");
        browser.eval("document.querySelector('input[value=none]').click()");
        assert_eq!(live(&mut browser), plain.total(tier, "none"), "{tier}");
        for share in ["0", "37", "100"] {
            let assumed = report(&log, &format!("--assume-cached {share}%"));
            choose(&mut browser, "#share", share);
            assert_eq!(live(&mut browser), assumed.total(tier, "assumed"), "{tier} {share} %");
        }
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn models_and_projects_move_and_the_address_keeps_it() {
    let log = small();
    let Some((mut browser, done, path)) = shown("moves", &log, "") else { return };
    let report = report(&log, "");
    // Cheapest, as the report assigns it, by hand.
    let mut fragment = Vec::new();
    for one in report.0["assignments"].as_array().expect("assignments") {
        if one["caching"] == "recorded" {
            let [model, tier] = ["model", "tier"].map(|key| one[key].as_str().expect("text"));
            fragment.push(format!("model:{model}={tier}"));
        }
    }
    browser.open(&path, &format!("#{}", fragment.join("&")));
    let live = "document.querySelector('#live').value";
    assert_eq!(browser.text(live), report.total("cheapest", "recorded"));
    let sum = "document.querySelector('table[data-live=project] tfoot .live data').value";
    assert_eq!(browser.text(sum), report.total("cheapest", "recorded"));
    // A project's choice goes before its models': all projects on Priority.
    for at in 0..3 {
        browser.eval(&format!(
            "{{ const e = document.querySelectorAll('table[data-live=project] select')[{at}]; \
             e.value = '3'; e.dispatchEvent(new Event('change')); }}"
        ));
    }
    assert_eq!(browser.text(live), report.total("priority", "recorded"));
    let address = browser.text("location.hash");
    assert!(address.contains("project%3Aproject-0=priority"), "{address}");
    browser.open(&path, &address);
    assert_eq!(browser.text(live), report.total("priority", "recorded"));
    browser.eval("document.querySelector('#reset').click()");
    assert_eq!(browser.text(live), report.recorded());
    assert_eq!(browser.text("location.hash"), "");
    assert_eq!(browser.complaints(), Vec::<String>::new(), "{done}");
}

#[test]
fn usage_that_a_tier_cannot_price_is_left_out_where_that_is_asked_for() {
    let (log, arguments) = (small(), "--uncovered exclude");
    let Some((mut browser, _done, path)) = shown("left out", &log, arguments) else { return };
    let report = report(&log, arguments);
    assert_ne!(
        report.total("flex", "recorded"),
        crate::page::report(&log, "").total("flex", "recorded")
    );
    for tier in TIERS {
        browser.open(&path, &format!("#tier={tier}"));
        let total = browser.text("document.querySelector('#live').value");
        assert_eq!(total, report.total(tier, "recorded"), "{tier}");
    }
}

#[test]
fn tables_sort_by_exact_amounts_and_filter_by_name() {
    let log = month(&MODELS, 2);
    let Some((mut browser, _done, _)) = shown("tables", &log, "") else { return };
    let column = "[...document.querySelectorAll('table[data-by=model] tbody tr')]";
    browser.eval("document.querySelectorAll('table[data-by=model] thead button')[4].click()");
    let sorted = browser
        .eval(&format!("{column}.map((row) => row.children[4].querySelector('data').value)"));
    let sorted: Vec<num_rational::BigRational> = sorted
        .as_array()
        .expect("rows")
        .iter()
        .map(|usd| crate::oracle::decimal(usd.as_str().expect("an amount")))
        .collect();
    assert!(sorted.len() == 12 && sorted.iter().rev().is_sorted(), "{sorted:?}");
    browser.eval(
        "{ const e = document.querySelector('input[aria-label=\"Filter by model\"]'); \
         e.value = 'GPT-4.1'; e.dispatchEvent(new Event('input')); }",
    );
    let left = browser.eval(&format!(
        "{column}.filter((row) => !row.hidden).map((row) => row.children[0].textContent)"
    ));
    let mut left: Vec<&str> =
        left.as_array().expect("rows").iter().filter_map(Value::as_str).collect();
    left.sort_unstable();
    assert_eq!(left, ["gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano"]);
}

#[test]
fn hostile_names_are_text_in_a_browser() {
    let Some((mut browser, _done, _)) = shown("names", &hostile(), "--by team") else { return };
    for by in ["project", "team"] {
        let names = browser.eval(&format!(
            "[...document.querySelectorAll('table[data-by={by}] tbody th')].map((one) => one.textContent)"
        ));
        let mut names: Vec<&str> =
            names.as_array().expect("names").iter().filter_map(Value::as_str).collect();
        let mut all = HOSTILE;
        names.sort_unstable();
        all.sort_unstable();
        assert_eq!(names, all);
    }
    assert_eq!(browser.eval("document.querySelectorAll('img, [onload], [onerror]').length"), 0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_page_is_no_wider_than_a_phone() {
    let Some((mut browser, _done, path)) = shown("phone", &month(&MODELS, 3), "") else { return };
    for width in [1280, 390] {
        browser.resize(width, 800);
        browser.open(&path, "#cached=60");
        let wide = browser.eval("document.documentElement.scrollWidth").as_u64();
        assert!(wide.is_some_and(|wide| wide <= u64::from(width)), "{wide:?} of {width}");
    }
}

#[test]
fn a_choice_is_told_in_words_and_names_that_look_alike_are_told_apart() {
    let log = "timestamp,model,input_tokens,project\n2026-10-05,gpt-4o,1000,\n\
               2026-10-05,gpt-4o,2000,(none)\n2026-10-05,gpt-4o,3000,x\u{ad}\n\
               2026-10-05,gpt-4o,4000,x\n";
    let Some((mut browser, _done, path)) = shown("choices", log, "") else { return };
    let live = |browser: &mut Browser| browser.text("document.querySelector('#live').value");
    // At Standard 2.50 and in a batch 1.25 per million: of 10,000 tokens some at half price.
    for (project, usd) in
        [("", "0.02375"), ("(none)", "0.0225"), ("x%C2%AD", "0.02125"), ("x", "0.02")]
    {
        browser.open(&path, &format!("#project:{project}=batch"));
        assert_eq!(live(&mut browser), usd, "{project}");
        let address = browser.text("location.hash");
        browser.eval("document.querySelector('#all-tier').dispatchEvent(new Event('change'))");
        let again = browser.text("location.hash");
        browser.open(&path, &again);
        assert_eq!(live(&mut browser), usd, "{project} {address}");
    }
    browser.open(&path, "#cached=60&tier=batch&project:x=flex");
    let note = browser.text("document.querySelector('#live-note').textContent");
    assert!(
        note.starts_with("Everything on Batch, project x on Flex, 60 % of the input cached."),
        "{note}"
    );
    browser.eval("document.querySelector('#all-tier').focus()");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
