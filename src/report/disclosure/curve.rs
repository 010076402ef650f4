//! Steps of curves: thresholds and bins of confidence whose differences would show a few records.

use super::pattern::Cells;
use super::{Disclosure, extreme};
use crate::measure::{Evidence, Measure};
use crate::stats::Hidden;
use crate::value::Outcome;
use std::collections::{BTreeMap, BTreeSet};

/// How many records reach a threshold, and how many of these are right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The threshold.
    pub threshold: f64,
    /// Records.
    pub n: u64,
    /// Of these right, where that can be told.
    pub right: Option<f64>,
}

/// The thresholds that must be hidden: those with too few records more or less than another that stays, or, where records weigh the same, too few
/// right or wrong ones. The anchor stays if it can; then the lower threshold does. The first point may be that of all records, at −∞.
pub fn near(points: &[Step], anchor: Option<f64>, minimum: u64, exact: bool) -> Vec<f64> {
    let few = |x: f64| x.abs() > 1e-6 && x.abs() < minimum as f64 - 1e-6;
    let clash = |a: &Step, b: &Step| {
        let n = a.n as f64 - b.n as f64;
        let rights = a.right.zip(b.right).filter(|_| exact && n != 0.0).map(|(a, b)| a.round() - b.round());
        few(n) || rights.is_some_and(|right| [right, n - right].iter().any(|x| x.abs() < minimum as f64))
    };
    let mut order: Vec<&Step> = points.iter().collect();
    order.sort_by(|a, b| a.threshold.total_cmp(&b.threshold));
    // Stable: what cannot move, then the anchor, then from below.
    order.sort_by_key(|s| (s.threshold.is_finite(), Some(s.threshold) != anchor));
    let (mut kept, mut gone): (Vec<&Step>, Vec<f64>) = (Vec::new(), Vec::new());
    for step in order {
        if kept.iter().any(|k| clash(k, step)) { gone.push(step.threshold) } else { kept.push(step) }
    }
    gone
}

/// A threshold whose right records must be hidden too, since they leave a hidden number beside them too little room.
fn squeezed(all: &[Step], shown: &[Step], minimum: f64) -> Option<u64> {
    let find = |t: f64| all.iter().find(|s| s.threshold == t).and_then(|s| s.right);
    for hidden in shown.iter().filter(|s| s.right.is_none() && s.threshold.is_finite()) {
        if find(hidden.threshold).is_none() {
            continue;
        }
        let beside = |below: bool| {
            let side = shown.iter().filter(|s| s.right.is_some() && (s.threshold < hidden.threshold) == below && s.threshold != hidden.threshold);
            side.min_by(|a, b| (a.threshold - hidden.threshold).abs().total_cmp(&(b.threshold - hidden.threshold).abs()))
        };
        let n = hidden.n as f64;
        let (below, above) = (beside(true), beside(false));
        let (r_low, w_low) = above.map_or((0.0, 0.0), |s| (s.right.unwrap_or(0.0), s.n as f64 - s.right.unwrap_or(0.0)));
        let (r_high, w_high) = below.map_or((n, n), |s| (s.right.unwrap_or(n), s.n as f64 - s.right.unwrap_or(n)));
        let (low, high) = (w_low.max(n - r_high), w_high.min(n - r_low));
        if high - low < minimum - 1e-6 {
            let next = below.filter(|s| s.threshold.is_finite()).or(above);
            if let Some(next) = next {
                return Some(next.threshold.to_bits());
            }
        }
    }
    None
}

impl Disclosure {
    /// Thresholds and bins of the whole test part.
    pub(super) fn hide_curve(&mut self, evidence: &Evidence) {
        let whole = |m: &Measure| m.group.is_none() && m.code.is_none() && m.contrast.is_none() && m.versus.is_none();
        let points = |level: bool| {
            evidence.measures.iter().filter(move |m| whole(m) && m.metric == "coded-accuracy" && m.code_level.is_some() == level).filter_map(|m| {
                let right = m.outcome.estimate().map(|e| e.value * e.n as f64);
                Some(Step { threshold: m.threshold?, n: m.outcome.n(), right })
            })
        };
        let accuracy = ("accuracy".to_owned(), None, None);
        let overall = evidence.overall("accuracy");
        let all = self.wholes.contains(&accuracy);
        let mut steps: Vec<Step> = points(false).collect();
        if all {
            // Where the number of wrong records must not be told, no curve may tell it.
            self.thresholds.extend(steps.iter().map(|s| s.threshold.to_bits()));
            self.bins.extend(0..evidence.reliability.len());
            return;
        }
        if let Some(m) = overall {
            steps.push(Step { threshold: f64::NEG_INFINITY, n: m.outcome.n(), right: m.outcome.estimate().map(|e| e.value * e.n as f64) });
        }
        let own = |metric: &str| {
            let hidden = |m: &&Measure| whole(m) && m.metric == metric && m.code_level.is_none() && self.sensitive(m);
            evidence.measures.iter().filter(hidden).filter_map(|m| m.threshold.map(f64::to_bits)).collect::<BTreeSet<u64>>()
        };
        let (shares, mut rights) = (own("coded-share"), own("coded-accuracy"));
        steps.retain(|s| !shares.contains(&s.threshold.to_bits()));
        let take = |steps: &mut Vec<Step>, rights: &BTreeSet<u64>| {
            steps.iter_mut().filter(|s| rights.contains(&s.threshold.to_bits())).for_each(|s| s.right = None);
        };
        let all_steps = steps.clone();
        take(&mut steps, &rights);
        let gone = near(&steps, self.anchor, self.rules.minimum, self.counts);
        self.thresholds.extend(shares);
        self.thresholds.extend(gone.iter().map(|t| t.to_bits()));
        steps.retain(|s| !self.thresholds.contains(&s.threshold.to_bits()));
        // Of records that reach a threshold, those right and wrong lie between those of the thresholds beside it: these must leave room.
        while let Some(more) = if self.counts { squeezed(&all_steps, &steps, self.rules.minimum as f64) } else { None } {
            rights.insert(more);
            take(&mut steps, &rights);
        }
        self.rights.extend(rights);
        steps.retain(|s| s.threshold.is_finite() && !self.thresholds.contains(&s.threshold.to_bits()));
        // Thresholds of coarser levels are beside these: only their records are of the same kind.
        let mut kept: Vec<u64> = steps.iter().map(|s| s.n).chain(overall.map(|m| m.outcome.n())).collect();
        for s in points(true) {
            if kept.iter().any(|n| (1..self.rules.minimum).contains(&n.abs_diff(s.n))) {
                self.level_thresholds.insert(s.threshold.to_bits());
            } else {
                kept.push(s.n);
            }
        }
        steps.retain(|s| !self.counts || s.right.is_some());
        self.hide_bins(evidence, &steps);
    }

    fn hide_bins(&mut self, evidence: &Evidence, steps: &[Step]) {
        let bins = &evidence.reliability;
        let count = |o: &Outcome| o.estimate().map_or(0.0, |e| e.value * e.n as f64);
        let n: Vec<u64> = bins.iter().map(|b| b.accuracy.n()).collect();
        // Under weights only the number of records is one that can be told.
        let right: Vec<f64> = bins.iter().map(|b| if self.counts { count(&b.accuracy) } else { b.accuracy.n() as f64 }).collect();
        let minimum = self.rules.minimum;
        let mut hidden: Vec<bool> = (0..bins.len())
            .map(|i| {
                let (right, n) = (right[i].round(), n[i]);
                let few = self.counts && (right < minimum as f64 || n as f64 - right < minimum as f64);
                n > 0 && (n < minimum || few || self.rules.zeros && extreme("accuracy", &bins[i].accuracy))
            })
            .collect();
        // Pieces between all edges and thresholds, from below: the bin each lies in, and its records, counted and not.
        let mut edges: Vec<f64> =
            bins.iter().flat_map(|b| [b.lower, b.upper]).chain(steps.iter().map(|s| s.threshold)).filter(|t| (0.0..=1.0).contains(t)).collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup_by(|a, b| (*a - *b).abs() < 1e-12);
        let same = |a: f64, b: f64| (a - b).abs() < 1e-12;
        // Records at or above a point.
        let above = |t: f64| -> Option<(f64, f64)> {
            if let Some(s) = steps.iter().find(|s| same(s.threshold, t)) {
                return if self.counts { Some((s.right?, s.n as f64 - s.right?)) } else { Some((s.n as f64, 0.0)) };
            }
            let inside = bins.iter().any(|b| b.lower + 1e-12 < t && t + 1e-12 < b.upper);
            let of = |i: usize| (right[i], n[i] as f64 - right[i]);
            (!inside).then(|| (0..bins.len()).filter(|&i| bins[i].lower + 1e-12 >= t).map(of).fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1)))
        };
        let known =
            |t: f64| steps.iter().any(|s| same(s.threshold, t)) || edges.first().is_some_and(|e| same(*e, t)) || edges.last().is_some_and(|e| same(*e, t));
        let mut pieces: Vec<(usize, usize, f64, f64)> = Vec::new();
        let mut span = 0;
        for pair in edges.windows(2) {
            if known(pair[0]) {
                span += 1;
            }
            let Some(bin) = bins.iter().position(|b| b.lower <= pair[0] + 1e-12 && pair[1] <= b.upper + 1e-12) else { continue };
            let (Some(low), Some(high)) = (above(pair[0]), above(pair[1])) else { continue };
            pieces.push((bin, span, (low.0 - high.0).max(0.0), (low.1 - high.1).max(0.0)));
        }
        let all: Vec<(usize, f64)> = (0..bins.len()).map(|i| (i, 1.0)).collect();
        let aligned: BTreeMap<usize, BTreeSet<usize>> = pieces.iter().fold(BTreeMap::new(), |mut out, p| {
            out.entry(p.1).or_insert_with(BTreeSet::new).insert(p.0);
            out
        });
        let split = |bin: &usize| pieces.iter().filter(|p| p.0 == *bin).map(|p| p.1).collect::<BTreeSet<_>>().len() > 1;
        let lines = std::iter::once(all)
            .chain(aligned.values().filter(|bins| bins.len() > 1 && !bins.iter().any(split)).map(|bins| bins.iter().map(|&i| (i, 1.0)).collect()))
            .collect();
        let cells = Cells { sizes: n.clone(), lines, fixed: (0..bins.len()).filter(|&i| n[i] == 0).collect() };
        cells.protect(&mut hidden, minimum, |hidden| {
            let mut unknown = Hidden::default();
            let mut owners = Vec::new();
            let mut spans: BTreeMap<usize, [Vec<(usize, f64)>; 2]> = BTreeMap::new();
            for bin in (0..bins.len()).filter(|&i| hidden[i]) {
                let sums = [right[bin], n[bin] as f64 - right[bin]].map(|x| unknown.add(x, 0.0, f64::INFINITY));
                if !self.counts {
                    unknown.skip(sums[1]);
                }
                owners.extend([bin, bin]);
                let (mut counted, mut others) = (vec![(sums[0], -1.0)], vec![(sums[1], -1.0)]);
                for piece in pieces.iter().filter(|p| p.0 == bin) {
                    let own = [piece.2, piece.3].map(|x| unknown.add(x, 0.0, f64::INFINITY));
                    own.iter().for_each(|&piece| unknown.skip(piece));
                    owners.extend([usize::MAX, usize::MAX]);
                    counted.push((own[0], 1.0));
                    others.push((own[1], 1.0));
                    let span = spans.entry(piece.1).or_default();
                    span[0].push((own[0], 1.0));
                    span[1].push((own[1], 1.0));
                }
                unknown.known(counted);
                unknown.known(others);
            }
            for [counted, others] in spans.into_values() {
                unknown.known(counted);
                unknown.known(others);
            }
            (unknown, owners)
        });
        self.bins.extend((0..bins.len()).filter(|&i| hidden[i]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_thresholds_that_are_near_the_anchor_stays_and_then_the_lower() {
        let step = |threshold: f64, n: u64, right: f64| Step { threshold, n, right: Some(right) };
        let points = [step(f64::NEG_INFINITY, 1000, 700.0), step(0.4, 995, 699.0), step(0.5, 900, 650.0), step(0.6, 893, 648.0), step(0.7, 700, 560.0)];
        assert_eq!(near(&points, None, 10, true), [0.4, 0.6]);
        assert_eq!(near(&points, Some(0.6), 10, true), [0.4, 0.5]);
        // The same records again give nothing away.
        assert!(near(&[step(0.5, 900, 650.0), step(0.6, 900, 650.0)], None, 10, true).is_empty());
        // Fifty records more, all but three of them right: where records weigh the same, that tells of three.
        let steep = [step(0.5, 900, 850.0), step(0.6, 850, 803.0)];
        assert_eq!((near(&steep, None, 10, true), near(&steep, None, 10, false)), (vec![0.6], Vec::new()));
    }
}
