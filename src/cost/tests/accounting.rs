//! Processor time on this machine within 2 % of the kernel's own account: threads, children short and long, grandchildren, daemons,
//! a start by another program.

use super::super::meter::{Meter, Sources};
use super::super::proc::process_seconds;
use super::{alone, burn, kernel_seconds, shell};
use nix::sys::wait::{WaitPidFlag, waitpid};
use std::fs;
use std::thread::sleep;
use std::time::Duration;

/// Seconds by which the account of a living process may be off: the kernel shows it in ticks, apart for program and kernel.
const TICKS: f64 = 0.03;

fn near(found: f64, kernel: f64, slack: f64) {
    assert!((found - kernel).abs() <= 0.02 * kernel + slack, "{found} is not within 2 % of {kernel}");
}

#[test]
fn counts_threads_and_short_lived_children() {
    if !alone("accounting::counts_threads_and_short_lived_children", None) {
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
        for _ in 0..60 {
            assert!(shell("/bin/sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'; true").status().unwrap().success());
        }
    });
    let costs = meter.finish();
    for (cost, (least, most)) in costs.phases("all").iter().zip(bounds) {
        // The kernel's own figures on either side of the boundaries hold the phase between them, but for rounding.
        assert!(least - 1e-4 <= cost.cpu_s() && cost.cpu_s() <= most + 1e-4, "{} {least} {} {most}", cost.phase, cost.cpu_s());
        near(cost.cpu_s(), least, 0.0);
        assert!(least > 0.05 && cost.wall_s > 0.0 && cost.peak_rss_bytes > Some(100_000) && cost.mean_rss_bytes <= cost.peak_rss_bytes);
        assert!(cost.host_busy.is_some_and(|busy| busy > 0.0 && busy <= 1.0), "{:?}", cost.host_busy);
    }
    let [fit, predict] = costs.phases("all") else { panic!("{costs:?}") };
    assert!(fit.cpu_s() >= 0.5 && fit.threads >= Some(2) && fit.energy.energy().is_some(), "{fit:?}");
    assert!(predict.cpu_s() > 0.05, "{predict:?}");
}

#[test]
fn counts_a_child_that_outlives_its_phase() {
    if !alone("accounting::counts_a_child_that_outlives_its_phase", None) {
        return;
    }
    let mut meter = Meter::start(Sources::default());
    let before = kernel_seconds();
    meter.phase("all", "fit");
    let mut child = shell("while :; do :; done").spawn().unwrap();
    let stat = format!("/proc/{}/stat", child.id());
    while process_seconds(&fs::read_to_string(&stat).unwrap()).unwrap().0 < 1.0 {
        sleep(Duration::from_millis(5));
    }
    meter.phase("all", "predict");
    child.kill().unwrap();
    child.wait().unwrap();
    let costs = meter.finish();
    let [fit, predict] = costs.phases("all") else { panic!("{costs:?}") };
    assert!(fit.cpu_s() >= 1.0 && fit.peak_children_bytes.is_some_and(|bytes| bytes > 100_000), "{fit:?}");
    // What is read of a living child is in ticks; what the kernel says when it has ended is exact.
    near(fit.cpu_s() + predict.cpu_s(), kernel_seconds() - before, TICKS);
}

#[test]
fn counts_a_daemon_whose_parent_has_gone() {
    if !alone("accounting::counts_a_daemon_whose_parent_has_gone", None) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let done = folder.path().join("done");
    let mut meter = Meter::start(Sources::default());
    let before = kernel_seconds();
    meter.phase("all", "fit");
    let script = format!("( (i=0; while [ $i -lt 900000 ]; do i=$((i+1)); done; : > {}) & ) ", done.display());
    assert!(shell(&script).status().unwrap().success());
    while !done.exists() {
        sleep(Duration::from_millis(20));
    }
    sleep(Duration::from_millis(50));
    let costs = meter.finish();
    let mut reaped = 0;
    while waitpid(None, Some(WaitPidFlag::WNOHANG)).is_ok_and(|status| status.pid().is_some()) {
        reaped += 1;
    }
    assert!(reaped >= 1, "the daemon became a child of this process");
    let all = kernel_seconds() - before;
    assert!(all > 0.2, "{all}");
    near(costs.phases("all")[0].cpu_s(), all, TICKS);
}

#[test]
fn does_not_count_what_another_program_did_before() {
    let before = "/bin/sh -c 'i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done'";
    if !alone("accounting::does_not_count_what_another_program_did_before", Some(before)) {
        return;
    }
    let inherited = kernel_seconds();
    assert!(inherited > 0.1, "the trap is set: {inherited}");
    let mut meter = Meter::start(Sources::default());
    let start = kernel_seconds();
    meter.phase("all", "fit");
    burn(0.8);
    let costs = meter.finish();
    near(costs.phases("all")[0].cpu_s(), kernel_seconds() - start, 0.0);
}
