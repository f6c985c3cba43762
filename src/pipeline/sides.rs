//! The two sides of a request, what goes in and what comes out, and which limits they
//! reach.

use crate::blocks::{Lanes, WithLanes, with_lanes};
use crate::formats::{COUNTED, Parts, QuickCounts, TOGETHER, bits};
use crate::ledger::Cuts;
use crate::usage::Meter;

/// The meters of [`COUNTED`] that are part of a request's context, and those
/// that are its output, one bit each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides {
    input: u32,
    output: u32,
    /// Below these no class, window or cap is reached.
    lowest: (u64, u64),
}

impl Sides {
    pub(super) fn new(cuts: &Cuts) -> Self {
        let side = |is_part: fn(Meter) -> bool| {
            let bits = COUNTED.into_iter().zip(0_u32..);
            bits.fold(0, |side, (meter, bit)| side | (u32::from(is_part(meter)) << bit))
        };
        Self { input: side(Meter::is_input), output: side(Meter::is_output), lowest: cuts.lowest() }
    }

    /// The class and the limits of one request, as bits of a key.
    #[inline]
    pub(super) fn classify(&self, parts: &Parts, cuts: &Cuts) -> u32 {
        let sum = |side: u32| parts.among(side).fold(0, u64::saturating_add);
        self.class_of(sum(self.input), sum(self.output), cuts)
    }

    /// The same of rows that were read together; `classes` are zeros before.
    pub(super) fn classes(
        &self,
        counts: QuickCounts<'_>,
        cuts: &Cuts,
        classes: &mut [u32; TOGETHER],
    ) {
        let mut sums = [[0; TOGETHER]; 2];
        if !with_lanes(Summing { sides: self, counts, sums: &mut sums, reached: classes }) {
            return;
        }
        let [inputs, outputs] = &sums;
        for (class, (input, output)) in classes.iter_mut().zip(inputs.iter().zip(outputs)) {
            if *class != 0 {
                *class = self.class_of(*input, *output, cuts);
            }
        }
    }

    #[inline]
    fn class_of(&self, input: u64, output: u64, cuts: &Cuts) -> u32 {
        if input < self.lowest.0 && output < self.lowest.1 {
            return 0;
        }
        let (window, cap) = cuts.limits(input, output);
        u32::from_le_bytes([cuts.class(u128::from(input), 1), window, cap, 0])
    }
}

/// Both sides of rows, to be summed.
struct Summing<'s> {
    sides: &'s Sides,
    counts: QuickCounts<'s>,
    sums: &'s mut [[u64; TOGETHER]; 2],
    /// Where rows reach any class or limit something else than zero is put.
    reached: &'s mut [u32; TOGETHER],
}

impl WithLanes for Summing<'_> {
    /// Whether any row reaches one.
    type Output = bool;

    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn run<L: Lanes>(self, _: L) -> bool {
        let Sides { input, output, lowest } = *self.sides;
        for (sums, side) in self.sums.iter_mut().zip([input, output]) {
            for values in bits(side).filter_map(|bit| self.counts.column(bit)) {
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum = sum.saturating_add(*value);
                }
            }
        }
        let mut any = 0;
        let [inputs, outputs] = &*self.sums;
        for (reached, (input, output)) in self.reached.iter_mut().zip(inputs.iter().zip(outputs)) {
            *reached = u32::from(*input >= lowest.0 || *output >= lowest.1);
            any |= *reached;
        }
        any != 0
    }
}
