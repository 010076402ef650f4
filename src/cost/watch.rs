//! Watches memory, children and energy counters while the work goes on, in a background thread that sleeps most of the time.

use super::attribute::Account;
use super::probe::{Probe, Snapshot, slept, thread_seconds};
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
}

/// What was seen since the last boundary.
pub(super) struct State {
    /// Memory, children and threads.
    pub watched: Watched,
    /// Energy, where there are counters.
    pub account: Option<Account>,
    /// Processor-seconds of the background thread.
    pub own_cpu_s: Option<f64>,
    memory_at: f64,
    slept_s: f64,
    own_threads: u32,
    stopping: bool,
}

impl Shared {
    /// Starts watching. Without a background thread memory and energy are still read at every boundary.
    pub(super) fn start(probe: Probe, zones: Vec<Zone>, memory: Duration, energy: Duration) -> (Arc<Self>, Option<JoinHandle<()>>) {
        let account = (!zones.is_empty()).then(|| Account::new(&zones, read(&zones), probe.at()));
        let state = State { watched: Watched::default(), account, own_cpu_s: None, memory_at: probe.at(), slept_s: slept(), own_threads: 0, stopping: false };
        let shared = Arc::new(Self { probe, zones, state: Mutex::new(state), wake: Condvar::new() });
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
        let mut state = self.lock();
        self.look(&mut state, true);
        let now = self.probe.snapshot();
        let mut watched = std::mem::take(&mut state.watched);
        watched.zones = state.account.as_mut().map(Account::take).unwrap_or_default();
        // What is resident at the boundary belongs to the phase that begins as well.
        state.watched.peak = self.probe.memory().resident;
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
        state.watched.children = state.watched.children.max(self.probe.children().resident);
        if let Some(account) = &mut state.account {
            let slept_s = slept();
            account.step(self.probe.at(), slept_s - state.slept_s > SUSPENDED_S, &read(&self.zones));
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
