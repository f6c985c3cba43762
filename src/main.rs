//! The `tierwise` program: parse, run, one error line, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    tierwise::cli::main(std::env::args_os())
}
