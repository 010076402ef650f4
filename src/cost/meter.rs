//! The meter: phases are opened and closed, a background thread watches memory and energy, and all of it becomes costs.

use super::attribute::Account;
use super::counter::works;
use super::group::Group;
use super::host::{Facts, Host, Source};
use super::model::design_power;
use super::phase::{CandidateCost, Costs, Tier};
use super::probe::{Probe, Snapshot, adopt, slept};
use super::sensors::{coarse, external};
use super::tally::{Context, Tally};
use super::watch::Shared;
use super::zones::{Absent, Kind, Zone, find, read};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

/// Time between the two readings of the self-test of energy counters.
const SELF_TEST: Duration = Duration::from_millis(200);

/// Where the meter reads the machine, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// The powercap tree with energy counters.
    pub powercap: PathBuf,
    /// The process tree.
    pub proc: PathBuf,
    /// Where control groups are mounted.
    pub cgroup: PathBuf,
    /// Sensors of drivers.
    pub hwmon: PathBuf,
    /// Batteries.
    pub batteries: PathBuf,
    /// A file in which another program keeps the reading of a meter of the whole computer, in kilowatt-hours.
    pub meter: Option<PathBuf>,
    /// Time between readings of this process's memory.
    pub memory_interval: Duration,
    /// Time between readings of energy counters and of child processes; at least 0.1 s.
    pub energy_interval: Duration,
}

impl Default for Sources {
    /// The real machine, memory 20 times and energy once a second.
    fn default() -> Self {
        Self {
            powercap: "/sys/class/powercap".into(),
            proc: "/proc".into(),
            cgroup: "/sys/fs/cgroup".into(),
            hwmon: "/sys/class/hwmon".into(),
            batteries: "/sys/class/power_supply".into(),
            meter: None,
            memory_interval: Duration::from_millis(50),
            energy_interval: Duration::from_secs(1),
        }
    }
}

/// The phase that is open.
struct Open {
    candidate: usize,
    phase: usize,
    from: Snapshot,
}

/// Measures what named phases of named candidates cost.
///
/// ```no_run
/// # use proofmark::cost::{Meter, Sources};
/// let mut meter = Meter::start(Sources::default());
/// meter.phase("bayes", "fit");
/// // … fit …
/// meter.phase("bayes", "predict");
/// meter.records(1_000, 1_000);
/// let costs = meter.finish();
/// assert_eq!(costs.phases("bayes").len(), 2);
/// ```
pub struct Meter {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    facts: Facts,
    host: Host,
    done: Vec<(String, Vec<(&'static str, Tally)>)>,
    open: Option<Open>,
}

impl Meter {
    /// Starts measuring; no phase is open yet. Where energy counters can be read they are tested first, for 0.2 s.
    #[must_use]
    pub fn start(sources: Sources) -> Self {
        let facts = Facts::read(&sources.proc);
        let socket_w = design_power(&facts) / f64::from(facts.processor.sockets.max(1));
        let (zones, mut source) = choose(&sources, &facts, socket_w);
        let group = Group::find(&sources.proc, &sources.cgroup);
        let limit = group.as_ref().and_then(Group::processors).filter(|n| *n < f64::from(facts.logical));
        source.notes.extend(limit.map(|n| format!("the control group allows {n:.1} of {} logical processors", facts.logical)));
        if sources.proc.join("driver/nvidia/gpus").is_dir() {
            source.notes.push("a graphics processor is there and is not metered".into());
        }
        Self::with(&sources, facts, zones, source, group)
    }

    /// Starts measuring with the counters chosen.
    pub(super) fn with(sources: &Sources, facts: Facts, zones: Vec<Zone>, source: Source, group: Option<Group>) -> Self {
        adopt();
        let host = Host::read(&facts, source);
        let memory = sources.memory_interval.max(Duration::from_millis(1));
        let energy = sources.energy_interval.max(Duration::from_millis(100));
        let (shared, thread) = Shared::start(Probe::new(&sources.proc, group), zones, memory, energy, slept);
        Self { shared, thread, facts, host, done: Vec::new(), open: None }
    }

    /// The machine, and where energy figures come from.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Closes the open phase and opens another; the same candidate and name again adds to what that phase has.
    pub fn phase(&mut self, candidate: &str, name: &'static str) {
        let from = self.boundary();
        let candidate = place(&mut self.done, |(c, _)| c == candidate, || (candidate.to_owned(), Vec::new()));
        let phase = place(&mut self.done[candidate].1, |(p, _)| *p == name, || (name, Tally::default()));
        self.open = Some(Open { candidate, phase, from });
    }

    /// Closes the open phase; what happens until the next one is charged to nobody.
    pub fn pause(&mut self) {
        self.boundary();
    }

    /// Adds records that went into and came out of the open phase; nothing when none is open.
    pub fn records(&mut self, n_in: u64, n_out: u64) {
        if let Some(open) = &self.open {
            self.done[open.candidate].1[open.phase].1.records(n_in, n_out);
        }
    }

    /// Closes the open phase and gives everything that was measured.
    #[must_use]
    pub fn finish(mut self) -> Costs {
        let last = self.boundary();
        self.shared.stop(self.thread.take());
        let state = self.shared.lock();
        let account = state.account.as_ref();
        let zones: Vec<Kind> = self.shared.zones.iter().map(|z| z.kind).collect();
        let mirrors = account.map(Account::mirrors).unwrap_or_default();
        let mut host = self.host.clone();
        host.source.notes.extend(mirrors.iter().map(|i| format!("{} shows the same counter as another die and is not counted", self.shared.zones[*i].package)));
        let doubtful = account.map(Account::doubtful).unwrap_or_default();
        host.source.notes.extend(doubtful.iter().map(|i| {
            let package = &self.shared.zones[*i].package;
            format!("whether {package} shows the same counter as another die could not be told; it is counted, and left out of the low end")
        }));
        let context = Context {
            facts: &self.facts,
            zones: &zones,
            mirrors: &mirrors,
            doubtful: &doubtful,
            tier: host.source.tier,
            steps: account.filter(|_| !zones.is_empty()).map_or((0.0, None), |a| a.steps(0)),
            least_w: account.and_then(Account::least_watts),
        };
        let cost = |(candidate, phases): &(String, Vec<(&'static str, Tally)>)| CandidateCost {
            candidate: candidate.clone(),
            phases: phases.iter().map(|(name, tally)| tally.cost(name, &context)).collect(),
        };
        Costs {
            host,
            candidates: self.done.iter().map(cost).collect(),
            meter_cpu_s: state.own_cpu_s.map(|s| s + state.boundary_cpu_s),
            peak_rss_bytes: last.high_water,
        }
    }

    /// Reads everything, and adds it to the open phase if there is one.
    fn boundary(&mut self) -> Snapshot {
        let (now, watched) = self.shared.boundary();
        if let Some(open) = self.open.take() {
            self.done[open.candidate].1[open.phase].1.add(&open.from, &now, &watched);
        }
        now
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.shared.stop(self.thread.take());
    }
}

/// The place of the first entry that fits, which is made at the end if there is none.
fn place<T>(list: &mut Vec<T>, fits: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> usize {
    list.iter().position(fits).unwrap_or_else(|| {
        list.push(make());
        list.len() - 1
    })
}

/// The counters that work, with notes on those left out; every package must, because a part would understate the whole.
fn tested(zones: Vec<Zone>) -> Result<(Vec<Zone>, Vec<String>), Absent> {
    let started = Instant::now();
    let before = read(&zones);
    sleep(SELF_TEST);
    let (after, seconds) = (read(&zones), started.elapsed().as_secs_f64());
    let (mut good, mut notes) = (Vec::new(), Vec::new());
    for (i, zone) in zones.into_iter().enumerate() {
        let judged = before[i].zip(after[i]).ok_or_else(|| "the counter could not be read".to_owned());
        match (judged.and_then(|(a, b)| works(a, b, seconds, &zone.limits)), zone.kind) {
            (Ok(()), _) => good.push(zone),
            (Err(why), Kind::Package | Kind::Computer) => {
                return Err(Absent::because(format!("the energy counter of {} failed its test: {why}", zone.package)));
            }
            (Err(why), Kind::Memory) => notes.push(format!("the memory of {} is not metered: {why}", zone.package)),
        }
    }
    Ok((good, notes))
}

/// The best source of energy that passes its test: the user's meter, the processor's counters, a coarse sensor, the model.
fn choose(sources: &Sources, facts: &Facts, socket_w: f64) -> (Vec<Zone>, Source) {
    let mut notes = Vec::new();
    let whole = |zones: Vec<Zone>, tier: Tier, notes: Vec<String>| {
        let basis = format!("{} of the whole computer, by share of processor time", zones[0].package);
        (zones, Source { tier, basis, obstacle: None, remedy: None, notes })
    };
    match sources.meter.as_deref().map(external) {
        Some(Ok(zones)) => return whole(zones, Tier::MeasuredMeter, notes),
        // What the user asked for and does not get must be said, whatever is used instead.
        Some(Err(absent)) => notes.push(format!("{}; {}", absent.why, absent.remedy.unwrap_or_default())),
        None => {}
    }
    let absent = match find(&sources.powercap, socket_w).and_then(tested) {
        Ok((zones, more)) => {
            notes.extend(more);
            let source = measured(&zones, notes);
            return (zones, source);
        }
        Err(absent) => absent,
    };
    match coarse(&sources.hwmon, &sources.batteries, socket_w) {
        Some(zones) if zones[0].kind == Kind::Computer => return whole(zones, Tier::MeasuredPartial, notes),
        Some(zones) => {
            if let Ok((zones, more)) = tested(zones) {
                notes.extend(more);
                let names = zones.iter().map(|z| z.package.as_str()).collect::<Vec<_>>().join(", ");
                let basis = format!("a driver's energy counters of {names}, by share of processor time");
                return (zones, Source { tier: Tier::MeasuredPartial, basis, obstacle: None, remedy: None, notes });
            }
        }
        None => {}
    }
    let estimate = facts.estimate(&absent.why, absent.remedy);
    (Vec::new(), Source { notes, ..estimate })
}

/// The source of energy figures when counters are read.
pub(super) fn measured(zones: &[Zone], notes: Vec<String>) -> Source {
    let names = |kind| zones.iter().filter(|z| z.kind == kind).map(|z| z.package.as_str()).collect::<Vec<_>>().join(", ");
    let memory = names(Kind::Memory);
    let memory = if memory.is_empty() { String::new() } else { format!(" and of the memory of {memory}") };
    let basis = format!("the RAPL energy counters of {}{memory}, by share of processor time", names(Kind::Package));
    Source { tier: Tier::MeasuredRapl, basis, obstacle: None, remedy: None, notes }
}
