//! Where outputs go: standard output, or a file that appears whole or not at
//! all.

use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use super::error::CliError;
use super::{ColorWhen, Globals};
use crate::report::Style;

/// The width of a report that goes to no terminal.
const DEFAULT_WIDTH: usize = 100;

/// Writes a text to a file, or to standard output.
pub(super) fn write(path: Option<&str>, text: &str) -> Result<(), CliError> {
    match path.filter(|path| *path != "-") {
        None => {
            let mut out = io::stdout().lock();
            let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            written.map_err(|source| CliError::write("standard output", source))
        }
        Some(path) => {
            let mut file = AtomicFile::create(path)?;
            file.write_all(text.as_bytes()).map_err(|source| CliError::write(path, source))?;
            file.finish()
        }
    }
}

/// A file that gets its name when it is whole.
#[derive(Debug)]
pub(super) struct AtomicFile {
    path: String,
    file: io::BufWriter<NamedTempFile>,
}

impl AtomicFile {
    /// Begins a file beside its later place.
    pub(super) fn create(path: &str) -> Result<Self, CliError> {
        let folder = Path::new(path).parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        if !folder.is_dir() {
            let missing = io::Error::new(io::ErrorKind::NotFound, "there is no such folder");
            return Err(CliError::write(path, missing));
        }
        let file = tempfile::Builder::new().prefix(".tierwise-").tempfile_in(folder);
        // The error names the temporary file, which nobody asked for.
        let file = file.map_err(|source| CliError::write(path, source.kind().into()))?;
        Ok(Self { path: path.to_owned(), file: io::BufWriter::new(file) })
    }

    /// Gives the file its name.
    pub(super) fn finish(self) -> Result<(), CliError> {
        let Self { path, file } = self;
        let failed = |source| CliError::write(&path, source);
        let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.as_file().sync_all().map_err(failed)?;
        #[cfg(unix)]
        share(&file).map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

/// Temporary files are private; a report is as readable as any new file.
#[cfg(unix)]
fn share(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

impl Write for AtomicFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.file.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// How a text report looks, for where it goes.
pub(super) fn style(globals: Globals, to_file: bool) -> Style {
    let color = match globals.color {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => {
            !to_file && anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
        }
    };
    Style { width: width(to_file), color }
}

fn width(to_file: bool) -> usize {
    let columns = std::env::var_os("COLUMNS").and_then(|text| text.to_str()?.parse().ok());
    let terminal = || {
        let size =
            terminal_size::terminal_size_of(io::stdout()).filter(|_| io::stdout().is_terminal());
        size.map(|(width, _)| usize::from(width.0))
    };
    if to_file { DEFAULT_WIDTH } else { columns.or_else(terminal).unwrap_or(DEFAULT_WIDTH) }
}
