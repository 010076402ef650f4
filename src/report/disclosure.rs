//! Disclosure control: the one gate that estimates pass on their way to a card.
//!
//! The parameters follow ACRO's defaults (threshold 10 on unweighted records, zeros and ones are disclosive). Not yet here: sums over
//! nested or overlapping groupings, numerators and complements below the threshold, and differences between two cards.

use crate::measure::{Evidence, GroupCell, Measure};
use crate::value::{Estimate, Outcome, Reason};
use std::collections::{BTreeMap, BTreeSet};

/// Fewest records (unweighted) of a cell that is shown.
pub const MINIMUM_CELL: u64 = 10;

/// Why something is suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Fewer records than [`MINIMUM_CELL`].
    Few,
    /// A rate of 0 or 1, which tells something of every record in the cell.
    AllOrNone,
    /// Another cell that is hidden could be had from this one and the total.
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
    /// That it is suppressed, and why.
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

/// What is hidden.
#[derive(Debug, Clone, Default)]
pub struct Disclosure {
    /// Groups of which nothing may be shown, not even the number of records.
    groups: BTreeMap<Group, Why>,
    /// Single figures of groups.
    cells: BTreeMap<(Column, Group), Why>,
    /// Differences from another candidate (its id) in a group.
    versus: BTreeMap<(String, Group), Why>,
    /// Codes of which nothing may be shown.
    codes: BTreeMap<Code, Why>,
    /// Codes of which only the number of records and the true share may be shown.
    rates: BTreeSet<Code>,
}

/// Metrics of a code any one of which could be had from the others and the true share.
const TIED: [&str; 4] = ["precision", "recall", "f1", "share-error"];

/// Metrics of groups from which, with others that are shown, their accuracy could be had.
const FROM_ACCURACY: [&str; 3] = ["standardised-accuracy", "treatment-difference", "mix-difference"];

impl Disclosure {
    /// Decides for an evidence what is hidden: small cells and rates of 0 or 1, metric by metric; and where that leaves exactly one
    /// hidden in a table whose total is printed, the next smallest as well.
    pub fn of(evidence: &Evidence) -> Self {
        let mut out = Self::default();
        out.hide_groups(evidence);
        out.hide_versus(evidence);
        out.hide_codes(evidence);
        out
    }

    fn hide_groups(&mut self, evidence: &Evidence) {
        let mut sizes: BTreeMap<&[String], BTreeMap<Group, u64>> = BTreeMap::new();
        let mut tables: BTreeMap<(Column, &[String]), Vec<Cell<'_>>> = BTreeMap::new();
        for m in evidence.measures.iter().filter(|m| m.code.is_none()) {
            if let Some(cell) = &m.group {
                let n = sizes.entry(&cell.variables).or_default().entry(key(cell)).or_default();
                *n = (*n).max(m.outcome.n());
                if m.versus.is_none() {
                    tables.entry((column(m), &cell.variables)).or_default().push((key(cell), &m.outcome));
                }
            }
        }
        for groups in sizes.values() {
            let small = groups.iter().filter(|(_, n)| **n < MINIMUM_CELL).map(|(g, _)| (g.clone(), Why::Few)).collect();
            self.groups.extend(with_next(small, groups.iter().map(|(g, n)| (g, *n))));
        }
        for ((column, _), cells) in tables {
            // A group below the study's minimum has no figure on the card, but it could be had from the total all the same.
            let too_few: BTreeSet<&Group> =
                cells.iter().filter(|(g, o)| undefined(o) == Some(Reason::TooFewRecords) && !self.groups.contains_key(g)).map(|(g, _)| g).collect();
            let hidden: BTreeMap<Group, Why> = cells
                .iter()
                .filter_map(|(g, o)| {
                    let why = self.groups.get(g).copied().or_else(|| (o.n() < MINIMUM_CELL).then_some(Why::Few));
                    let why = why.or_else(|| (too_few.contains(g) || extreme(&column.0, o)).then_some(Why::AllOrNone));
                    Some((g.clone(), why?))
                })
                .collect();
            let hidden = with_next(hidden, cells.iter().map(|(g, o)| (g, o.n())));
            self.cells.extend(hidden.into_iter().filter(|(g, _)| !too_few.contains(g)).map(|(g, why)| ((column.clone(), g), why)));
        }
    }

    /// A difference in a group gives away the one's accuracy with the other's: it is hidden with either, and as the other's own card would hide it.
    fn hide_versus(&mut self, evidence: &Evidence) {
        let accuracy = |m: &Measure| m.metric == "accuracy" && m.code_level.is_none() && m.versus.is_none() && m.threshold.is_none();
        let own: BTreeMap<Group, f64> =
            evidence.measures.iter().filter(|m| accuracy(m)).filter_map(|m| Some((key(m.group.as_ref()?), m.outcome.estimate()?.value))).collect();
        let mut tables: BTreeMap<(&str, &[String]), Vec<Cell<'_>>> = BTreeMap::new();
        for m in evidence.measures.iter().filter(|m| m.metric == "accuracy-difference") {
            if let (Some(versus), Some(cell)) = (&m.versus, &m.group) {
                tables.entry((&versus.candidate, &cell.variables)).or_default().push((key(cell), &m.outcome));
            }
        }
        for ((candidate, _), cells) in tables {
            let why = |g: &Group, o: &Outcome| {
                let column = ("accuracy".to_owned(), None, None);
                let hidden = self.groups.get(g).or_else(|| self.cells.get(&(column, g.clone()))).map(|_| Why::Along);
                let other = own.get(g).zip(o.estimate()).map(|(own, d)| own - d.value);
                hidden.or_else(|| other.filter(|p| *p < 1e-9 || *p > 1.0 - 1e-9).map(|_| Why::AllOrNone))
            };
            let hidden = cells.iter().filter_map(|(g, o)| Some((g.clone(), why(g, o)?))).collect();
            let hidden = with_next(hidden, cells.iter().map(|(g, o)| (g, o.n())));
            self.versus.extend(hidden.into_iter().map(|(g, why)| ((candidate.to_owned(), g), why)));
        }
    }

    fn hide_codes(&mut self, evidence: &Evidence) {
        let mut sizes: BTreeMap<Option<String>, BTreeMap<Code, u64>> = BTreeMap::new();
        let mut rates: BTreeSet<Code> = BTreeSet::new();
        for m in evidence.measures.iter().filter(|m| m.group.is_none()) {
            let Some(code) = &m.code else { continue };
            let code = (m.code_level.clone(), code.clone());
            if m.metric == "recall" {
                sizes.entry(m.code_level.clone()).or_default().insert(code.clone(), m.outcome.n());
            }
            if TIED.contains(&m.metric.as_str()) {
                rates.extend(own(m).map(|_| code));
            }
        }
        for codes in sizes.values() {
            let small = codes.iter().filter(|(_, n)| **n < MINIMUM_CELL).map(|(c, _)| (c.clone(), Why::Few)).collect();
            let rows = with_next(small, codes.iter().map(|(c, n)| (c, *n)));
            let tied = codes.keys().filter(|c| rows.contains_key(c) || rates.contains(c)).map(|c| (c.clone(), Why::AllOrNone)).collect();
            self.rates.extend(with_next(tied, codes.iter().map(|(c, n)| (c, *n))).into_keys());
            self.codes.extend(rows);
        }
    }

    /// True when what the candidate does with a code of the full frame may not be shown.
    pub fn hides_code(&self, code: &str) -> bool {
        self.rates.contains(&(None, code.to_owned()))
    }

    /// Why the number of records of a measure may not be shown; nothing when it may.
    pub fn hides_records(&self, measure: &Measure) -> Option<Why> {
        let part = measure.group.is_some() || measure.code.is_some() || measure.threshold.is_some();
        let row = measure.group.as_ref().and_then(|g| self.groups.get(&key(g)));
        let code = measure.code.as_ref().and_then(|c| self.codes.get(&(measure.code_level.clone(), c.clone())));
        row.or(code).copied().or_else(|| (part && measure.outcome.n() < MINIMUM_CELL).then_some(Why::Few))
    }

    /// Why a measure may not be shown; nothing when it may.
    fn hides(&self, m: &Measure) -> Option<Why> {
        if let (Some(versus), Some(group)) = (&m.versus, &m.group)
            && let Some(why) = self.versus.get(&(versus.candidate.clone(), key(group)))
        {
            return Some(*why);
        }
        if let Some(why) = m.group.as_ref().and_then(|g| self.groups.get(&key(g)).or_else(|| self.cells.get(&(column(m), key(g))))) {
            return Some(*why);
        }
        if let Some(code) = &m.code {
            let code = (m.code_level.clone(), code.clone());
            if let Some(why) = self.codes.get(&code) {
                return Some(*why);
            }
            if TIED.contains(&m.metric.as_str()) && self.rates.contains(&code) {
                return Some(own(m).unwrap_or(Why::Along));
            }
        }
        let accuracy = ("accuracy".to_owned(), None, None);
        // What a group's accuracy could be had from goes with it.
        let from_accuracy = |group: &Group| FROM_ACCURACY.contains(&m.metric.as_str()) && self.cells.contains_key(&(accuracy.clone(), group.clone()));
        if m.group.as_ref().is_some_and(|g| from_accuracy(&key(g))) {
            return Some(Why::Along);
        }
        let contrast = m.contrast.as_ref()?;
        if contrast.detail.as_ref().and_then(|d| d.smallest).is_some_and(|n| n < MINIMUM_CELL) {
            return Some(Why::Few);
        }
        // All right in one group and all wrong in the other.
        if contrast.kind == "gap" && m.outcome.estimate().is_some_and(|e| e.value.abs() >= 1.0) {
            return Some(Why::AllOrNone);
        }
        let hidden = |values: &Vec<String>| {
            let group = (contrast.variables.clone(), values.clone());
            self.groups.contains_key(&group) || self.cells.contains_key(&(column(m), group.clone())) || from_accuracy(&group)
        };
        (hidden(&contrast.high) || hidden(&contrast.low)).then_some(Why::Along)
    }

    /// Why the accuracy of a group may not be shown; nothing when it may.
    pub fn hides_group(&self, variables: &[String], values: &[String]) -> Option<Why> {
        let group = (variables.to_vec(), values.to_vec());
        self.groups.get(&group).or_else(|| self.cells.get(&(("accuracy".to_owned(), None, None), group))).copied()
    }

    /// What may be shown of a measure.
    pub fn show<'a>(&self, measure: &'a Measure) -> Shown<'a> {
        if let Some(why) = self.hides(measure) {
            return Shown::Suppressed(why);
        }
        let part = (measure.code.is_some() || measure.group.is_some() || measure.threshold.is_some()) && measure.contrast.is_none();
        match (&measure.outcome, own(measure).filter(|_| part)) {
            (Outcome::Undefined(u), _) if u.reason == Reason::TooFewRecords => Shown::TooFew,
            (Outcome::Undefined(u), _) => Shown::Undefined(&u.why),
            (Outcome::Estimate(_), Some(why)) => Shown::Suppressed(why),
            (Outcome::Estimate(e), None) => Shown::Estimate(e),
        }
    }
}

fn key(cell: &GroupCell) -> Group {
    (cell.variables.clone(), cell.values.clone())
}

fn column(m: &Measure) -> Column {
    (m.metric.clone(), m.code_level.clone(), m.threshold.map(f64::to_bits))
}

/// Why an estimate may not be shown whatever the others are. A code that is never given has no precision: that is of the model.
fn own(m: &Measure) -> Option<Why> {
    let e = m.outcome.estimate()?;
    if e.n < MINIMUM_CELL { Some(Why::Few) } else { extreme(&m.metric, &m.outcome).then_some(Why::AllOrNone) }
}

fn undefined(outcome: &Outcome) -> Option<Reason> {
    match outcome {
        Outcome::Undefined(u) => Some(u.reason),
        Outcome::Estimate(_) => None,
    }
}

/// What may be shown of a bin of confidence.
pub fn show_bin(outcome: &Outcome) -> Shown<'_> {
    match outcome {
        Outcome::Undefined(u) if u.n > 0 && u.n < MINIMUM_CELL => Shown::Suppressed(Why::Few),
        Outcome::Undefined(u) => Shown::Undefined(&u.why),
        Outcome::Estimate(e) if e.n < MINIMUM_CELL => Shown::Suppressed(Why::Few),
        Outcome::Estimate(_) if extreme("accuracy", outcome) => Shown::Suppressed(Why::AllOrNone),
        Outcome::Estimate(e) => Shown::Estimate(e),
    }
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
    ]
    .contains(&metric);
    rate && outcome.estimate().is_some_and(|e| e.value == 0.0 || e.value == 1.0)
}

/// Where exactly one cell is hidden, the next smallest is hidden along with it.
pub fn with_next<'k, K: Ord + Clone + 'k>(mut hidden: BTreeMap<K, Why>, cells: impl Iterator<Item = (&'k K, u64)>) -> BTreeMap<K, Why> {
    if hidden.len() == 1
        && let Some((next, _)) = cells.filter(|(k, _)| !hidden.contains_key(k)).min_by_key(|(_, n)| *n)
    {
        hidden.insert(next.clone(), Why::Along);
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{estimate, evidence, group, measure};
    use crate::value::Method;

    #[test]
    fn one_small_cell_takes_the_next_smallest_with_it() {
        let sizes = [("a", 500), ("b", 7), ("c", 31)];
        let cells = || sizes.iter().map(|(k, n)| (k, *n));
        assert_eq!(with_next(BTreeMap::from([("b", Why::Few)]), cells()), BTreeMap::from([("b", Why::Few), ("c", Why::Along)]));
        assert_eq!(with_next(BTreeMap::from([("b", Why::Few), ("a", Why::AllOrNone)]), cells()).len(), 2);
        assert!(with_next(BTreeMap::new(), cells()).is_empty());
    }

    #[test]
    fn all_or_none_hides_one_metric_of_a_group_not_the_group() {
        let mut e = evidence();
        e.measures.retain(|m| m.group.is_none());
        for (name, accuracy, top, n) in [("a", 0.8, 0.95, 5000), ("b", 0.7, 1.0, 4000), ("c", 0.75, 0.9, 75)] {
            e.measures.push(group("accuracy", "sex", name, estimate(accuracy, 0.02, n, Method::Wilson)));
            e.measures.push(group("top-5-accuracy", "sex", name, estimate(top, 0.02, n, Method::Wilson)));
        }
        let d = Disclosure::of(&e);
        let shown = |metric: &str, name: &str| {
            let m = e.measures.iter().find(|m| m.metric == metric && m.group.as_ref().is_some_and(|g| g.values == [name])).unwrap();
            (d.show(m), d.hides_records(m))
        };
        for name in ["a", "b", "c"] {
            assert!(matches!(shown("accuracy", name), (Shown::Estimate(_), None)), "{name}");
        }
        assert_eq!(shown("top-5-accuracy", "b"), (Shown::Suppressed(Why::AllOrNone), None));
        assert_eq!(shown("top-5-accuracy", "c"), (Shown::Suppressed(Why::Along), None));
        assert!(matches!(shown("top-5-accuracy", "a").0, Shown::Estimate(_)));
    }

    #[test]
    fn a_group_below_the_minimum_takes_the_next_smallest_with_it() {
        let mut e = evidence();
        e.measures.retain(|m| m.group.is_none());
        for (name, n) in [("a", 500), ("b", 400)] {
            e.measures.push(group("accuracy", "sex", name, estimate(0.8, 0.02, n, Method::Wilson)));
        }
        e.measures.push(group("accuracy", "sex", "c", Outcome::undefined(Reason::TooFewRecords, "25 records", 25)));
        let d = Disclosure::of(&e);
        let shown: Vec<Shown<'_>> = e.measures.iter().filter(|m| m.group.is_some()).map(|m| d.show(m)).collect();
        assert!(matches!(shown[..], [Shown::Estimate(_), Shown::Suppressed(Why::Along), Shown::TooFew]), "{shown:?}");
    }

    #[test]
    fn hidden_precision_or_recall_hides_what_they_could_be_had_from() {
        let code =
            |metric: &str, code: &str, value: f64, n: u64| Measure { code: Some(code.into()), ..measure(metric, estimate(value, 0.01, n, Method::Wilson)) };
        let mut e = evidence();
        e.measures.retain(|m| m.code.is_none());
        for (name, recall, n) in [("x", 1.0, 11), ("y", 0.6, 300), ("z", 0.5, 200)] {
            e.measures
                .extend([("share-true", 0.1), ("precision", 0.7), ("recall", recall), ("f1", 0.65), ("share-error", 0.01)].map(|(m, v)| code(m, name, v, n)));
        }
        let d = Disclosure::of(&e);
        for m in e.measures.iter().filter(|m| m.code.is_some()) {
            let hidden = match (m.code.as_deref(), m.metric.as_str()) {
                (_, "share-true") | (Some("y"), _) => None,
                (Some("x"), "recall") => Some(Why::AllOrNone),
                _ => Some(Why::Along),
            };
            let shown = match d.show(m) {
                Shown::Suppressed(why) => Some(why),
                _ => None,
            };
            assert_eq!(shown, hidden, "{} of {:?}", m.metric, m.code);
        }
        assert!(d.hides_code("x") && d.hides_code("z") && !d.hides_code("y"));
    }

    #[test]
    fn a_difference_in_a_group_is_hidden_with_either_accuracy_that_it_gives_away() {
        let mut e = evidence();
        e.measures.retain(|m| m.group.is_none());
        let versus = Some(crate::measure::Versus { candidate: "old".into(), name: "Old".into(), test: None });
        // The other is always right in “b”; this one always in “e”.
        for (name, own, other, n) in [("a", 0.8, 0.7, 500), ("b", 0.7, 1.0, 400), ("c", 0.75, 0.7, 75), ("d", 0.6, 0.5, 300), ("e", 1.0, 0.9, 350)] {
            e.measures.push(group("accuracy", "sex", name, estimate(own, 0.02, n, Method::Wilson)));
            let difference = group("accuracy-difference", "sex", name, estimate(own - other, 0.02, n, Method::StudentT));
            e.measures.push(Measure { versus: versus.clone(), ..difference });
        }
        let d = Disclosure::of(&e);
        let hidden: Vec<&str> = e
            .measures
            .iter()
            .filter(|m| m.versus.is_some() && matches!(d.show(m), Shown::Suppressed(_)))
            .filter_map(|m| m.group.as_ref().map(|g| g.values[0].as_str()))
            .collect();
        // “c”, the smallest, is hidden along with “e” in this candidate's accuracies.
        assert_eq!(hidden, ["b", "c", "e"]);
    }
}
