//! Watches memory, children and energy counters while the work goes on, in a background thread that sleeps most of the time.

use super::attribute::Account;
use super::probe::{Probe, Snapshot, thread_seconds};
use super::tally::Watched;
use super::zones::{Zone, read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Seconds asleep that count as a suspension.
const SUSPENDED_S: f64 = 1.0;

/// What the background thread and the meter share.
pub(super) struct Shared {
    /// Reads this process.
    pub probe: Probe,
    /// The energy counters that are read.
    pub zones: Vec<Zone>,
    state: Mutex<State>,
    wake: Condvar,
    /// Seconds the machine has slept since it was switched on.
    slept: fn() -> f64,
}

/// What was seen since the last boundary.
pub(super) struct State {
    /// Memory, children and threads.
    pub watched: Watched,
    /// Energy, where there are counters.
    pub account: Option<Account>,
    /// Processor-seconds of the background thread.
    pub own_cpu_s: Option<f64>,
    /// Processor-seconds that readings at boundaries took from the work's own threads.
    pub boundary_cpu_s: f64,
    memory_at: f64,
    children_at: f64,
    slept_s: f64,
    own_threads: u32,
    stopping: bool,
}

impl Shared {
    /// Starts watching. Without a background thread memory and energy are still read at every boundary.
    pub(super) fn start(probe: Probe, zones: Vec<Zone>, memory: Duration, energy: Duration, slept: fn() -> f64) -> (Arc<Self>, Option<JoinHandle<()>>) {
        let account = (!zones.is_empty()).then(|| Account::new(&zones, read(&zones), probe.at()));
        let at = probe.at();
        let state = State {
            watched: Watched::default(),
            account,
            own_cpu_s: None,
            boundary_cpu_s: 0.0,
            memory_at: at,
            children_at: at,
            slept_s: slept(),
            own_threads: 0,
            stopping: false,
        };
        let shared = Arc::new(Self { probe, zones, state: Mutex::new(state), wake: Condvar::new(), slept });
        let watcher = Arc::clone(&shared);
        let thread = Builder::new().name("cost meter".into()).spawn(move || watcher.watch(memory, energy)).ok();
        shared.lock().own_threads = u32::from(thread.is_some());
        (shared, thread)
    }

    /// Ends the background thread.
    pub(super) fn stop(&self, thread: Option<JoinHandle<()>>) {
        self.lock().stopping = true;
        self.wake.notify_all();
        if let Some(thread) = thread {
            // A panic there has cost some readings, which is no reason to end the run.
            thread.join().ok();
        }
    }

    /// Everything that is counted, now, and what was seen since the last boundary.
    pub(super) fn boundary(&self) -> (Snapshot, Watched) {
        let started = thread_seconds();
        let mut state = self.lock();
        self.look(&mut state, true);
        let now = Snapshot { slept_s: (self.slept)(), ..self.probe.snapshot() };
        let mut watched = std::mem::take(&mut state.watched);
        watched.zones = state.account.as_mut().map(Account::take).unwrap_or_default();
        // What is resident at the boundary belongs to the phase that begins as well.
        state.watched.peak = self.probe.memory().resident;
        state.boundary_cpu_s += started.zip(thread_seconds()).map_or(0.0, |(a, b)| b - a);
        (now, watched)
    }

    /// The state, also after a panic elsewhere: the meter must not end a run.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads memory; when `deep`, child processes and energy counters too.
    fn look(&self, state: &mut State, deep: bool) {
        let (at, status) = (self.probe.at(), self.probe.memory());
        if let Some(bytes) = status.resident {
            let seconds = (at - state.memory_at).max(0.0);
            state.watched.peak = state.watched.peak.max(Some(bytes));
            state.watched.byte_seconds += bytes as f64 * seconds;
            state.watched.seconds += seconds;
        }
        state.memory_at = at;
        state.watched.threads = state.watched.threads.max(status.threads.map(|n| n.saturating_sub(state.own_threads)));
        if !deep {
            return;
        }
        let children = self.probe.children().resident;
        state.watched.children = state.watched.children.max(children);
        let seconds = (at - state.children_at).max(0.0);
        state.watched.children_byte_seconds += children.unwrap_or(0) as f64 * seconds;
        state.watched.children_seconds += seconds;
        state.children_at = at;
        if let Some(account) = &mut state.account {
            let slept_s = (self.slept)();
            // A jump of either clock against the other makes the interval's length unknown.
            account.step(self.probe.at(), (slept_s - state.slept_s).abs() > SUSPENDED_S, &read(&self.zones));
            state.slept_s = slept_s;
        }
    }

    /// The background thread.
    fn watch(&self, memory: Duration, energy: Duration) {
        let mut state = self.lock();
        let mut deep_at = self.probe.at() + energy.as_secs_f64();
        while !state.stopping {
            state = self.wake.wait_timeout(state, memory).unwrap_or_else(PoisonError::into_inner).0;
            let deep = self.probe.at() >= deep_at;
            if deep {
                deep_at = self.probe.at() + energy.as_secs_f64();
            }
            self.look(&mut state, deep);
            state.own_cpu_s = thread_seconds();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::counter::{Limits, Lost};
    use super::super::sensors::Unit;
    use super::super::zones::Kind;
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Milliseconds the machine of this test has slept.
    static SLEPT: AtomicU64 = AtomicU64::new(5_000);

    #[test]
    fn a_suspended_machine_costs_the_interval_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("energy_uj");
        let write = |microjoules: u64| std::fs::write(&file, microjoules.to_string()).unwrap();
        write(0);
        let limits = Limits { wraps_at: Some(65_532_610_987), design_w: 1e6, may_rest: true };
        let zone = Zone { package: "package-0".into(), kind: Kind::Package, file: file.clone(), unit: Unit::Microjoules, limits };
        let hour = Duration::from_secs(3_600);
        let slept = || SLEPT.load(Ordering::Relaxed) as f64 / 1e3;
        let (shared, thread) = Shared::start(Probe::new(folder.path(), None), vec![zone], hour, hour, slept);
        let phase = |reading: u64, asleep_ms: i64| {
            SLEPT.fetch_add(asleep_ms as u64, Ordering::Relaxed);
            write(reading);
            let (snapshot, watched) = shared.boundary();
            (snapshot.slept_s, watched.zones[0].microjoules, watched.zones[0].why)
        };
        assert_eq!(phase(1_000, 0), (5.0, 1_000, None));
        assert_eq!(phase(2_000, 999), (5.999, 1_000, None), "clocks are read one after the other");
        assert_eq!(phase(9_000, 3_600_000), (3_605.999, 0, Some(Lost::Suspended)));
        assert_eq!(phase(9_500, 0), (3_605.999, 500, None), "whole again after it");
        assert_eq!(phase(9_900, -2_000), (3_603.999, 0, Some(Lost::Suspended)), "one clock jumped against the other");
        shared.stop(thread);
    }
}
