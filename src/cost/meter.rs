//! The meter: phases are opened and closed, a background thread watches memory and energy, and all of it becomes costs.

use super::attribute::Account;
use super::counter::works;
use super::host::{Facts, Host, Source};
use super::model::design_power;
use super::phase::{CandidateCost, Costs, Tier};
use super::probe::{Probe, Snapshot};
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
        let (zones, source) = match find(&sources.powercap, socket_w).and_then(tested) {
            Ok((zones, notes)) => {
                let source = measured(&zones, notes);
                (zones, source)
            }
            Err(absent) => (Vec::new(), facts.estimate(&absent.why, absent.remedy)),
        };
        Self::with(&sources, facts, zones, source)
    }

    /// Starts measuring with the counters chosen.
    fn with(sources: &Sources, facts: Facts, zones: Vec<Zone>, source: Source) -> Self {
        let host = Host::read(&facts, source);
        let memory = sources.memory_interval.max(Duration::from_millis(1));
        let energy = sources.energy_interval.max(Duration::from_millis(100));
        let (shared, thread) = Shared::start(Probe::new(&sources.proc), zones, memory, energy);
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
        let context = Context { facts: &self.facts, zones: &zones, mirrors: &mirrors, least_w: account.and_then(Account::least_watts) };
        let cost = |(candidate, phases): &(String, Vec<(&'static str, Tally)>)| CandidateCost {
            candidate: candidate.clone(),
            phases: phases.iter().map(|(name, tally)| tally.cost(name, &context)).collect(),
        };
        Costs { host, candidates: self.done.iter().map(cost).collect(), meter_cpu_s: state.own_cpu_s, peak_rss_bytes: last.high_water }
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
            (Err(why), Kind::Package) => return Err(Absent::because(format!("the energy counter of {} failed its test: {why}", zone.package))),
            (Err(why), Kind::Memory) => notes.push(format!("the memory of {} is not metered: {why}", zone.package)),
        }
    }
    Ok((good, notes))
}

/// The source of energy figures when counters are read.
fn measured(zones: &[Zone], notes: Vec<String>) -> Source {
    let names = |kind| zones.iter().filter(|z| z.kind == kind).map(|z| z.package.as_str()).collect::<Vec<_>>().join(", ");
    let memory = names(Kind::Memory);
    let memory = if memory.is_empty() { String::new() } else { format!(" and of the memory of {memory}") };
    let basis = format!("the RAPL energy counters of {}{memory}, by share of processor time", names(Kind::Package));
    Source { tier: Tier::MeasuredRapl, basis, obstacle: None, remedy: None, notes }
}

#[cfg(test)]
mod tests {
    use super::super::phase::EnergyReading;
    use super::super::probe::thread_seconds;
    use super::super::proc::process_seconds;
    use super::super::zones;
    use super::*;
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    use std::process::{Command, Stdio};
    use std::{env, fs};

    /// Runs one of these tests alone in a process of its own, where no other test's work is counted; true inside it.
    fn alone(name: &str) -> bool {
        let inside = "COST_TEST_ALONE";
        if env::var_os(inside).is_some() {
            return true;
        }
        let path = format!("{}::{name}", module_path!().split_once("::").unwrap().1);
        let output = Command::new(env::current_exe().unwrap()).args([&path, "--exact", "--test-threads=1"]).env(inside, "1").output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        false
    }

    fn kernel_seconds() -> f64 {
        let of = |who| getrusage(who).map(|u| (u.user_time().num_microseconds() + u.system_time().num_microseconds()) as f64 / 1e6).unwrap();
        of(UsageWho::RUSAGE_SELF) + of(UsageWho::RUSAGE_CHILDREN)
    }

    fn burn(seconds: f64) {
        let start = thread_seconds().unwrap();
        while thread_seconds().unwrap() - start < seconds {
            std::hint::black_box((0..1_000u64).sum::<u64>());
        }
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdin(Stdio::null());
        command
    }

    #[test]
    fn counts_threads_and_short_lived_children() {
        if !alone("counts_threads_and_short_lived_children") {
            return;
        }
        // Children that ended before the meter started are somebody else's.
        assert!(shell("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done").status().unwrap().success());
        let mut meter = Meter::start(Sources::default());
        let mut bounds = Vec::new();
        let mut phase = |meter: &mut Meter, name: &'static str, work: &dyn Fn()| {
            let before = kernel_seconds();
            meter.phase("all", name);
            let begun = kernel_seconds();
            work();
            let ended = kernel_seconds();
            meter.pause();
            bounds.push((ended - begun, kernel_seconds() - before));
        };
        phase(&mut meter, "fit", &|| std::thread::scope(|s| (0..2).for_each(|_| drop(s.spawn(|| burn(0.25))))));
        phase(&mut meter, "predict", &|| {
            for _ in 0..20 {
                assert!(shell("/bin/sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'; true").status().unwrap().success());
            }
        });
        let costs = meter.finish();
        for (cost, (least, most)) in costs.phases("all").iter().zip(bounds) {
            // The kernel's own figures on either side of the boundaries hold the phase between them, but for rounding.
            assert!(least - 1e-4 <= cost.cpu_s() && cost.cpu_s() <= most + 1e-4, "{} {least} {} {most}", cost.phase, cost.cpu_s());
            assert!(least > 0.05 && cost.wall_s > 0.0 && cost.peak_rss_bytes > Some(100_000) && cost.mean_rss_bytes <= cost.peak_rss_bytes);
            assert!(cost.host_busy.is_some_and(|busy| busy > 0.0 && busy <= 1.0), "{:?}", cost.host_busy);
        }
        let [fit, predict] = costs.phases("all") else { panic!("{costs:?}") };
        assert!(fit.cpu_s() >= 0.5 && fit.threads >= Some(2) && fit.energy.energy().is_some(), "{fit:?}");
        assert!(predict.cpu_s() > 0.05, "{predict:?}");
    }

    #[test]
    fn counts_a_child_that_outlives_its_phase() {
        if !alone("counts_a_child_that_outlives_its_phase") {
            return;
        }
        let mut meter = Meter::start(Sources::default());
        let before = kernel_seconds();
        meter.phase("all", "fit");
        let mut child = shell("while :; do :; done").spawn().unwrap();
        let stat = format!("/proc/{}/stat", child.id());
        while process_seconds(&fs::read_to_string(&stat).unwrap()).unwrap().0 < 0.3 {
            sleep(Duration::from_millis(5));
        }
        meter.phase("all", "predict");
        child.kill().unwrap();
        child.wait().unwrap();
        let costs = meter.finish();
        let [fit, predict] = costs.phases("all") else { panic!("{costs:?}") };
        assert!(fit.cpu_s() >= 0.3 && fit.peak_children_bytes.is_some_and(|bytes| bytes > 100_000), "{fit:?}");
        // What is read of a living child is in ticks; what the kernel says when it has ended is exact.
        let all = kernel_seconds() - before;
        assert!((fit.cpu_s() + predict.cpu_s()) <= all + 0.05 && fit.cpu_s() + predict.cpu_s() >= all * 0.95 - 0.05, "{all} {fit:?} {predict:?}");
    }

    #[test]
    fn measures_to_the_microjoule_and_ends_with_what_it_had() {
        let root = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("proc/cpuinfo", "processor: 0\nmodel name: AMD EPYC 7763 64-Core Processor\nphysical id: 0\n");
        write("proc/stat", "cpu  100 0 0 100 0 0 0 0\n");
        write("power/intel-rapl:0/name", "package-0\n");
        write("power/intel-rapl:0/max_energy_range_uj", "65532610987\n");
        let counter = "power/intel-rapl:0/energy_uj";
        write(counter, "65530000000\n");
        let sources =
            Sources { powercap: root.path().join("power"), proc: root.path().join("proc"), energy_interval: Duration::from_secs(3_600), ..Sources::default() };
        let still = Meter::start(sources.clone()).finish().host.source;
        assert_eq!(still.tier, Tier::EstimateCpuKnown);
        assert_eq!(still.obstacle.as_deref(), Some("the energy counter of package-0 failed its test: the counter stood still"));

        let facts = Facts::read(&sources.proc);
        let zones = zones::find(&sources.powercap, 280.0).unwrap();
        let source = measured(&zones, vec![]);
        let mut meter = Meter::with(&sources, facts, zones, source);
        for (name, reading) in [("fit", "65531000000"), ("predict", "4000001"), ("fit", "4999999"), ("evaluate", "gone"), ("read", "9999999")] {
            meter.phase("a", name);
            burn(0.31);
            write(counter, reading);
        }
        let costs = meter.finish();
        let energy = |i: usize| costs.phases("a")[i].energy.energy().map(|e| (e.tier, (e.active.central * 1e6).round()));
        assert_eq!(costs.phases("a").iter().map(|p| p.phase.as_str()).collect::<Vec<_>>(), ["fit", "predict", "evaluate", "read"]);
        assert_eq!(energy(0), Some((Tier::MeasuredRapl, 1_999_998.0)), "two visits: 1 J and 0.999998 J");
        assert_eq!(energy(1), Some((Tier::MeasuredRapl, 5_610_988.0)), "over the top: 1610987 + 4000001");
        for phase in &costs.phases("a")[2..] {
            assert!(matches!(&phase.energy, EnergyReading::Unknown(u) if u.why.contains("could not be read")), "{phase:?}");
            assert_eq!(phase.at(Tier::EstimateCpuKnown).map(|e| e.active.central > 0.0), Some(true), "the model's figure is there");
            assert_eq!(phase.peak_rss_bytes, None, "unknown, not 0");
        }
    }

    #[test]
    fn keeps_order_and_counts_records() {
        let mut meter = Meter::start(Sources { powercap: "/nowhere".into(), ..Sources::default() });
        meter.records(9, 9);
        for (candidate, name) in [("b", "fit"), ("a", "fit"), ("b", "predict"), ("b", "fit")] {
            meter.phase(candidate, name);
            meter.records(10, 7);
        }
        meter.pause();
        meter.records(9, 9);
        let costs = meter.finish();
        let names: Vec<_> =
            costs.candidates.iter().flat_map(|c| c.phases.iter().map(|p| (c.candidate.as_str(), p.phase.as_str(), p.records_in, p.records_out))).collect();
        assert_eq!(names, [("b", "fit", Some(20), Some(14)), ("b", "predict", Some(10), Some(7)), ("a", "fit", Some(10), Some(7))]);
        assert!(costs.phases("c").is_empty());
        assert!(costs.candidates[0].phases[0].energy.undefined().is_some_and(|u| u.why.starts_with("too short to state") && u.n == 20));
        assert!(costs.host.source.obstacle.as_deref().unwrap().starts_with("/nowhere absent"));
        let text = serde_json::to_string(&costs).unwrap();
        assert_eq!(serde_json::from_str::<Costs>(&text).unwrap(), costs);
    }
}
