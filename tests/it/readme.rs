//! What the README shows is what the program prints and knows.

use tierwise::formats::{Tells, registry};

use crate::run::{Run, crate_folder};

pub(crate) fn readme() -> String {
    std::fs::read_to_string(crate_folder().join("README.md")).expect("the README")
}

#[test]
fn every_format_is_in_the_readme_as_the_registry_has_it() {
    let readme = readme();
    for format in registry() {
        let Tells { name, about, record, cached, tier, billed, key, .. } = format.tells();
        let said = |yes: bool| if yes { "yes" } else { "no" };
        let row = format!(
            "| `{name}` | {about} | {record} | {cached} | {tier} | {} | {} |",
            said(billed),
            said(key)
        );
        assert!(readme.contains(&row), "{row}");
    }
}

#[test]
fn the_outputs_in_the_readme_are_real() {
    let readme = readme();
    let mut blocks = readme.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next());
    for command in [
        "report sample_data/october-2026",
        "estimate --model gpt-4.1-mini --input 1050000 --output 30000",
        "estimate --model gpt-4.1-mini --input 1000000 --assume-cached 60%",
    ] {
        assert!(readme.contains(command), "{command}");
        let block = blocks.next().expect("a block for each command");
        let done = Run::in_crate().line(command).go();
        assert!(done.stdout.starts_with(block), "{block}\nis not what comes of\n{done}");
    }
}
