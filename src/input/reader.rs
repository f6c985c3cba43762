//! Opens an input as a stream of UTF-8 text: decompressed by its magic bytes,
//! transcoded by its byte order mark. A Parquet file becomes delimited text.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs_io::DecodeReaderBytes;
use flate2::read::MultiGzDecoder;

use super::{InputError, Source};
use crate::frame::ParquetText;

/// The largest zstd window that is accepted: 128 MiB, the library's own limit.
const ZSTD_WINDOW_LOG: u32 = 27;

/// Bytes that are looked at to recognise a file.
const HEAD: usize = 256 * 1024;

const PARQUET: &[u8] = b"PAR1";
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const UTF8_BOM: &[u8] = &[0xef, 0xbb, 0xbf];

/// The beginning of an input and the rest of it.
pub struct Head {
    /// The first bytes, decompressed, without a byte order mark.
    pub bytes: Arc<Vec<u8>>,
    /// Whether `bytes` is the whole input.
    pub complete: bool,
    /// The whole input, from its first byte.
    pub stream: Box<dyn Read + Send>,
    /// Bytes taken from the file so far, before decompression.
    pub consumed: Arc<AtomicU64>,
}

impl Head {
    /// The whole input, where that is what was read; else the input as a stream.
    pub fn into_whole(self) -> Result<Vec<u8>, Box<dyn Read + Send>> {
        if !self.complete {
            return Err(self.stream);
        }
        drop(self.stream);
        Ok(Arc::try_unwrap(self.bytes).unwrap_or_else(|shared| (*shared).clone()))
    }

    /// Reads more of the beginning: up to `size` bytes.
    pub fn grow(&mut self, size: usize) -> io::Result<()> {
        let mut stream = std::mem::replace(&mut self.stream, Box::new(io::empty()));
        let bytes = Arc::make_mut(&mut self.bytes);
        bytes.clear();
        head(&mut stream, size, bytes)?;
        self.complete = self.bytes.len() < size;
        self.stream = Box::new(Cursor::new(Shared(Arc::clone(&self.bytes))).chain(stream));
        Ok(())
    }
}

/// Bytes that are read without a copy of them.
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Head").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// Opens an input and reads its beginning.
pub fn open(source: &Source) -> Result<Head, InputError> {
    let path = source.name();
    let failed = |doing, source| InputError::Read { path: path.clone(), doing, source };
    let raw: Box<dyn Read + Send> = match source {
        Source::Stdin => Box::new(io::stdin()),
        Source::File(file) => {
            let file = File::open(file).map_err(|e| failed("cannot be opened", e))?;
            match plain(file).map_err(|e| failed("cannot be read", e))? {
                Ok(head) => return Ok(head),
                Err(raw) => raw,
            }
        }
    };
    let consumed = Arc::new(AtomicU64::new(0));
    let counted = Counted { inner: raw, count: Arc::clone(&consumed) };
    let (magic, raw) = peek(counted, 4).map_err(|e| failed("cannot be read", e))?;
    let decoded: Box<dyn Read + Send> = match (source, magic.as_slice()) {
        (Source::File(file), PARQUET) => {
            Box::new(ParquetText::open(file).map_err(|e| damaged_or_unread(&path, e))?)
        }
        (Source::Stdin, PARQUET) => return Err(InputError::ParquetStdin),
        _ => decompress(&magic, raw).map_err(|e| failed("cannot be decompressed", e))?,
    };
    let text = transcode(decoded).map_err(|e| damaged_or_unread(&path, e))?;
    let (bytes, stream) = peek(text, HEAD).map_err(|e| damaged_or_unread(&path, e))?;
    let complete = bytes.len() < HEAD;
    Ok(Head { bytes: Arc::new(bytes), complete, stream: Box::new(stream), consumed })
}

/// The head of a file that is text as it stands, read from its start on without
/// a copy in between; the file as a stream if it is not.
fn plain(mut file: File) -> io::Result<Result<Head, Box<dyn Read + Send>>> {
    let size = file.metadata().map_or(0, |meta| usize::try_from(meta.len()).unwrap_or(HEAD));
    // One more than it has: its end is seen without more room.
    let mut bytes = Vec::with_capacity(size.saturating_add(1).min(HEAD));
    head(&mut file, HEAD, &mut bytes)?;
    let encoded = [PARQUET, GZIP, ZSTD, UTF8_BOM, &[0xff, 0xfe], &[0xfe, 0xff]];
    let encoded = encoded.iter().any(|magic| bytes.starts_with(magic));
    let rewound = file.seek(SeekFrom::Start(0)).is_ok();
    match (encoded, rewound) {
        (true, true) => Ok(Err(Box::new(file))),
        (_, false) => Ok(Err(Box::new(Cursor::new(bytes).chain(file)))),
        (false, true) => {
            let bytes = Arc::new(bytes);
            if bytes.len() < HEAD {
                // All of it has been read, and is not counted again.
                let read = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                let stream = Box::new(Cursor::new(Shared(Arc::clone(&bytes))));
                let consumed = Arc::new(AtomicU64::new(read));
                return Ok(Ok(Head { bytes, complete: true, stream, consumed }));
            }
            let consumed = Arc::new(AtomicU64::new(0));
            let stream = Counted { inner: Box::new(file), count: Arc::clone(&consumed) };
            Ok(Ok(Head { bytes, complete: false, stream: Box::new(stream), consumed }))
        }
    }
}

/// An error while reading: the decoder's, or the operating system's.
pub(super) fn damaged_or_unread(path: &str, source: io::Error) -> InputError {
    let path = path.to_owned();
    let damaged = matches!(
        source.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::Other
    );
    if damaged {
        InputError::Damaged { path, source }
    } else {
        InputError::Read { path, doing: "cannot be read", source }
    }
}

fn decompress<R: Read + Send + 'static>(magic: &[u8], raw: R) -> io::Result<Box<dyn Read + Send>> {
    if magic.starts_with(GZIP) {
        return Ok(Box::new(MultiGzDecoder::new(raw)));
    }
    if magic.starts_with(ZSTD) {
        let mut decoder = zstd::Decoder::new(raw)?;
        decoder.window_log_max(ZSTD_WINDOW_LOG)?;
        return Ok(Box::new(decoder));
    }
    Ok(Box::new(raw))
}

/// UTF-16 with a byte order mark becomes UTF-8; a UTF-8 mark is dropped; other
/// bytes pass as they are.
fn transcode(stream: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let (mark, mut stream) = peek(stream, 3)?;
    if mark.starts_with(&[0xff, 0xfe]) || mark.starts_with(&[0xfe, 0xff]) {
        return Ok(Box::new(DecodeReaderBytes::new(stream)));
    }
    if mark == UTF8_BOM {
        stream.read_exact(&mut [0; 3])?;
    }
    Ok(Box::new(stream))
}

/// A stream whose first bytes have been looked at.
type Peeked<R> = Chain<Cursor<Vec<u8>>, R>;

/// The first bytes of a stream (fewer at its end), and the stream from its
/// first byte on.
fn peek<R: Read>(mut stream: R, count: usize) -> io::Result<(Vec<u8>, Peeked<R>)> {
    let mut bytes = Vec::new();
    head(&mut stream, count, &mut bytes)?;
    Ok((bytes.clone(), Cursor::new(bytes).chain(stream)))
}

/// The first bytes of a stream, fewer at its end.
fn head(stream: &mut impl Read, count: usize, into: &mut Vec<u8>) -> io::Result<()> {
    let limit = u64::try_from(count).unwrap_or(u64::MAX);
    stream.by_ref().take(limit).read_to_end(into).map(drop)
}

/// Counts the bytes that pass, for progress.
struct Counted {
    inner: Box<dyn Read + Send>,
    count: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.fetch_add(u64::try_from(read).unwrap_or(0), Ordering::Relaxed);
        Ok(read)
    }
}
