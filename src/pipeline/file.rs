//! A small file, which one worker opens, recognises and reads: a folder of many
//! files is read at once, not one file after the other.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::worker::{ChunkResult, Desk, Job};
use super::{PipelineError, Plan};
use crate::formats::{Bound, Detected, recognise};
use crate::input::{self, Chunker, Framing, Head, Source};
use crate::ledger::is_archive;

/// What became of a file.
#[derive(Debug, Default)]
pub(super) struct FileResult {
    /// Its format; `None` for an empty file.
    pub(super) format: Option<&'static str>,
    /// Its size before decompression.
    pub(super) bytes: u64,
    /// What became of its chunks, in order; their lines are those of the chunk.
    pub(super) chunks: Vec<ChunkResult>,
}

/// Memory of chunks that is kept from file to file.
const MOST_SPARE: usize = 2;

/// What a worker keeps from file to file.
#[derive(Debug, Default)]
pub(super) struct FileDesk {
    /// How the file before was read.
    bound: Option<Arc<Bound>>,
    /// Its first line, where that alone decides how a file is read: a header without quotes.
    header: Vec<u8>,
    /// Memory of chunks that are done with.
    pub(super) spare: Vec<Vec<u8>>,
}

/// The same format, as the file before was read where that is alike.
pub(super) fn known(before: &mut Option<Arc<Bound>>, bound: Bound) -> Arc<Bound> {
    match before {
        Some(known) if known.reads_alike(&bound) => Arc::clone(known),
        _ => Arc::clone(before.insert(Arc::new(bound))),
    }
}

impl FileDesk {
    /// How a file is read, where it begins as the one before.
    fn same(&self, head: &Head) -> Option<Arc<Bound>> {
        let begins = !self.header.is_empty() && head.bytes.starts_with(&self.header);
        let is_text = || memchr::memchr(0, &head.bytes).is_none();
        self.bound.as_ref().filter(|_| begins && is_text()).map(Arc::clone)
    }

    /// Notes how a file is read that begins so.
    fn note(&mut self, bound: Bound, text: &[u8]) -> Arc<Bound> {
        self.header.clear();
        let line = memchr::memchr(b'\n', text).and_then(|end| text.get(..=end));
        let is_header = matches!(bound.framing, Framing::Csv { .. });
        let is_bare = |line: &&[u8]| !line.contains(&b'"') && !line.trim_ascii().is_empty();
        if let Some(line) = line.filter(|line| is_header && is_bare(line)) {
            self.header.extend_from_slice(line);
        }
        known(&mut self.bound, bound)
    }
}

impl Desk<'_, '_> {
    /// Reads a file.
    pub(super) fn read_file(
        &mut self,
        plan: &Plan<'_>,
        source: &Source,
        file: u32,
    ) -> Result<FileResult, PipelineError> {
        let path = source.name();
        let mut head = input::open(source)?;
        if is_archive(&head.bytes) {
            return Err(PipelineError::ArchiveText { path });
        }
        let (mut result, consumed) = (FileResult::default(), Arc::clone(&head.consumed));
        let bound = match self.files.same(&head) {
            Some(bound) => Some(bound),
            None => match recognise(&path, &mut head, plan.format, plan.ask)? {
                Detected::Log(bound) => Some(self.files.note(*bound, &head.bytes)),
                Detected::Empty => None,
            },
        };
        if let Some(bound) = bound {
            result.format = Some(bound.format.name);
            if !self.stage.reads(&bound, source)? {
                return Ok(result);
            }
            let mut chunker = self.chunker(plan, &bound, head, &path);
            let (path, mut lines): (Arc<str>, u64) = (path.into(), 0);
            while let Some(chunk) = chunker.next_chunk().map_err(|error| error.after(lines))? {
                let (bound, path) = (Arc::clone(&bound), Arc::clone(&path));
                let job = Job { bound, path, chunk, file };
                let read = self.run(&job);
                lines = lines.saturating_add(read.lines);
                result.chunks.push(read);
                chunker.recycle(job.chunk.into_buffer());
            }
            if self.files.spare.is_empty() {
                self.files.spare = chunker.into_spare();
                self.files.spare.truncate(MOST_SPARE);
            }
        }
        // What has chunks was read to its end.
        let size = if result.chunks.is_empty() { source.size() } else { None };
        result.bytes = size.unwrap_or_else(|| consumed.load(Ordering::Relaxed));
        Ok(result)
    }

    /// Cuts what a file holds into chunks; what was read of it is not read again.
    fn chunker(&mut self, plan: &Plan<'_>, bound: &Bound, head: Head, path: &str) -> Chunker {
        let (framing, size) = (bound.framing, plan.tuning.chunk_size);
        let stream = if bound.reads_as_it_stands() { head.into_whole() } else { Err(head.stream) };
        match stream {
            Ok(text) => Chunker::of_whole(text, path, framing),
            Err(stream) => {
                let mut chunker = Chunker::new(bound.open(stream), path, framing, size);
                self.files.spare.drain(..).for_each(|buffer| chunker.recycle(buffer));
                chunker
            }
        }
    }
}
