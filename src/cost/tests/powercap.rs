//! Energy counters of every shape the powercap tree is known to take, to the microjoule; and what cannot be believed, which is lost.

use super::super::attribute::Account;
use super::super::host::Facts;
use super::super::phase::{PhaseCost, Tier};
use super::super::probe::Snapshot;
use super::super::proc::{Processor, Ticks};
use super::super::tally::{Context, Tally, Watched};
use super::super::zones::{Kind, Zone, find, read};
use super::super::{counter, table};
use std::fs;
use tempfile::TempDir;

const INTEL: u64 = 262_143_328_850;
const AMD: u64 = 65_532_610_987;
/// Microjoules of a lost second in the high end: one and a half times the design power of 280 W.
const LOST: f64 = 1.5 * 280.0 * 1e6;

/// A powercap tree, and an account of it whose clock the test moves.
struct Bench {
    root: TempDir,
    zones: Vec<Zone>,
    account: Account,
    at: f64,
}

impl Bench {
    /// Zones are (folder, name, microjoules, range, 0 for none).
    fn of(tree: &[(&str, &str, u64, u64)]) -> Self {
        let root = tempfile::tempdir().unwrap();
        for (folder, name, energy, range) in tree {
            let path = root.path().join(folder);
            fs::create_dir(&path).unwrap();
            fs::write(path.join("name"), format!("{name}\n")).unwrap();
            fs::write(path.join("energy_uj"), format!("{energy}\n")).unwrap();
            if *range > 0 {
                fs::write(path.join("max_energy_range_uj"), format!("{range}\n")).unwrap();
            }
        }
        let zones = find(root.path(), 280.0).unwrap();
        let account = Account::new(&zones, read(&zones), 0.0);
        Self { root, zones, account, at: 0.0 }
    }

    /// So many seconds pass, then files say this; empty text takes the file away.
    fn step(&mut self, seconds: f64, now: &[(&str, &str)]) {
        for (folder, text) in now {
            let file = self.root.path().join(folder).join("energy_uj");
            if text.is_empty() { fs::remove_file(file).unwrap() } else { fs::write(file, text).unwrap() }
        }
        self.at += seconds;
        self.account.step(self.at, false, &read(&self.zones));
    }

    /// The cost of everything since the start, by work that had the machine to itself.
    fn cost(mut self) -> PhaseCost {
        let ticks = |seconds: f64| Some(Ticks { busy: (seconds * 100.0) as u64, total: (seconds * 400.0) as u64, steal: 0 });
        let to = Snapshot { at: self.at, user_s: self.at, ticks: ticks(self.at), ..Snapshot::default() };
        let watched = Watched { zones: self.account.take(), ..Watched::default() };
        let mut tally = Tally::default();
        tally.add(&Snapshot { ticks: ticks(0.0), ..Snapshot::default() }, &to, &watched);
        let processor = Processor { brand: "AMD EPYC 7763".into(), sockets: 1, logical: 4, ..Processor::default() };
        let facts = Facts { known: table::find(&processor), processor, logical: 4 };
        let kinds: Vec<Kind> = self.zones.iter().map(|z| z.kind).collect();
        let (mirrors, doubtful) = (self.account.mirrors(), self.account.doubtful());
        tally.cost(
            "fit",
            &Context {
                facts: &facts,
                zones: &kinds,
                mirrors: &mirrors,
                doubtful: &doubtful,
                tier: Tier::MeasuredRapl,
                steps: (0.0, None),
                least_w: self.account.least_watts(),
            },
        )
    }
}

/// Microjoules of the packages, of the memory, and lost seconds.
fn found(cost: &PhaseCost) -> (u64, Option<u64>, f64) {
    let energy = cost.energy.energy().unwrap_or_else(|| panic!("{:?}", cost.energy));
    let microjoules = |joules: f64| (joules * 1e6).round() as u64;
    // What is lost widens the high end by exactly that, and is in no other figure.
    let high = 1.05 * energy.active.central * 1e6 + energy.lost_s * LOST;
    assert!((energy.active.high * 1e6 - high).abs() < 1.0, "{energy:?}");
    (microjoules(energy.active.central), energy.memory.map(|m| microjoules(m.central)), energy.lost_s)
}

/// Zones that all rise three times a second apart, by as many microjoules as is said of each.
fn risen(tree: &[(&str, &str, u64, u64)], by: &[(&str, u64)]) -> (u64, Option<u64>, f64) {
    let mut bench = Bench::of(tree);
    for second in 1..=3 {
        let texts: Vec<(&str, String)> =
            by.iter().map(|(folder, rise)| (*folder, (tree.iter().find(|z| z.0 == *folder).unwrap().2 + second * rise).to_string())).collect();
        let now: Vec<(&str, &str)> = texts.iter().map(|(folder, text)| (*folder, text.as_str())).collect();
        bench.step(1.0, &now);
    }
    found(&bench.cost())
}

#[test]
fn packages_once_and_memory_apart() {
    let one = [("intel-rapl:0", "package-0", 17, INTEL)];
    assert_eq!(risen(&one, &[("intel-rapl:0", 12_345_679)]), (37_037_037, None, 0.0));
    let two = [("intel-rapl:0", "package-0", 17, INTEL), ("intel-rapl:1", "package-1", 99, INTEL)];
    assert_eq!(risen(&two, &[("intel-rapl:0", 12_345_679), ("intel-rapl:1", 20_000_001)]), (97_037_040, None, 0.0));
    let parts = [
        ("intel-rapl:0", "package-0", 17, INTEL),
        ("intel-rapl:0:0", "core", 5, INTEL),
        ("intel-rapl:0:1", "uncore", 5, INTEL),
        ("intel-rapl:0:2", "dram", 5, INTEL),
    ];
    let by = [("intel-rapl:0", 12_345_679), ("intel-rapl:0:0", 9_000_000), ("intel-rapl:0:1", 1_000_000), ("intel-rapl:0:2", 3_000_001)];
    assert_eq!(risen(&parts, &by), (37_037_037, Some(9_000_003), 0.0), "cores and uncore are inside the package; memory is not");
}

#[test]
fn the_platform_counter_is_never_added() {
    let tree = [("intel-rapl:0", "package-0", 17, INTEL), ("intel-rapl:1", "psys", 3, INTEL)];
    for platform in [5_000_000, 30_000_000] {
        assert_eq!(risen(&tree, &[("intel-rapl:0", 12_345_679), ("intel-rapl:1", platform)]), (37_037_037, None, 0.0), "{platform}");
    }
}

#[test]
fn one_counter_shown_twice_counts_once() {
    let both = [("intel-rapl:0", "package-0", 17, INTEL), ("intel-rapl-mmio:0", "package-0", 17, INTEL)];
    assert_eq!(risen(&both, &[("intel-rapl:0", 12_345_679), ("intel-rapl-mmio:0", 12_345_679)]), (37_037_037, None, 0.0));
    let dies = [("intel-rapl:0", "package-0-die-0", 17, AMD), ("intel-rapl:1", "package-0-die-1", 17, AMD)];
    assert_eq!(risen(&dies, &[("intel-rapl:0", 40_000_001), ("intel-rapl:1", 40_000_002)]).0, 120_000_003, "a mirror is dropped");
    assert_eq!(risen(&dies, &[("intel-rapl:0", 40_000_001), ("intel-rapl:1", 44_000_000)]).0, 252_000_003, "another die is kept");
}

#[test]
fn dies_that_cannot_be_told_apart_are_not_in_the_low_end() {
    let mut bench = Bench::of(&[("intel-rapl:0", "package-0-die-0", 0, AMD), ("intel-rapl:1", "package-0-die-1", 0, AMD)]);
    bench.step(1.0, &[("intel-rapl:0", "200000000"), ("intel-rapl:1", "200000000")]);
    let energy = bench.cost().energy.energy().unwrap().clone();
    // Idle power is bounded by a quarter of 280 W: 0.95 × (400 − 200 − 70).
    assert!((energy.active.central - 400.0).abs() < 1e-9 && (energy.active.low - 123.5).abs() < 1e-9, "{energy:?}");
}

#[test]
fn goes_over_the_top_once_and_never_guesses_without_it() {
    for top in [INTEL, AMD] {
        let mut bench = Bench::of(&[("intel-rapl:0", "package-0", top - 5_000_000, top)]);
        bench.step(1.0, &[("intel-rapl:0", "7000001")]);
        assert_eq!(found(&bench.cost()), (12_000_001, None, 0.0), "{top}");
    }
    let mut bench = Bench::of(&[("intel-rapl:0", "package-0", AMD - 5_000_000, 0)]);
    bench.step(1.0, &[("intel-rapl:0", "65532610986")]);
    bench.step(1.0, &[("intel-rapl:0", "7000001")]);
    bench.step(1.0, &[("intel-rapl:0", "27000001")]);
    let cost = bench.cost();
    assert_eq!(found(&cost), (24_999_999, None, 1.0), "without a range the fall is lost, what is before and after it is kept");
    assert_eq!(cost.energy.energy().unwrap().lost_why.as_deref(), Some("the counter fell back"));
}

#[test]
fn what_cannot_be_believed_is_lost_and_named() {
    let faults = [
        ("", "the counter could not be read"),
        ("n/a", "the counter could not be read"),
        ("-5", "the counter could not be read"),
        ("18446744073709551616", "the counter could not be read"),
        ("20000000", "the counter stood still"),
        ("0", "the counter fell back"),
        ("900000000000", "the counter rose by more than the processor can draw"),
    ];
    for (text, why) in faults {
        let mut bench = Bench::of(&[("intel-rapl:0", "package-0", 0, INTEL)]);
        bench.step(1.0, &[("intel-rapl:0", "20000000")]);
        bench.step(1.0, &[("intel-rapl:0", text)]);
        // It comes back as if nothing had been, on the course it was on.
        for reading in ["60000000", "80000000", "100000000"] {
            bench.step(1.0, &[("intel-rapl:0", reading)]);
        }
        let cost = bench.cost();
        let (microjoules, _, lost_s) = found(&cost);
        // 1 s before it, 2 or 3 s after it: the interval to its return is whole only where the fault could be read as a number.
        let expected = match text {
            "20000000" => (100_000_000, 1.0),
            "0" => (120_000_000, 1.0),
            _ => (60_000_000, 2.0),
        };
        assert_eq!((microjoules, lost_s), expected, "{text:?}");
        assert_eq!(cost.energy.energy().unwrap().lost_why.as_deref(), Some(why), "{text:?}");
    }
}

#[test]
fn a_counter_that_stays_at_nothing_gives_no_figure() {
    let mut bench = Bench::of(&[("intel-rapl:0", "package-0", 0, INTEL)]);
    (0..5).for_each(|_| bench.step(1.0, &[("intel-rapl:0", "0")]));
    let cost = bench.cost();
    let why = &cost.energy.undefined().expect("not 0 J").why;
    assert!(why.contains("for 5.0 of 5.0 s: the counter stood still"), "{why}");
    assert!(cost.modelled.as_ref().is_some_and(|m| m.energy().is_some_and(|e| e.active.central > 0.0)), "the model still has one");
    assert!(counter::works(0, 0, 0.2, &bench_limits()).is_err(), "and the test before the start refuses it");
}

fn bench_limits() -> counter::Limits {
    counter::Limits { wraps_at: Some(INTEL), design_w: 280.0, may_rest: false }
}
