//! One run: files are opened one after the other and read by all threads, and what
//! became of their chunks is merged in their order. While the last chunks of a file
//! are worked on, the next file is opened.

use std::collections::BTreeMap;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};

use rayon::Scope;

use super::archives::Archives;
use super::file::{FileResult, known};
use super::keys::{Keys, Stage};
use super::reading::Reading;
use super::rows::{MakeRows, RowSink};
use super::threads::{Tasks, Threads};
use super::worker::{ChunkResult, Refusal};
use super::{Desks, PipelineError, Plan, Watch};
use crate::formats::{Bound, Dedupe, Detected, recognise};
use crate::input::{self, Chunker, InputError, Source};
use crate::ledger::{FileAccount, Ledger, is_archive};
use crate::scenario::Hands as _;

/// Chunks that are read ahead, besides two for each thread, where rows are made many at a time.
const MORE_AHEAD: usize = 12;

/// What became of a chunk or of a small file.
struct Done {
    /// Its position among those of all files.
    at: u64,
    file: usize,
    found: Found,
}

/// What somebody found who was sent for a chunk or a small file.
pub(super) enum Found {
    Chunk(Box<ChunkResult>),
    File(Result<FileResult, PipelineError>),
    /// The file could not be read on.
    Unread(InputError),
    /// Whoever read this chunk panicked; 0 for a small file.
    Panicked(u64),
    /// No more of the file.
    Nothing,
}

/// What all inputs came to.
pub(super) struct Outcome {
    /// The account of each.
    pub(super) files: Vec<FileAccount>,
    /// The keys of their rows, where these are gathered.
    pub(super) keys: Keys,
    /// The sums of saved ledgers, and those of rows that repeat others.
    pub(super) saved: Vec<(Ledger, Ledger)>,
}

/// A file whose chunks are being merged.
struct Account {
    file: FileAccount,
    /// Lines of the chunks that have been merged.
    lines: u64,
}

/// Reads files into chunks, and merges what became of them in their order.
pub(super) struct Run<'r, 's, 'd, 'b> {
    plan: &'d Plan<'b>,
    watch: &'r mut dyn Watch,
    sink: &'r mut RowSink<'s>,
    desks: &'r Desks<'d, 'b>,
    sender: Sender<Done>,
    receiver: Receiver<Done>,
    tasks: Tasks<'r>,
    /// How many may have been sent for chunks that are not yet merged.
    in_flight: usize,
    files: Vec<Account>,
    waiting: BTreeMap<u64, Done>,
    sent: u64,
    merged: u64,
    /// How the file before was read.
    bound: Option<Arc<Bound>>,
    /// The keys of rows, where they are gathered.
    keys: Keys,
    archives: Archives,
}

impl<'r, 's, 'd, 'b> Run<'r, 's, 'd, 'b> {
    pub(super) fn new(
        desks: &'r Desks<'d, 'b>,
        threads: &Threads,
        watch: &'r mut dyn Watch,
        sink: &'r mut RowSink<'s>,
    ) -> Self {
        let (sender, receiver) = channel();
        let ahead = threads.count().saturating_mul(2).saturating_add(1);
        // While a row group is written by one thread, the others read ahead.
        let more = if sink.make.is_some_and(MakeRows::takes_known) { MORE_AHEAD } else { 0 };
        Self {
            plan: desks.plan,
            watch,
            sink,
            desks,
            sender,
            receiver,
            tasks: Tasks::new(threads),
            in_flight: ahead.saturating_add(more),
            files: Vec::new(),
            waiting: BTreeMap::new(),
            sent: 0,
            merged: 0,
            bound: None,
            keys: Keys::default(),
            archives: Archives::default(),
        }
    }

    pub(super) fn all(mut self, scope: &Scope<'r>) -> Result<Outcome, PipelineError> {
        for source in &self.plan.inputs.sources {
            self.file(source, scope)?;
        }
        self.merge_until(0)?;
        match self.files.first().filter(|_| self.merged != self.sent) {
            None => {
                let files = self.files.into_iter().map(|account| account.file);
                let files: Vec<FileAccount> = files.collect();
                self.archives.check(&self.plan.inputs.sources, &files)?;
                Ok(Outcome { files, keys: self.keys, saved: self.archives.into_ledgers() })
            }
            Some(account) => {
                let path = account.file.path.clone();
                Err(PipelineError::Chunks { path, read: self.sent, merged: self.merged })
            }
        }
    }

    /// Whether rows are to know their lines while they are read.
    const fn counts_lines(&self) -> bool {
        self.sink.make.is_some()
    }

    fn file(&mut self, source: &Source, scope: &Scope<'r>) -> Result<(), PipelineError> {
        let path = source.name();
        if matches!(self.desks.stage, Stage::Gathering) && source.is_stream() {
            // It is read once, when the keys of the others are known.
            self.files.push(Account { file: FileAccount::new(path, None), lines: 0 });
            return Ok(());
        }
        if self.is_for_one(source) {
            self.merge_until(self.in_flight.saturating_sub(1))?;
            self.files.push(Account { file: FileAccount::new(path, None), lines: 0 });
            self.spawn_file(scope, source.clone());
            return Ok(());
        }
        let opened = input::open(source);
        let mut head = self.in_order(opened)?;
        self.watch.open(&path, source.size());
        if is_archive(&head.bytes) {
            return self.archive(source, head.stream);
        }
        let account = FileAccount::new(path.clone(), source.size());
        self.files.push(Account { file: account, lines: 0 });
        let detected = recognise(&path, &mut head, self.plan.format, self.plan.ask);
        let detected = self.in_order(detected)?;
        let Detected::Log(bound) = detected else {
            return Ok(());
        };
        let bound = known(&mut self.bound, *bound);
        let reads = self.desks.stage.reads(&bound, source);
        if !self.in_order(reads)? {
            return Ok(());
        }
        let file = self.files.len().saturating_sub(1);
        self.account(file, |account| account.file.format = Some(bound.format.name));
        let size = self.plan.tuning.chunk_size;
        let mut chunker = Chunker::new(bound.open(head.stream), &path, bound.framing, size);
        if self.counts_lines() {
            chunker = chunker.counting_lines();
        }
        let reading = Reading::new((bound, &path), file, (chunker, self.sent));
        let reading = Arc::new(reading);
        while !reading.is_over() {
            self.merge_until(self.in_flight.saturating_sub(1))?;
            self.watch.advance(head.consumed.load(Ordering::Relaxed));
            self.spawn(scope, Arc::clone(&reading));
        }
        self.watch.advance(head.consumed.load(Ordering::Relaxed));
        let bytes = source.size().unwrap_or_else(|| head.consumed.load(Ordering::Relaxed));
        self.account(file, |account| account.file.bytes = bytes);
        Ok(())
    }

    /// A saved ledger: its sums are read as they are.
    fn archive(
        &mut self,
        source: &Source,
        stream: Box<dyn Read + Send>,
    ) -> Result<(), PipelineError> {
        let mut account = FileAccount::new(source.name(), source.size());
        if !matches!(self.desks.stage, Stage::Gathering) {
            let path = source.name();
            let found = if self.counts_lines() {
                Err(PipelineError::ArchiveRows { path })
            } else if !source.is_parquet() {
                Err(PipelineError::ArchiveText { path })
            } else if self.plan.format.is_some() || self.plan.ask.dedupe != Dedupe::Declared {
                Err(PipelineError::ArchiveOptions { path })
            } else {
                self.archives.read(stream, &source.name(), self.desks)
            };
            account = self.in_order(found)?;
            account.bytes = source.size().unwrap_or(0);
        }
        self.files.push(Account { file: account, lines: 0 });
        Ok(())
    }

    /// An error of a file is told after those of what comes before it, whose lines are
    /// known then.
    fn in_order<T, E: Into<PipelineError>>(
        &mut self,
        result: Result<T, E>,
    ) -> Result<T, PipelineError> {
        if result.is_err() {
            self.merge_until(0)?;
        }
        result.map_err(Into::into)
    }

    fn account(&mut self, file: usize, change: impl FnOnce(&mut Account)) {
        if let Some(account) = self.files.get_mut(file) {
            change(account);
        }
    }

    /// Whether one worker is to read a file on its own.
    fn is_for_one(&self, source: &Source) -> bool {
        let most = u64::try_from(self.plan.tuning.chunk_size).unwrap_or(u64::MAX);
        let alike = self.plan.inputs.sources.len() > 1 && !self.counts_lines();
        alike && !source.is_parquet() && source.is_small(most)
    }

    fn spawn_file(&mut self, scope: &Scope<'r>, source: Source) {
        let (sender, desks, at) = (self.sender.clone(), self.desks, self.sent);
        let file = self.files.len().saturating_sub(1);
        self.sent = self.sent.saturating_add(1);
        let task = move || {
            let number = u32::try_from(file).unwrap_or(u32::MAX);
            let result = catch_unwind(AssertUnwindSafe(|| desks.work_file(&source, number)));
            let found = result.map_or(Found::Panicked(0), Found::File);
            // The receiver is gone only when the run has already failed.
            let _ = sender.send(Done { at, file, found });
        };
        self.tasks.add(scope, Box::new(task));
    }

    /// Sends somebody for the next chunk of a file.
    fn spawn(&mut self, scope: &Scope<'r>, reading: Arc<Reading>) {
        let (sender, desks) = (self.sender.clone(), self.desks);
        self.sent = self.sent.saturating_add(1);
        let task = move || {
            let (at, found) = desks.read_on(&reading);
            // The receiver is gone only when the run has already failed.
            let _ = sender.send(Done { at, file: reading.file, found });
        };
        self.tasks.add(scope, Box::new(task));
    }

    /// Merges chunks in their order until no more than some are at work.
    fn merge_until(&mut self, at_work: usize) -> Result<(), PipelineError> {
        let left = |run: &Self| usize::try_from(run.sent.saturating_sub(run.merged));
        while left(self).unwrap_or(usize::MAX) > at_work {
            // Whoever would wait for the others had better do what they would do next.
            let Ok(done) = self.receiver.try_recv() else {
                if !self.tasks.do_one() {
                    let Ok(done) = self.receiver.recv() else { break };
                    self.put(done)?;
                }
                continue;
            };
            self.put(done)?;
        }
        Ok(())
    }

    /// Takes what became of a chunk, and merges all that can be merged in order.
    fn put(&mut self, done: Done) -> Result<(), PipelineError> {
        self.waiting.insert(done.at, done);
        while let Some(done) = self.waiting.remove(&self.merged) {
            self.merged = self.merged.saturating_add(1);
            self.merge(done)?;
        }
        Ok(())
    }

    fn merge(&mut self, done: Done) -> Result<(), PipelineError> {
        match done.found {
            Found::Chunk(result) => self.merge_chunk(done.file, *result),
            Found::File(result) => self.merge_file(done.file, result?),
            Found::Nothing => Ok(()),
            Found::Unread(error) => {
                let lines = self.files.get(done.file).map_or(0, |account| account.lines);
                Err(error.after(if self.counts_lines() { 0 } else { lines }).into())
            }
            Found::Panicked(chunk) => {
                let account = self.files.get(done.file);
                let path = account.map(|account| account.file.path.clone()).unwrap_or_default();
                Err(PipelineError::Worker { path, chunk })
            }
        }
    }

    fn merge_file(&mut self, file: usize, result: FileResult) -> Result<(), PipelineError> {
        let FileResult { format, bytes, chunks } = result;
        if let Some(account) = self.files.get_mut(file) {
            (account.file.format, account.file.bytes) = (format, bytes);
            self.watch.open(&account.file.path, Some(bytes));
            self.watch.advance(bytes);
        }
        chunks.into_iter().try_for_each(|chunk| self.merge_chunk(file, chunk))
    }

    fn merge_chunk(&mut self, file: usize, result: ChunkResult) -> Result<(), PipelineError> {
        let counts_lines = self.counts_lines();
        result.keyed.iter().for_each(|row| self.keys.offer(row));
        let Some(account) = self.files.get_mut(file) else { return Ok(()) };
        let path = account.file.path.clone();
        if result.needs_keys {
            return Err(PipelineError::KeysUnknown { path });
        }
        account.file.differing = account.file.differing.saturating_add(result.differing);
        let before = if counts_lines { 0 } else { account.lines };
        account.lines = account.lines.saturating_add(result.lines);
        if let Some(Refusal { line, message }) = result.refusal {
            let line = line.saturating_add(before);
            return Err(PipelineError::Refused { path, line, message });
        }
        account.file.add(&result.counts, &result.tally, &result.period);
        account.file.billed_only.add(&result.billed_only);
        for (at, seen) in (0_u32..).zip(&mut account.file.labels_seen) {
            *seen |= result.labels_seen & 1_u8.unbounded_shl(at) != 0;
        }
        for (line, rejection) in &result.rejections {
            let line = line.saturating_add(before);
            self.watch.reject(&path, line, rejection).map_err(PipelineError::Rejects)?;
            account.file.rejected.add(line, rejection);
        }
        match result.rows {
            Some(batch) => (self.sink.write)(batch).map_err(PipelineError::Rows),
            None => Ok(()),
        }
    }
}
