//! Lists the slices that have enough records in both halves, and leave enough of what they are a part of.

use super::halves::Half;
use super::{Candidate, DEEPEST, NONE, REST, SliceSearch, SliceSettings};
use std::collections::{BTreeMap, HashMap};

impl SliceSearch {
    /// From the values of each column on each test record, and their names.
    pub(super) fn listed(names: Vec<Vec<String>>, values: &[Vec<u32>], searching: Half, confirming: Half, level: f64, settings: &SliceSettings) -> Self {
        let n = values.first().map_or(0, Vec::len);
        let mut confirms = vec![false; n];
        confirming.records.iter().for_each(|&i| confirms[i as usize] = true);
        // Records of every combination's slices, in each half, for complements too: so all combinations are counted before any is dropped.
        let mut counts: BTreeMap<(Vec<usize>, Vec<u32>), [u64; 2]> = BTreeMap::new();
        let subsets = subsets(values.len(), settings.depth.min(DEEPEST));
        let mut keys: Vec<Vec<u32>> = Vec::new();
        for columns in &subsets {
            let mut numbers: HashMap<[u32; DEEPEST], u32> = HashMap::new();
            let mut own: Vec<([u32; DEEPEST], [u64; 2])> = Vec::new();
            let key = (0..n)
                .map(|i| {
                    let mut key = [NONE; DEEPEST];
                    columns.iter().enumerate().for_each(|(at, &c)| key[at] = values[c][i]);
                    let number = *numbers.entry(key).or_insert_with(|| {
                        own.push((key, [0; 2]));
                        own.len() as u32 - 1
                    });
                    own[number as usize].1[usize::from(confirms[i])] += 1;
                    number
                })
                .collect();
            counts.extend(own.into_iter().map(|(key, n)| ((columns.clone(), key[..columns.len()].to_vec()), n)));
            keys.push(key);
        }
        let whole = [searching.records.len() as u64, confirming.records.len() as u64];
        let parent = |columns: &[usize], values: &[u32], without: usize| {
            let left = |list: &[usize]| list.iter().enumerate().filter(|(at, _)| *at != without).map(|(_, v)| *v).collect::<Vec<usize>>();
            let values: Vec<usize> = left(&values.iter().map(|v| *v as usize).collect::<Vec<_>>());
            if columns.len() == 1 { whole } else { counts[&(left(columns), values.into_iter().map(|v| v as u32).collect())] }
        };
        let mut slices = Vec::new();
        let mut combinations = Vec::new();
        let mut of_depth = vec![0.0; DEEPEST + 1];
        for (combination, (columns, key)) in subsets.iter().zip(keys).enumerate() {
            let mut number_of = HashMap::new();
            for ((_, values), n) in counts.range((columns.clone(), Vec::new())..).take_while(|((c, _), _)| c == columns) {
                let rest = (0..columns.len()).map(|at| parent(columns, values, at)).flat_map(|p| [p[0] - n[0], p[1] - n[1]]).min().unwrap_or(0);
                if n.iter().any(|n| *n < settings.minimum) || rest < REST {
                    continue;
                }
                number_of.insert(values.clone(), slices.len() as u32);
                of_depth[columns.len()] += 1.0;
                slices.push(Candidate { columns: columns.clone(), values: values.clone(), combination, rest_in_parent: rest });
            }
            let mut told: HashMap<u32, u32> = HashMap::new();
            let of = |i: usize| number_of.get(&columns.iter().map(|&c| values[c][i]).collect::<Vec<u32>>()).copied().unwrap_or(NONE);
            combinations.push(key.iter().enumerate().map(|(i, &k)| *told.entry(k).or_insert_with(|| of(i))).collect());
        }
        Self { settings: settings.clone(), level, names, searching, confirming, slices, combinations, of_depth }
    }
}

/// All sets of one to `depth` of `n` columns, the smaller ones first.
fn subsets(n: usize, depth: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = Vec::new();
    let mut last: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..depth {
        last = last.iter().flat_map(|set| (set.last().map_or(0, |l| l + 1)..n).map(|next| [set.as_slice(), &[next]].concat())).collect();
        all.extend(last.iter().cloned());
    }
    all
}
