//! What the meter itself costs: its processor-seconds in a phase of ten seconds, alone, with energy counters, and with many children.
//!
//! `cargo bench --bench meter` prints them; below 0.5 % of the phase is what is promised.
#![allow(clippy::print_stdout, reason = "a benchmark reports on standard output")]

use proofmark::cost::{Meter, Sources};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Length of the phase.
const PHASE: Duration = Duration::from_secs(10);

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let none = || Sources { powercap: folder.path().join("none"), ..Sources::default() };
    report("no counter, no children", none());
    let counters = folder.path().join("powercap");
    for (zone, name) in [("intel-rapl:0", "package-0"), ("intel-rapl:0:0", "dram"), ("intel-rapl:1", "package-1"), ("intel-rapl:1:0", "dram")] {
        std::fs::create_dir_all(counters.join(zone)).expect("a zone");
        std::fs::write(counters.join(zone).join("name"), name).expect("its name");
        std::fs::write(counters.join(zone).join("max_energy_range_uj"), "262143328850").expect("its range");
        set(&counters.join(zone), 0);
    }
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let start = Instant::now();
            while !stop.load(Ordering::Relaxed) {
                for zone in ["intel-rapl:0", "intel-rapl:0:0", "intel-rapl:1", "intel-rapl:1:0"] {
                    set(&counters.join(zone), start.elapsed().as_micros() as u64 * 3);
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        std::thread::sleep(Duration::from_millis(50));
        report("four counters", Sources { powercap: counters.clone(), ..Sources::default() });
        stop.store(true, Ordering::Relaxed);
    });
    let mut children: Vec<Child> = (0..20).map(|_| Command::new("sleep").arg("60").spawn().expect("a child")).collect();
    report("20 living children", none());
    for child in &mut children {
        child.kill().and_then(|()| child.wait()).expect("a child that ends");
    }
}

/// Three watts' worth of a counter, put there in one step.
fn set(zone: &Path, microjoules: u64) {
    let file = zone.join("new");
    std::fs::write(&file, microjoules.to_string()).and_then(|()| std::fs::rename(&file, zone.join("energy_uj"))).expect("a reading");
}

/// Meters a phase in which all processors are busy, and then a thousand phases that do nothing.
fn report(what: &str, sources: Sources) {
    let tier = |meter: &Meter| meter.host().source.tier;
    let mut meter = Meter::start(sources.clone());
    meter.phase("a", "fit");
    let start = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while start.elapsed() < PHASE {
                    std::hint::black_box((0..10_000u64).sum::<u64>());
                }
            });
        }
    });
    let found = tier(&meter);
    let costs = meter.finish();
    let own = costs.meter_cpu_s.unwrap_or(f64::NAN);
    let wall = costs.phases("a")[0].wall_s;
    println!("{what} ({found:?}): {:.1} ms of a processor in {wall:.1} s, {:.3} % of one processor", own * 1e3, 100.0 * own / wall);

    let mut meter = Meter::start(sources);
    for _ in 0..500 {
        meter.phase("a", "fit");
        meter.phase("a", "predict");
    }
    let own = meter.finish().meter_cpu_s.unwrap_or(f64::NAN);
    println!("{what}: {:.0} microseconds a phase", own * 1e6 / 1_000.0);
}
