//! Columns of a row group as pages of a Parquet file.
//!
//! One page has all cells of a column. Words, and counts that are all the same, are given by
//! a dictionary, other counts by their differences; times and amounts stand as they are.
//! Nothing is compressed: a page of amounts would take several times as long as all that is
//! done for its rows.

use std::io;

use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::compression::Compression;
use polars_parquet::parquet::encoding::hybrid_rle::Encoder;
use polars_parquet::parquet::encoding::{Encoding, uleb128};
use polars_parquet::parquet::metadata::Descriptor;
use polars_parquet::parquet::page::{
    CompressedDataPage, CompressedDictPage, CompressedPage, DataPageHeader, DataPageHeaderV1,
};

use super::differences::Differences;
use crate::blocks::{Lanes, WithLanes, with_lanes};

/// Which cells of a column are there.
#[derive(Debug, Clone, Copy)]
pub(super) enum There<'t> {
    All,
    None,
    Some(&'t Level),
}

/// Which rows of a group have a cell.
#[derive(Debug)]
pub(super) struct Level {
    /// For each row 1 where it has it, and 0 where not.
    rows: Vec<u8>,
    /// The same as a page says it.
    encoded: Vec<u8>,
    /// How many have it.
    cells: usize,
}

impl Level {
    /// From the place of each row's stamp, and whether the stamp at a place has the cell.
    pub(super) fn new(places: &[u32], has: &[bool]) -> Self {
        let of = |place: &u32| usize::try_from(*place).ok().and_then(|at| has.get(at).copied());
        let rows: Vec<u8> = places.iter().map(|place| of(place).unwrap_or(false).into()).collect();
        let (eights, rest) = rows.as_chunks::<8>();
        let mut header = [0; 10];
        let groups = u64::try_from(rows.len().div_ceil(8)).unwrap_or(0);
        let used = uleb128::encode(groups.saturating_mul(2).saturating_add(1), &mut header);
        let mut encoded = header.get(..used).unwrap_or_default().to_vec();
        encoded.extend(eights.iter().copied().map(bits_of));
        if !rest.is_empty() {
            let mut last = [0; 8];
            last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            encoded.push(bits_of(last));
        }
        let own = encoded.get(used..).unwrap_or_default();
        let cells = own.iter().fold(0_u32, |sum, bits| sum.saturating_add(bits.count_ones()));
        let cells = usize::try_from(cells).unwrap_or(usize::MAX);
        Self { rows, encoded, cells }
    }

    /// Those of some numbers of which a row has a cell.
    fn own(&self, numbers: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut own = vec![0; self.cells.saturating_add(1)];
        let mut many = 0_usize;
        for (number, has) in numbers.zip(&self.rows) {
            own.get_mut(many).into_iter().for_each(|slot| *slot = number);
            many = many.saturating_add(usize::from(*has));
        }
        own.truncate(self.cells);
        own
    }
}

/// Eight ones and zeros as bits, the first one lowest: the product has the one of each byte in
/// its upper byte too, and none of its other bits meet.
fn bits_of(ones: [u8; 8]) -> u8 {
    let [.., bits] = u64::from_le_bytes(ones).wrapping_mul(0x0102_0408_1020_4080).to_le_bytes();
    bits
}

/// A column's pages; `rows` is the number of its cells.
pub(super) struct Pages {
    rows: usize,
    descriptor: Descriptor,
    is_optional: bool,
}

impl Pages {
    pub(super) const fn new(rows: usize, descriptor: Descriptor, is_optional: bool) -> Self {
        Self { rows, descriptor, is_optional }
    }

    /// Begins a page of numbers as they stand, of so many words each.
    pub(super) fn plain<const N: usize>(self, there: There<'_>) -> io::Result<Plain<'_, N>> {
        let room = match there {
            There::None => 0,
            There::All | There::Some(_) => self.rows.saturating_mul(bytes_of(N)),
        };
        let mut body = Vec::with_capacity(room.saturating_add(self.rows / 8).saturating_add(16));
        self.levels(there, &mut body)?;
        Ok(Plain { pages: self, body, there, rows: 0 })
    }

    /// Numbers by their differences; each row has one. They come in parts, each with how many
    /// it has: they may end before, the others are zero.
    pub(super) fn differences<'n>(
        self,
        parts: impl Iterator<Item = (usize, &'n [u64])>,
    ) -> Vec<CompressedPage> {
        let mut all = Differences::new(self.rows);
        for (rows, numbers) in parts {
            all.add(numbers);
            all.add_zeros(rows.saturating_sub(numbers.len()));
        }
        vec![self.data(all.end(), Encoding::DeltaBinaryPacked)]
    }

    /// The cells that are there, all the same, given by its bytes.
    pub(super) fn same(self, value: Vec<u8>, there: There<'_>) -> io::Result<Vec<CompressedPage>> {
        let mut body = Vec::new();
        self.levels(there, &mut body)?;
        body.push(1);
        let cells = match there {
            There::All => self.rows,
            There::None => 0,
            There::Some(level) => level.cells,
        };
        u32::run_length_encode(&mut body, cells, 0, 1)?;
        Ok(vec![dictionary(value, 1), self.data(body, Encoding::RleDictionary)])
    }

    /// Cells by the number of their text in a dictionary of so many: `places` has for each row
    /// the place of its stamp, and `codes` for each of these the number.
    pub(super) fn coded(
        self,
        (texts, many): (Vec<u8>, usize),
        (places, codes): (&[u32], &[u32]),
        there: There<'_>,
    ) -> io::Result<Vec<CompressedPage>> {
        let mut body = Vec::with_capacity(self.rows.saturating_mul(2));
        self.levels(there, &mut body)?;
        let last = u32::try_from(many.saturating_sub(1)).unwrap_or(u32::MAX);
        let code = |place: &u32| usize::try_from(*place).ok().and_then(|at| codes.get(at).copied());
        let own = places.iter().map(|place| code(place).unwrap_or(0));
        match there {
            There::Some(level) => put_codes(&mut body, level.own(own).into_iter(), last)?,
            There::All | There::None => put_codes(&mut body, own, last)?,
        }
        Ok(vec![dictionary(texts, many), self.data(body, Encoding::RleDictionary)])
    }

    /// Which cells are there, before the others.
    fn levels(&self, there: There<'_>, body: &mut Vec<u8>) -> io::Result<()> {
        if !self.is_optional {
            return Ok(());
        }
        let start = body.len();
        body.extend_from_slice(&[0; 4]);
        match there {
            There::All => bool::run_length_encode(body, self.rows, true, 1)?,
            There::None => bool::run_length_encode(body, self.rows, false, 1)?,
            There::Some(level) => body.extend_from_slice(&level.encoded),
        }
        let length = body.len().saturating_sub(start).saturating_sub(4);
        let length = u32::try_from(length).map_err(io::Error::other)?;
        if let Some(slot) = body.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
            *slot = length.to_le_bytes();
        }
        Ok(())
    }

    fn data(self, body: Vec<u8>, encoding: Encoding) -> CompressedPage {
        let header = DataPageHeader::V1(DataPageHeaderV1 {
            num_values: i32::try_from(self.rows).unwrap_or(i32::MAX),
            encoding: encoding.into(),
            definition_level_encoding: Encoding::Rle.into(),
            repetition_level_encoding: Encoding::Rle.into(),
            statistics: None,
        });
        let (size, none) = (body.len(), Compression::Uncompressed);
        let body = CowBuffer::Owned(body);
        let page = CompressedDataPage::new(header, body, none, size, self.descriptor, self.rows);
        CompressedPage::Data(page)
    }
}

/// Codes, none of them above the last one.
fn put_codes(
    body: &mut Vec<u8>,
    codes: impl ExactSizeIterator<Item = u32>,
    last: u32,
) -> io::Result<()> {
    let bits = u32::BITS.saturating_sub(last.leading_zeros()).max(1);
    body.push(u8::try_from(bits).unwrap_or(u8::MAX));
    u32::bitpacked_encode(body, codes, usize::try_from(bits).unwrap_or(32))
}

/// A page of numbers as they stand, of the cells that are there.
pub(super) struct Plain<'t, const N: usize> {
    pages: Pages,
    body: Vec<u8>,
    there: There<'t>,
    /// How many rows were added.
    rows: usize,
}

impl<const N: usize> Plain<'_, N> {
    /// Adds those of so many rows; the numbers may end before the last row, the others are
    /// zero.
    pub(super) fn add<T: Copy>(
        &mut self,
        rows: usize,
        numbers: &[T],
        words: impl Fn(T) -> [Word; N],
    ) {
        let next = self.rows.saturating_add(rows);
        let (own, zeros) = match self.there {
            There::None => (None, 0),
            There::All => (Some(None), rows.saturating_sub(numbers.len())),
            There::Some(level) => {
                let own = level.rows.get(self.rows..next).unwrap_or_default();
                let (own, zeros) = own.split_at(numbers.len().min(own.len()));
                (Some(Some(own)), zeros.iter().map(|row| usize::from(*row)).sum())
            }
        };
        self.rows = next;
        if let Some(own) = own {
            with_lanes(Standing { body: &mut self.body, own, numbers, words });
            let end = self.body.len().saturating_add(zeros.saturating_mul(bytes_of(N)));
            self.body.resize(end, 0);
        }
    }

    /// The page.
    pub(super) fn end(self) -> Vec<CompressedPage> {
        vec![self.pages.data(self.body, Encoding::Plain)]
    }
}

/// Four bytes of a number: what lanes make of several numbers at once.
pub(super) type Word = [u8; 4];

/// The bytes of so many words.
const fn bytes_of(words: usize) -> usize {
    words.saturating_mul(size_of::<Word>())
}

/// Numbers that are made into bytes at once.
const BLOCK: usize = 128;

/// Numbers that are put behind what is there, as they stand.
struct Standing<'s, T, F, const N: usize> {
    body: &'s mut Vec<u8>,
    /// For each of them 1 where its row has it, and 0 where not; `None` where all have it.
    own: Option<&'s [u8]>,
    numbers: &'s [T],
    words: F,
}

impl<T: Copy, F: Fn(T) -> [Word; N], const N: usize> WithLanes for Standing<'_, T, F, N> {
    type Output = ();

    #[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
    #[inline(always)]
    fn run<L: Lanes>(self, _: L) {
        let mut left = self.own;
        let (mut room, mut packed) = ([[[0; 4]; N]; BLOCK], [[[0; 4]; N]; BLOCK]);
        for numbers in self.numbers.chunks(BLOCK) {
            for (slot, number) in room.iter_mut().zip(numbers) {
                *slot = (self.words)(*number);
            }
            let all = room.get(..numbers.len()).unwrap_or_default();
            let own = left.map(|rows| rows.split_at(numbers.len().min(rows.len())));
            let own = match own {
                None => all,
                Some((own, rest)) => {
                    left = Some(rest);
                    pack(own, all, &mut packed)
                }
            };
            self.body.extend_from_slice(own.as_flattened().as_flattened());
        }
    }
}

/// The numbers of rows that have them, one after the other.
#[expect(clippy::inline_always, reason = "compiled for the lanes that call it")]
#[inline(always)]
fn pack<'p, const N: usize>(
    own: &[u8],
    all: &[[Word; N]],
    packed: &'p mut [[Word; N]; BLOCK],
) -> &'p [[Word; N]] {
    let mut many = 0_usize;
    for (there, number) in own.iter().zip(all) {
        packed.get_mut(many).into_iter().for_each(|slot| *slot = *number);
        many = many.saturating_add(usize::from(*there));
    }
    packed.get(..many).unwrap_or_default()
}

fn dictionary(values: Vec<u8>, many: usize) -> CompressedPage {
    let size = values.len();
    let values = CowBuffer::Owned(values);
    let none = Compression::Uncompressed;
    CompressedPage::Dict(CompressedDictPage::new(values, none, size, many, false))
}
