//! The command `measure`: any program under the meter, its exit code passed through.

use super::{complain, exit};
use crate::cost::{Ended, PHASES};
use crate::pipeline::{MeasureOptions, NotMeasured, measure_program};
use clap::Args;
use clap::builder::PossibleValuesParser;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::PathBuf;

/// What to measure.
#[derive(Debug, Args)]
pub struct MeasureArguments {
    /// The cost file (JSON); a phase is added to one that is there
    #[arg(long, default_value = "cost.json")]
    out: PathBuf,
    /// What the program does
    #[arg(long, default_value = "fit", value_parser = PossibleValuesParser::new(PHASES))]
    phase: String,
    /// Records that it trains on or codes; needed for the cost of 1,000 coded records
    #[arg(long)]
    records: Option<u64>,
    /// Replace the phase in a cost file that has it already
    #[arg(long)]
    replace: bool,
    /// The program and its arguments, behind two hyphens
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs it; gives the exit code.
pub fn run(arguments: MeasureArguments) -> u8 {
    let MeasureArguments { out, phase, records, replace, command } = arguments;
    let phase = PHASES.into_iter().find(|p| *p == phase).unwrap_or("fit");
    if phase == "predict" && records.is_none() {
        complain("note: without --records, the cost of coding 1,000 records cannot be told");
    }
    let options = MeasureOptions { out, phase, records, replace, command };
    match measure_program(&options) {
        Ok(measured) => {
            complain(&format!("{phase}: {}", measured.sentence));
            if measured.written {
                complain(&format!("wrote {}", options.out.display()));
            } else {
                complain("note: the program failed, so no cost file was written");
            }
            match measured.ended {
                Ended::Code(code) => u8::try_from(code).unwrap_or(exit::MEASURE_FAILED),
                Ended::Signal(signal) => u8::try_from(exit::SIGNAL + signal).unwrap_or(exit::MEASURE_FAILED),
            }
        }
        Err(NotMeasured::File(failure)) => {
            complain(&failure.to_string());
            exit::MEASURE_FAILED
        }
        Err(NotMeasured::Start(failure, kind)) => {
            complain(&failure.to_string());
            if kind == ErrorKind::NotFound { exit::NOT_FOUND } else { exit::NOT_STARTED }
        }
    }
}
