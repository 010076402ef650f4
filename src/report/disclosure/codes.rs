//! Codes: of which nothing is told, of which only the number of records is, and which summaries over codes would give them away.

use super::pattern::Cells;
use super::{Code, Disclosure, extreme};
use crate::measure::{Evidence, Measure};
use crate::stats::Hidden;
use crate::value::{Outcome, Reason};
use std::collections::BTreeMap;

/// Metrics of a code any one of which could be had from the others and the true share.
pub const TIED: [&str; 5] = ["precision", "recall", "f1", "share-error", "counting-bias"];
/// Summaries over all codes alike: each is one more equation between codes. Hidden in this order where there are too many.
pub const SUMMARIES: [&str; 4] = ["kappa", "mcc", "balanced-accuracy", "macro-f1"];
/// Equations that must be lacking, at least, for hidden codes to stay hidden.
const LACKING: usize = 2;
/// Codes beyond which a table is too large to look at how its summaries tie it.
const MOST: usize = 400;

/// Counts of a code: records with it, records given it, and both.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    truly: f64,
    given: f64,
    both: f64,
    /// Whether a rate of it must be hidden whatever the others are.
    rate: bool,
}

impl Disclosure {
    /// Rows and rates of codes, level by level.
    pub(super) fn hide_codes(&mut self, evidence: &Evidence) {
        let mut levels: BTreeMap<Option<String>, BTreeMap<Code, Counts>> = BTreeMap::new();
        for m in evidence.measures.iter().filter(|m| m.group.is_none() && m.contrast.is_none() && m.metric == "recall") {
            if let Some(code) = &m.code {
                let code = (m.code_level.clone(), code.clone());
                let counts = self.counts_of(evidence, &code);
                levels.entry(m.code_level.clone()).or_default().insert(code, counts);
            }
        }
        for (level, codes) in levels {
            self.hide_level(evidence, level.as_ref(), &codes);
        }
        self.hide_labels(evidence);
    }

    /// True codes that look wrong, code by code: numbers of records that add up to the whole's.
    fn hide_labels(&mut self, evidence: &Evidence) {
        let of = |m: &&Measure| m.metric == "suspect-labels" && m.group.is_none() && m.code.is_some() && m.outcome.estimate().is_some();
        let list: Vec<&Measure> = evidence.measures.iter().filter(of).collect();
        let code = |m: &Measure| (m.code_level.clone(), m.code.clone().unwrap_or_default());
        let mut hidden: Vec<bool> = list.iter().map(|m| self.codes.contains(&code(m)) || self.sensitive(m)).collect();
        let cells = Cells { sizes: list.iter().map(|m| m.outcome.n()).collect(), lines: vec![(0..list.len()).map(|i| (i, 1.0)).collect()], fixed: Vec::new() };
        if !self.counts {
            cells.close(&mut hidden);
            self.labels.extend(list.iter().zip(hidden).filter(|(_, h)| *h).map(|(m, _)| code(m)));
            return;
        }
        cells.protect(&mut hidden, self.rules.minimum, |hidden| {
            let mut unknown = Hidden::default();
            let owners: Vec<usize> = (0..list.len()).filter(|&i| hidden[i]).collect();
            let number = |unknown: &mut Hidden, i: usize| {
                let n = list[i].outcome.n() as f64;
                let high = if self.codes.contains(&code(list[i])) { f64::INFINITY } else { n };
                unknown.add(list[i].outcome.estimate().map_or(0.0, |e| e.value * n), 0.0, high)
            };
            let sum = owners.iter().map(|&i| (number(&mut unknown, i), 1.0)).collect();
            unknown.known(sum);
            (unknown, owners)
        });
        if !hidden.is_empty() && hidden.iter().all(|h| *h) {
            // What all codes have together would bound each.
            self.wholes.insert(("suspect-labels".to_owned(), None, None));
        }
        self.labels.extend(list.iter().zip(hidden).filter(|(_, h)| *h).map(|(m, _)| code(m)));
    }

    fn counts_of(&self, evidence: &Evidence, code: &Code) -> Counts {
        let of = |metric: &str| {
            let here = |m: &&Measure| m.metric == metric && m.group.is_none() && m.code_level == code.0 && m.code.as_deref() == Some(code.1.as_str());
            evidence.measures.iter().find(here)
        };
        let n = |m: Option<&Measure>| match m.map(|m| &m.outcome) {
            // Then the number is that of the records that look at the code in either way.
            Some(Outcome::Undefined(u)) if u.reason == Reason::NothingToDivideBy => 0,
            Some(outcome) => outcome.n(),
            None => 0,
        };
        let (recall, precision) = (of("recall"), of("precision"));
        let (truly, given) = (n(recall) as f64, n(precision) as f64);
        let both = recall.and_then(|m| m.outcome.estimate()).map_or(0.0, |e| e.value * truly);
        let minimum = self.rules.minimum as f64;
        let own = ["precision", "recall", "f1", "share-error"].iter().filter_map(|metric| of(metric)).any(|m| {
            let few = m.outcome.estimate().is_some_and(|e| e.n < self.rules.minimum);
            few || self.rules.zeros && extreme(&m.metric, &m.outcome)
        });
        let numbers = [both, truly - both, given - both];
        let rate = own || self.counts && precision.is_some() && numbers.iter().any(|x| x.round() < minimum);
        Counts { truly, given, both, rate }
    }

    fn hide_level(&mut self, evidence: &Evidence, level: Option<&String>, codes: &BTreeMap<Code, Counts>) {
        let minimum = self.rules.minimum;
        let list: Vec<(&Code, &Counts)> = codes.iter().collect();
        let all: Vec<(usize, f64)> = (0..list.len()).map(|i| (i, 1.0)).collect();
        let cells = Cells { sizes: list.iter().map(|(_, c)| c.truly as u64).collect(), lines: vec![all], fixed: Vec::new() };
        // Rows first: numbers of records.
        let mut rows: Vec<bool> = list.iter().map(|(code, c)| c.truly < minimum as f64 || self.codes.contains(code)).collect();
        cells.protect(&mut rows, minimum, |hidden| {
            let mut unknown = Hidden::default();
            let owners: Vec<usize> = (0..list.len()).filter(|&i| hidden[i]).collect();
            let numbers: Vec<(usize, f64)> = owners.iter().map(|&i| (unknown.add(list[i].1.truly, 0.0, f64::INFINITY), 1.0)).collect();
            unknown.known(numbers);
            (unknown, owners)
        });
        let all_rates = level.is_none() && self.wholes.contains(&("accuracy".to_owned(), None, None));
        let mut rates: Vec<bool> = list.iter().zip(&rows).map(|((_, c), row)| *row || c.rate || all_rates).collect();
        let balanced = level.is_none() && list.len() <= MOST && evidence.overall("balanced-accuracy").is_some_and(|m| m.outcome.estimate().is_some());
        loop {
            let recalls = balanced && !self.summaries.contains("balanced-accuracy");
            cells.protect(&mut rates, minimum, |hidden| if self.counts { numbers(&list, &rows, hidden, recalls) } else { given(&list, hidden) });
            if level.is_some() || !self.counts || !rates.contains(&true) || self.enough(evidence, &rows, &rates) {
                break;
            }
            // Too many equations for what is hidden: one code more, or one summary less.
            let more = (0..list.len()).filter(|&i| !rates[i]).min_by_key(|&i| (cells.sizes[i], i));
            match more {
                Some(i) => rates[i] = true,
                None => match SUMMARIES.iter().find(|s| !self.summaries.contains(**s) && evidence.overall(s).is_some()) {
                    Some(summary) => {
                        self.summaries.insert((*summary).to_owned());
                    }
                    None => break,
                },
            }
        }
        let right: f64 = list.iter().map(|(_, c)| c.both).sum();
        let wrong: f64 = list.iter().map(|(_, c)| c.truly - c.both).sum();
        if self.counts && level.is_none() && right.min(wrong) < minimum as f64 - 0.5 && !rates.contains(&false) && !rates.is_empty() {
            // What all codes have together would bound each: the last resort.
            self.wholes.insert(("accuracy".to_owned(), None, None));
            self.summaries.extend(SUMMARIES.map(str::to_owned));
        }
        self.codes.extend(list.iter().zip(&rows).filter(|(_, h)| **h).map(|((code, _), _)| (*code).clone()));
        self.rates.extend(list.iter().zip(&rates).filter(|(_, h)| **h).map(|((code, _), _)| (*code).clone()));
    }

    /// Whether hidden counts outnumber the equations between them: the totals of records with a code, given a code and right, and the summaries.
    fn enough(&self, evidence: &Evidence, rows: &[bool], rates: &[bool]) -> bool {
        let unknown: usize = rates.iter().zip(rows).filter(|(rate, _)| **rate).map(|(_, row)| if *row { 3 } else { 2 }).sum();
        let shown = |s: &&&str| !self.summaries.contains(**s) && evidence.overall(s).is_some_and(|m| m.outcome.estimate().is_some());
        let totals = if rows.contains(&true) { 3 } else { 2 };
        unknown >= totals + SUMMARIES.iter().filter(shown).count() + LACKING
    }
}

/// The numbers of records given a code that are hidden, with the code that each is of: all that is told under weights.
fn given(list: &[(&Code, &Counts)], hidden: &[bool]) -> (Hidden, Vec<usize>) {
    let mut unknown = Hidden::default();
    let owners: Vec<usize> = (0..list.len()).filter(|&i| hidden[i]).collect();
    let sum = owners.iter().map(|&i| (unknown.add(list[i].1.given, 0.0, f64::INFINITY), 1.0)).collect();
    unknown.known(sum);
    (unknown, owners)
}

/// The counts of codes that are hidden, with the code that each is of.
fn numbers(list: &[(&Code, &Counts)], rows: &[bool], hidden: &[bool], balanced: bool) -> (Hidden, Vec<usize>) {
    let mut unknown = Hidden::default();
    let mut owners = Vec::new();
    let (mut right, mut given, mut missed, mut recalls) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for i in (0..list.len()).filter(|&i| hidden[i]) {
        let c = list[i].1;
        let high = if rows[i] { f64::INFINITY } else { c.truly };
        let both = unknown.add(c.both, 0.0, high);
        right.push((both, 1.0));
        given.push((unknown.add(c.given - c.both, 0.0, f64::INFINITY), 1.0));
        owners.extend([i, i]);
        if rows[i] {
            // Of rows that are hidden the sum of records is known, not that of records missed.
            missed.push((both, 1.0));
            missed.push((unknown.add(c.truly - c.both, 0.0, f64::INFINITY), 1.0));
            owners.push(i);
        } else if c.truly > 0.0 {
            recalls.push((both, 1.0 / c.truly));
        }
    }
    // With a hidden row among them, the mean of recalls is no sum of counts.
    let line = balanced && missed.is_empty();
    for sum in [right, given, missed].into_iter().chain(line.then_some(recalls)) {
        unknown.known(sum);
    }
    (unknown, owners)
}
