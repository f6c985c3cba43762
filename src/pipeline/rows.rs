//! What is made of each row besides its sums: a maker works on the chunks, in
//! parallel, and a writer takes what it made, in the order of the chunks.

use crate::formats::Labels;
use crate::ledger::View;
use crate::report::{Batch, KnownRows, RowKind};
use crate::scenario::OutOfRange;
use crate::usage::UsageRow;

/// A row of usage that passed the filters.
#[derive(Debug, Clone, Copy)]
pub struct SeenRow<'s> {
    /// The input's name.
    pub path: &'s str,
    /// The row.
    pub row: &'s UsageRow<'s>,
    /// The values of the asked properties.
    pub labels: &'s Labels<'s>,
    /// The row as a ledger cell of its own.
    pub view: View<'s>,
}

/// Makes something of rows; shared by all workers.
pub trait MakeRows: Sync {
    /// Whether rows like others before them are taken many at a time; otherwise all are taken
    /// one by one.
    fn takes_known(&self) -> bool;

    /// What one worker makes.
    fn begin(&self) -> Box<dyn ChunkRows + Send + '_>;
}

/// Makes something of the rows of chunks, one after the other.
pub trait ChunkRows {
    /// Takes the next row.
    fn take(&mut self, row: &SeenRow<'_>) -> Result<(), OutOfRange>;

    /// The kind of the row that was taken last, and the number of its labels; `None` where
    /// all rows are to be taken one by one.
    fn learn(&mut self, row: &SeenRow<'_>) -> Option<(RowKind, u32)>;

    /// The number of labels; `None` where all rows are to be taken one by one.
    fn learn_labels(&mut self, labels: &Labels<'_>) -> Option<u32>;

    /// Takes the next rows; `false`, and nothing taken, where they are to be taken one by one.
    fn take_known(&mut self, rows: &KnownRows<'_>) -> bool;

    /// Ends a chunk.
    fn finish(&mut self) -> Batch;
}

/// Where batches go.
type WriteBatch<'s> = Box<dyn FnMut(Batch) -> std::io::Result<()> + 's>;

/// What is made of rows, and where it goes.
pub struct RowSink<'s> {
    pub(super) make: Option<&'s dyn MakeRows>,
    pub(super) write: WriteBatch<'s>,
    /// Whether the inputs are read although keys may turn out to be needed.
    pub(super) tries: bool,
}

impl std::fmt::Debug for RowSink<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowSink").field("makes", &self.make.is_some()).finish_non_exhaustive()
    }
}

impl<'s> RowSink<'s> {
    /// Batches of `make` go to `write`, in the order of the rows.
    pub fn new(
        make: &'s dyn MakeRows,
        write: impl FnMut(Batch) -> std::io::Result<()> + 's,
    ) -> Self {
        Self { make: Some(make), write: Box::new(write), tries: false }
    }

    /// The same for batches that can be thrown away: the inputs are read once, and where keys of
    /// their rows turn out to be needed that only all rows tell, the run fails with
    /// [`PipelineError::KeysUnknown`](super::PipelineError::KeysUnknown), and is to be made
    /// again without this.
    #[must_use]
    pub fn trying(mut self) -> Self {
        self.tries = true;
        self
    }

    /// Sums alone.
    pub fn none() -> Self {
        Self { make: None, write: Box::new(|_| Ok(())), tries: true }
    }
}
