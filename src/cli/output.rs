//! Where outputs go: standard output, or a file that appears whole or not at
//! all.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::error::CliError;
use super::{ColorWhen, Globals};
use crate::pipeline::Aside;
use crate::report::Style;

/// The width of a report that goes to no terminal.
const DEFAULT_WIDTH: usize = 100;

/// How much is written at once.
const BUFFER: usize = 64 * 1024;

/// Where a text goes: a file, or standard output.
#[derive(Debug)]
pub(super) struct Output(Option<AtomicFile>);

impl Output {
    /// Opens a file before the work that fills it; `-` or none is standard
    /// output.
    pub(super) fn open(path: Option<&str>) -> Result<Self, CliError> {
        Ok(Self(path.filter(|path| *path != "-").map(AtomicFile::create).transpose()?))
    }

    /// Writes the text, and gives the file its name.
    pub(super) fn write(self, text: &str) -> Result<(), CliError> {
        self.write_by(|out| out.write_all(text.as_bytes()))
    }

    /// Lets `write` write, and gives the file its name.
    pub(super) fn write_by(
        self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), CliError> {
        match self.0 {
            None => {
                let mut out = io::BufWriter::with_capacity(BUFFER, io::stdout().lock());
                let written = write(&mut out).and_then(|()| out.flush());
                written.map_err(|source| CliError::write("standard output", source))
            }
            Some(mut file) => {
                write(&mut file).map_err(|source| CliError::write(&file.path, source))?;
                file.finish()
            }
        }
    }
}

/// A file that gets its name when it is whole. What is no plain file (a device,
/// a named pipe) is written to as it is, not replaced.
#[derive(Debug)]
pub(super) struct AtomicFile {
    path: String,
    target: Target,
}

#[derive(Debug)]
enum Target {
    /// A temporary file, and the place it moves to.
    Whole(io::BufWriter<NamedTempFile>, PathBuf, Settling),
    /// A device or pipe.
    Stream(io::BufWriter<File>),
}

impl AtomicFile {
    /// Begins a file beside its later place.
    pub(super) fn create(path: &str) -> Result<Self, CliError> {
        let failed = |source| CliError::write(path, source);
        if std::fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
            let stream = File::options().write(true).open(path).map_err(failed)?;
            return Ok(Self {
                path: path.to_owned(),
                target: Target::Stream(io::BufWriter::with_capacity(BUFFER, stream)),
            });
        }
        let place = resolved(path);
        let folder = place.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        if !folder.is_dir() {
            return Err(failed(io::Error::new(io::ErrorKind::NotFound, "there is no such folder")));
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".tierwise-");
        #[cfg(unix)]
        builder.permissions(permissions(&place));
        // The error names the temporary file, which nobody asked for.
        let file = builder.tempfile_in(folder).map_err(|source| failed(source.kind().into()))?;
        Ok(Self {
            path: path.to_owned(),
            target: Target::Whole(
                io::BufWriter::with_capacity(BUFFER, file),
                place,
                Settling::default(),
            ),
        })
    }

    /// Whether nobody sees what is written before it is whole.
    pub(super) const fn is_whole(&self) -> bool {
        matches!(self.target, Target::Whole(..))
    }

    /// Gives the file its name.
    pub(super) fn finish(self) -> Result<(), CliError> {
        let Self { path, target } = self;
        let failed = |source| CliError::write(&path, source);
        match target {
            Target::Stream(mut stream) => stream.flush().map_err(failed),
            Target::Whole(file, place, mut settling) => {
                let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
                settling.end().map_err(failed)?;
                file.as_file().sync_all().map_err(failed)?;
                file.persist(place).map_err(|error| failed(error.error))?;
                Ok(())
            }
        }
    }
}

/// How many bytes of a file are written before they are brought to the disk.
const SETTLED: usize = 64 * 1024 * 1024;

/// Brings what was written of a file to the disk while more is written, so that the end does
/// not wait for all of it.
#[derive(Debug, Default)]
struct Settling {
    /// Bytes that were written since.
    since: usize,
    at_work: Option<Aside<io::Result<()>>>,
}

impl Settling {
    /// Some bytes were written. Fails where those before could not be brought to the disk.
    fn written(&mut self, bytes: usize, file: &File) -> io::Result<()> {
        self.since = self.since.saturating_add(bytes);
        if self.since < SETTLED || self.at_work.as_ref().is_some_and(|work| !work.is_done()) {
            return Ok(());
        }
        self.end()?;
        self.since = 0;
        // Without another handle or thread all is brought there at the end.
        let Ok(file) = file.try_clone() else { return Ok(()) };
        self.at_work = Aside::begin(move || file.sync_data());
        Ok(())
    }

    /// Waits for what is at work.
    fn end(&mut self) -> io::Result<()> {
        let Some(work) = self.at_work.take() else { return Ok(()) };
        let failed = || Err(io::Error::other("what was written could not be brought to the disk"));
        work.end().unwrap_or_else(failed)
    }
}

/// The place that a path stands for: links followed.
pub(super) fn resolved(path: &str) -> PathBuf {
    let path = Path::new(path);
    path.canonicalize().unwrap_or_else(|_| {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or_else(|| Path::new(".")).canonicalize();
        let name = path.file_name().unwrap_or_default();
        parent.map_or_else(|_| path.to_owned(), |parent| parent.join(name))
    })
}

/// Those of the file that is replaced; for a new file, what the user's mask
/// leaves of everybody's.
#[cfg(unix)]
fn permissions(place: &Path) -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    let old = std::fs::metadata(place).map(|meta| meta.permissions());
    old.unwrap_or_else(|_| std::fs::Permissions::from_mode(0o666))
}

impl Write for AtomicFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Target::Whole(file, _, settling) => {
                let written = file.write(buffer)?;
                settling.written(written, file.get_ref().as_file())?;
                Ok(written)
            }
            Target::Stream(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Whole(file, _, _) => file.flush(),
            Target::Stream(stream) => stream.flush(),
        }
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
