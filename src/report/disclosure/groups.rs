//! Groups and their figures: which rows and cells are hidden, over nested and overlapping groupings, code levels and thresholds.

mod ties;

use super::pattern::Cells;
use super::{Column, Disclosure, Group, column, extreme, key};
use crate::measure::{Evidence, Measure};
use crate::stats::Hidden;
use crate::value::{Outcome, Reason};
use std::collections::BTreeMap;

/// Metrics that are shares of the records they rest on: value × records is a number of records.
const RATES: [&str; 11] = [
    "accuracy",
    "top-5-accuracy",
    "coded-share",
    "coded-accuracy",
    "false-confidence",
    "set-coverage",
    "suspect-labels",
    "coder-agreement",
    "coder-accuracy",
    "accuracy-double-coded",
    "crossing-share",
];
/// Means over records: that of a hidden group could be had from the whole and the others.
const MEANS: [&str; 8] = ["log-loss", "brier", "error-cost", "error-distance", "set-size", "confidence-gap", "hierarchical-precision", "hierarchical-recall"];

/// True for a metric that is a share of the records that it rests on.
pub fn is_rate(metric: &str) -> bool {
    RATES.contains(&metric)
}

/// Groups with their records and what ties them.
pub struct Groups {
    groups: Vec<Group>,
    at: BTreeMap<Group, usize>,
    cells: Cells,
}

/// A figure of a group, or of the whole: the records it rests on, and how many of them are counted, where that can be told.
#[derive(Debug, Clone, Copy)]
struct Figure {
    n: u64,
    count: Option<f64>,
    too_few: bool,
    hide: bool,
}

/// The figures of a column by position of the group; the whole comes after the groups.
type Figures = BTreeMap<usize, Figure>;

impl Groups {
    /// The groups of an evidence. Every grouping adds up to the whole, and to each group of a grouping by fewer of its variables.
    pub fn of(evidence: &Evidence) -> Self {
        let mut sizes: BTreeMap<Group, u64> = BTreeMap::new();
        let mut order: Vec<Vec<String>> = Vec::new();
        for m in evidence.measures.iter().filter(|m| m.code.is_none()) {
            let Some(cell) = &m.group else { continue };
            let n = sizes.entry(key(cell)).or_default();
            *n = (*n).max(m.outcome.n());
            if !order.contains(&cell.variables) {
                order.push(cell.variables.clone());
            }
        }
        let groups: Vec<Group> = sizes.keys().cloned().collect();
        let at: BTreeMap<Group, usize> = groups.iter().cloned().zip(0..).collect();
        let whole = groups.len();
        let members = |variables: &[String]| (0..whole).filter(|&i| groups[i].0 == variables).collect::<Vec<_>>();
        let mut lines = Vec::new();
        for coarse in &order {
            for fine in order.iter().filter(|f| f.len() > coarse.len() && coarse.iter().all(|v| f.contains(v))) {
                let place: Vec<usize> = coarse.iter().filter_map(|v| fine.iter().position(|f| f == v)).collect();
                let parts = members(fine);
                for parent in members(coarse) {
                    let inside = |&&part: &&usize| place.iter().zip(&groups[parent].1).all(|(&p, value)| groups[part].1.get(p) == Some(value));
                    let line: Vec<(usize, f64)> = std::iter::once((parent, -1.0)).chain(parts.iter().filter(inside).map(|&part| (part, 1.0))).collect();
                    if line.len() > 1 {
                        lines.push(line);
                    }
                }
            }
        }
        lines.extend(order.iter().map(|variables| std::iter::once((whole, -1.0)).chain(members(variables).into_iter().map(|i| (i, 1.0))).collect()));
        let sizes = groups.iter().map(|g| sizes[g]).chain([u64::MAX]).collect();
        Self { groups, at, cells: Cells { sizes, lines, fixed: Vec::new() } }
    }

    fn whole(&self) -> usize {
        self.groups.len()
    }

    /// Hides rows and cells of groups until nothing more follows from what is hidden.
    pub fn hide(&self, out: &mut Disclosure, evidence: &Evidence) {
        self.rows(out);
        let columns = self.columns(out, evidence);
        loop {
            let before = out.size();
            for (column, figures) in &columns {
                self.column(out, column, figures);
            }
            for at in 0..=self.whole() {
                self.ties(out, &columns, at, evidence);
            }
            if out.size() == before {
                break;
            }
        }
        self.contrasts(out, &columns, evidence);
        for spread in &evidence.spreads {
            let accuracy: Column = ("accuracy".into(), None, None);
            let hidden = |i: usize| self.groups[i].0 == spread.variables && self.hidden(out, &accuracy, i);
            let told = columns.get(&accuracy);
            if told.is_some_and(|f| f.iter().any(|(&i, figure)| i < self.whole() && figure.count.is_some() && !figure.too_few && hidden(i))) {
                out.spreads.insert(spread.variables.clone());
            }
        }
    }

    /// Groups with too few records, and those that protect their number.
    fn rows(&self, out: &mut Disclosure) {
        let minimum = out.rules.minimum;
        let mut hidden: Vec<bool> = self.groups.iter().zip(&self.cells.sizes).map(|(g, &n)| n < minimum || out.groups.contains(g)).chain([false]).collect();
        let cells = Cells { sizes: self.cells.sizes.clone(), lines: self.cells.lines.clone(), fixed: vec![self.whole()] };
        cells.protect(&mut hidden, minimum, |hidden| {
            let mut unknown = Hidden::default();
            let mut owners = Vec::new();
            let numbers: BTreeMap<usize, usize> = (0..self.whole())
                .filter(|&i| hidden[i])
                .map(|i| {
                    owners.push(i);
                    (i, unknown.add(cells.sizes[i] as f64, 0.0, f64::INFINITY))
                })
                .collect();
            cells.known(&mut unknown, |cell| numbers.get(&cell).copied());
            (unknown, owners)
        });
        out.groups.extend(self.groups.iter().zip(&hidden).filter(|(_, h)| **h).map(|(g, _)| g.clone()));
    }

    /// The figures by column: those of groups, with that of the whole.
    fn columns(&self, out: &Disclosure, evidence: &Evidence) -> BTreeMap<Column, Figures> {
        let mut columns: BTreeMap<Column, Figures> = BTreeMap::new();
        let plain = |m: &&Measure| m.code.is_none() && m.contrast.is_none() && m.versus.is_none();
        for m in evidence.measures.iter().filter(plain) {
            let at = m.group.as_ref().map_or(Some(self.whole()), |g| self.at.get(&key(g)).copied());
            let Some(at) = at else { continue };
            let e = m.outcome.estimate();
            let too_few = matches!(&m.outcome, Outcome::Undefined(u) if u.reason == Reason::TooFewRecords);
            let count = e.filter(|_| is_rate(&m.metric) || MEANS.contains(&m.metric.as_str())).map(|e| e.value * e.n as f64);
            let figure = Figure { n: m.outcome.n(), count, too_few, hide: m.group.is_some() && out.sensitive(m) };
            columns.entry(column(m)).or_default().insert(at, figure);
        }
        // A column of the whole alone has nothing that could give it away or that it could.
        columns.retain(|_, figures| figures.keys().any(|&i| i < self.whole()));
        for figures in columns.values_mut() {
            // What a group below the study's minimum has is not in the evidence: about as much as the whole.
            let share = figures.get(&self.whole()).and_then(|f| Some(f.count? / f.n.max(1) as f64));
            for figure in figures.values_mut().filter(|f| f.too_few) {
                figure.count = share.map(|s| s * figure.n as f64);
            }
        }
        columns
    }

    fn hidden(&self, out: &Disclosure, column: &Column, at: usize) -> bool {
        match self.groups.get(at) {
            Some(group) => out.groups.contains(group) || out.cells.contains(&(column.clone(), group.clone())),
            None => out.wholes.contains(column),
        }
    }

    fn conceal(&self, out: &mut Disclosure, column: &Column, at: usize) {
        match self.groups.get(at) {
            Some(group) if out.groups.contains(group) => {}
            Some(group) => {
                out.cells.insert((column.clone(), group.clone()));
            }
            None => {
                out.wholes.insert(column.clone());
            }
        }
    }

    /// Hides the cells of one column that must be, and those that protect them.
    fn column(&self, out: &mut Disclosure, column: &Column, figures: &Figures) {
        let metric = column.0.as_str();
        let mut hidden: Vec<bool> =
            (0..=self.whole()).map(|i| self.hidden(out, column, i) || figures.get(&i).is_some_and(|f| f.hide || (f.too_few && i < self.whole()))).collect();
        self.loosen(out, column, figures, &hidden);
        let present = |i: usize| figures.get(&i).is_some_and(|f| f.count.is_some());
        let sizes = (0..=self.whole()).map(|i| if i == self.whole() { u64::MAX } else { figures.get(&i).map_or(0, |f| f.n) }).collect();
        let lines: Vec<Vec<(usize, f64)>> =
            self.cells.lines.iter().map(|line| line.iter().copied().filter(|(i, _)| present(*i)).collect::<Vec<_>>()).filter(|line| line.len() > 1).collect();
        let cells = Cells { sizes, lines, fixed: (0..=self.whole()).filter(|&i| !present(i)).collect() };
        if is_rate(metric) && !self.settled(column, figures) {
            cells.protect(&mut hidden, out.rules.minimum, |hidden| self.numbers(out, column, figures, &cells, hidden, None));
        } else if MEANS.contains(&metric) {
            cells.close(&mut hidden);
        }
        // What is coded at a threshold is tied to other thresholds, to accuracy and to the whole's curve at once: all groups' or none.
        let coded = metric.starts_with("coded-") || metric == "false-confidence";
        if out.counts && coded && figures.keys().any(|&i| i < self.whole() && hidden[i]) && !self.settled(column, figures) {
            hidden[..self.whole()].fill(true);
        }
        for at in (0..=self.whole()).filter(|&i| hidden[i] && figures.contains_key(&i)) {
            // That a group has too few records for a figure is told as such.
            if !figures[&at].too_few {
                self.conceal(out, column, at);
            }
        }
    }

    /// Hides what other columns tell of a hidden group's number where they leave it little room, so that the whole's figure need not go for it.
    fn loosen(&self, out: &mut Disclosure, column: &Column, figures: &Figures, hidden: &[bool]) {
        if !out.counts {
            return;
        }
        let room = 2.0 * out.rules.minimum as f64;
        for (&i, figure) in figures.iter().filter(|(i, f)| **i < self.whole() && hidden[**i] && f.count.is_some()) {
            let (low, high) = self.chain(out, column, i, figures, figure.n as f64);
            if high - low >= room.min(figure.n as f64) {
                continue;
            }
            let near = |chain: &super::Chain| chain.iter().any(|(c, _)| c == column);
            let others: Vec<Column> = out
                .chains
                .iter()
                .filter(|chain| near(chain))
                .flatten()
                .filter(|(c, counts)| c != column && counts.contains_key(&i))
                .map(|(c, _)| c.clone())
                .collect();
            others.iter().for_each(|other| self.conceal(out, other, i));
        }
    }

    /// Whether all or no records are coded at a threshold: that is of the threshold, and tells of nobody.
    fn settled(&self, column: &Column, figures: &Figures) -> bool {
        column.0 == "coded-share" && figures.get(&self.whole()).is_some_and(|f| f.count.is_some_and(|c| c <= 0.0 || c >= f.n as f64))
    }

    /// The numbers of a column that are hidden: records counted, and records not counted where their sum is hidden too.
    ///
    /// With `between`, groups of a grouping that are hidden have a rate between two that are known.
    fn numbers(
        &self,
        out: &Disclosure,
        column: &Column,
        figures: &Figures,
        cells: &Cells,
        hidden: &[bool],
        between: Option<(&[String], f64, f64)>,
    ) -> (Hidden, Vec<usize>) {
        let mut unknown = Hidden::default();
        let mut owners = Vec::new();
        let (mut counted, mut others): (BTreeMap<usize, usize>, BTreeMap<usize, usize>) = (BTreeMap::new(), BTreeMap::new());
        for (&i, figure) in figures.iter().filter(|(i, f)| hidden[**i] && f.count.is_some()) {
            let (n, count) = (figure.n as f64, figure.count.unwrap_or(0.0));
            let row = self.groups.get(i).is_some_and(|g| out.groups.contains(g));
            let own = i < self.whole() && figure.n != self.cells.sizes[i];
            if !out.counts {
                // Under weights a rate tells no number of records: only that of the records it rests on is one.
                if row || own {
                    counted.insert(i, unknown.add(n, 0.0, f64::INFINITY));
                    owners.push(i);
                }
                continue;
            }
            let (low, high) = if row || own { (0.0, f64::INFINITY) } else { self.chain(out, column, i, figures, n) };
            counted.insert(i, unknown.add(count, low, high));
            owners.push(i);
            if row || own {
                others.insert(i, unknown.add(n - count, 0.0, f64::INFINITY));
                owners.push(i);
            }
            let Some((_, worst, best)) = between.filter(|(variables, ..)| self.groups.get(i).is_some_and(|g| g.0 == *variables) && !figure.too_few) else {
                continue;
            };
            if let Some(other) = others.get(&i) {
                // What the rate is above the lowest, and below the highest.
                for (rate, sign) in [(worst, 1.0), (best, -1.0)] {
                    let spare = unknown.add(sign * (count - rate * n), 0.0, f64::INFINITY);
                    unknown.skip(spare);
                    owners.push(usize::MAX);
                    unknown.known(vec![(spare, -sign), (counted[&i], 1.0 - rate), (*other, -rate)]);
                }
            } else {
                let spare = unknown.add(count, worst * n, best * n);
                unknown.skip(spare);
                owners.push(usize::MAX);
                unknown.known(vec![(spare, 1.0), (counted[&i], -1.0)]);
            }
        }
        cells.known(&mut unknown, |cell| counted.get(&cell).copied());
        for line in &cells.lines {
            let both = line.iter().filter(|(i, _)| others.contains_key(i)).flat_map(|&(i, sign)| [(counted[&i], sign), (others[&i], sign)]);
            unknown.known(both.collect());
        }
        (unknown, owners)
    }

    /// Between which numbers a count must lie by those of other columns: who is right at a finer code level is right at a coarser one.
    fn chain(&self, out: &Disclosure, column: &Column, at: usize, figures: &Figures, n: f64) -> (f64, f64) {
        let (mut low, mut high) = (0.0_f64, n);
        for (other, position, own) in out
            .chains
            .iter()
            .filter_map(|chain| {
                let own = chain.iter().position(|(c, _)| c == column)?;
                Some(chain.iter().enumerate().map(move |(position, link)| (link, position, own)))
            })
            .flatten()
        {
            let (other, counts) = other;
            let Some(&(count, records)) = counts.get(&at).filter(|_| position != own && !self.hidden(out, other, at)) else { continue };
            if figures.get(&at).is_some_and(|f| f.n == records) {
                if position < own { low = low.max(count) } else { high = high.min(count) }
            }
        }
        (low, high)
    }
}

/// The columns in which a record that counts in one counts in the next: accuracy from the full code to the coarsest level, and with five tries. Each
/// with its counts and records by position of the group.
pub fn chains(groups: &Groups, evidence: &Evidence) -> Vec<super::Chain> {
    let levels = &evidence.data.code_levels;
    let accuracy = |level: Option<&String>| ("accuracy".to_owned(), level.cloned(), None);
    let names = std::iter::once(accuracy(None)).chain(levels.iter().rev().skip(1).map(|l| accuracy(Some(l))));
    let first: Vec<Column> = names.collect();
    let second: Vec<Column> = vec![accuracy(None), ("top-5-accuracy".into(), None, None)];
    let counts = |c: &Column| {
        let plain = |m: &&Measure| column(m) == *c && m.code.is_none() && m.contrast.is_none() && m.versus.is_none();
        let place = |m: &Measure| m.group.as_ref().map_or(Some(groups.whole()), |g| groups.at.get(&key(g)).copied());
        evidence.measures.iter().filter(plain).filter_map(|m| m.outcome.estimate().and_then(|e| Some((place(m)?, (e.value * e.n as f64, e.n))))).collect()
    };
    [first, second].map(|chain| chain.into_iter().map(|c| (c.clone(), counts(&c))).collect()).to_vec()
}

impl Disclosure {
    /// Whether a figure of a group, code or threshold must be hidden whatever the others are.
    pub(super) fn sensitive(&self, m: &Measure) -> bool {
        let Some(e) = m.outcome.estimate() else { return false };
        if e.n < self.rules.minimum || (self.rules.zeros && extreme(&m.metric, &m.outcome)) {
            return true;
        }
        if !self.counts || !is_rate(&m.metric) {
            return false;
        }
        // Records that weigh the same: the rate tells how many are counted.
        let count = (e.value * e.n as f64).round();
        let rest = e.n as f64 - count;
        let whole = m.metric == "coded-share" && (count == 0.0 || rest == 0.0);
        !whole && count.min(rest) < self.rules.minimum as f64
    }
}
