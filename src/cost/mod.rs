//! What the work costs: wall time, CPU time, memory and energy by named phase, and how well each figure is known.
//!
//! A [`Meter`] never prints, never needs root, never fails a run, never writes 0 for what it does not know and sends nothing anywhere.
//! Processor time is the kernel's own account of this process and its children; energy is read from a counter where one can be
//! read, and otherwise modelled from processor time with a plausible range. The world is read in `meter`, `watch`,
//! `probe`, `host`, `group`, `sensors` and `zones`; everything else is functions of what was read.

mod attribute;
mod clock;
mod counter;
mod file;
mod grid;
mod group;
mod host;
mod meter;
mod model;
mod phase;
mod probe;
mod proc;
mod program;
mod range;
mod sensors;
mod table;
mod tally;
mod terms;
#[cfg(test)]
mod tests;
mod watch;
mod wording;
mod zones;

pub use clock::own_cpu_s;
pub use file::{COST_FORMAT, CostFile, PHASES, same_kind};
pub use grid::{countries, intensity, letters};
pub use host::{Host, Source};
pub use meter::{Meter, Sources};
pub use phase::{CandidateCost, Costs, Energy, EnergyReading, PhaseCost, Tier};
pub use program::{Ended, Metered, run_metered};
pub use range::{Range, quantity};
pub use terms::{Embodied, Intensity, Prices, Terms};
pub use wording::sentence;
