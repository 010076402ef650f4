//! Accuracy and macro-F1 by group with 1,000 replicates: processor seconds beside fairlearn's, and how they grow with the records.
//!
//! `cargo bench --bench replicates` prints both; the peer runs when `python3` has fairlearn. Wall times are divan's.
#![allow(clippy::print_stdout, reason = "a benchmark reports on standard output")]

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use proofmark::stats::{Centre, Columns, Lonely, Replicates, Units, replicate_groups};
use proofmark::value::Stream;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

const REPLICATES: usize = 1000;
const GROUPS: usize = 50;
const CODES: usize = 100;
const PSUS: usize = 2000;
const STRATA: u32 = 100;

fn main() {
    beside();
    for exponent in 5..=7 {
        let rows = 10_usize.pow(exponent);
        let data = Data::generated(rows);
        let (seconds, ()) = cpu(|| data.evaluate(GROUPS, CODES));
        println!("{rows:>10} generated records, {GROUPS} groups x {CODES} codes, {PSUS} PSUs: {seconds:.2} CPU-s, peak memory so far {} MiB", peak());
    }
    divan::main();
}

/// Records in memory, with their design.
struct Data {
    unit: Vec<u32>,
    group: Vec<u32>,
    truth: Vec<u32>,
    predicted: Vec<u32>,
    weight: Option<Vec<f64>>,
    units: Units,
}

impl Data {
    /// Records in PSUs of a stratified sample; four in five coded right, less in some groups.
    fn generated(rows: usize) -> Self {
        let mut stream = Stream::named(7, "benchmark");
        let mut data = Self {
            unit: Vec::with_capacity(rows),
            group: Vec::with_capacity(rows),
            truth: Vec::with_capacity(rows),
            predicted: Vec::with_capacity(rows),
            weight: Some(Vec::with_capacity(rows)),
            units: Units::clusters((0..PSUS as u32).map(|u| u % STRATA).collect(), STRATA as usize, Lonely::Fail).expect("twenty PSUs a stratum"),
        };
        for _ in 0..rows {
            let mut below = |k: usize| stream.below(k as u64) as u32;
            let (unit, group, truth, chance, other) = (below(PSUS), below(GROUPS), below(CODES), below(100), below(CODES));
            data.unit.push(unit);
            data.group.push(group);
            data.truth.push(truth);
            data.predicted.push(if chance < 85 - group % 10 { truth } else { other });
            data.weight.iter_mut().for_each(|w| w.push(1.0 + f64::from(unit % 7)));
        }
        data
    }

    /// The published autocoder's output of 2013 by state, records sampled one by one.
    fn msha() -> Option<(Self, usize, usize)> {
        let text = std::fs::read_to_string(shared("reference/msha_2013_evaluation.csv")).ok()?;
        let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
        let numbers = |columns: &[usize]| {
            let all = rows.iter().flat_map(|r| columns.iter().map(|&c| (r[c], 0)));
            let mut numbers: BTreeMap<&str, u32> = all.collect();
            numbers.values_mut().zip(0..).for_each(|(v, i)| *v = i);
            numbers
        };
        let (codes, states) = (numbers(&[1, 2]), numbers(&[7]));
        let column = |c: usize, numbers: &BTreeMap<&str, u32>| rows.iter().map(|r| numbers[r[c]]).collect();
        let units = Units::clusters(vec![0; rows.len()], 1, Lonely::Fail).ok()?;
        let unit = (0..rows.len() as u32).collect();
        let data = Self { unit, group: column(7, &states), truth: column(1, &codes), predicted: column(2, &codes), weight: None, units };
        Some((data, states.len(), codes.len()))
    }

    fn evaluate(&self, groups: usize, codes: usize) {
        let columns = Columns { unit: &self.unit, group: &self.group, truth: &self.truth, predicted: &self.predicted, weight: self.weight.as_deref() };
        let replicates = Replicates::bootstrap(&self.units, REPLICATES, 1, Centre::Mean).expect("numbered units");
        divan::black_box(replicate_groups(&columns, groups, codes, &replicates));
    }
}

/// Ours and fairlearn's on the same records, in processor seconds.
fn beside() {
    let Some((data, states, codes)) = Data::msha() else {
        println!("skipped: msha by state, ../shared/reference is not there");
        return;
    };
    let (seconds, ()) = cpu(|| data.evaluate(states, codes));
    println!("{} records of msha, {states} states, {REPLICATES} replicates: {seconds:.3} CPU-s", data.unit.len());
    match Command::new("python3").arg(shared("peers/evaluate.py")).arg("3").env("OMP_NUM_THREADS", "1").output() {
        Ok(done) if done.status.success() => println!("fairlearn on the same: {}", String::from_utf8_lossy(&done.stdout).trim()),
        _ => println!("skipped: fairlearn (pip install fairlearn scikit-learn pandas)"),
    }
}

fn shared(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path)
}

/// Processor seconds of this process, all threads, that some work takes.
fn cpu<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let now = || {
        let usage = getrusage(UsageWho::RUSAGE_SELF).expect("the kernel counts");
        (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e6
    };
    let start = now();
    let result = work();
    (now() - start, result)
}

/// Peak resident memory of this process, in MiB.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kib.map_or_else(|| "not known".to_owned(), |k| (k / 1024).to_string())
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn msha_by_state(bencher: divan::Bencher<'_, '_>) {
    if let Some((data, states, codes)) = Data::msha() {
        bencher.counter(divan::counter::ItemsCount::new(REPLICATES)).bench(|| data.evaluate(states, codes));
    }
}

#[divan::bench(args = [100_000, 1_000_000, 10_000_000], sample_count = 1, sample_size = 1)]
fn generated(bencher: divan::Bencher<'_, '_>, rows: usize) {
    let data = Data::generated(rows);
    bencher.counter(divan::counter::ItemsCount::new(rows)).bench(|| data.evaluate(GROUPS, CODES));
}
