//! Decodes a `.gz` or `.zst` file and counts the bytes: what reading it costs at the least.
//!
//! It owns nothing but that floor, with the same decoders as tierwise, on one thread.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use flate2::bufread::MultiGzDecoder;

/// Bytes that are decoded at once.
const PIECE: usize = 1 << 20;

/// Decodes a file and prints how many bytes it holds.
#[derive(Parser)]
#[command(name = "decode")]
struct Args {
    /// A file whose name ends in `.gz` or `.zst`.
    file: PathBuf,
}

/// The bytes that a file holds.
fn count(args: &Args) -> io::Result<u64> {
    let file = BufReader::with_capacity(PIECE, File::open(&args.file)?);
    let mut decoder: Box<dyn Read> = match args.file.extension().and_then(|name| name.to_str()) {
        Some("gz") => Box::new(MultiGzDecoder::new(file)),
        Some("zst") => Box::new(zstd::Decoder::with_buffer(file)?),
        _ => return Err(io::Error::other("expected a file that ends in .gz or .zst")),
    };
    let (mut piece, mut bytes) = (vec![0; PIECE], 0_u64);
    loop {
        match decoder.read(&mut piece)? {
            0 => return Ok(bytes),
            read => bytes = bytes.saturating_add(u64::try_from(read).unwrap_or(0)),
        }
    }
}

/// Runs, and reports a failure in one line.
fn main() -> ExitCode {
    let args = Args::parse();
    match count(&args).and_then(|bytes| writeln!(io::stdout(), "{bytes}")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "decode: {}: {error}", args.file.display());
            ExitCode::FAILURE
        }
    }
}
