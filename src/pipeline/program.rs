//! Measures any program and writes what it cost to a file that a candidate can cite.

use crate::cost::{CostFile, Ended, Metered, run_metered, same_kind};
use crate::spec::Files;
use crate::store::{Disk, now, replace};
use crate::value::{Class, Failure, Problem};
use std::ffi::OsString;
use std::path::PathBuf;

/// What to measure.
#[derive(Debug, Clone)]
pub struct MeasureOptions {
    /// The cost file.
    pub out: PathBuf,
    /// Name of the phase.
    pub phase: &'static str,
    /// Records that the program trains on or codes.
    pub records: Option<u64>,
    /// Replace the phase of that name in an existing file.
    pub replace: bool,
    /// The program and its arguments; never empty.
    pub command: Vec<OsString>,
}

/// A measured program.
#[derive(Debug, Clone)]
pub struct Measured {
    /// How it ended.
    pub ended: Ended,
    /// Processor-seconds of the program and its children, and seconds by the clock.
    pub cpu_s: f64,
    /// The energy in a sentence.
    pub sentence: String,
    /// True when the cost file was written: only of a program that ended well.
    pub written: bool,
}

/// Why a program was not measured.
#[derive(Debug)]
pub enum NotMeasured {
    /// The cost file is in the way, or cannot be written.
    File(Failure),
    /// The program cannot be started: not found, or no permission.
    Start(Failure, std::io::ErrorKind),
}

/// Runs a program under the meter and adds its phase to the cost file, if it ended well.
///
/// # Errors
/// Before the program runs: a file that is no cost file, is of another machine, or has the phase already. A program that cannot be started.
pub fn measure_program(options: &MeasureOptions) -> Result<Measured, NotMeasured> {
    let file = |problem: Problem| NotMeasured::File(problem.into());
    let name = options.out.display().to_string();
    let before = existing(options).map_err(file)?;
    let Some((program, arguments)) = options.command.split_first() else {
        return Err(file(Problem::new(Class::Usage, "no program is named").remedy("write it behind two hyphens: -- python3 train.py")));
    };
    let Metered { ended, host, phase } = run_metered(program, arguments, options.phase, options.records).map_err(|e| {
        let problem = Problem::new(Class::Environment, format!("the program cannot be started: {e}")).within(program.to_string_lossy().into_owned());
        NotMeasured::Start(problem.remedy("check its name and that it may be executed").into(), e.kind())
    })?;
    let sentence = crate::cost::sentence(&phase, &host);
    let cpu_s = phase.cpu_s();
    let written = ended == Ended::Code(0);
    if written {
        let mut phases = before.map_or_else(Vec::new, |b| b.phases);
        match phases.iter_mut().find(|p| p.phase == options.phase) {
            Some(place) => *place = phase,
            None => phases.push(phase),
        }
        let made = CostFile::new(format!("proofmark {}", env!("CARGO_PKG_VERSION")), now(), host, phases);
        replace(&options.out, made.json().as_bytes()).map_err(|p| file(p.file(name)))?;
    }
    Ok(Measured { ended, cpu_s, sentence, written })
}

/// The cost file that is there already, which must be of this kind of machine.
fn existing(options: &MeasureOptions) -> Result<Option<CostFile>, Problem> {
    let name = options.out.display().to_string();
    if let Some(folder) = options.out.parent().filter(|f| !f.as_os_str().is_empty() && !Disk.exists(f)) {
        return Err(Problem::new(Class::Environment, format!("there is no folder {}", folder.display())).remedy("make it first, or give another --out"));
    }
    if !Disk.exists(&options.out) {
        return Ok(None);
    }
    let found = CostFile::parse(&name, &Disk.text(&options.out)?)?;
    let here = crate::cost::Meter::start(crate::cost::Sources::default()).finish().host;
    if !same_kind(&found.host, &here) {
        let problem = Problem::new(Class::Usage, "the cost file is of another machine, and machines are not mixed").file(name);
        return Err(problem.remedy("write to another file with --out"));
    }
    if found.phases.iter().any(|p| p.phase == options.phase) && !options.replace {
        let problem = Problem::new(Class::Usage, format!("the cost file has the phase `{}` already", options.phase)).file(name);
        return Err(problem.remedy("measure it anew with --replace, or name another phase with --phase"));
    }
    Ok(Some(found))
}
