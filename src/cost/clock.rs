//! The processor time of this process so far, for deciding whether work went on long enough to be stated.

use nix::sys::time::TimeValLike;
use nix::time::ClockId;

/// Processor-seconds of this process, all threads; none where the system does not say.
#[must_use]
pub fn own_cpu_s() -> Option<f64> {
    ClockId::CLOCK_PROCESS_CPUTIME_ID.now().ok().map(|t| t.num_microseconds() as f64 / 1e6)
}
