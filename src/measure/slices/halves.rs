//! Two halves of the test part, drawn by whole PSUs within strata.

use crate::measure::estimate::Sampling;
use crate::measure::sample::Sample;
use crate::stats::{Lonely, Units};
use crate::value::Stream;
use std::collections::BTreeMap;

/// One half, as a sample of its own.
pub struct Half {
    /// Its test records, by unit.
    pub records: Vec<u32>,
    /// They as a sample, in that order.
    pub sample: Sample,
}

/// The halves that search and that confirm: in each stratum every other unit of a random order; an odd one goes to either by chance.
/// None where either would be empty, or the variances come from replicate weights, which say nothing of which records go together.
pub fn halves(sample: &Sample, seed: u64) -> Option<(Half, Half)> {
    if sample.sampling.units.replicated() {
        return None;
    }
    let mut stream = Stream::named(seed, "slices");
    let units = &sample.sampling.units;
    let clustered = units.clustered();
    let stratum = |unit: u32| if clustered { units.stratum_of(unit as usize) } else { unit as usize };
    // What is dealt out: PSUs, or records where they are the units.
    let mut piles: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    if clustered {
        (0..units.count() as u32).for_each(|unit| piles.entry(stratum(unit)).or_default().push(unit));
    } else {
        (0..sample.unit.len() as u32).for_each(|i| piles.entry(stratum(sample.unit[i as usize])).or_default().push(i));
    }
    let dealt = if clustered { units.count() as usize } else { sample.unit.len() };
    let mut confirms = vec![false; dealt];
    for pile in piles.values_mut() {
        stream.shuffle(pile);
        let first = stream.below(2) == 1;
        pile.iter().enumerate().for_each(|(at, &item)| confirms[item as usize] = (at % 2 == 0) == first);
    }
    let half = |wanted: bool| {
        let mut records: Vec<u32> =
            (0..sample.unit.len() as u32).filter(|&i| confirms[if clustered { sample.unit[i as usize] } else { i } as usize] == wanted).collect();
        records.sort_by_key(|&i| (sample.unit[i as usize], i));
        (!records.is_empty()).then(|| part(sample, records)).flatten()
    };
    Some((half(false)?, half(true)?))
}

/// Some records as a sample of their own: their units and strata only. A stratum left with one PSU is centred at the mean of all.
fn part(sample: &Sample, records: Vec<u32>) -> Option<Half> {
    let units = &sample.sampling.units;
    let clustered = units.clustered();
    let mut units_of: BTreeMap<u32, u32> = records.iter().map(|&i| (sample.unit[i as usize], 0)).collect();
    units_of.values_mut().enumerate().for_each(|(at, v)| *v = at as u32);
    let unit: Vec<u32> = records.iter().map(|&i| units_of[&sample.unit[i as usize]]).collect();
    let own = if clustered {
        let mut strata: BTreeMap<usize, u32> = units_of.keys().map(|&u| (units.stratum_of(u as usize), 0)).collect();
        strata.values_mut().enumerate().for_each(|(at, v)| *v = at as u32);
        Units::clusters(units_of.keys().map(|&u| strata[&units.stratum_of(u as usize)]).collect(), strata.len(), Lonely::Adjust)
    } else {
        let mut counts = vec![0; units_of.len()];
        unit.iter().for_each(|&h| counts[h as usize] += 1);
        Units::records(counts, Lonely::Adjust)
    };
    let own = own.ok()?;
    Some(Half {
        sample: Sample::without_groups(
            Sampling { clustered, units: own, ..sample.sampling.clone() },
            unit,
            records.iter().map(|&i| sample.weight[i as usize]).collect(),
        ),
        records,
    })
}
