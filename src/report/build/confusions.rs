//! Which codes are confused with which, at each level of the code frame: tables and lists of counts that give no smaller count away.

use super::source::{Source, figures_column, table, words_column};
use crate::measure::{Confusion, LevelConfusions};
use crate::report::card::{Block, Figure, Pair, Plot, Table};
use crate::report::locale::{Words, say};
use crate::report::words::{self, confusions as wording};
use crate::stats::TwoWayCounts;
use std::collections::BTreeMap;

/// Errors of the full code that are open; the rest is folded.
const OPEN: usize = 20;

/// What is told of pairs of true and given code at the levels above: a count that is shown, or none that is hidden.
type Told = BTreeMap<(String, String), Option<u64>>;

/// The section, coarsest level first; empty without errors.
pub fn confusions(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let e = source.evidence;
    let minimum = source.disclosure.minimum();
    let mut blocks = Vec::new();
    let mut above: Vec<Told> = Vec::new();
    for level in &e.confused {
        let hides = |code: &str| source.disclosure.hides_code_at(Some(&level.level), code);
        match Matrix::of(level, minimum, &hides) {
            Some(matrix) => {
                above.push(matrix.told(minimum));
                blocks.extend([
                    Block::Heading(say!(w, "confusions-at", level = source.foreign(&level.level))),
                    Block::Figure(matrix.figure(source, &level.level)),
                ]);
            }
            None => {
                let listed = level.frequent.iter().filter(|c| !hides(&c.truth) && !hides(&c.predicted)).collect();
                let shown = shown(listed, &above, minimum);
                above.push(told(&level.frequent, &shown, minimum));
                // What nothing can be told of needs no heading.
                blocks.extend((!shown.is_empty()).then(|| Block::Heading(say!(w, "confusions-at", level = source.foreign(&level.level)))));
                blocks.extend(list(source, &shown, say!(w, "confusions-frequent", level = source.foreign(&level.level)), Some(&level.level)));
            }
        }
    }
    if e.confusions.is_empty() {
        return blocks;
    }
    if !blocks.is_empty() {
        blocks.push(Block::Heading(say!(w, "confusions-at", level = e.data.code_levels.last().map_or_else(String::new, |l| source.foreign(l)))));
    }
    let shown = shown(source.disclosure.confusions(e), &above, minimum);
    blocks.extend(list(source, &shown, say!(w, "errors-caption"), None));
    blocks
}

/// What is told of the pairs of a list.
fn told(all: &[Confusion], shown: &[&Confusion], minimum: u64) -> Told {
    all.iter().filter(|c| c.n >= minimum).map(|c| (key(c), shown.iter().any(|s| key(s) == key(c)).then_some(c.n))).collect()
}

fn key(c: &Confusion) -> (String, String) {
    (c.truth.clone(), c.predicted.clone())
}

/// True where a remainder would tell of fewer records than a cell may have.
fn few(records: u64, minimum: u64) -> bool {
    (1..minimum).contains(&records)
}

/// The pairs of a list that may be shown: none with few records, and none that with others in its row, its column or its pair of codes above
/// leaves few records to the rest. The smallest of a row goes first.
fn shown<'c>(listed: Vec<&'c Confusion>, above: &[Told], minimum: u64) -> Vec<&'c Confusion> {
    let mut shown: Vec<&Confusion> = listed
        .into_iter()
        .filter(|c| c.n >= minimum)
        // All but a few records with the code.
        .filter(|c| c.n_truth - c.n.min(c.n_truth) >= minimum)
        .filter(|c| !above.iter().any(|told| parent(told, c).is_some_and(|(_, n)| n.is_none())))
        .collect();
    while let Some(out) = leaves_few(&shown, above, minimum) {
        shown.remove(out);
    }
    shown
}

/// The pair above that a pair is part of, and what is told of it.
fn parent<'t>(told: &'t Told, c: &Confusion) -> Option<(&'t (String, String), Option<u64>)> {
    told.iter().find(|((t, p), _)| c.truth.starts_with(t.as_str()) && c.predicted.starts_with(p.as_str())).map(|(k, n)| (k, *n))
}

/// The smallest pair of a line whose shown pairs leave few records to the rest of it.
fn leaves_few(shown: &[&Confusion], above: &[Told], minimum: u64) -> Option<usize> {
    let few = |records: u64| few(records, minimum);
    let smallest = |of: &dyn Fn(&Confusion) -> bool| (0..shown.len()).filter(|i| of(shown[*i])).min_by_key(|i| (shown[*i].n, key(shown[*i])));
    let sum = |of: &dyn Fn(&Confusion) -> bool| shown.iter().filter(|c| of(c)).map(|c| c.n).sum::<u64>();
    for c in shown {
        let row = |o: &Confusion| o.truth == c.truth;
        if c.n_right.is_some_and(|right| few((c.n_truth - right.min(c.n_truth)).saturating_sub(sum(&row)))) {
            return smallest(&row);
        }
        let column = |o: &Confusion| o.predicted == c.predicted;
        if c.n_given.zip(c.n_given_right).is_some_and(|(given, right)| few(given.saturating_sub(right).saturating_sub(sum(&column)))) {
            return smallest(&column);
        }
        for told in above {
            let Some(((truth, predicted), Some(n))) = parent(told, c) else { continue };
            let inside = |o: &Confusion| o.truth.starts_with(truth.as_str()) && o.predicted.starts_with(predicted.as_str());
            if few(n.saturating_sub(sum(&inside))) {
                return smallest(&inside);
            }
        }
    }
    None
}

/// A list as tables, or that nothing can be listed. A level's own is folded.
fn list(source: &Source<'_>, shown: &[&Confusion], caption: String, level: Option<&str>) -> Vec<Block> {
    let w = source.words;
    let level = level.map(|l| source.foreign(l));
    if shown.is_empty() {
        return vec![Block::Text(wording::none(w, level.as_deref()))];
    }
    let row = |c: &&Confusion| {
        let of = say!(w, "n-of-n", n = w.count(c.n), of = w.count(c.n_truth));
        vec![source.code(&c.truth), source.code(&c.predicted), of, w.value("accuracy", c.share_of_truth)]
    };
    let columns = || {
        vec![
            words_column(say!(w, "col-true-code")),
            words_column(say!(w, "col-code-given")),
            figures_column(say!(w, "col-records-with-true-code")),
            figures_column(say!(w, "col-share-of-true-code")),
        ]
    };
    let rows: Vec<Vec<String>> = shown.iter().map(row).collect();
    if let Some(level) = level {
        return vec![Block::Table(Table { folded: Some(say!(w, "confusions-fold", level = level)), ..table(caption, columns(), rows) })];
    }
    let (open, rest) = rows.split_at(rows.len().min(OPEN));
    let mut blocks = vec![Block::Table(table(caption.clone(), columns(), open.to_vec()))];
    if !rest.is_empty() {
        let folded = Some(words::rest(w, rest.len(), "errors"));
        blocks.push(Block::Table(Table { folded, ..table(say!(w, "continued", caption = caption), columns(), rest.to_vec()) }));
    }
    blocks
}

/// A level's whole table, with what is hidden of it.
struct Matrix {
    /// Codes of the rows; none for the codes that have too few records each.
    rows: Vec<Option<String>>,
    /// Codes of the columns; none for the codes, and for records without one, that are too few each.
    columns: Vec<Option<String>>,
    counts: Vec<Vec<u64>>,
    hidden: Vec<bool>,
}

impl Matrix {
    /// The table of a level; none where the level has too many codes for one, or fewer than two rows are left.
    fn of(level: &LevelConfusions, minimum: u64, hides: &dyn Fn(&str) -> bool) -> Option<Self> {
        let codes: Vec<Option<String>> = level.codes.iter().cloned().map(Some).collect();
        let (rows, counts) = lumped(&codes, &level.counts, minimum)?;
        let across = codes.into_iter().chain([None]).collect::<Vec<_>>();
        let (columns, turned) = lumped(&across, &transposed(&counts), minimum)?;
        let counts = transposed(&turned);
        // How often a code is right is not told here either where its rates are hidden.
        let right = |r: usize, c: usize| rows[r].is_some() && rows[r] == columns[c] && rows[r].as_deref().is_some_and(hides);
        let forced = (0..rows.len()).flat_map(|r| (0..columns.len()).map(move |c| (r, c))).map(|(r, c)| right(r, c)).collect();
        let hidden = hidden(&counts, minimum, forced)?;
        (rows.len() > 1).then_some(Self { rows, columns, counts, hidden })
    }

    fn shown(&self, row: usize, column: usize) -> Option<u64> {
        (!self.hidden[row * self.columns.len() + column]).then(|| self.counts[row][column])
    }

    fn pair(&self, w: &Words, row: usize, column: usize, total: u64) -> Option<Pair> {
        let n = self.shown(row, column)?;
        Some(Pair {
            count: w.count(n),
            share: rounded(n as f64 / total.max(1) as f64),
            same: self.rows[row].is_some() && self.rows[row] == self.columns[column],
        })
    }

    fn told(&self, minimum: u64) -> Told {
        let mut told = Told::new();
        for (r, truth) in self.rows.iter().enumerate() {
            for (c, given) in self.columns.iter().enumerate() {
                if let (Some(truth), Some(given)) = (truth, given)
                    && (self.counts[r][c] >= minimum || self.shown(r, c).is_none())
                {
                    told.insert((truth.clone(), given.clone()), self.shown(r, c));
                }
            }
        }
        told
    }

    fn figure(&self, source: &Source<'_>, level: &str) -> Figure {
        let w = source.words;
        let level = source.foreign(level);
        let name = |code: &Option<String>| code.as_deref().map_or_else(|| say!(w, "confusions-others"), |c| source.code(c));
        let short = |code: &Option<String>| code.clone().unwrap_or_else(|| say!(w, "confusions-other"));
        let totals: Vec<u64> = self.counts.iter().map(|row| row.iter().sum()).collect();
        let cell = |r: usize, c: usize| self.pair(w, r, c, totals[r]);
        let cells: Vec<Vec<_>> = (0..self.rows.len()).map(|r| (0..self.columns.len()).map(|c| cell(r, c)).collect()).collect();
        let given = |r: usize| {
            let others = (0..self.columns.len()).filter(|c| self.columns[*c].is_none() || self.rows[r] != self.columns[*c]);
            let (shown, hidden): (Vec<usize>, Vec<usize>) = others.partition(|c| cells[r][*c].is_some());
            let told = shown.iter().filter_map(|c| Some(format!("{} ({})", name(&self.columns[*c]), cells[r][*c].as_ref()?.count)));
            wording::instead(w, told.collect(), !hidden.is_empty())
        };
        let right = |r: usize| match cells[r].iter().zip(&self.columns).find(|(_, c)| c.is_some() && **c == self.rows[r]) {
            Some((Some(cell), _)) => cell.count.clone(),
            Some((None, _)) => say!(w, "suppressed"),
            None => say!(w, "not-told"),
        };
        let body = (0..self.rows.len()).map(|r| vec![name(&self.rows[r]), right(r), given(r)]).collect();
        let columns = vec![words_column(say!(w, "col-true-code")), figures_column(say!(w, "confusions-right")), words_column(say!(w, "confusions-instead"))];
        let hidden = self.hidden.iter().filter(|h| **h).count();
        Figure {
            title: say!(w, "confusions-title", level = level),
            description: wording::description(w, self.rows.iter().flatten().count(), hidden),
            plot: Plot::Matrix {
                axis: say!(w, "confusions-given"),
                rows: self.rows.iter().map(|c| (short(c), name(c))).collect(),
                columns: self.columns.iter().map(short).collect(),
                cells,
            },
            table: Table { folded: Some(say!(w, "table-of")), ..table(say!(w, "confusions-caption", level = level), columns, body) },
        }
    }
}

/// A share with two decimals: the plot tells no more than the counts beside it.
fn rounded(share: f64) -> f64 {
    (share * 100.0).round() / 100.0
}

fn transposed(rows: &[Vec<u64>]) -> Vec<Vec<u64>> {
    let width = rows.first().map_or(0, Vec::len);
    (0..width).map(|c| rows.iter().map(|row| row[c]).collect()).collect()
}

/// Codes of lines, none for the other codes, and the lines.
type Lines = (Vec<Option<String>>, Vec<Vec<u64>>);

/// Lines with fewer records than a cell may have become one line of other codes at the end, with the next smallest where they are too few
/// together; a line of nothing is left out. None where no line is left.
fn lumped(codes: &[Option<String>], lines: &[Vec<u64>], minimum: u64) -> Option<Lines> {
    let total = |line: &Vec<u64>| line.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..lines.len()).filter(|i| total(&lines[*i]) > 0).collect();
    order.sort_by_key(|i| (total(&lines[*i]), *i));
    let (mut small, mut sum) = (Vec::new(), 0);
    for &i in &order {
        let n = total(&lines[i]);
        if n >= minimum && codes[i].is_some() && (sum == 0 || sum >= minimum) {
            break;
        }
        small.push(i);
        sum += n;
    }
    let (mut names, mut kept) = (Vec::new(), Vec::new());
    for (i, line) in lines.iter().enumerate().filter(|(i, line)| total(line) > 0 && !small.contains(i)) {
        names.push(codes[i].clone());
        kept.push(line.clone());
    }
    if !small.is_empty() {
        names.push(None);
        kept.push((0..lines[0].len()).map(|c| small.iter().map(|i| lines[*i][c]).sum()).collect());
    }
    (!kept.is_empty()).then_some((names, kept))
}

/// The cells to hide: those with few records, and as many more of their rows and columns as leave each of these uncertain by as many
/// records as a cell must have, for a reader who knows the sums of rows and columns.
fn hidden(counts: &[Vec<u64>], minimum: u64, forced: Vec<bool>) -> Option<Vec<bool>> {
    let (table, width) = (TwoWayCounts::new(counts)?, counts.first()?.len());
    let cells = counts.concat();
    let mut hidden: Vec<bool> = cells.iter().zip(forced).map(|(n, forced)| forced || *n < minimum).collect();
    let primary: Vec<usize> = (0..cells.len()).filter(|i| hidden[*i]).collect();
    while let Some(next) = primary.iter().find_map(|&at| {
        let (low, high) = table.bounds(&hidden, at);
        if high - low >= minimum {
            return None;
        }
        let row = |i: usize| i / width == at / width;
        let column = |i: usize| i % width == at % width;
        let unseen = |line: &dyn Fn(usize) -> bool| (0..cells.len()).filter(|i| line(*i) && hidden[*i]).map(|i| cells[i]).sum::<u64>();
        let smallest = |line: &dyn Fn(usize) -> bool| (0..cells.len()).filter(|i| line(*i) && !hidden[*i]).min_by_key(|i| (cells[*i], *i));
        // First in the line that leaves it least room.
        let near = if unseen(&row) <= unseen(&column) { smallest(&row).or_else(|| smallest(&column)) } else { smallest(&column).or_else(|| smallest(&row)) };
        near.or_else(|| smallest(&|_| true))
    }) {
        hidden[next] = true;
    }
    Some(hidden)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::disclosure::MINIMUM_CELL;

    /// A reader who knows all sums of rows and columns: no hidden cell with few records is known to within fewer than that.
    #[test]
    fn no_small_count_can_be_worked_out_from_the_rest() {
        let mut seed = 12_345u64;
        let mut next = move |most: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % most
        };
        for round in 0..300 {
            let k = 2 + (round % 9) as usize;
            let codes: Vec<String> = (0..k).map(|c| c.to_string()).collect();
            let mut counts: Vec<Vec<u64>> = (0..k).map(|_| (0..=k).map(|_| if next(3) == 0 { 0 } else { next(14) }).collect()).collect();
            for (c, row) in counts.iter_mut().enumerate() {
                row[c] += next(300);
            }
            let level = LevelConfusions { level: "l".into(), codes, counts, frequent: Vec::new() };
            let Some(m) = Matrix::of(&level, MINIMUM_CELL, &|code| code == "1") else { continue };
            let table = TwoWayCounts::new(&m.counts).unwrap();
            for (at, n) in m.counts.concat().into_iter().enumerate() {
                let (row, column) = (&m.rows[at / m.columns.len()], &m.columns[at % m.columns.len()]);
                let forced = row == column && row.as_deref() == Some("1");
                if n < MINIMUM_CELL || forced {
                    assert!(m.hidden[at]);
                    let (low, high) = table.bounds(&m.hidden, at);
                    assert!(high - low >= MINIMUM_CELL, "{round}: {low} to {high} in {:?}", m.counts);
                }
            }
        }
    }

    #[test]
    fn an_accurate_row_is_hidden_whole_and_others_stay() {
        let counts = vec![vec![500, 3, 0], vec![30, 200, 40], vec![25, 15, 300]];
        let hidden = hidden(&counts, MINIMUM_CELL, vec![false; 9]).unwrap();
        // Three errors in the first row: with its sum, the count beside them would tell them.
        assert!(hidden[..3].iter().all(|h| *h), "{hidden:?}");
        assert!(hidden[3..].iter().any(|h| !*h), "{hidden:?}");
    }

    fn pair(truth: &str, predicted: &str, n: u64, errors: u64) -> Confusion {
        Confusion {
            truth: truth.into(),
            predicted: predicted.into(),
            n,
            n_truth: 500,
            share_of_truth: n as f64 / 500.0,
            n_right: Some(500 - errors),
            n_given: Some(1_000),
            n_given_right: Some(400),
        }
    }

    #[test]
    fn pairs_that_leave_few_records_to_the_rest_are_not_listed() {
        let keys = |all: &[Confusion], above: &[Told]| shown(all.iter().collect(), above, MINIMUM_CELL).iter().map(|c| c.predicted.clone()).collect::<Vec<_>>();
        // 60 errors: 40 and 15 leave 5, so the smaller goes; 40 alone leaves 20.
        assert_eq!(keys(&[pair("11", "21", 40, 60), pair("11", "22", 15, 60)], &[]), ["21"]);
        assert_eq!(keys(&[pair("11", "21", 40, 55), pair("11", "22", 15, 55)], &[]), ["21", "22"], "nothing is left to the rest");
        // The pair above has 43: 40 would leave 3.
        let told = |n| vec![Told::from([(("1".to_owned(), "2".to_owned()), n)])];
        assert!(keys(&[pair("11", "21", 40, 100)], &told(Some(43))).is_empty());
        assert_eq!(keys(&[pair("11", "21", 40, 100)], &told(Some(60))), ["21"]);
        assert!(keys(&[pair("11", "21", 40, 100)], &told(None)).is_empty(), "part of what is hidden");
    }
}
