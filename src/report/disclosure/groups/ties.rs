//! What follows for a group from what is hidden of it: figures that would tell it, counts beside it, steps of its curve, and largest differences.

use super::super::pattern::Cells;
use super::super::{Column, Disclosure, FROM_ACCURACY, column, curve};
use super::{Figures, Groups};
use crate::measure::Evidence;
use std::collections::{BTreeMap, BTreeSet};

/// What follows from the accuracies at the levels of the code frame.
const FROM_LEVELS: [&str; 6] = ["hierarchical-precision", "hierarchical-recall", "hierarchical-f", "error-cost", "error-distance", "crossing-share"];
/// What is of the wrong records alone, so that its number of records tells how many are wrong.
const OF_WRONG: [&str; 3] = ["false-confidence", "error-distance", "crossing-share"];
/// The figures of a threshold: any one could be had from the others.
const CODED: [&str; 3] = ["coded-share", "coded-accuracy", "false-confidence"];
/// Of these three, each is the difference or the sum of the others.
const OF_CODERS: [&str; 3] = ["coder-accuracy", "accuracy-double-coded", "accuracy-less-coder"];

impl Groups {
    /// What follows for the other figures of a group, or of the whole.
    pub(super) fn ties(&self, out: &mut Disclosure, columns: &BTreeMap<Column, Figures>, at: usize, evidence: &Evidence) {
        let minimum = if out.counts { out.rules.minimum as f64 } else { 0.0 };
        if self.groups.get(at).is_some_and(|g| out.groups.contains(g)) {
            return;
        }
        let accuracy: Column = ("accuracy".into(), None, None);
        let of = |column: &Column| columns.get(column).and_then(|f| f.get(&at)).copied();
        let mut more: BTreeSet<Column> = BTreeSet::new();
        let levels = columns.keys().any(|c| (c.0 == "accuracy" || c.0 == "top-5-accuracy") && self.hidden(out, c, at));
        let all = self.hidden(out, &accuracy, at);
        for (column, figures) in columns {
            let metric = column.0.as_str();
            let follows = levels && FROM_LEVELS.contains(&metric) || all && (OF_WRONG.contains(&metric) || FROM_ACCURACY.contains(&metric));
            let coder = OF_CODERS.contains(&metric) && columns.keys().any(|c| OF_CODERS.contains(&c.0.as_str()) && c.1 == column.1 && self.hidden(out, c, at));
            let threshold = CODED.contains(&metric) && {
                let family = |name: &str| (name.to_owned(), column.1.clone(), column.2);
                let share = of(&family("coded-share"));
                // Nearly all are coded: their accuracy would tell that of all.
                let nearly = all && column.1.is_none() && share.is_some_and(|f| f.n as f64 - f.count.unwrap_or(0.0) < minimum);
                nearly || CODED.iter().any(|name| self.hidden(out, &family(name), at))
            };
            if figures.contains_key(&at) && (follows || coder || threshold) && !self.hidden(out, column, at) {
                more.insert(column.clone());
            }
        }
        // A hidden count between two that are shown must have room.
        for chain in out.chains.clone() {
            for (column, _) in chain.iter().filter(|(c, counts)| counts.contains_key(&at) && self.hidden(out, c, at)) {
                let Some(figures) = columns.get(column) else { continue };
                let n = figures.get(&at).map_or(0.0, |f| f.n as f64);
                let (low, high) = self.chain(out, column, at, figures, n);
                if high - low < minimum {
                    let next = chain
                        .iter()
                        .filter(|(c, counts)| counts.get(&at).is_some_and(|(count, _)| *count == low || *count == high) && !self.hidden(out, c, at));
                    more.extend(next.map(|(c, _)| c.clone()));
                }
            }
        }
        more.extend(self.steps(out, columns, at, evidence));
        for column in more {
            self.conceal(out, &column, at);
        }
    }

    /// Thresholds at which a group has too few records more or less than at another that is shown.
    fn steps(&self, out: &Disclosure, columns: &BTreeMap<Column, Figures>, at: usize, evidence: &Evidence) -> Vec<Column> {
        if at == self.whole() {
            // The curve of the whole is looked at by itself, with the bins of confidence.
            return Vec::new();
        }
        let mut points = Vec::new();
        for (column, figures) in columns.iter().filter(|(c, _)| c.0 == "coded-accuracy" && c.1.is_none()) {
            let shown = figures.get(&at).filter(|_| !self.hidden(out, column, at));
            if let (Some(bits), Some(figure)) = (column.2, shown) {
                points.push(curve::Step { threshold: f64::from_bits(bits), n: figure.n, right: figure.count });
            }
        }
        let near = curve::near(&points, out.anchor, out.rules.minimum, evidence.data.weight_sum.is_none() && out.rules.numerators);
        near.into_iter().map(|t| ("coded-accuracy".to_owned(), None, Some(t.to_bits()))).collect()
    }

    /// Largest differences and smallest ratios bound the groups between them: they are hidden where that leaves one of these too narrow.
    pub(super) fn contrasts(&self, out: &mut Disclosure, columns: &BTreeMap<Column, Figures>, evidence: &Evidence) {
        for m in &evidence.measures {
            let Some(contrast) = m.contrast.as_ref().filter(|c| ["difference", "ratio"].contains(&c.kind.as_str())) else { continue };
            let Some(figures) = columns.get(&column(m)) else { continue };
            let find = |values: &Vec<String>| self.at.get(&(contrast.variables.clone(), values.clone())).copied();
            let (Some(high), Some(low)) = (find(&contrast.high), find(&contrast.low)) else { continue };
            let here = column(m);
            let hidden: Vec<bool> =
                (0..=self.whole()).map(|i| self.hidden(out, &here, i) || figures.get(&i).is_some_and(|f| f.too_few && i < self.whole())).collect();
            if !figures.keys().any(|&i| i < self.whole() && hidden[i] && self.groups[i].0 == contrast.variables) || hidden[high] || hidden[low] {
                continue;
            }
            if !out.counts {
                continue;
            }
            let rate = |i: usize| figures.get(&i).and_then(|f| Some(f.count? / f.n.max(1) as f64));
            let (Some(best), Some(worst)) = (rate(high), rate(low)) else {
                // Not a rate: whether it bounds anybody cannot be told.
                out.contrasts.insert((here, contrast.variables.clone()));
                continue;
            };
            let cells = Cells { sizes: self.cells.sizes.clone(), lines: self.cells.lines.clone(), fixed: Vec::new() };
            let between = Some((contrast.variables.as_slice(), worst.min(best), worst.max(best)));
            let (unknown, _) = self.numbers(out, &here, figures, &cells, &hidden, between);
            if !unknown.narrow(out.rules.minimum as f64).is_empty() {
                out.contrasts.insert((here, contrast.variables.clone()));
            }
        }
    }
}
