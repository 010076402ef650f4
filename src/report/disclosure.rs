//! Disclosure control: the one gate that estimates pass on their way to a card.
//!
//! The parameters follow ACRO's defaults unless the study names others: cells of fewer records than the minimum are hidden, rates of 0 or 1, and, where
//! records weigh the same, rates that show a few records. As much more is hidden as keeps every hidden cell uncertain by the minimum, over nested and
//! overlapping groupings, code levels, codes, thresholds, bins and published figures (`groups`, `codes`, `curve`, `figures`), and on all cards of a run alike
//! (`together`). Which cells had to be hidden and which protect them is not told: it would bound them.

mod codes;
mod confusions;
mod curve;
mod figures;
mod groups;
mod pattern;
#[cfg(test)]
mod tests;
mod together;

use crate::measure::{Evidence, GroupCell, Measure, Protection};
use crate::value::{Estimate, Outcome, Reason};
use codes::TIED;
use std::collections::{BTreeMap, BTreeSet};

pub use crate::measure::MINIMUM_CELL;
pub use together::withhold;

/// Why something is suppressed: the one reason that cards give, since any other would bound what it hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It, or another cell that could be had from it, must not be told.
    Along,
}

/// What a card may show of an outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown<'a> {
    /// The estimate.
    Estimate(&'a Estimate),
    /// That there is none, and why.
    Undefined(&'a str),
    /// That the group has fewer records than the study's minimum.
    TooFew,
    /// That it is suppressed.
    Suppressed(Why),
}

/// A group: variables and values.
type Group = (Vec<String>, Vec<String>);
/// A metric at a level of the code frame and a threshold (its bits).
type Column = (String, Option<String>, Option<u64>);
/// A figure of a group.
type Cell<'a> = (Group, &'a Outcome);
/// A code at a level of the code frame.
type Code = (Option<String>, String);
/// A figure that the card of another candidate hides: its id, the column, the group.
type Other = (String, Column, Option<Group>);
/// A published figure: its group, the column summed, its code.
type FigureOf = (Option<GroupCell>, Option<String>, String);
/// Columns in which a record that counts in one counts in the next, with counts and records by position of the group.
type Chain = Vec<(Column, BTreeMap<usize, (f64, u64)>)>;

/// What is hidden.
#[derive(Debug, Clone, Default)]
pub struct Disclosure {
    rules: Protection,
    /// True when rates tell numbers of records, and these are to be protected: records weigh the same.
    counts: bool,
    /// The threshold for coding without a clerk: it stays when others must go.
    anchor: Option<f64>,
    chains: Vec<Chain>,
    /// Groups of which nothing may be shown, not even the number of records.
    groups: BTreeSet<Group>,
    /// Single figures of groups.
    cells: BTreeSet<(Column, Group)>,
    /// Figures of the whole test part: the last resort.
    wholes: BTreeSet<Column>,
    /// Differences from another candidate (its id) in a group.
    versus: BTreeSet<(String, Group)>,
    /// What the cards of other candidates hide.
    others: BTreeSet<Other>,
    /// Largest differences between the groups of a grouping that would bound a hidden one.
    contrasts: BTreeSet<(Column, Vec<String>)>,
    /// Groupings whose spread would give hidden groups away.
    spreads: BTreeSet<Vec<String>>,
    /// Codes of which nothing may be shown.
    codes: BTreeSet<Code>,
    /// Codes of which only the number of records and the true share may be shown.
    rates: BTreeSet<Code>,
    /// Summaries over codes that would give hidden codes away.
    summaries: BTreeSet<String>,
    /// Thresholds (their bits) of the whole test part.
    thresholds: BTreeSet<u64>,
    /// Thresholds at which only the number of records may be shown.
    rights: BTreeSet<u64>,
    /// Codes of which the share of true codes that look wrong may not be shown.
    labels: BTreeSet<Code>,
    /// Thresholds of coarser code levels.
    level_thresholds: BTreeSet<u64>,
    /// Bins of confidence.
    bins: BTreeSet<usize>,
    /// Published figures.
    figures: BTreeSet<FigureOf>,
}

/// Metrics of groups from which, with others that are shown, their accuracy could be had.
const FROM_ACCURACY: [&str; 3] = ["standardised-accuracy", "treatment-difference", "mix-difference"];

impl Disclosure {
    /// Decides for an evidence what is hidden. `anchor` is the threshold for coding without a clerk, if there is one.
    pub fn of(evidence: &Evidence, anchor: Option<f64>) -> Self {
        let rules = evidence.study.protection.clone();
        let counts = rules.numerators && evidence.data.weight_sum.is_none();
        let mut out = Self { rules, counts, anchor, ..Self::default() };
        out.take(&evidence.withheld);
        let groups = groups::Groups::of(evidence);
        out.chains = groups::chains(&groups, evidence);
        groups.hide(&mut out, evidence);
        out.hide_versus(evidence);
        out.hide_codes(evidence);
        out.hide_curve(evidence);
        out.hide_figures(evidence);
        out
    }

    /// How much is hidden of groups and of the whole: it only grows.
    fn size(&self) -> usize {
        self.groups.len() + self.cells.len() + self.wholes.len()
    }

    /// Fewest records of a cell that is shown.
    pub fn minimum(&self) -> u64 {
        self.rules.minimum
    }

    /// A difference in a group gives away the one's accuracy with the other's: it is hidden with either, and as the other's own card would hide it.
    fn hide_versus(&mut self, evidence: &Evidence) {
        let accuracy = |m: &Measure| m.metric == "accuracy" && m.code_level.is_none() && m.versus.is_none() && m.threshold.is_none() && m.contrast.is_none();
        let own: BTreeMap<Group, f64> =
            evidence.measures.iter().filter(|m| accuracy(m)).filter_map(|m| Some((key(m.group.as_ref()?), m.outcome.estimate()?.value))).collect();
        let mut tables: BTreeMap<(&str, &[String]), Vec<Cell<'_>>> = BTreeMap::new();
        for m in evidence.measures.iter().filter(|m| m.metric == "accuracy-difference") {
            if let (Some(versus), Some(cell)) = (&m.versus, &m.group) {
                tables.entry((&versus.candidate, &cell.variables)).or_default().push((key(cell), &m.outcome));
            }
        }
        let column = ("accuracy".to_owned(), None, None);
        for ((candidate, _), cells) in tables {
            let hidden = |g: &Group, o: &Outcome| {
                let other = own.get(g).zip(o.estimate()).map(|(own, d)| own - d.value);
                self.groups.contains(g) || self.cells.contains(&(column.clone(), g.clone())) || other.is_some_and(|p| !(1e-9..=1.0 - 1e-9).contains(&p))
            };
            let lines = vec![(0..cells.len()).map(|i| (i, 1.0)).collect()];
            let mut flags: Vec<bool> = cells.iter().map(|(g, o)| hidden(g, o)).collect();
            pattern::Cells { sizes: cells.iter().map(|(_, o)| o.n()).collect(), lines, fixed: Vec::new() }.close(&mut flags);
            self.versus.extend(cells.iter().zip(flags).filter(|(_, h)| *h).map(|((g, _), _)| (candidate.to_owned(), g.clone())));
        }
    }

    /// True when what the candidate does with a code of the full frame may not be shown.
    pub fn hides_code(&self, code: &str) -> bool {
        self.hides_code_at(None, code)
    }

    /// The same at a level of the code frame.
    pub fn hides_code_at(&self, level: Option<&str>, code: &str) -> bool {
        self.rates.contains(&(level.map(str::to_owned), code.to_owned()))
    }

    /// True when the spread between the groups of a grouping may not be shown.
    pub fn hides_spread(&self, variables: &[String]) -> bool {
        self.spreads.contains(variables)
    }

    /// True when a bin of confidence may not be shown.
    pub fn hides_bin(&self, bin: usize) -> bool {
        self.bins.contains(&bin)
    }

    /// Why the number of records of a measure may not be shown; nothing when it may.
    pub fn hides_records(&self, m: &Measure) -> Option<Why> {
        let part = m.group.is_some() || m.code.is_some() || m.threshold.is_some();
        let row = m.group.as_ref().is_some_and(|g| self.groups.contains(&key(g)));
        let code = m.code.as_ref().is_some_and(|c| self.codes.contains(&(m.code_level.clone(), c.clone())));
        let few = part && m.outcome.n() < self.rules.minimum;
        // A figure of some of a group's records only: their number goes with it. Of whole groups and codes it may stay.
        let all = ["accuracy", "top-5-accuracy", "recall", "share-true", "accuracy-difference"].contains(&m.metric.as_str());
        (row || code || few || !all && self.hides(m)).then_some(Why::Along)
    }

    /// Whether a measure must not be shown.
    fn hides(&self, m: &Measure) -> bool {
        if let (Some(versus), Some(group)) = (&m.versus, &m.group)
            && self.versus.contains(&(versus.candidate.clone(), key(group)))
        {
            return true;
        }
        let here = column(m);
        if let Some(versus) = &m.versus {
            // Hidden with either of the two that it is a difference of.
            let of: Column = (m.metric.trim_end_matches("-difference").to_owned(), here.1.clone(), here.2);
            let group = m.group.as_ref().map(key);
            let own =
                group.as_ref().map_or_else(|| self.wholes.contains(&of) || self.summaries.contains(&of.0), |g| self.cells.contains(&(of.clone(), g.clone())));
            if own || self.others.contains(&(versus.candidate.clone(), of, group)) {
                return true;
            }
        }
        if let Some(group) = m.group.as_ref().map(key)
            && (self.groups.contains(&group) || self.cells.contains(&(here.clone(), group)))
        {
            return true;
        }
        if m.group.is_none() && m.code.is_none() && m.contrast.is_none() && self.hides_whole(m, &here) {
            return true;
        }
        if let Some(code) = &m.code {
            let code = (m.code_level.clone(), code.clone());
            let tied = TIED.contains(&m.metric.as_str());
            let figure = m.metric == "counting-bias" && self.figures.contains(&(m.group.clone(), None, code.1.clone()));
            let label = m.metric == "suspect-labels" && self.labels.contains(&code);
            if self.codes.contains(&code) || figure || label || tied && self.rates.contains(&code) {
                return true;
            }
        }
        let accuracy = ("accuracy".to_owned(), None, None);
        // What a group's accuracy could be had from goes with it.
        let from_accuracy = |group: &Group| FROM_ACCURACY.contains(&m.metric.as_str()) && self.cells.contains(&(accuracy.clone(), group.clone()));
        if m.group.as_ref().is_some_and(|g| from_accuracy(&key(g))) {
            return true;
        }
        let Some(contrast) = &m.contrast else { return false };
        if contrast.detail.as_ref().and_then(|d| d.smallest).is_some_and(|n| n < self.rules.minimum) {
            return true;
        }
        // All right in one group and all wrong in the other.
        if contrast.kind == "gap" && m.outcome.estimate().is_some_and(|e| e.value.abs() >= 1.0) {
            return true;
        }
        if ["difference", "ratio"].contains(&contrast.kind.as_str()) && self.contrasts.contains(&(here.clone(), contrast.variables.clone())) {
            return true;
        }
        let hidden = |values: &Vec<String>| {
            let group = (contrast.variables.clone(), values.clone());
            self.groups.contains(&group) || self.cells.contains(&(here.clone(), group.clone())) || from_accuracy(&group)
        };
        hidden(&contrast.high) || hidden(&contrast.low)
    }

    /// Whether a figure of the whole test part must not be shown.
    fn hides_whole(&self, m: &Measure, here: &Column) -> bool {
        if let Some(threshold) = m.threshold {
            let set = if m.code_level.is_some() { &self.level_thresholds } else { &self.thresholds };
            if set.contains(&threshold.to_bits()) || m.metric != "coded-share" && m.code_level.is_none() && self.rights.contains(&threshold.to_bits()) {
                return true;
            }
        }
        self.wholes.contains(here) || self.summaries.contains(&here.0)
    }

    /// Why the accuracy of a group may not be shown; nothing when it may.
    pub fn hides_group(&self, variables: &[String], values: &[String]) -> Option<Why> {
        let group = (variables.to_vec(), values.to_vec());
        (self.groups.contains(&group) || self.cells.contains(&(("accuracy".to_owned(), None, None), group))).then_some(Why::Along)
    }

    /// Whether the records that only one of two candidates codes right may be told: they, and those that both or neither code right, must not be few.
    pub fn tells_discordant(&self, evidence: &Evidence, only_this: u64, only_other: u64) -> bool {
        let all = evidence.overall("accuracy");
        let alike = all.and_then(|m| Some((m.outcome.n(), m.outcome.estimate()?))).map(|(n, e)| {
            let right = e.value * n as f64;
            [right - only_this as f64, n as f64 - right - only_other as f64]
        });
        let few = |x: f64| x.round() < self.rules.minimum as f64;
        only_this.min(only_other) >= self.rules.minimum
            && !self.wholes.contains(&("accuracy".to_owned(), None, None))
            && !(self.counts && alike.is_some_and(|a| a.into_iter().any(few)))
    }

    /// Whether coded share and accuracy under the decision's conditions may be told beside those without: what is taken out must not be few records,
    /// right or wrong, nor a group whose own figures are hidden.
    pub fn tells_remaining(&self, evidence: &Evidence) -> bool {
        let Some(remaining) = &evidence.remaining else { return false };
        let minimum = self.rules.minimum;
        let few = |n: u64| (1..minimum).contains(&n);
        let bits = Some(remaining.threshold.to_bits());
        // Of one group alone, its figures would follow.
        let secret = |g: &GroupCell| self.groups.contains(&key(g)) || self.cells.contains(&(("coded-accuracy".to_owned(), None, bits), key(g)));
        let hidden = remaining.codes.is_empty() && matches!(remaining.groups.as_slice(), [one] if secret(one));
        let before = evidence.measures.iter().find(|m| {
            m.metric == "coded-accuracy" && m.threshold == Some(remaining.threshold) && m.group.is_none() && m.code_level.is_none() && m.contrast.is_none()
        });
        let right = |o: &Outcome| o.estimate().map(|e| e.value * e.n as f64);
        let taken = before.and_then(|m| Some((right(&m.outcome)? - right(&remaining.coded_accuracy)?, m.outcome.n().abs_diff(remaining.coded_accuracy.n()))));
        let parts = taken.is_some_and(|(right, n)| n > 0 && [right, n as f64 - right].iter().any(|x| x.round() < minimum as f64));
        let gone = self.thresholds.contains(&remaining.threshold.to_bits());
        !(few(remaining.taken_out) || hidden || gone || self.counts && parts)
    }

    /// What may be shown of a measure.
    pub fn show<'a>(&self, measure: &'a Measure) -> Shown<'a> {
        if self.hides(measure) {
            return Shown::Suppressed(Why::Along);
        }
        let part = (measure.code.is_some() || measure.group.is_some() || measure.threshold.is_some()) && measure.contrast.is_none();
        match &measure.outcome {
            Outcome::Undefined(u) if u.reason == Reason::TooFewRecords => Shown::TooFew,
            Outcome::Undefined(u) => Shown::Undefined(&u.why),
            Outcome::Estimate(_) if part && self.sensitive(measure) => Shown::Suppressed(Why::Along),
            Outcome::Estimate(e) => Shown::Estimate(e),
        }
    }

    /// What may be shown of a bin of confidence.
    pub fn show_bin<'a>(&self, bin: usize, outcome: &'a Outcome) -> Shown<'a> {
        match outcome {
            _ if self.hides_bin(bin) => Shown::Suppressed(Why::Along),
            Outcome::Undefined(u) => Shown::Undefined(&u.why),
            Outcome::Estimate(e) => Shown::Estimate(e),
        }
    }
}

fn key(cell: &GroupCell) -> Group {
    (cell.variables.clone(), cell.values.clone())
}

fn column(m: &Measure) -> Column {
    (m.metric.clone(), m.code_level.clone(), m.threshold.map(f64::to_bits))
}

/// A rate of exactly 0 or 1 tells something of every record in the cell. That all are coded (a coded share of 1) tells nothing.
fn extreme(metric: &str, outcome: &Outcome) -> bool {
    let rate = [
        "accuracy",
        "summed-accuracy",
        "top-5-accuracy",
        "coded-accuracy",
        "false-confidence",
        "standardised-accuracy",
        "precision",
        "recall",
        "f1",
        "aurc",
        "augrc",
        "hierarchical-precision",
        "hierarchical-recall",
        "hierarchical-f",
        "crossing-share",
        "set-coverage",
        "suspect-labels",
        "coder-agreement",
        "coder-accuracy",
        "accuracy-double-coded",
    ]
    .contains(&metric);
    rate && outcome.estimate().is_some_and(|e| e.value == 0.0 || e.value == 1.0)
}
