//! 32 or 64 bytes at a time to bits, one for each byte, with what the processor has:
//! AVX-512 or AVX2 where there is, else what every one of its kind has.
#![deny(clippy::arithmetic_side_effects)]

use wide::u8x16;

/// Bytes that are looked at together.
pub(crate) const LANES: usize = 32;

/// Bytes of a wide block, whose bits fit one word.
pub(crate) const WIDE: usize = 2 * LANES;

/// Looks at bytes together.
pub(crate) trait Lanes: Copy {
    /// Bytes, ready to be looked at.
    type Block: Copy;

    /// Makes bytes ready.
    fn block(self, bytes: &[u8; LANES]) -> Self::Block;

    /// The bytes that are a given one.
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn equal(self, block: Self::Block, byte: u8) -> u32 {
        self.same(block, self.block(&[byte; LANES]))
    }

    /// The bytes that are the same in both.
    fn same(self, block: Self::Block, other: Self::Block) -> u32;

    /// The bytes that are not ASCII.
    fn high(self, block: Self::Block) -> u32;

    /// Where a JSON string may end or be escaped, or may not have what it has: quotes,
    /// backslashes, control characters.
    fn stops(self, block: Self::Block) -> u32;

    /// Twice as many bytes, ready to be looked at.
    type Wide: Copy;

    /// Makes as many bytes ready.
    fn wide(self, bytes: &[u8; WIDE]) -> Self::Wide;

    /// The bytes of a wide block that are a given one.
    fn wide_equal(self, block: Self::Wide, byte: u8) -> u64;

    /// The same of those that are not ASCII.
    fn wide_high(self, block: Self::Wide) -> u64;

    /// The same of those where a JSON string may stop.
    fn wide_stops(self, block: Self::Wide) -> u64;

    /// Writes the positions of bits, the first one's being `base`; what is behind them in
    /// `room` may change too.
    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn write_positions(self, base: u32, mut bits: u64, room: &mut [u32; WIDE]) {
        // Eight at a time, and as many again only where there are more: where a loop ends
        // that takes one at a time is hard to foretell.
        for slots in room.as_chunks_mut::<8>().0 {
            for slot in slots {
                *slot = base.wrapping_add(bits.trailing_zeros());
                bits &= bits.wrapping_sub(1);
            }
            if bits == 0 {
                break;
            }
        }
    }
}

/// Both halves of a wide block, ready to be looked at.
#[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
#[inline(always)]
fn halves<L: Lanes>(lanes: L, bytes: &[u8; WIDE]) -> [L::Block; 2] {
    let (halves, _) = bytes.as_chunks::<LANES>();
    [0, 1].map(|at| lanes.block(halves.get(at).unwrap_or(&[0; LANES])))
}

/// The bits of both halves.
#[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
#[inline(always)]
fn both<B>([low, high]: [B; 2], bits: impl Fn(B) -> u32) -> u64 {
    u64::from(bits(low)) | u64::from(bits(high)).unbounded_shl(32)
}

/// The wide blocks of lanes that look at each half on its own.
macro_rules! wide_by_halves {
    () => {
        type Wide = [Self::Block; 2];

        #[inline(always)]
        fn wide(self, bytes: &[u8; WIDE]) -> Self::Wide {
            halves(self, bytes)
        }

        #[inline(always)]
        fn wide_equal(self, block: Self::Wide, byte: u8) -> u64 {
            both(block, |half| self.equal(half, byte))
        }

        #[inline(always)]
        fn wide_high(self, block: Self::Wide) -> u64 {
            both(block, |half| self.high(half))
        }

        #[inline(always)]
        fn wide_stops(self, block: Self::Wide) -> u64 {
            both(block, |half| self.stops(half))
        }
    };
}

/// What is to be done with lanes of some kind.
pub(crate) trait WithLanes {
    /// What it gives.
    type Output;

    /// Does it.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Does something with the best lanes that the processor has.
#[inline]
pub(crate) fn with_lanes<W: WithLanes>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(simd) = pulp::x86::V4::try_new() {
            return simd.vectorize(x86::Work { simd, work });
        }
        if let Some(simd) = pulp::x86::V3::try_new() {
            return simd.vectorize(x86::Work { simd, work });
        }
    }
    work.run(Usual)
}

/// The lanes of every processor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usual;

/// Both halves' bits.
#[inline]
fn bits([low, high]: [u8x16; 2]) -> u32 {
    low.to_bitmask() | high.to_bitmask().unbounded_shl(16)
}

impl Lanes for Usual {
    type Block = [u8x16; 2];

    wide_by_halves!();

    #[inline]
    fn block(self, bytes: &[u8; LANES]) -> Self::Block {
        let (halves, _) = bytes.as_chunks::<16>();
        [0, 1].map(|at| u8x16::new(halves.get(at).copied().unwrap_or_default()))
    }

    #[inline]
    fn same(self, [low, high]: Self::Block, [other_low, other_high]: Self::Block) -> u32 {
        bits([low.simd_eq(other_low), high.simd_eq(other_high)])
    }

    #[inline]
    fn high(self, block: Self::Block) -> u32 {
        bits(block)
    }

    #[inline]
    fn stops(self, block: Self::Block) -> u32 {
        let [quote, backslash, control] = [b'"', b'\\', 0x1f].map(|byte| u8x16::new([byte; 16]));
        let stops =
            |half: u8x16| half.simd_eq(quote) | half.simd_eq(backslash) | half.simd_le(control);
        bits(block.map(stops))
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{__m256i, __m512i};

    use pulp::x86::{V3, V4};
    use pulp::{NullaryFnOnce, cast};

    use super::{LANES, Lanes, WIDE, WithLanes, both, halves};

    /// What is to be done with lanes of a kind.
    pub(crate) struct Work<S, W> {
        pub(crate) simd: S,
        pub(crate) work: W,
    }

    impl<S: Lanes, W: WithLanes> NullaryFnOnce for Work<S, W> {
        type Output = W::Output;

        #[expect(clippy::inline_always, reason = "only what is inlined here is compiled so")]
        #[inline(always)]
        fn call(self) -> W::Output {
            self.work.run(self.simd)
        }
    }

    /// With AVX2.
    #[expect(clippy::inline_always, reason = "only what is inlined may use AVX2")]
    impl Lanes for V3 {
        type Block = __m256i;

        wide_by_halves!();

        #[inline(always)]
        fn block(self, bytes: &[u8; LANES]) -> __m256i {
            cast(*bytes)
        }

        #[inline(always)]
        fn same(self, block: __m256i, other: __m256i) -> u32 {
            self.high(self.avx2._mm256_cmpeq_epi8(block, other))
        }

        #[inline(always)]
        fn high(self, block: __m256i) -> u32 {
            self.avx2._mm256_movemask_epi8(block).cast_unsigned()
        }

        #[inline(always)]
        fn stops(self, block: __m256i) -> u32 {
            let [quote, backslash, control]: [__m256i; 3] =
                [b'"', b'\\', 0x1f].map(|byte| cast([byte; LANES]));
            let simd = self.avx2;
            let ends = simd._mm256_or_si256(
                simd._mm256_cmpeq_epi8(block, quote),
                simd._mm256_cmpeq_epi8(block, backslash),
            );
            let controls = simd._mm256_cmpeq_epi8(simd._mm256_min_epu8(block, control), block);
            self.high(simd._mm256_or_si256(ends, controls))
        }
    }

    const UP_TO_16: [u32; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    /// With AVX-512.
    #[expect(clippy::inline_always, reason = "only what is inlined may use AVX-512")]
    impl Lanes for V4 {
        type Block = __m256i;

        #[inline(always)]
        fn block(self, bytes: &[u8; LANES]) -> __m256i {
            cast(*bytes)
        }

        #[inline(always)]
        fn same(self, block: __m256i, other: __m256i) -> u32 {
            self.avx512bw._mm256_cmpeq_epi8_mask(block, other)
        }

        #[inline(always)]
        fn high(self, block: __m256i) -> u32 {
            self.avx512bw._mm256_movepi8_mask(block)
        }

        #[inline(always)]
        fn stops(self, block: __m256i) -> u32 {
            let ends = self.equal(block, b'"') | self.equal(block, b'\\');
            ends | self.avx512bw._mm256_cmple_epu8_mask(block, cast([0x1f_u8; LANES]))
        }

        type Wide = __m512i;

        #[inline(always)]
        fn wide(self, bytes: &[u8; WIDE]) -> __m512i {
            cast(*bytes)
        }

        #[inline(always)]
        fn wide_equal(self, block: __m512i, byte: u8) -> u64 {
            self.avx512bw._mm512_cmpeq_epi8_mask(block, cast([byte; WIDE]))
        }

        #[inline(always)]
        fn wide_high(self, block: __m512i) -> u64 {
            self.avx512bw._mm512_movepi8_mask(block)
        }

        #[inline(always)]
        fn write_positions(self, base: u32, bits: u64, room: &mut [u32; WIDE]) {
            let (simd, mut known) = (self.avx512f, 0_usize);
            for quarter in [0_u32, 16, 32, 48] {
                let bits = u16::try_from(bits.unbounded_shr(quarter) & 0xffff).unwrap_or(0);
                let first = base.wrapping_add(quarter).cast_signed();
                let all = simd._mm512_add_epi32(cast(UP_TO_16), simd._mm512_set1_epi32(first));
                if let Some(slots) = room.get_mut(known..).and_then(<[u32]>::first_chunk_mut) {
                    *slots = cast::<_, [u32; 16]>(simd._mm512_maskz_compress_epi32(bits, all));
                }
                known = known.wrapping_add(usize::from(bits.count_ones().to_le_bytes()[0]));
            }
        }

        #[inline(always)]
        fn wide_stops(self, block: __m512i) -> u64 {
            let ends = self.wide_equal(block, b'"') | self.wide_equal(block, b'\\');
            ends | self.avx512bw._mm512_cmple_epu8_mask(block, cast([0x1f_u8; WIDE]))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is done with every kind of lanes that the processor has.
    fn by_all<W: WithLanes + Copy>(work: W) -> Vec<W::Output> {
        let mut all = vec![work.run(Usual), with_lanes(work)];
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new() {
            all.push(simd.vectorize(x86::Work { simd, work }));
        }
        all
    }

    /// What lanes say of two blocks.
    #[derive(Clone, Copy)]
    struct Said<'b>(&'b [u8; LANES], &'b [u8; LANES], u8);

    impl WithLanes for Said<'_> {
        type Output = [u32; 4];

        fn run<L: Lanes>(self, lanes: L) -> [u32; 4] {
            let (block, other) = (lanes.block(self.0), lanes.block(self.1));
            let [equal, same] = [lanes.equal(block, self.2), lanes.same(block, other)];
            [equal, same, lanes.high(block), lanes.stops(block)]
        }
    }

    /// What they say of both together.
    #[derive(Clone, Copy)]
    struct SaidWide<'b>(&'b [u8; WIDE], u8);

    impl WithLanes for SaidWide<'_> {
        type Output = [u64; 3];

        fn run<L: Lanes>(self, lanes: L) -> [u64; 3] {
            let block = lanes.wide(self.0);
            [lanes.wide_equal(block, self.1), lanes.wide_high(block), lanes.wide_stops(block)]
        }
    }

    proptest! {
        #[test]
        fn all_lanes_say_what_byte_after_byte_does(
            block in proptest::array::uniform32(prop_oneof![any::<u8>(), 0x1e_u8..0x24, Just(b'\\')]),
            other in proptest::array::uniform32(0x1e_u8..0x24),
            byte in 0x1e_u8..0x24,
        ) {
            let of = |is: &dyn Fn(usize) -> bool| {
                (0..LANES).fold(0, |bits, at| bits | u32::from(is(at)) << at)
            };
            let stop = |at: usize| matches!(block[at], b'"' | b'\\' | 0..=0x1f);
            let plain = [
                of(&|at| block[at] == byte),
                of(&|at| block[at] == other[at]),
                of(&|at| block[at] >= 0x80),
                of(&stop),
            ];
            for said in by_all(Said(&block, &other, byte)) {
                prop_assert_eq!(said, plain);
            }
            let mut both = other.into_iter().chain(block);
            let wide: [u8; WIDE] = std::array::from_fn(|_| both.next().unwrap());
            let of_other = Said(&other, &block, byte).run(Usual);
            let plain = [0, 2, 3].map(|at| u64::from(of_other[at]) | u64::from(plain[at]) << LANES);
            for said in by_all(SaidWide(&wide, byte)) {
                prop_assert_eq!(said, plain);
            }
        }
    }
}
