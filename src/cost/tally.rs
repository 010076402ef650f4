//! Adds up the visits to one phase and turns what was read into what it cost.

use super::attribute::{self, Measured, Metered, Whole};
use super::host::Facts;
use super::model;
use super::phase::{Energy, EnergyReading, PhaseCost, Tier};
use super::probe::Snapshot;
use super::proc::TICKS_PER_SECOND;
use super::zones::Kind;
use crate::value::{Reason, Undefined};

/// Least processor-seconds, or else least seconds by the clock, that an energy figure is stated for.
const STATED: (f64, f64) = (0.3, 5.0);
/// The most of its design power that a package draws when idle.
const IDLE_SHARE: f64 = 0.25;
/// Seconds by which two clocks, read one after the other, may differ without any sleep.
const ASLEEP_S: f64 = 0.5;
/// Share of a phase that may be lost before its measurement is given up.
const LOST_SHARE: f64 = 0.5;

/// What the background thread saw between two snapshots.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Watched {
    /// Most resident memory, in bytes.
    pub peak: Option<u64>,
    /// Resident bytes times seconds.
    pub byte_seconds: f64,
    /// The seconds of that.
    pub seconds: f64,
    /// Resident bytes of child processes times seconds.
    pub children_byte_seconds: f64,
    /// The seconds of that.
    pub children_seconds: f64,
    /// Most resident memory of child processes, in bytes.
    pub children: Option<u64>,
    /// Most threads.
    pub threads: Option<u32>,
    /// What the energy counters said, one by one.
    pub zones: Vec<Metered>,
}

/// What all visits to one phase add up to.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    visits: u32,
    wall_s: f64,
    asleep_s: f64,
    user_s: f64,
    system_s: f64,
    group_s: Option<f64>,
    storage: Option<(u64, u64)>,
    /// Busy, all and stolen ticks.
    ticks: Option<(u64, u64, u64)>,
    watched: Watched,
    records: Option<(u64, u64)>,
}

/// What turns a tally into a cost.
pub(super) struct Context<'a> {
    /// The machine.
    pub facts: &'a Facts,
    /// What each energy counter counts; empty when none is read.
    pub zones: &'a [Kind],
    /// Counters that only repeat another.
    pub mirrors: &'a [usize],
    /// Counters that may only repeat another.
    pub doubtful: &'a [usize],
    /// The tier of the counters.
    pub tier: Tier,
    /// Of the first counter: its largest step in joules, and the least and most power between two.
    pub steps: (f64, Option<(f64, f64)>),
    /// The least power seen of all packages together, in watts.
    pub least_w: Option<f64>,
}

impl Tally {
    /// Adds a visit between two snapshots. A quantity that was unreadable in one visit is unknown for the phase.
    pub(super) fn add(&mut self, from: &Snapshot, to: &Snapshot, watched: &Watched) {
        let first = self.visits == 0;
        self.visits += 1;
        self.wall_s += (to.at - from.at).max(0.0);
        self.asleep_s += Some(to.slept_s - from.slept_s).filter(|s| *s > ASLEEP_S).unwrap_or(0.0);
        let group = from.group_s.zip(to.group_s).map(|(a, b)| (b - a).max(0.0));
        self.group_s = if first { group } else { self.group_s.zip(group).map(|(a, b)| a + b) };
        self.user_s += (to.user_s - from.user_s).max(0.0);
        self.system_s += (to.system_s - from.system_s).max(0.0);
        let storage = from.storage.zip(to.storage).map(|(a, b)| (b.0.saturating_sub(a.0), b.1.saturating_sub(a.1)));
        self.storage = if first { storage } else { self.storage.zip(storage).map(|(a, b)| (a.0 + b.0, a.1 + b.1)) };
        let ticks = from.ticks.zip(to.ticks).map(|(a, b)| (b.busy.saturating_sub(a.busy), b.total.saturating_sub(a.total), b.steal.saturating_sub(a.steal)));
        self.ticks = if first { ticks } else { self.ticks.zip(ticks).map(|(a, b)| (a.0 + b.0, a.1 + b.1, a.2 + b.2)) };
        let sum = &mut self.watched;
        // The kernel's own high-water mark is exact, but tells of this visit only when it rose in it.
        let risen = |a: Option<u64>, b: Option<u64>| b.filter(|b| a.is_some_and(|a| *b > a));
        sum.peak = sum.peak.max(watched.peak).max(risen(from.high_water, to.high_water));
        sum.children = sum.children.max(watched.children).max(risen(from.largest_child, to.largest_child));
        sum.byte_seconds += watched.byte_seconds;
        sum.seconds += watched.seconds;
        sum.children_byte_seconds += watched.children_byte_seconds;
        sum.children_seconds += watched.children_seconds;
        sum.threads = sum.threads.max(watched.threads);
        sum.zones.resize(sum.zones.len().max(watched.zones.len()), Metered::default());
        for (total, more) in sum.zones.iter_mut().zip(&watched.zones) {
            *total = total.plus(*more);
        }
    }

    /// Adds records that went in and came out.
    pub(super) fn records(&mut self, n_in: u64, n_out: u64) {
        let (a, b) = self.records.unwrap_or((0, 0));
        self.records = Some((a + n_in, b + n_out));
    }

    /// What the phase cost.
    pub(super) fn cost(&self, phase: &str, context: &Context) -> PhaseCost {
        let cpu_s = self.user_s + self.system_s;
        let part = |of: u64| self.ticks.filter(|t| t.1 > 0).map(|t| of as f64 / t.1 as f64);
        let host_busy = self.ticks.and_then(|t| part(t.0));
        let share = attribute::share(cpu_s, self.ticks.map(|t| t.0 as f64 / TICKS_PER_SECOND));
        let mean = (self.watched.seconds > 0.0).then(|| (self.watched.byte_seconds / self.watched.seconds) as u64);
        // Children hold memory too, where there are any.
        let children = (self.watched.children.is_some() && self.watched.children_seconds > 0.0)
            .then(|| (self.watched.children_byte_seconds / self.watched.children_seconds) as u64);
        let held = mean.map(|own| own + children.unwrap_or(0));
        let modelled = self.stated(cpu_s, || Ok(self.modelled(cpu_s, host_busy, share, held, context.facts)));
        let (energy, modelled) = match context.zones {
            [] => (modelled, None),
            _ => (self.stated(cpu_s, || self.measured(share, context)), Some(modelled)),
        };
        PhaseCost {
            phase: phase.into(),
            wall_s: self.wall_s,
            asleep_s: self.asleep_s,
            group_cpu_s: self.group_s,
            cpu_user_s: self.user_s,
            cpu_system_s: self.system_s,
            machine_share: share,
            host_busy,
            host_steal: self.ticks.and_then(|t| part(t.2)),
            peak_rss_bytes: self.watched.peak,
            mean_rss_bytes: mean,
            mean_children_bytes: children,
            peak_children_bytes: self.watched.children,
            read_bytes: self.storage.map(|s| s.0),
            written_bytes: self.storage.map(|s| s.1),
            threads: self.watched.threads,
            records_in: self.records.map(|r| r.0),
            records_out: self.records.map(|r| r.1),
            energy,
            modelled,
        }
    }

    /// A figure, unless the phase was too short for one or there is a reason against it.
    fn stated(&self, cpu_s: f64, figure: impl FnOnce() -> Result<Energy, String>) -> EnergyReading {
        let n = self.records.map_or(0, |r| r.0);
        if cpu_s < STATED.0 && self.wall_s < STATED.1 {
            let why = format!(
                "too short to state: {cpu_s:.2} processor-seconds in {:.2} s, where {} processor-seconds or {} s are needed",
                self.wall_s, STATED.0, STATED.1
            );
            return EnergyReading::Unknown(Undefined { reason: Reason::TooShort, why, n });
        }
        match figure() {
            Ok(energy) => EnergyReading::Known(energy),
            Err(why) => EnergyReading::Unknown(Undefined { reason: Reason::NotMeasured, why, n }),
        }
    }

    /// The figure of the model.
    fn modelled(&self, cpu_s: f64, busy: Option<f64>, share: Option<f64>, mean: Option<u64>, facts: &Facts) -> Energy {
        Energy {
            tier: model::tier(facts),
            active: model::active(facts, cpu_s, self.wall_s, busy),
            idle: model::idle(facts, self.wall_s, share),
            memory: mean.map(|bytes| model::memory(bytes, self.wall_s)),
            lost_s: 0.0,
            lost_why: None,
        }
    }

    /// The figure of the counters, or why they give none.
    fn measured(&self, share: Option<f64>, context: &Context) -> Result<Energy, String> {
        let share = share.ok_or("how busy the machine was could not be read, so the share of this work is not known")?;
        if context.zones.contains(&Kind::Computer) {
            return self.whole(share, context);
        }
        let counted = || self.watched.zones.iter().zip(context.zones).enumerate().filter(|(i, _)| !context.mirrors.contains(i)).map(|(_, zone)| zone);
        let packages: Vec<Metered> = counted().filter(|(_, kind)| **kind == Kind::Package).map(|(metered, _)| *metered).collect();
        let total = packages.iter().fold(Metered::default(), |a, b| a.plus(*b));
        let doubtful: u64 =
            context.doubtful.iter().filter(|i| !context.mirrors.contains(i)).filter_map(|i| self.watched.zones.get(*i)).map(|m| m.microjoules).sum();
        let lost_s = packages.iter().map(|p| p.lost_s).fold(0.0, f64::max);
        let why = total.why.map(|lost| lost.words().to_owned());
        if lost_s > LOST_SHARE * self.wall_s || packages.is_empty() || packages.iter().any(|p| p.microjoules == 0) {
            return Err(format!(
                "the energy counters gave nothing to rely on for {lost_s:.1} of {:.1} s: {}",
                self.wall_s,
                why.unwrap_or_else(|| "no reading".into())
            ));
        }
        let design_w = model::design_power(context.facts);
        let bound = if context.facts.known.is_some() { IDLE_SHARE * design_w } else { design_w };
        let measured = Measured {
            joules: total.microjoules as f64 / 1e6,
            doubtful: doubtful as f64 / 1e6,
            wall_s: self.wall_s,
            lost_s: total.lost_s,
            share,
            idle_w: context.least_w.unwrap_or(design_w).min(bound),
            socket_w: design_w / f64::from(context.facts.processor.sockets.max(1)),
        };
        let memory: Vec<Metered> = counted().filter(|(_, kind)| **kind == Kind::Memory).map(|(metered, _)| *metered).collect();
        // Modules that were lost for a while, or of one package only, are not the memory: then it is not metered.
        let whole = memory.len() == packages.len() && memory.iter().all(|m| m.lost_s == 0.0 && m.microjoules > 0);
        let joules = memory.iter().map(|m| m.microjoules).sum::<u64>() as f64 / 1e6;
        let memory = whole.then(|| attribute::memory(joules, share));
        Ok(Energy { tier: context.tier, active: attribute::packages(&measured), idle: None, memory, lost_s, lost_why: why })
    }

    /// The figure of a sensor of the whole computer, or why it gives none.
    fn whole(&self, share: f64, context: &Context) -> Result<Energy, String> {
        let metered = self.watched.zones.first().copied().unwrap_or_default();
        let why = metered.why.map(|lost| lost.words().to_owned());
        if metered.lost_s > LOST_SHARE * self.wall_s || metered.microjoules == 0 {
            let why = why.unwrap_or_else(|| "it did not move, which it does in steps".into());
            return Err(format!("the sensor gave nothing to rely on for {:.1} of {:.1} s: {why}", metered.lost_s, self.wall_s));
        }
        let joules = metered.microjoules as f64 / 1e6;
        let (step, watts) = context.steps;
        let active = attribute::whole(&Whole { joules, wall_s: self.wall_s, lost_s: metered.lost_s, share, step, watts });
        Ok(Energy { tier: context.tier, active, idle: None, memory: None, lost_s: metered.lost_s, lost_why: why })
    }
}

#[cfg(test)]
mod tests {
    use super::super::counter::Lost;
    use super::super::proc::{Processor, Ticks};
    use super::super::range::Range;
    use super::super::table;
    use super::*;

    fn facts() -> Facts {
        let processor = Processor { brand: "AMD EPYC 7763".into(), sockets: 1, logical: 4, virtual_machine: true, ..Processor::default() };
        Facts { known: table::find(&processor), processor, logical: 4 }
    }

    fn context(facts: &Facts) -> Context<'_> {
        Context { facts, zones: &[], mirrors: &[], doubtful: &[], tier: Tier::MeasuredRapl, steps: (0.0, None), least_w: None }
    }

    fn at(at: f64, cpu_s: f64, busy: u64) -> Snapshot {
        let ticks = Some(Ticks { busy, total: (at * 400.0) as u64, steal: 0 });
        Snapshot { at, user_s: cpu_s * 0.75, system_s: cpu_s * 0.25, storage: Some((busy * 10, 0)), ticks, high_water: Some(100), ..Snapshot::default() }
    }

    fn modelled(tally: &Tally) -> PhaseCost {
        tally.cost("fit", &Context { zones: &[], ..context(&facts()) })
    }

    #[test]
    fn turns_two_snapshots_into_a_cost() {
        let mut tally = Tally::default();
        let watched = Watched { peak: Some(4 << 30), byte_seconds: f64::from(1 << 30) * 20.0, seconds: 10.0, threads: Some(3), ..Watched::default() };
        tally.add(&at(0.0, 0.0, 0), &at(10.0, 10.0, 2_000), &watched);
        tally.records(500, 400);
        let cost = modelled(&tally);
        assert_eq!((cost.wall_s, cost.cpu_user_s, cost.cpu_system_s), (10.0, 7.5, 2.5));
        assert_eq!((cost.machine_share, cost.host_busy, cost.host_steal), (Some(0.5), Some(0.5), Some(0.0)));
        assert_eq!((cost.read_bytes, cost.written_bytes, cost.records_in, cost.records_out), (Some(20_000), Some(0), Some(500), Some(400)));
        assert_eq!((cost.peak_rss_bytes, cost.mean_rss_bytes, cost.threads), (Some(4 << 30), Some(2 << 30), Some(3)));
        // Ten processor-seconds; four threads idle for ten seconds; two gibibytes for ten seconds.
        let energy = cost.energy.energy().unwrap();
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} is not {b}");
        near(energy.active.central, 18.593_75);
        near(energy.idle.unwrap().central, 7.875);
        near(energy.memory.unwrap().central, 4.0);
        assert_eq!(cost.modelled, None);
    }

    #[test]
    fn visits_add_up_to_the_whole() {
        let cuts = [0.0, 0.4, 3.0, 3.0, 7.7, 20.0];
        let (mut parts, mut whole) = (Tally::default(), Tally::default());
        let snapshot = |t: f64| at(t, t * 1.5, (t * 250.0) as u64);
        for pair in cuts.windows(2) {
            parts.add(&snapshot(pair[0]), &snapshot(pair[1]), &Watched::default());
        }
        whole.add(&snapshot(0.0), &snapshot(20.0), &Watched::default());
        let (parts, whole) = (modelled(&parts), modelled(&whole));
        assert!((parts.wall_s - whole.wall_s).abs() < 1e-9 && (parts.cpu_s() - whole.cpu_s()).abs() < 1e-9);
        let central = |c: &PhaseCost| c.energy.energy().unwrap().active.central;
        assert!((central(&parts) - central(&whole)).abs() < 1e-9);
        assert_eq!((parts.host_busy, parts.read_bytes), (whole.host_busy, whole.read_bytes));
    }

    #[test]
    fn what_was_unreadable_once_is_unknown() {
        let mut tally = Tally::default();
        let blind = Snapshot { storage: None, ticks: None, ..at(5.0, 5.0, 0) };
        tally.add(&at(0.0, 0.0, 0), &blind, &Watched::default());
        tally.add(&at(5.0, 5.0, 100), &at(6.0, 6.0, 200), &Watched::default());
        let cost = modelled(&tally);
        assert_eq!((cost.read_bytes, cost.host_busy, cost.machine_share, cost.peak_rss_bytes, cost.records_in), (None, None, None, None, None));
        let energy = cost.energy.energy().unwrap();
        assert_eq!((energy.idle, energy.memory), (None, None));
        // Accounts that run backwards count nothing rather than less than nothing.
        let mut back = Tally::default();
        back.add(&at(9.0, 9.0, 900), &at(1.0, 1.0, 100), &Watched::default());
        let cost = modelled(&back);
        assert_eq!((cost.wall_s, cost.cpu_s(), cost.read_bytes, cost.host_busy), (0.0, 0.0, Some(0), None));
    }

    #[test]
    fn the_high_water_mark_tells_only_when_it_rose() {
        let watched = Watched { peak: Some(80), ..Watched::default() };
        let mut tally = Tally::default();
        tally.add(&at(0.0, 0.0, 0), &at(1.0, 1.0, 1), &watched);
        assert_eq!(modelled(&tally).peak_rss_bytes, Some(80), "an earlier phase's mark");
        tally.add(&at(1.0, 1.0, 1), &Snapshot { high_water: Some(130), ..at(2.0, 2.0, 2) }, &watched);
        assert_eq!(modelled(&tally).peak_rss_bytes, Some(130));
    }

    #[test]
    fn states_nothing_of_a_phase_that_was_too_short() {
        for (wall, cpu, stated) in [(0.4, 0.29, false), (0.4, 0.31, true), (6.0, 0.01, true), (4.9, 0.0, false)] {
            let mut tally = Tally::default();
            tally.add(&at(0.0, 0.0, 0), &at(wall, cpu, 100), &Watched::default());
            let cost = modelled(&tally);
            assert_eq!(cost.energy.energy().is_some(), stated, "{wall} {cpu}");
            assert!((cost.cpu_s() - cpu).abs() < 1e-12, "processor time is kept");
        }
    }

    #[test]
    fn measures_widens_for_what_was_lost_and_gives_up_when_most_was() {
        let zones = [Kind::Package, Kind::Package, Kind::Memory];
        let package = Metered { microjoules: 300_000_000, ..Metered::default() };
        let cost = |metered: [Metered; 3], mirrors: &[usize]| {
            let mut tally = Tally::default();
            tally.add(&at(0.0, 0.0, 0), &at(10.0, 10.0, 2_000), &Watched { zones: metered.to_vec(), ..Watched::default() });
            tally.cost("fit", &Context { zones: &zones, mirrors, least_w: Some(20.0), ..context(&facts()) })
        };
        let clean = cost([package; 3], &[]);
        let energy = clean.energy.energy().unwrap();
        assert_eq!(energy.active, Range::new(0.95 * 0.5 * 400.0, 300.0, 630.0));
        assert_eq!((energy.tier, energy.memory, energy.lost_s), (Tier::MeasuredRapl, None, 0.0), "the memory of one package is not the memory");
        assert_eq!(clean.at(Tier::EstimateCpuKnown).map(|e| e.active.central), Some(18.593_75));
        let mirrored = cost([package; 3], &[1]);
        let energy = mirrored.energy.energy().unwrap();
        assert_eq!((energy.active.central, energy.memory.map(|m| m.central)), (150.0, Some(150.0)));
        let lost = |lost_s| Metered { lost_s, why: Some(Lost::Still), ..package };
        let wider = cost([package, lost(2.0), package], &[]);
        let energy = wider.energy.energy().unwrap();
        assert_eq!((energy.active.high, energy.lost_s, energy.lost_why.as_deref()), (630.0 + 2.0 * 1.5 * 280.0, 2.0, Some("the counter stood still")));
        for metered in [[package, lost(5.1), package], [package, Metered::default(), package]] {
            let none = cost(metered, &[]);
            assert!(none.energy.energy().is_none() && none.at(Tier::EstimateCpuKnown).is_some());
        }
    }
}
