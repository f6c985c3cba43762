//! What a run tells while it reads: progress on a terminal, rejected records to
//! a file.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Globals;
use super::output::AtomicFile;
use crate::ledger::Rejection;
use crate::pipeline::Watch;

/// Shows progress and writes rejected records.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    /// Bytes of the inputs that are done.
    before: u64,
    current: u64,
    rejects: Option<csv::Writer<AtomicFile>>,
}

impl Progress {
    /// Progress over `total` bytes, asked for where it is shown; rejected records go to
    /// `rejects`.
    pub(super) fn new(
        globals: Globals,
        total: impl FnOnce() -> Option<u64>,
        rejects: Option<AtomicFile>,
    ) -> io::Result<Self> {
        let shown = !globals.quiet && io::stderr().is_terminal();
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let total = if shown { total() } else { None };
        let bar = ProgressBar::with_draw_target(total, target);
        let template = match total {
            Some(_) => "{wide_msg} {bar:16} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
            None => "{wide_msg} {bytes}, {bytes_per_sec}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let mut progress =
            Self { bar, before: 0, current: 0, rejects: rejects.map(csv::Writer::from_writer) };
        progress.write_reject(["path", "line", "field", "reason", "detail"])?;
        Ok(progress)
    }

    /// Ends the progress; gives the file of rejected records back.
    pub(super) fn finish(self) -> io::Result<Option<AtomicFile>> {
        self.bar.finish_and_clear();
        self.rejects
            .map(|writer| writer.into_inner().map_err(csv::IntoInnerError::into_error))
            .transpose()
    }

    fn write_reject(&mut self, record: [&str; 5]) -> io::Result<()> {
        match &mut self.rejects {
            None => Ok(()),
            Some(writer) => writer.write_record(record).map_err(io::Error::from),
        }
    }
}

impl Watch for Progress {
    fn open(&mut self, name: &str, _bytes: Option<u64>) {
        self.before = self.before.saturating_add(self.current);
        self.current = 0;
        self.bar.set_message(name.to_owned());
    }

    fn remembers(&self) -> bool {
        self.rejects.is_some()
    }

    fn advance(&mut self, bytes: u64) {
        self.current = bytes;
        self.bar.set_position(self.before.saturating_add(bytes));
    }

    fn reject(&mut self, path: &str, line: u64, rejection: &Rejection) -> io::Result<()> {
        self.write_reject([
            path,
            &line.to_string(),
            &rejection.field,
            rejection.reason,
            &rejection.detail,
        ])
    }
}
