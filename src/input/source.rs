//! Which files a run reads, in an order that does not depend on how they were
//! named.

use std::path::{Path, PathBuf};

use super::InputError;

/// The extensions of logs in a folder (files named one by one may have any).
const EXTENSIONS: &[&str] = &["csv", "tsv", "jsonl", "ndjson", "json", "log", "parquet"];

/// The extensions of compression.
const COMPRESSED: &[&str] = &["gz", "zst"];

/// One input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Source {
    /// The name in messages and reports, with `/` between folders.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::File(path) => path.to_string_lossy().replace('\\', "/"),
        }
    }

    /// Whether it can be read once alone: standard input, a pipe.
    pub fn is_stream(&self) -> bool {
        match self {
            Self::Stdin => true,
            Self::File(path) => std::fs::metadata(path).is_ok_and(|meta| !meta.is_file()),
        }
    }

    /// Whether it is Parquet, by its name.
    pub fn is_parquet(&self) -> bool {
        match self {
            Self::Stdin => false,
            Self::File(path) => path.extension().is_some_and(|ext| ext == "parquet"),
        }
    }

    /// Whether it is a plain file of at most some bytes.
    pub fn is_small(&self, most: u64) -> bool {
        match self {
            Self::Stdin => false,
            Self::File(path) => {
                std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() <= most)
            }
        }
    }

    /// Its size in bytes, where it is known.
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::Stdin => None,
            Self::File(path) => std::fs::metadata(path).ok().map(|meta| meta.len()),
        }
    }
}

/// What a run reads.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The inputs, sorted by name.
    pub sources: Vec<Source>,
    /// Files in named folders that are no logs by their extension, sorted.
    pub skipped: Vec<String>,
    /// Files that were named more than once, sorted.
    pub repeated: Vec<String>,
    /// Whether there are links in named folders.
    has_links: bool,
}

impl Inputs {
    /// Finds what the arguments name: files, folders (read recursively, hidden
    /// files left out), patterns such as `logs/*.csv`, and `-` for standard
    /// input.
    pub fn find(arguments: &[String]) -> Result<Self, InputError> {
        let mut inputs = Self::default();
        for argument in arguments {
            inputs.add(argument)?;
        }
        inputs.sources.sort();
        inputs.skipped.sort();
        // One argument names no file twice, but for links.
        if arguments.len() > 1 || inputs.has_links {
            inputs.find_repeated();
        }
        Ok(inputs)
    }

    fn add(&mut self, argument: &str) -> Result<(), InputError> {
        if argument == "-" {
            if self.sources.contains(&Source::Stdin) {
                return Err(InputError::StdinTwice);
            }
            self.sources.push(Source::Stdin);
            return Ok(());
        }
        let path = Path::new(argument);
        if path.is_dir() {
            return self.add_folder(path);
        }
        if path.exists() {
            self.sources.push(Source::File(path.to_owned()));
            return Ok(());
        }
        self.add_pattern(argument)
    }

    fn add_pattern(&mut self, pattern: &str) -> Result<(), InputError> {
        let not_found = || InputError::NotFound { path: pattern.to_owned() };
        if !pattern.contains(['*', '?', '[']) {
            return Err(not_found());
        }
        let options =
            glob::MatchOptions { require_literal_leading_dot: true, ..glob::MatchOptions::new() };
        let matches = glob::glob_with(pattern, options)
            .map_err(|source| InputError::Pattern { pattern: pattern.to_owned(), source })?;
        let before = self.sources.len();
        for path in matches {
            let path = path.map_err(|error| InputError::Read {
                path: error.path().display().to_string(),
                doing: "cannot be listed",
                source: error.into(),
            })?;
            if path.is_dir() {
                self.walk(&path)?;
            } else {
                self.sources.push(Source::File(path));
            }
        }
        if self.sources.len() == before { Err(not_found()) } else { Ok(()) }
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), InputError> {
        let before = self.sources.len();
        self.walk(folder)?;
        if self.sources.len() > before {
            return Ok(());
        }
        Err(InputError::EmptyFolder {
            path: folder.display().to_string(),
            extensions: EXTENSIONS.iter().map(|e| format!(".{e}")).collect::<Vec<_>>().join(", "),
        })
    }

    fn walk(&mut self, folder: &Path) -> Result<(), InputError> {
        let failed = |source| InputError::Read {
            path: folder.display().to_string(),
            doing: "cannot be listed",
            source,
        };
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let path = entry.path();
            // A link to a folder is not followed: it may lead back here.
            let kind = entry.file_type().map_err(failed)?;
            self.has_links |= kind.is_symlink();
            if kind.is_dir() {
                self.walk(&path)?;
            } else if is_log(&path) && (kind.is_file() || path.is_file()) {
                self.sources.push(Source::File(path));
            } else {
                self.skipped.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
        Ok(())
    }

    fn find_repeated(&mut self) {
        let mut seen: Vec<(PathBuf, String)> = Vec::new();
        for source in &self.sources {
            if let Source::File(path) = source
                && let Ok(real) = path.canonicalize()
            {
                seen.push((real, source.name()));
            }
        }
        seen.sort();
        let pairs = seen.iter().zip(seen.iter().skip(1));
        self.repeated = pairs.filter(|(a, b)| a.0 == b.0).map(|(_, b)| b.1.clone()).collect();
        self.repeated.sort();
        self.repeated.dedup();
    }
}

fn is_log(path: &Path) -> bool {
    let extension =
        |path: &Path| path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    match extension(path) {
        Some(outer) if COMPRESSED.contains(&outer.as_str()) => path
            .file_stem()
            .and_then(|stem| extension(Path::new(stem)))
            .is_some_and(|inner| EXTENSIONS.contains(&inner.as_str())),
        Some(outer) => EXTENSIONS.contains(&outer.as_str()),
        None => false,
    }
}
