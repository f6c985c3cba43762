//! Disjoint counts, one per meter: of a row (`u64`) and of many (`u128`).

use super::Meter;

/// What one row used: one count per meter, disjoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantities([u64; Meter::COUNT]);

impl Default for Quantities {
    fn default() -> Self {
        Self([0; Meter::COUNT])
    }
}

impl Quantities {
    /// The count of one meter.
    pub fn get(&self, meter: Meter) -> u64 {
        self.0.get(meter.index()).copied().unwrap_or(0)
    }

    /// Sets the count of one meter.
    pub fn set(&mut self, meter: Meter, count: u64) {
        if let Some(slot) = self.0.get_mut(meter.index()) {
            *slot = count;
        }
    }

    /// The meters with a count, in order.
    pub fn nonzero(&self) -> impl Iterator<Item = (Meter, u64)> + '_ {
        Meter::ALL.iter().copied().zip(self.0).filter(|(_, count)| *count != 0)
    }

    /// All input of the request, cached included: what decides the band.
    /// Cannot exceed `u64` for a row whose total was read as one number.
    pub fn total_input(&self) -> u64 {
        self.nonzero()
            .filter(|(meter, _)| meter.is_input())
            .fold(0, |sum, (_, count)| sum.saturating_add(count))
    }
}

impl Quantities {
    /// All output, reasoning included.
    pub fn total_output(&self) -> u64 {
        self.nonzero()
            .filter(|(meter, _)| meter.is_output())
            .fold(0, |sum, (_, count)| sum.saturating_add(count))
    }
}

/// Sums of quantities over rows, in `u128`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    sums: [u128; Meter::COUNT],
    /// One bit for each meter with a count, at its position.
    used: u64,
}

const _: () = assert!(Meter::COUNT <= 64, "`Totals::used` has a bit for each meter");

impl Default for Totals {
    fn default() -> Self {
        Self { sums: [0; Meter::COUNT], used: 0 }
    }
}

impl From<&Quantities> for Totals {
    fn from(quantities: &Quantities) -> Self {
        let mut totals = Self::default();
        totals.add_row(quantities);
        totals
    }
}

impl Totals {
    /// The sum of one meter.
    pub fn get(&self, meter: Meter) -> u128 {
        self.sums.get(meter.index()).copied().unwrap_or(0)
    }

    /// Adds to one meter. Sums of `u64` counts cannot reach the end of `u128`
    /// within 2^64 rows, so saturation is never met.
    pub fn add(&mut self, meter: Meter, count: u128) {
        if let Some(slot) = self.sums.get_mut(meter.index()).filter(|_| count != 0) {
            *slot = slot.saturating_add(count);
            self.used |= 1 << meter.index();
        }
    }

    /// Adds one row.
    pub fn add_row(&mut self, quantities: &Quantities) {
        for (meter, count) in quantities.nonzero() {
            self.add(meter, u128::from(count));
        }
    }

    /// Adds other sums.
    pub fn add_all(&mut self, other: &Self) {
        for (meter, count) in other.nonzero() {
            self.add(meter, count);
        }
    }

    /// The meters with a count, in order.
    pub fn nonzero(&self) -> impl Iterator<Item = (Meter, u128)> + '_ {
        Meter::of_bits(self.used).map(|meter| (meter, self.get(meter)))
    }

    /// The same tokens without caching: every cached or written token returned
    /// to its own modality.
    #[must_use]
    pub fn without_caching(&self) -> Self {
        let mut plain = Self::default();
        for (meter, count) in self.nonzero() {
            plain.add(meter.without_caching(), count);
        }
        plain
    }

    /// The sum of the token meters.
    pub fn tokens(&self) -> u128 {
        self.nonzero()
            .filter(|(meter, _)| meter.is_token())
            .fold(0, |sum, (_, count)| sum.saturating_add(count))
    }

    /// All input, cached included.
    pub fn total_input(&self) -> u128 {
        self.nonzero()
            .filter(|(meter, _)| meter.is_input())
            .fold(0, |sum, (_, count)| sum.saturating_add(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_caching_moves_and_keeps_every_token() {
        let mut totals = Totals::default();
        for (index, meter) in Meter::ALL.iter().enumerate() {
            totals.add(*meter, u128::try_from(index).unwrap() + 1);
        }
        let plain = totals.without_caching();
        assert_eq!(plain.tokens(), totals.tokens());
        assert_eq!(plain.get(Meter::CachedInput), 0);
        assert_eq!(plain.get(Meter::Input), 1 + 2 + 3 + 4 + 5 + 6);
        assert_eq!(plain.get(Meter::ImageInput), 8 + 9);
        assert_eq!(plain.total_input(), totals.total_input());
    }
}
