//! Places of numbers: each is where the hash of its key says, or behind it.

/// Numbers from 1 on, by the hash of a key that their owner keeps.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// 0 for none.
    table: Vec<u32>,
    /// Leaves as many bits of a hash as the places of the table have; below 64.
    shift: u32,
    taken: usize,
}

impl Places {
    /// Where the search for a key begins.
    #[inline]
    fn home(&self, hash: u64) -> usize {
        usize::try_from(hash.wrapping_shr(self.shift)).unwrap_or(0)
    }

    /// What may be the number of a key: that at the first place to look; 0 for none.
    #[inline]
    pub(super) fn guess(&self, hash: u64) -> u32 {
        self.table.get(self.home(hash)).copied().unwrap_or(0)
    }

    /// The number of a key: `is_it` says whether one is.
    #[inline]
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let mut place = self.home(hash);
        loop {
            let number = *self.table.get(place)?;
            if number == 0 {
                return None;
            }
            if is_it(number) {
                return Some(number);
            }
            place = place.wrapping_add(1) & self.table.len().wrapping_sub(1);
        }
    }

    /// Takes up the number of a new key; `hash_of` gives the hash of every one, this
    /// one's too.
    pub(super) fn enter(&mut self, number: u32, hash_of: impl Fn(u32) -> u64) {
        self.taken = self.taken.saturating_add(1);
        // Few places are taken, so that most keys are where they are looked for first.
        if self.taken.saturating_mul(4) <= self.table.len() {
            return self.put(number, hash_of(number));
        }
        let places = self.table.len().saturating_mul(2).max(64);
        let known = std::mem::replace(&mut self.table, vec![0; places]);
        self.shift = places.leading_zeros().saturating_add(1);
        for number in known.into_iter().filter(|number| *number != 0).chain([number]) {
            self.put(number, hash_of(number));
        }
    }

    fn put(&mut self, number: u32, hash: u64) {
        let mut place = self.home(hash);
        let last = self.table.len().wrapping_sub(1);
        while let Some(slot) = self.table.get_mut(place) {
            if *slot == 0 {
                *slot = number;
                return;
            }
            place = place.wrapping_add(1) & last;
        }
    }
}

/// A hash of two words: bits that differ where they do, mostly.
#[inline]
pub(super) fn mixed(one: u64, other: u64) -> u64 {
    let (one, other) = (one ^ 0x9e37_79b9_7f4a_7c15, other ^ 0xd6e8_feb8_6659_fd93);
    let product = u128::from(one).wrapping_mul(u128::from(other));
    let half = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
    half(product) ^ half(product.unbounded_shr(64))
}
