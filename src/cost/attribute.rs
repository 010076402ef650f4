//! Adds up what energy counters said during a phase, and gives this work its share of it.

use super::counter::{Limits, Lost, between};
use super::range::Range;
use super::sensors::Unit;
use super::zones::{Kind, Zone};

/// Relative error of the counters themselves, assumed; see Fahad et al. 2019, doi:10.3390/en12112204.
const INSTRUMENT: f64 = 0.05;
/// Shortest interval whose mean power is believed, in seconds.
const STEADY_S: f64 = 0.2;
/// Two dies whose counters agree this closely in every interval show one counter twice.
const MIRROR: f64 = 0.001;
/// Intervals that must agree before that is believed.
const MIRROR_INTERVALS: u32 = 3;

/// What one counter said during a phase.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Metered {
    /// Microjoules of the intervals that were not lost.
    pub microjoules: u64,
    /// Seconds about which nothing can be said.
    pub lost_s: f64,
    /// Why the first of them was lost.
    pub why: Option<Lost>,
}

impl Metered {
    /// Both together.
    pub(super) fn plus(self, other: Self) -> Self {
        Self { microjoules: self.microjoules + other.microjoules, lost_s: self.lost_s + other.lost_s, why: self.why.or(other.why) }
    }
}

/// Two dies of one package that may be one counter shown twice.
#[derive(Debug, Clone)]
struct Pair {
    zones: (usize, usize),
    compared: u32,
    agreed: u32,
}

/// Adds up the readings of several counters, phase after phase.
#[derive(Debug, Clone)]
pub(super) struct Account {
    limits: Vec<Limits>,
    packages: Vec<bool>,
    /// Those that show power, not energy.
    gauges: Vec<bool>,
    last: Vec<Option<u64>>,
    last_at: f64,
    open: Vec<Metered>,
    pairs: Vec<Pair>,
    least_w: Option<f64>,
    moves: Vec<Moves>,
}

/// How a counter that moves in steps has moved: an external meter tells every so often, or every watt-hour.
#[derive(Debug, Clone, Copy, Default)]
struct Moves {
    /// The largest step, in microjoules.
    largest: u64,
    /// When it last moved.
    last_at: Option<f64>,
    /// The least and the most power between two moves, in watts.
    watts: Option<(f64, f64)>,
}

impl Moves {
    /// A step up at `at` seconds.
    fn moved(&mut self, rise: u64, at: f64) {
        if let Some(seconds) = self.last_at.map(|last| at - last).filter(|s| *s >= STEADY_S) {
            let watts = rise as f64 / 1e6 / seconds;
            self.watts = Some(self.watts.map_or((watts, watts), |(least, most)| (least.min(watts), most.max(watts))));
        }
        self.largest = self.largest.max(rise);
        self.last_at = Some(at);
    }
}

impl Account {
    /// An account of counters that read `readings` at `at` seconds.
    pub(super) fn new(zones: &[Zone], readings: Vec<Option<u64>>, at: f64) -> Self {
        let die_of = |zone: &Zone| zone.package.split_once("-die-").filter(|_| zone.kind == Kind::Package).map(|(package, _)| package.to_owned());
        let dies: Vec<Option<String>> = zones.iter().map(die_of).collect();
        let mut pairs = Vec::new();
        for b in 0..zones.len() {
            pairs.extend((0..b).filter(|a| dies[*a].is_some() && dies[*a] == dies[b]).map(|a| Pair { zones: (a, b), compared: 0, agreed: 0 }));
        }
        Self {
            limits: zones.iter().map(|z| z.limits).collect(),
            packages: zones.iter().map(|z| z.kind == Kind::Package).collect(),
            gauges: zones.iter().map(|z| z.unit == Unit::Microwatts).collect(),
            last: readings,
            last_at: at,
            open: vec![Metered::default(); zones.len()],
            pairs,
            least_w: None,
            moves: vec![Moves::default(); zones.len()],
        }
    }

    /// Takes in readings made at `at` seconds; `suspended` says that the machine slept since the last ones.
    pub(super) fn step(&mut self, at: f64, suspended: bool, readings: &[Option<u64>]) {
        // A clock that went back says nothing of how long it was: as long as it went back is the least that is in doubt.
        let back = at < self.last_at;
        let seconds = (at - self.last_at).abs();
        let mut rises = vec![None; self.limits.len()];
        for (i, limits) in self.limits.iter().enumerate() {
            let rise = match (self.last[i], readings.get(i).copied().flatten()) {
                _ if suspended => Err(Lost::Suspended),
                _ if back => Err(Lost::Clock),
                // Power is taken to go evenly from one reading to the next; over a long gap that would be a guess.
                (Some(before), Some(after)) if self.gauges[i] && seconds <= limits.longest() => Ok((0.5 * (before as f64 + after as f64) * seconds) as u64),
                (Some(before), Some(after)) => between(before, after, seconds, limits),
                _ => Err(Lost::Unreadable),
            };
            match rise {
                Ok(rise) => {
                    self.open[i].microjoules += rise;
                    rises[i] = Some(rise);
                    if rise > 0 {
                        self.moves[i].moved(rise, at);
                    }
                }
                Err(why) => {
                    self.open[i] = self.open[i].plus(Metered { microjoules: 0, lost_s: seconds, why: Some(why) });
                    self.moves[i].last_at = None;
                }
            }
            self.last[i] = readings.get(i).copied().flatten();
        }
        self.last_at = at;
        self.compare(&rises);
        let packages: Option<u64> = rises.iter().zip(&self.packages).filter(|(_, package)| **package).map(|(rise, _)| *rise).sum();
        if let Some(watts) = packages.filter(|_| seconds >= STEADY_S).map(|uj| uj as f64 / 1e6 / seconds) {
            self.least_w = Some(self.least_w.map_or(watts, |least| least.min(watts)));
        }
    }

    fn compare(&mut self, rises: &[Option<u64>]) {
        for pair in &mut self.pairs {
            if let (Some(a), Some(b)) = (rises[pair.zones.0], rises[pair.zones.1])
                && a > 1_000_000
                && b > 1_000_000
            {
                pair.compared += 1;
                pair.agreed += u32::from(a.abs_diff(b) as f64 <= MIRROR * a.max(b) as f64);
            }
        }
    }

    /// What was said since the last call.
    pub(super) fn take(&mut self) -> Vec<Metered> {
        let empty = vec![Metered::default(); self.open.len()];
        std::mem::replace(&mut self.open, empty)
    }

    /// Zones that only repeat another die's counter.
    pub(super) fn mirrors(&self) -> Vec<usize> {
        let mut mirrors: Vec<usize> = self.pairs.iter().filter(|p| p.compared >= MIRROR_INTERVALS && p.agreed == p.compared).map(|p| p.zones.1).collect();
        mirrors.dedup();
        mirrors
    }

    /// Zones that may only repeat another die's counter: so far they agreed, but there was too little to be sure.
    pub(super) fn doubtful(&self) -> Vec<usize> {
        let mut doubtful: Vec<usize> = self.pairs.iter().filter(|p| p.compared < MIRROR_INTERVALS && p.agreed == p.compared).map(|p| p.zones.1).collect();
        doubtful.dedup();
        doubtful
    }

    /// The largest step of a counter in joules, and the least and most power between two steps in watts.
    pub(super) fn steps(&self, zone: usize) -> (f64, Option<(f64, f64)>) {
        (self.moves[zone].largest as f64 / 1e6, self.moves[zone].watts)
    }

    /// The least power of all packages together in any interval, in watts: their idle power cannot be more.
    pub(super) fn least_watts(&self) -> Option<f64> {
        self.least_w
    }
}

/// This work's share of all processor time that was used, if that is known.
pub(super) fn share(cpu_s: f64, machine_busy_s: Option<f64>) -> Option<f64> {
    // Ticks are coarse: a short phase can have used more than the machine's whole count.
    machine_busy_s.map(|busy| if cpu_s >= busy { 1.0 } else { (cpu_s / busy).max(0.0) })
}

/// What was measured of the packages during a phase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured {
    /// Joules of all packages in the intervals that were not lost.
    pub joules: f64,
    /// Joules of those that may be the same joules again, shown by another die's counter.
    pub doubtful: f64,
    /// Length of the phase in seconds.
    pub wall_s: f64,
    /// Lost seconds, added up over the packages.
    pub lost_s: f64,
    /// This work's share of all processor time.
    pub share: f64,
    /// The most that all packages together can draw when idle, in watts.
    pub idle_w: f64,
    /// Design power of one package, in watts.
    pub socket_w: f64,
}

/// Low: what this work added to an idle machine. Central: its share of everything, idle power included. High: everything,
/// as if the machine were its own, and 1.5 times the design power for what was lost. With the counters' own error.
pub(super) fn packages(m: &Measured) -> Range {
    let share = m.share.clamp(0.0, 1.0);
    let marginal = (m.joules - m.doubtful - m.idle_w * m.wall_s).max(0.0);
    Range::new((1.0 - INSTRUMENT) * share * marginal, share * m.joules, (1.0 + INSTRUMENT) * m.joules + m.lost_s * 1.5 * m.socket_w)
}

/// What an external meter or another stepwise sensor of the whole said during a phase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Whole {
    /// Joules of the intervals that were not lost.
    pub joules: f64,
    /// Length of the phase in seconds.
    pub wall_s: f64,
    /// Lost seconds.
    pub lost_s: f64,
    /// This work's share of all processor time.
    pub share: f64,
    /// The largest step of the sensor in joules: at either end of the phase as much may be missing or too much.
    pub step: f64,
    /// Least and most power between two steps, in watts, where there were two.
    pub watts: Option<(f64, f64)>,
}

/// Low: what this work added to the least power that was seen, a step less; 0 where that is not known. Central: its share of everything.
/// High: everything and a step, and twice the most power that was seen for what was lost. With the sensor's own error.
pub(super) fn whole(w: &Whole) -> Range {
    let share = w.share.clamp(0.0, 1.0);
    let low = w.watts.map_or(0.0, |(least, _)| (w.joules - w.step - least * w.wall_s).max(0.0));
    // Without two steps the power is not known; then the whole amount counts for what was lost as often as the time goes into the rest.
    let most = w.watts.map_or_else(|| w.joules / (w.wall_s - w.lost_s).max(STEADY_S), |(_, most)| most);
    Range::new((1.0 - INSTRUMENT) * share * low, share * w.joules, (1.0 + INSTRUMENT) * (w.joules + w.step) + w.lost_s * 2.0 * most)
}

/// The same for memory, whose idle power is not known: low is no more than the share of nothing, high everything.
pub(super) fn memory(joules: f64, share: f64) -> Range {
    Range::new(0.0, share.clamp(0.0, 1.0) * joules, (1.0 + INSTRUMENT) * joules)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(package: &str, kind: Kind) -> Zone {
        let limits = Limits { wraps_at: Some(65_532_610_987), design_w: 200.0, may_rest: kind == Kind::Memory };
        Zone { package: package.into(), kind, file: "energy_uj".into(), unit: Unit::Microjoules, limits }
    }

    #[test]
    fn adds_up_phases_to_the_microjoule_over_a_wrap() {
        let zones = [zone("package-0", Kind::Package), zone("package-0", Kind::Memory)];
        let mut account = Account::new(&zones, vec![Some(65_532_610_000), Some(7)], 0.0);
        account.step(1.0, false, &[Some(9_999_013), Some(7)]);
        account.step(1.25, false, &[Some(12_000_000), Some(9)]);
        let first = account.take();
        assert_eq!(first, [Metered { microjoules: 10_000_000 + 2_000_987, ..Metered::default() }, Metered { microjoules: 2, ..Metered::default() }]);
        account.step(2.25, false, &[Some(12_000_001), Some(9)]);
        assert_eq!(account.take()[0].microjoules, 1);
        assert_eq!(account.take(), [Metered::default(); 2]);
    }

    #[test]
    fn loses_intervals_and_never_guesses() {
        let mut account = Account::new(&[zone("package-0", Kind::Package)], vec![Some(0)], 0.0);
        account.step(1.0, false, &[Some(20_000_000)]);
        account.step(2.0, false, &[None]);
        account.step(3.0, false, &[Some(60_000_000)]);
        account.step(4.0, false, &[Some(80_000_000)]);
        account.step(5.0, true, &[Some(90_000_000)]);
        account.step(6.0, false, &[Some(1_000)]);
        account.step(200.0, false, &[Some(2_000)]);
        assert_eq!(account.take(), [Metered { microjoules: 40_000_000, lost_s: 198.0, why: Some(Lost::Unreadable) }]);
        assert_eq!(account.least_watts(), Some(20.0));
    }

    #[test]
    fn drops_a_die_that_mirrors_another_and_keeps_one_that_does_not() {
        for (second, mirrors) in [(1.0005, vec![1]), (1.01, vec![])] {
            let mut account = Account::new(&[zone("package-0-die-0", Kind::Package), zone("package-0-die-1", Kind::Package)], vec![Some(0); 2], 0.0);
            for i in 1..=3u64 {
                assert_eq!(account.mirrors(), Vec::<usize>::new(), "too early to tell");
                let at = i * 50_000_000;
                account.step(i as f64, false, &[Some(at), Some((at as f64 * second) as u64)]);
            }
            assert_eq!(account.mirrors(), mirrors, "{second}");
        }
        // Two packages that happen to agree are two packages.
        let mut account = Account::new(&[zone("package-0", Kind::Package), zone("package-1", Kind::Package)], vec![Some(0); 2], 0.0);
        (1..=5u64).for_each(|i| account.step(i as f64, false, &[Some(i * 50_000_000); 2]));
        assert_eq!(account.mirrors(), Vec::<usize>::new());
    }

    #[test]
    fn three_copies_of_one_counter_are_counted_once() {
        let dies: Vec<Zone> = (0..3).map(|die| zone(&format!("package-0-die-{die}"), Kind::Package)).collect();
        let mut account = Account::new(&dies, vec![Some(0); 3], 0.0);
        (1..=3u64).for_each(|i| account.step(i as f64, false, &[Some(i * 50_000_000); 3]));
        assert_eq!(account.mirrors(), [1, 2]);
    }

    #[test]
    fn shares_are_fair() {
        assert_eq!(share(1.0, Some(4.0)), Some(0.25));
        assert_eq!(share(1.0, Some(0.0)), Some(1.0));
        assert_eq!(share(1.0, None), None);
        let used = [0.4, 2.2, 1.4];
        let total: f64 = used.iter().map(|cpu| share(*cpu, Some(4.0)).unwrap()).sum();
        assert!(total <= 1.0 + 1e-12, "{total}");
    }

    #[test]
    fn gives_low_central_and_high_as_worked_by_hand() {
        let m = Measured { joules: 1_000.0, doubtful: 0.0, wall_s: 10.0, lost_s: 0.0, share: 0.5, idle_w: 40.0, socket_w: 200.0 };
        // 0.95 × 0.5 × (1000 − 400), 0.5 × 1000, 1.05 × 1000; two lost seconds add 2 × 1.5 × 200 to the high end.
        assert_eq!(packages(&m), Range::new(285.0, 500.0, 1_050.0));
        assert_eq!(packages(&Measured { lost_s: 2.0, ..m }), Range::new(285.0, 500.0, 1_650.0));
        assert_eq!(packages(&Measured { idle_w: 200.0, ..m }).low, 0.0);
        assert_eq!(packages(&Measured { doubtful: 400.0, ..m }), Range::new(95.0, 500.0, 1_050.0), "what may be counted twice is not in the low end");
        assert_eq!(memory(100.0, 0.5), Range::new(0.0, 50.0, 105.0));
        for share in [0.0, 0.1, 1.0] {
            for joules in [0.0, 1.0, 1e6] {
                let r = packages(&Measured { joules, share, ..m });
                assert!(r.low <= r.central && r.central <= r.high, "{r:?}");
            }
        }
    }

    #[test]
    fn a_meter_that_moves_in_steps_is_known_to_a_step() {
        let limits = Limits { wraps_at: Some(u64::MAX), design_w: 2_000.0, may_rest: true };
        let zone = Zone { package: "meter".into(), kind: Kind::Computer, file: "kwh".into(), unit: Unit::KilowattHours, limits };
        let mut account = Account::new(&[zone], vec![Some(3_600_000_000)], 0.0);
        // One watt-hour is 3,600 J; it comes after 36, 30 and 40 s: the first interval has no beginning, then 120 and 90 W.
        for (at, reading) in [(20.0, 1), (36.0, 2), (66.0, 3), (90.0, 3), (106.0, 4)] {
            account.step(at, false, &[Some(reading * 3_600_000_000)]);
        }
        let (step, watts) = account.steps(0);
        assert_eq!((step, watts), (3_600.0, Some((90.0, 120.0))));
        let metered = account.take()[0];
        assert_eq!((metered.microjoules, metered.lost_s), (10_800_000_000, 0.0), "standing still between steps is no fault");
        let w = Whole { joules: 10_800.0, wall_s: 60.0, lost_s: 0.0, share: 0.5, step, watts };
        assert_eq!(whole(&w), Range::new(0.95 * 0.5 * (10_800.0 - 3_600.0 - 5_400.0), 5_400.0, 1.05 * 14_400.0));
        assert_eq!(whole(&Whole { lost_s: 10.0, ..w }).high, 1.05 * 14_400.0 + 10.0 * 2.0 * 120.0);
        let unknown = whole(&Whole { watts: None, lost_s: 6.0, ..w });
        assert_eq!((unknown.low, unknown.high), (0.0, 1.05 * 14_400.0 + 6.0 * 2.0 * 200.0));
    }

    #[test]
    fn a_clock_that_jumps_costs_the_interval() {
        let mut account = Account::new(&[zone("package-0", Kind::Package)], vec![Some(0)], 100.0);
        account.step(101.0, false, &[Some(20_000_000)]);
        account.step(98.0, false, &[Some(40_000_000)]);
        assert_eq!(account.take(), [Metered { microjoules: 20_000_000, lost_s: 3.0, why: Some(Lost::Clock) }], "back by 3 s");
        account.step(99.0, false, &[Some(60_000_000)]);
        account.step(9_999.0, false, &[Some(80_000_000)]);
        assert_eq!(account.take(), [Metered { microjoules: 20_000_000, lost_s: 9_900.0, why: Some(Lost::Gap) }], "forward by hours");
    }

    #[test]
    fn dies_are_doubtful_until_they_are_told_apart() {
        let mut account = Account::new(&[zone("package-0-die-0", Kind::Package), zone("package-0-die-1", Kind::Package)], vec![Some(0); 2], 0.0);
        assert_eq!(account.doubtful(), [1]);
        (1..=2u64).for_each(|i| account.step(i as f64, false, &[Some(i * 50_000_000); 2]));
        assert_eq!((account.doubtful(), account.mirrors()), (vec![1], vec![]));
        account.step(3.0, false, &[Some(150_000_000), Some(160_000_000)]);
        assert_eq!((account.doubtful(), account.mirrors()), (vec![], vec![]));
    }
}
