//! An answer that is one view: its form, and where it goes.

use clap::Args;
use serde::Serialize;

use super::Globals;
use super::arguments::OutputForm;
use super::error::CliError;
use super::output;
use crate::report::Style;
use crate::report::rates::view_json;

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Form of the answer.
    #[arg(long, value_enum, default_value_t)]
    format: OutputForm,

    /// Write to a file, which appears whole or not at all.
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    file: Option<String>,
}

impl OutputArgs {
    /// Writes a view in the form that was asked for.
    pub(super) fn write<V: Serialize + ?Sized>(
        &self,
        view: &V,
        globals: Globals,
        text: impl FnOnce(&V, Style) -> String,
    ) -> Result<(), CliError> {
        let text = match self.format {
            OutputForm::Terminal => text(view, output::style(globals, self.file.is_some())),
            OutputForm::Json => view_json(&view)?,
        };
        output::Output::open(self.file.as_deref())?.write(&text)
    }
}
