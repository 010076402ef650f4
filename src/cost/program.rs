//! Runs any program under the meter.

use super::host::Host;
use super::meter::{Meter, Sources};
use super::phase::PhaseCost;
use std::ffi::OsString;
use std::process::{Command, ExitStatus};

/// How a measured program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

/// A program that ran, with what it cost.
#[derive(Debug)]
pub struct Metered {
    /// How it ended.
    pub ended: Ended,
    /// The machine.
    pub host: Host,
    /// What it cost; children that it waited for are in it.
    pub phase: PhaseCost,
}

/// Runs a program with this one's input and output and measures it as one phase, with every child that it waits for.
///
/// # Errors
/// The program cannot be started.
pub fn run_metered(program: &OsString, arguments: &[OsString], phase: &'static str, records: Option<u64>) -> std::io::Result<Metered> {
    let mut meter = Meter::start(Sources::default());
    meter.phase("", phase);
    let status = Command::new(program).args(arguments).status()?;
    if let Some(n) = records {
        // Training takes records in; only what is coded comes out.
        meter.records(n, if phase == "predict" { n } else { 0 });
    }
    let costs = meter.finish();
    let phase = costs.phases("").first().cloned().ok_or_else(|| std::io::Error::other("the meter lost the phase"))?;
    let ended = match (status.code(), signal(status)) {
        (Some(code), _) => Ended::Code(code),
        (None, Some(signal)) => Ended::Signal(signal),
        (None, None) => Ended::Code(1),
    };
    Ok(Metered { ended, host: costs.host, phase })
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}
