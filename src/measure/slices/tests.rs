//! A planted slice is found and named; where none is planted none is named more often than stated.

use super::*;
use crate::measure::estimate::Sampling;
use crate::measure::request::Proportions;
use crate::stats::{Lonely, Units};
use crate::value::{Method, Stream};

/// Levels of the columns a, b, c and d.
const LEVELS: [u64; 4] = [2, 5, 4, 8];

/// A test part drawn at random: values of the columns, and a sample.
struct Drawn {
    values: Vec<Vec<u32>>,
    sample: Sample,
    /// What PSUs add to the chance of being right.
    shift: Vec<f64>,
}

/// `psus` of equal size in `strata`, or independent records where there are none.
fn drawn(stream: &mut Stream, n: usize, psus: u32, strata: u32, spread: f64) -> Drawn {
    let units = match psus {
        0 => Units::records(vec![n as u64], Lonely::Fail).unwrap(),
        _ => Units::clusters((0..psus).map(|p| p % strata).collect(), strata as usize, Lonely::Fail).unwrap(),
    };
    let unit: Vec<u32> = (0..n as u32).map(|i| if psus == 0 { 0 } else { i % psus }).collect();
    let shift: Vec<f64> = (0..psus.max(1)).map(|_| if psus == 0 { 0.0 } else { spread * stream.normal() }).collect();
    let weight: Vec<f64> = (0..n).map(|i| if psus == 0 { 1.0 } else { 1.0 + (i % 3) as f64 / 2.0 }).collect();
    let sampling = Sampling { simple: psus == 0, clustered: psus > 0, level: 0.95, units, interval: Proportions::default(), method: Method::StudentT };
    let values = LEVELS.iter().map(|&levels| (0..n).map(|_| stream.below(levels) as u32).collect()).collect();
    let sample = Sample::without_groups(sampling, unit, weight);
    Drawn { values, sample, shift }
}

fn search(drawn: &Drawn, depth: usize, seed: u64) -> SliceSearch {
    let names = LEVELS.iter().map(|&l| (0..l).map(|v| v.to_string()).collect()).collect();
    let columns = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let (searching, confirming) = halves(&drawn.sample, seed).unwrap();
    SliceSearch::listed(names, &drawn.values, searching, confirming, 0.95, &SliceSettings { columns, depth, minimum: 50 })
}

/// Who is coded right: eight in ten, less by `shortfall` where a = 1 and b = 2.
fn right(stream: &mut Stream, drawn: &Drawn, shortfall: f64) -> Vec<bool> {
    right_but(stream, drawn, [(0, 1), (1, 2)], shortfall)
}

/// Who is coded right: eight in ten, less by `shortfall` where two columns have these values.
fn right_but(stream: &mut Stream, drawn: &Drawn, planted: [(usize, u32); 2], shortfall: f64) -> Vec<bool> {
    (0..drawn.values[0].len())
        .map(|i| {
            let planted = planted.iter().all(|&(column, value)| drawn.values[column][i] == value);
            let chance = 0.8 + drawn.shift[drawn.sample.unit[i] as usize] - if planted { shortfall } else { 0.0 };
            stream.unit() < chance
        })
        .collect()
}

fn group(slice: &Slice) -> String {
    slice.group.variables.iter().zip(&slice.group.values).map(|(c, v)| format!("{c}={v}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn halves_have_whole_psus_of_every_stratum_and_no_record_twice() {
    let mut stream = Stream::named(1, "halves");
    for psus in [0, 61] {
        let drawn = drawn(&mut stream, 1000, psus, 5, 0.0);
        let (a, b) = halves(&drawn.sample, 7).unwrap();
        let mut all: Vec<u32> = a.records.iter().chain(&b.records).copied().collect();
        all.sort_unstable();
        assert_eq!(all, (0..1000).collect::<Vec<u32>>());
        assert!(a.records.len().abs_diff(b.records.len()) < 100, "{} {}", a.records.len(), b.records.len());
        if psus > 0 {
            let of = |half: &Half| half.records.iter().map(|&i| drawn.sample.unit[i as usize]).collect::<std::collections::BTreeSet<u32>>();
            assert!(of(&a).is_disjoint(&of(&b)));
            assert_eq!((a.sample.sampling.units.count() + b.sample.sampling.units.count(), a.sample.sampling.units.strata()), (61, 5));
        }
        let again = halves(&drawn.sample, 7).unwrap().0.records;
        assert!(again == a.records && halves(&drawn.sample, 8).unwrap().0.records != a.records);
    }
}

#[test]
fn a_planted_slice_is_found_and_named() {
    let mut stream = Stream::named(2, "planted");
    let (mut found, mut others) = (0, 0);
    for seed in 0..40 {
        let drawn = drawn(&mut stream, 4000, 200, 5, 0.03);
        let right = right(&mut stream, &drawn, 0.25);
        let slices = search(&drawn, 3, seed).find(&right);
        assert!(slices.searched > 60 && slices.tried <= 5, "{slices:?}");
        found += u32::from(slices.confirmed.first().is_some_and(|s| group(s) == "a=1 b=2"));
        others += slices.confirmed.iter().filter(|s| !group(s).contains("a=1 b=2")).count();
        for slice in &slices.confirmed {
            let (accuracy, difference) = (slice.accuracy.estimate().unwrap(), slice.difference.estimate().unwrap());
            assert!(difference.interval.unwrap().upper < 0.0 && slice.adjusted_p <= 0.05);
            assert!(accuracy.n >= 50 && slice.rest_in_parent >= REST && difference.n == accuracy.n);
        }
    }
    assert!(found >= 36, "{found} of 40");
    // What overlaps the planted one falls short too; what does not must stay rare.
    assert!(others <= 4, "{others}");
}

#[test]
fn estimates_are_of_the_confirming_half_alone() {
    let mut stream = Stream::named(3, "honest");
    let drawn = drawn(&mut stream, 4000, 0, 1, 0.0);
    let right = right(&mut stream, &drawn, 0.25);
    let search = search(&drawn, 2, 1);
    let slices = search.find(&right);
    let slice = slices.confirmed.iter().find(|s| group(s) == "a=1 b=2").expect("found");
    let inside: Vec<u32> =
        search.confirming.records.iter().copied().filter(|&i| drawn.values[0][i as usize] == 1 && drawn.values[1][i as usize] == 2).collect();
    let hits = inside.iter().filter(|&&i| right[i as usize]).count();
    let e = slice.accuracy.estimate().unwrap();
    assert_eq!(e.n, inside.len() as u64);
    assert!((e.value - hits as f64 / inside.len() as f64).abs() < 1e-12);
    let rest: Vec<u32> = search.confirming.records.iter().copied().filter(|i| !inside.contains(i)).collect();
    let rest = rest.iter().filter(|&&i| right[i as usize]).count() as f64 / rest.len() as f64;
    let d = slice.difference.estimate().unwrap();
    assert!((d.value - (e.value - rest)).abs() < 1e-12);
    // Independent records: the variance of a difference of proportions, n/(n − 1) for the half as a whole.
    let n = search.confirming.records.len() as f64;
    let variance = n / (n - 1.0) * (e.value * (1.0 - e.value) / inside.len() as f64 + rest * (1.0 - rest) / (n - inside.len() as f64));
    assert!((d.se.unwrap() - variance.sqrt()).abs() < 2e-3 * variance.sqrt(), "{} {}", d.se.unwrap(), variance.sqrt());
}

#[test]
fn a_part_of_a_group_that_is_nearly_all_of_it_is_not_told() {
    let mut stream = Stream::named(4, "nested");
    let mut drawn = drawn(&mut stream, 4000, 0, 1, 0.0);
    // d follows b but for one record, so that b and d together say what b says, and the rest of one record.
    drawn.values[3] = drawn.values[1].clone();
    drawn.values[3][0] = (drawn.values[1][0] + 1) % 5;
    let search = search(&drawn, 2, 1);
    assert!(search.slices.iter().all(|s| s.columns != [1, 3]));
    assert!(search.slices.iter().any(|s| s.columns == [0, 1]));
}

// 4,000 test parts each: the standard error of a share of 2.5 % is 0.25 points. Found: 1.2, 0.9 and 0.4 %.
#[test]
#[ignore = "a simulation of a minute"]
fn without_a_slice_none_is_named_more_often_than_stated() {
    const SAMPLES: usize = 4_000;
    for (name, n, psus, strata) in [
        ("3,000 independent records", 3000, 0, 1),
        ("3,000 records in 150 PSUs of 5 strata", 3000, 150, 5),
        ("3,000 records in 24 PSUs of 2 strata", 3000, 24, 2),
    ] {
        let mut stream = Stream::named(5, name);
        let named = (0..SAMPLES)
            .filter(|&seed| {
                let drawn = drawn(&mut stream, n, psus, strata, 0.05);
                let right = right(&mut stream, &drawn, 0.0);
                !search(&drawn, 3, seed as u64).find(&right).confirmed.is_empty()
            })
            .count();
        let share = named as f64 / SAMPLES as f64;
        assert!(share <= 0.025 + 3.0 * (0.025 * 0.975 / SAMPLES as f64).sqrt(), "{name}: {share}");
    }
}

// Found: 78 % of independent records, 86 % of those in PSUs.
#[test]
#[ignore = "a simulation of some seconds"]
fn a_slice_that_falls_short_by_what_is_told_as_detectable_is_found_about_so_often() {
    const SAMPLES: usize = 400;
    for (name, psus, strata) in [("independent records", 0, 1), ("150 PSUs of 5 strata", 150, 5)] {
        let mut stream = Stream::named(6, name);
        let mut found = 0;
        for seed in 0..SAMPLES {
            let drawn = drawn(&mut stream, 6000, psus, strata, 0.03);
            let search = search(&drawn, 2, seed as u64);
            let detectable = search.find(&right(&mut stream, &drawn, 0.0)).detectable.expect("told");
            // A twentieth of the records: one of five values by one of four.
            assert_eq!(detectable.records, 300);
            let slices = search.find(&right_but(&mut stream, &drawn, [(1, 2), (2, 1)], detectable.shortfall));
            found += usize::from(slices.confirmed.iter().any(|s| group(s).contains("b=2 c=1")));
        }
        let share = found as f64 / SAMPLES as f64;
        assert!((0.7..0.95).contains(&share), "{name}: {share}");
    }
}
