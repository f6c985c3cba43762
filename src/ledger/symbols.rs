//! Names as numbers, so that keys are small and cheap to compare.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;

/// A name's number in one [`Symbols`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Symbol(u32);

impl Symbol {
    /// No name at all, which differs from an empty one.
    pub const ABSENT: Self = Self(0);
}

/// The names of a ledger.
#[derive(Debug, Clone, Default)]
pub struct Symbols {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, Symbol, FixedState>,
}

impl Symbols {
    /// The number of a name, a new one if it was not seen.
    pub fn intern(&mut self, name: &str) -> Symbol {
        if let Some(known) = self.numbers.get(name) {
            return *known;
        }
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        // More names than numbers would need more than 60 GB of distinct text.
        let symbol = Symbol(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        self.numbers.insert(name, symbol);
        symbol
    }

    /// The name of a number; `None` for [`Symbol::ABSENT`].
    pub fn name(&self, symbol: Symbol) -> Option<&str> {
        let at = usize::try_from(symbol.0).ok()?.checked_sub(1)?;
        self.names.get(at).map(|name| &**name)
    }

    /// All names, in the order of their numbers.
    pub fn names(&self) -> impl Iterator<Item = &str> + '_ {
        self.names.iter().map(|name| &**name)
    }

    /// The number of a symbol in another ledger's table.
    pub(super) fn translated(symbol: Symbol, table: &[Symbol]) -> Symbol {
        let at = usize::try_from(symbol.0).ok().and_then(|at| at.checked_sub(1));
        at.and_then(|at| table.get(at)).copied().unwrap_or(Symbol::ABSENT)
    }
}
