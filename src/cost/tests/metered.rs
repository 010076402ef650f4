//! The whole meter on trees of files: which source it takes, what it says when it may not, and that it follows a counter exactly.

use super::super::host::Facts;
use super::super::meter::{Meter, Sources, measured};
use super::super::phase::{Costs, EnergyReading, Tier};
use super::super::zones;
use super::{alone, as_nobody, burn};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The range of an AMD package's counter.
const AMD: u64 = 65_532_610_987;

#[test]
fn without_permission_it_estimates_and_says_what_would_help() {
    if !as_nobody("metered::without_permission_it_estimates_and_says_what_would_help") {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let zone = root.path().join("intel-rapl:0");
    fs::create_dir(&zone).unwrap();
    fs::write(zone.join("name"), "package-0\n").unwrap();
    fs::write(zone.join("energy_uj"), "5\n").unwrap();
    fs::set_permissions(zone.join("energy_uj"), fs::Permissions::from_mode(0o000)).unwrap();
    let mut meter = Meter::start(Sources { powercap: root.path().into(), ..nothing() });
    meter.phase("a", "fit");
    burn(0.35);
    let costs = meter.finish();
    let source = &costs.host.source;
    assert!(source.tier >= Tier::EstimateCpuKnown && source.obstacle.as_deref().is_some_and(|o| o.starts_with("permission denied")), "{source:?}");
    assert!(source.remedy.as_deref().is_some_and(|r| r.contains("chgrp") && !r.contains("sudo")));
    assert!(costs.phases("a")[0].energy.energy().is_some_and(|e| e.active.central > 0.0), "the run goes on with an estimate");
}

/// Sources of a machine that has no sensor.
fn nothing() -> Sources {
    Sources { powercap: "/nowhere".into(), hwmon: "/nowhere".into(), batteries: "/nowhere".into(), ..Sources::default() }
}

#[test]
fn takes_the_users_meter_first_and_a_coarse_sensor_last() {
    if !alone("metered::takes_the_users_meter_first_and_a_coarse_sensor_last", None) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kwh");
    fs::write(&file, "10.000000\n").unwrap();
    let mut meter = Meter::start(Sources { meter: Some(file.clone()), energy_interval: Duration::from_secs(3_600), ..nothing() });
    meter.phase("a", "fit");
    burn(0.4);
    fs::write(&file, "10.000050\n").unwrap();
    meter.phase("a", "predict");
    burn(0.4);
    let costs = meter.finish();
    assert_eq!(costs.host.source.tier, Tier::MeasuredMeter);
    let [fit, predict] = costs.phases("a") else { panic!("{costs:?}") };
    let energy = fit.energy.energy().unwrap();
    let share = fit.machine_share.unwrap();
    // 0.05 Wh is 180 J; a step of as much may belong to what was before or after.
    assert!((energy.active.central - 180.0 * share).abs() < 1e-3 && (energy.active.high - 1.05 * 360.0).abs() < 1e-3 && energy.active.low == 0.0, "{energy:?}");
    assert!(predict.energy.undefined().is_some_and(|u| u.why.contains("moves") || u.why.contains("did not move")), "{predict:?}");
    assert!(predict.modelled.as_ref().is_some_and(|m| m.energy().is_some()));

    let odd = Meter::start(Sources { meter: Some("/nowhere/kwh".into()), ..nothing() }).finish().host.source;
    assert!(odd.tier >= Tier::EstimateCpuKnown && odd.notes.iter().any(|n| n.starts_with("the meter's file is not there")), "{odd:?}");

    let battery = folder.path().join("b/BAT0");
    fs::create_dir_all(&battery).unwrap();
    fs::write(battery.join("power_now"), "12000000\n").unwrap();
    fs::write(battery.join("status"), "Discharging\n").unwrap();
    let mut meter = Meter::start(Sources { batteries: folder.path().join("b"), energy_interval: Duration::from_millis(100), ..nothing() });
    meter.phase("a", "fit");
    burn(0.5);
    let costs = meter.finish();
    let (fit, energy) = (&costs.phases("a")[0], costs.phases("a")[0].energy.energy().unwrap());
    assert_eq!(energy.tier, Tier::MeasuredPartial);
    let whole = energy.active.central / fit.machine_share.unwrap();
    // Clocks of the account and of the phase are read one after the other, between which a busy machine may let time pass.
    assert!((whole / (12.0 * fit.wall_s) - 1.0).abs() < 0.5, "{whole} J in {} s at 12 W", fit.wall_s);
}

#[test]
fn follows_a_counter_that_runs_to_the_microjoule() {
    if !alone("metered::follows_a_counter_that_runs_to_the_microjoule", None) {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let zone = root.path().join("power/intel-rapl:0");
    fs::create_dir_all(&zone).unwrap();
    fs::create_dir_all(root.path().join("proc")).unwrap();
    fs::write(root.path().join("proc/cpuinfo"), "processor: 0\nmodel name: AMD EPYC 7763 64-Core Processor\nphysical id: 0\n").unwrap();
    // Nobody else is busy, so that everything is this work's.
    fs::write(root.path().join("proc/stat"), "cpu  100 0 0 100 0 0 0 0\n").unwrap();
    fs::write(zone.join("name"), "package-0\n").unwrap();
    fs::write(zone.join("max_energy_range_uj"), AMD.to_string()).unwrap();
    // It is on its way over the top. One reading is put in the place of another at once, as the kernel does.
    let count = Mutex::new(AMD - 3_000_000);
    let write = |microjoules: u64| {
        fs::write(zone.join("new"), microjoules.to_string()).unwrap();
        fs::rename(zone.join("new"), zone.join("energy_uj")).unwrap();
    };
    write(AMD - 3_000_000);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let mut now = count.lock().unwrap();
                *now += 200_001;
                write(*now % AMD);
                drop(now);
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        let (power, proc) = (root.path().join("power"), root.path().join("proc"));
        let sources = Sources { powercap: power, proc, energy_interval: Duration::from_millis(100), ..nothing() };
        // On a busy machine the writer may miss the time of the test before use.
        let mut meter = Meter::start(sources.clone());
        for _ in 0..10 {
            if meter.host().source.tier == Tier::MeasuredRapl {
                break;
            }
            meter = Meter::start(sources.clone());
        }
        let mut bounds = Vec::new();
        for name in ["fit", "predict", "evaluate"] {
            let now = count.lock().unwrap();
            meter.phase("a", name);
            bounds.push(*now);
            drop(now);
            burn(0.4);
        }
        let now = count.lock().unwrap();
        let costs = meter.finish();
        bounds.push(*now);
        drop(now);
        stop.store(true, Ordering::Relaxed);
        assert_eq!(costs.host.source.tier, Tier::MeasuredRapl, "{:?}", costs.host.source);
        for (phase, pair) in costs.phases("a").iter().zip(bounds.windows(2)) {
            let energy = phase.energy.energy().unwrap();
            let found = (energy.active.central * 1e6).round() as u64;
            assert!(found == pair[1] - pair[0] || energy.lost_s > 0.0 && found < pair[1] - pair[0], "{found} {pair:?} {energy:?}");
        }
    });
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
    let mut meter = Meter::with(&sources, facts, zones, source, None);
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
