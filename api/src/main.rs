//! The program `cairn`.
use std::process::ExitCode;

use api::cli::{Cli, exit_code};
use clap::Parser;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cairn: {error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}
