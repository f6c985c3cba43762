//! A small file, which one worker opens, recognises and reads: a folder of many
//! files is read at once, not one file after the other.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::worker::{ChunkResult, Desk, Job};
use super::{PipelineError, Plan};
use crate::formats::{Bound, Detected, recognise};
use crate::input::{self, Chunker, Source};
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

/// What a worker keeps from file to file.
#[derive(Debug, Default)]
pub(super) struct FileDesk {
    /// How the file before was read.
    bound: Option<Arc<Bound>>,
    /// Memory of chunks that are done with.
    spare: Vec<Vec<u8>>,
}

/// The same format, as the file before was read where that is alike.
pub(super) fn known(before: &mut Option<Arc<Bound>>, bound: Bound) -> Arc<Bound> {
    match before {
        Some(known) if known.reads_alike(&bound) => Arc::clone(known),
        _ => Arc::clone(before.insert(Arc::new(bound))),
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
        let mut result = FileResult::default();
        let detected = recognise(&path, &mut head, plan.format, plan.ask)?;
        if let Detected::Log(bound) = detected {
            let bound = known(&mut self.files.bound, *bound);
            result.format = Some(bound.format.name);
            if !self.stage.reads(&bound, source)? {
                return Ok(result);
            }
            let size = plan.tuning.chunk_size;
            let mut chunker = Chunker::new(bound.open(head.stream), &path, bound.framing, size);
            self.files.spare.drain(..).for_each(|buffer| chunker.recycle(buffer));
            let (path, mut lines): (Arc<str>, u64) = (path.into(), 0);
            while let Some(chunk) = chunker.next_chunk().map_err(|error| error.after(lines))? {
                let (bound, path) = (Arc::clone(&bound), Arc::clone(&path));
                let job = Job { bound, rows: None, path, chunk, file };
                let read = self.run(&job);
                lines = lines.saturating_add(read.lines);
                result.chunks.push(read);
                chunker.recycle(job.chunk.into_buffer());
            }
            self.files.spare = chunker.into_spare();
        }
        let consumed = head.consumed.load(Ordering::Relaxed);
        result.bytes = source.size().unwrap_or(consumed);
        Ok(result)
    }
}
