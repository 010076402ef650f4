//! Published figures: which codes of which areas are hidden, so that neither their test records nor the records given them can be had.

use super::pattern::Cells;
use super::{Disclosure, FigureOf, key};
use crate::measure::{Area, CodeFigures, Evidence, Published};
use crate::stats::Hidden;
use std::collections::{BTreeMap, BTreeSet};

/// Cells hidden one after the other for the sake of others; then whole tables are.
const MOST_CELLS: usize = 2_500;

/// What areas of one table share: the variables of their groups, and the column summed.
type Tables<'a> = (Option<&'a Vec<String>>, Option<&'a String>);

/// The cells of all areas: (area, code).
struct Table<'a> {
    p: &'a Published,
    codes: Vec<&'a str>,
    places: Vec<(usize, usize)>,
    at: BTreeMap<(usize, usize), usize>,
    counts: Vec<[f64; 2]>,
    cells: Cells,
    /// Areas that add up to the first: those of one grouping.
    groupings: Vec<Vec<usize>>,
}

impl Disclosure {
    /// True when a published figure may not be shown.
    pub fn hides_figure(&self, area: &Area, code: &str) -> bool {
        self.figures.contains(&figure(area, code))
    }

    /// True when the sums of a column may not be shown at all: whether one contributor dominates them is not in the evidence.
    pub fn hides_sums(&self) -> bool {
        self.rules.dominance
    }

    /// Published figures of few test records or of few records given the code, of hidden groups and codes, and those that protect them.
    pub(super) fn hide_figures(&mut self, evidence: &Evidence) {
        let Some(p) = &evidence.published else { return };
        let table = Table::of(p);
        let minimum = self.rules.minimum;
        let size = |c: &CodeFigures| if p.target.is_some() { c.truly.min(c.target) } else { c.truly };
        let mut hidden: Vec<bool> = table
            .places
            .iter()
            .map(|&(i, k)| {
                let area = &p.areas[i];
                let Some(c) = area.codes.iter().find(|c| c.code == table.code(k)) else { return true };
                let private = area.group.as_ref().is_some_and(|g| self.groups.contains(&key(g)) || area.test < minimum);
                let rate = p.code_level.is_none() && self.hides_code(&c.code);
                size(c) < minimum || rate || private || self.hides_figure(area, &c.code)
            })
            .collect();
        if table.places.len() > MOST_CELLS {
            // Too large to look at cell by cell: no figures of groups at all.
            table.places.iter().zip(&mut hidden).for_each(|((i, _), h)| *h |= p.areas[*i].group.is_some());
        }
        loop {
            let before = hidden.iter().filter(|h| **h).count();
            table.cells.protect(&mut hidden, minimum, |hidden| table.numbers(hidden, minimum as f64));
            table.alike(&mut hidden);
            if hidden.iter().filter(|h| **h).count() == before {
                break;
            }
        }
        let found = table.places.iter().zip(&hidden).filter(|(_, h)| **h).map(|(&(i, k), _)| figure(&p.areas[i], table.code(k)));
        self.figures.extend(found.collect::<Vec<_>>());
    }
}

fn figure(area: &Area, code: &str) -> FigureOf {
    (area.group.clone(), area.variable.clone(), code.to_owned())
}

impl<'a> Table<'a> {
    fn of(p: &'a Published) -> Self {
        let codes: Vec<&str> = p.areas.iter().flat_map(|a| &a.codes).map(|c| c.code.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
        let number: BTreeMap<&str, usize> = codes.iter().copied().zip(0..).collect();
        let (mut places, mut counts) = (Vec::new(), Vec::new());
        for (i, area) in p.areas.iter().enumerate() {
            for c in &area.codes {
                places.push((i, number[c.code.as_str()]));
                counts.push([c.truly as f64, if p.target.is_some() { c.target as f64 } else { c.truly as f64 }]);
            }
        }
        let groupings: BTreeMap<Tables<'_>, Vec<usize>> = p.areas.iter().enumerate().fold(BTreeMap::new(), |mut out, (i, a)| {
            out.entry((a.group.as_ref().map(|g| &g.variables), a.variable.as_ref())).or_insert_with(Vec::new).push(i);
            out
        });
        // Groups without figures of their own: what they have is what the others leave of the whole.
        let mut lines = Vec::new();
        let find = |at: &BTreeMap<(usize, usize), usize>, i: usize, k: usize| at.get(&(i, k)).copied();
        let mut at: BTreeMap<(usize, usize), usize> = places.iter().copied().zip(0..).collect();
        let groupings: Vec<Vec<usize>> = groupings.into_iter().filter(|((group, _), _)| group.is_some()).map(|(_, areas)| areas).collect();
        for areas in &groupings {
            let whole = p.areas.iter().position(|a| a.group.is_none() && a.variable == p.areas[areas[0]].variable);
            for &i in areas.iter().filter(|&&i| p.areas[i].codes.is_empty()) {
                for k in 0..codes.len() {
                    let Some(total) = whole.and_then(|w| find(&at, w, k)) else { continue };
                    let rest = |q: usize| counts[total][q] - areas.iter().filter_map(|&j| find(&at, j, k)).map(|c| counts[c][q]).sum::<f64>();
                    let left = [rest(0).max(0.0), rest(1).max(0.0)];
                    at.insert((i, k), places.len());
                    places.push((i, k));
                    counts.push(left);
                }
            }
            for k in 0..codes.len() {
                let total = whole.and_then(|w| find(&at, w, k));
                let parts: Vec<(usize, f64)> = areas.iter().filter_map(|&i| find(&at, i, k)).map(|c| (c, 1.0)).collect();
                if let Some(total) = total.filter(|_| !parts.is_empty()) {
                    lines.push(std::iter::once((total, -1.0)).chain(parts).collect());
                }
            }
        }
        for i in 0..p.areas.len() {
            let row: Vec<(usize, f64)> = (0..codes.len()).filter_map(|k| find(&at, i, k)).map(|c| (c, 1.0)).collect();
            if row.len() > 1 {
                lines.push(row);
            }
        }
        let sizes = counts.iter().map(|c: &[f64; 2]| c[0].min(c[1]) as u64).collect();
        Self { p, codes, places, at, counts, cells: Cells { sizes, lines, fixed: Vec::new() }, groupings }
    }

    fn code(&self, k: usize) -> &'a str {
        self.codes.get(k).copied().unwrap_or_default()
    }

    /// The hidden counts, of test records and of records given the code. Those that a rectangle of hidden cells leaves room need no search.
    fn numbers(&self, hidden: &[bool], minimum: f64) -> (Hidden, Vec<usize>) {
        let mut unknown = Hidden::default();
        let mut owners = Vec::new();
        for q in 0..if self.p.target.is_some() { 2 } else { 1 } {
            let numbers: BTreeMap<usize, usize> = (0..self.places.len())
                .filter(|&c| hidden[c])
                .map(|c| {
                    owners.push(c);
                    let number = unknown.add(self.counts[c][q], 0.0, f64::INFINITY);
                    if self.rectangle(hidden, c, q, minimum) {
                        unknown.skip(number);
                    }
                    (c, number)
                })
                .collect();
            self.cells.known(&mut unknown, |cell| numbers.get(&cell).copied());
        }
        (unknown, owners)
    }

    /// Whether four hidden cells, two areas of a grouping by two codes, leave a cell room without touching any total.
    fn rectangle(&self, hidden: &[bool], cell: usize, q: usize, minimum: f64) -> bool {
        let (i, k) = self.places[cell];
        let Some(areas) = self.groupings.iter().find(|areas| areas.contains(&i)) else { return false };
        let value = |i: usize, k: usize| self.at.get(&(i, k)).filter(|c| hidden[**c]).map(|c| self.counts[*c][q]);
        let own = self.counts[cell][q];
        let row: Vec<(usize, f64)> = self.at.range((i, 0)..(i + 1, 0)).filter_map(|(&(_, l), _)| Some((l, value(i, l)?))).filter(|(l, _)| *l != k).collect();
        areas
            .iter()
            .filter(|&&j| j != i)
            .filter_map(|&j| Some((j, value(j, k)?)))
            .any(|(j, below)| row.iter().any(|&(l, beside)| value(j, l).is_some_and(|across| own.min(across) + beside.min(below) >= minimum)))
    }

    /// The same records stand behind the shares and the totals of a column: a code hidden in one is hidden in the other.
    fn alike(&self, hidden: &mut [bool]) {
        for (i, area) in self.p.areas.iter().enumerate().filter(|(_, a)| a.variable.is_some()) {
            let Some(shares) = self.p.areas.iter().position(|a| a.variable.is_none() && a.group == area.group) else { continue };
            for (&(_, k), &cell) in self.at.range((i, 0)..(i + 1, 0)) {
                if let Some(&other) = self.at.get(&(shares, k)) {
                    let either = hidden[cell] || hidden[other];
                    (hidden[cell], hidden[other]) = (either, either);
                }
            }
        }
    }
}
