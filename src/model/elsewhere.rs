//! Codes and confidences made elsewhere, matched to the records that are asked for.

use super::{Predictions, UNCODED};
use crate::data::{Ranked, Strings};
use crate::value::grouped;
use crate::value::{Class, Failure, Problem};
use std::collections::HashMap;

/// Predictions from a file, and how many of its rows were not asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Matched {
    /// One row for each record asked.
    pub predictions: Predictions,
    /// Rows of the file whose record was not asked for.
    pub unasked: usize,
    /// Records asked whose confidences of all the file's codes do not add up to 1; 0 where some codes have none.
    pub off: usize,
}

/// Matches the rows of a predictions file to records by id.
///
/// `ids` are the file's record ids, `codes` its columns of codes, best first, `confidences` its columns of confidences in the same
/// order, or none. `wanted` are the ids of the table and `rows` the rows asked. An empty code means uncoded, and has confidence 0.
///
/// # Errors
/// All that is wrong with the file at once, each with a count and the first row (from 1, without the header): ids missing or
/// twice, records without prediction, confidences not between 0 and 1 or not in falling order, codes twice or after an empty one.
pub fn from_predictions(ids: &Strings, codes: &[&Strings], confidences: &[Vec<f64>], wanted: &Strings, rows: &[u32]) -> Result<Matched, Failure> {
    matched(ids, codes, confidences, &|record| record, wanted, rows)
}

/// Matches ranked codes to records by id, as [`from_predictions`] does; problems name the file, and the row where a record's codes begin.
///
/// # Errors
/// As [`from_predictions`].
pub fn from_ranked(ranked: &Ranked, wanted: &Strings, rows: &[u32]) -> Result<Matched, Failure> {
    let codes: Vec<&Strings> = ranked.codes.iter().collect();
    let row = |record: usize| ranked.rows.get(record).map_or(record, |row| *row as usize);
    matched(&ranked.ids, &codes, &ranked.confidences, &row, wanted, rows).map_err(|failure| {
        let named = |mut p: Problem| {
            p.place.get_or_insert_default().file.clone_from(&ranked.file);
            p
        };
        Failure::of(failure.problems.into_iter().map(named).collect())
    })
}

/// `row` gives the row of the file on which a record of it begins.
fn matched(
    ids: &Strings,
    codes: &[&Strings],
    confidences: &[Vec<f64>],
    row: &dyn Fn(usize) -> usize,
    wanted: &Strings,
    rows: &[u32],
) -> Result<Matched, Failure> {
    let mut problems = Vec::new();
    let n = ids.len();
    if codes.is_empty() {
        problems.push(Problem::new(Class::Model, "the predictions have no column of codes").remedy("name at least one column in `codes`"));
    }
    if !confidences.is_empty() && confidences.len() != codes.len() {
        problems.push(
            Problem::new(Class::Model, format!("the predictions have {} columns of codes but {} of confidences", codes.len(), confidences.len()))
                .remedy("name one confidence column for each code column, or none"),
        );
    }
    if codes.iter().any(|c| c.len() != n) || confidences.iter().any(|c| c.len() != n) {
        problems.push(Problem::new(Class::Internal, "columns of the predictions differ in length"));
    }
    if !problems.is_empty() {
        return Err(Failure::of(problems));
    }
    let mut places = HashMap::<&str, usize>::with_capacity(n);
    let (mut empty, mut twice) = (Fault::default(), Fault::default());
    for (record, id) in ids.iter().enumerate() {
        if id.is_empty() {
            empty.at(row(record));
        } else if places.insert(id, record).is_some() {
            twice.at(row(record));
        }
    }
    empty.report("have no record id", "give every row the id of its record", &mut problems);
    twice.report("have a record id that an earlier row has", "keep one row for each record", &mut problems);
    check_rows(codes, confidences, n, row, &mut problems);
    let mut missing = Fault::default();
    let found: Vec<usize> = rows
        .iter()
        .filter_map(|&row| {
            let place = places.get(wanted.get(row as usize)).copied();
            if place.is_none() {
                missing.at(row as usize);
            }
            place
        })
        .collect();
    if missing.count > 0 {
        problems.push(
            Problem::new(Class::Model, format!("{} of {} records have no prediction", grouped(missing.count), grouped(rows.len())))
                .within(format!("first: record {} of the data", missing.first + 1))
                .remedy("run the model on these records too; give a record that it cannot code a row with an empty code; check that ids are written alike"),
        );
    }
    if !problems.is_empty() {
        return Err(Failure::of(problems));
    }
    Ok(gather(codes, confidences, places.len(), &found))
}

/// A fault that may occur in many rows.
#[derive(Default)]
struct Fault {
    count: usize,
    first: usize,
}

impl Fault {
    fn at(&mut self, row: usize) {
        if self.count == 0 {
            self.first = row;
        }
        self.count += 1;
    }

    fn report(&self, what: &str, remedy: &str, problems: &mut Vec<Problem>) {
        if self.count > 0 {
            problems.push(
                Problem::new(Class::Model, format!("{} rows of the predictions {what}", grouped(self.count)))
                    .within(format!("first: row {}", self.first + 1))
                    .remedy(remedy),
            );
        }
    }
}

fn check_rows(codes: &[&Strings], confidences: &[Vec<f64>], n: usize, place: &dyn Fn(usize) -> usize, problems: &mut Vec<Problem>) {
    let (mut outside, mut rising, mut repeated, mut gap) = (Fault::default(), Fault::default(), Fault::default(), Fault::default());
    for row in 0..n {
        let given = codes.iter().take_while(|c| !c.get(row).is_empty()).count();
        if codes[given..].iter().any(|c| !c.get(row).is_empty()) {
            gap.at(place(row));
        }
        if (1..given).any(|i| codes[..i].iter().any(|earlier| earlier.get(row) == codes[i].get(row))) {
            repeated.at(place(row));
        }
        let held: Vec<f64> = confidences.iter().take(given).map(|c| c[row]).collect();
        if held.iter().any(|c| !(0.0..=1.0).contains(c)) {
            outside.at(place(row));
        } else if held.windows(2).any(|pair| pair[1] > pair[0] + 1e-9) {
            rising.at(place(row));
        }
    }
    outside.report(
        "have a confidence that is missing or not between 0 and 1",
        "write confidences as numbers between 0 and 1, not as percentages or scores",
        problems,
    );
    rising.report("have a confidence above that of a better ranked code", "order codes and confidences from best to worst", problems);
    repeated.report("name the same code twice", "name each code once a record", problems);
    gap.report("have an empty code before a code", "move the codes to the first columns", problems);
}

fn gather(codes: &[&Strings], confidences: &[Vec<f64>], places: usize, found: &[usize]) -> Matched {
    let mut labels: Vec<&str> = codes.iter().flat_map(|c| c.iter()).filter(|c| !c.is_empty()).collect();
    labels.sort_unstable();
    labels.dedup();
    let (mut ranked, mut confidence) = (Vec::with_capacity(found.len() * codes.len()), Vec::new());
    let all = !confidences.is_empty() && codes.len() == labels.len();
    let (mut complete, mut off) = (all, 0);
    for &place in found {
        let (mut sum, mut coded) = (0.0, true);
        for (rank, column) in codes.iter().enumerate() {
            let number = labels.binary_search(&column.get(place)).map_or(UNCODED, |l| l as u32);
            ranked.push(number);
            if let Some(column) = confidences.get(rank) {
                let value = if number == UNCODED { 0.0 } else { column[place] };
                confidence.push(value);
                sum += value;
            }
            coded &= number != UNCODED;
        }
        // Room for confidences rounded to a few digits.
        let one = (sum - 1.0).abs() < 1e-3;
        complete &= coded && one;
        off += usize::from(all && coded && !one);
    }
    let asked: std::collections::HashSet<usize> = found.iter().copied().collect();
    let predictions = Predictions { codes: labels.into_iter().map(str::to_owned).collect(), kept: codes.len(), ranked, confidence, complete };
    Matched { predictions, unasked: places - asked.len(), off }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(items: &[&str]) -> Strings {
        items.iter().collect()
    }

    #[test]
    fn matches_by_id_in_the_order_asked() {
        let (first, second) = (strings(&["x", "y", ""]), strings(&["y", "x", ""]));
        let matched = from_predictions(
            &strings(&["a", "b", "c"]),
            &[&first, &second],
            &[vec![0.75, 0.5, f64::NAN], vec![0.25, 0.5, f64::NAN]],
            &strings(&["b", "c", "q"]),
            &[1, 0],
        )
        .expect("matches");
        assert_eq!(matched.unasked, 1);
        let p = matched.predictions;
        assert_eq!(
            (p.codes, p.kept, p.ranked, p.confidence, p.complete),
            (vec!["x".into(), "y".into()], 2, vec![UNCODED, UNCODED, 1, 0], vec![0.0, 0.0, 0.5, 0.5], false)
        );
        // With every record coded in full, confidences are probabilities.
        let all = from_predictions(&strings(&["a"]), &[&strings(&["x"])], &[vec![1.0]], &strings(&["a"]), &[0]).expect("matches");
        assert!(all.predictions.complete);
        let off = from_predictions(&strings(&["a"]), &[&strings(&["x"])], &[vec![0.7]], &strings(&["a"]), &[0]).expect("matches");
        assert!(!off.predictions.complete && off.off == 1 && all.off == 0);
        let none = from_predictions(&strings(&["a"]), &[&strings(&["x"])], &[], &strings(&["a"]), &[0]).expect("matches");
        assert!(!none.predictions.complete && none.predictions.confidence.is_empty());
    }

    fn messages(ids: &[&str], codes: &[&[&str]], confidences: &[Vec<f64>]) -> Vec<String> {
        let codes: Vec<Strings> = codes.iter().map(|c| strings(c)).collect();
        let codes: Vec<&Strings> = codes.iter().collect();
        from_predictions(&strings(ids), &codes, confidences, &strings(&["a", "b"]), &[0, 1]).map_or_else(
            |failure| {
                assert!(failure.problems.iter().all(|p| p.remedy.is_some()));
                failure.problems.into_iter().map(|p| format!("{} ({})", p.message, p.place.and_then(|p| p.within).unwrap_or_default())).collect()
            },
            |_| Vec::new(),
        )
    }

    #[test]
    fn tells_every_fault_with_count_and_first_row() {
        assert_eq!(messages(&["a", "b"], &[&["x", "y"]], &[vec![0.0, 1.0]]), Vec::<String>::new());
        assert_eq!(messages(&["a", "c"], &[&["x", "y"]], &[]), ["1 of 2 records have no prediction (first: record 2 of the data)"]);
        assert_eq!(
            messages(&["a", "b", "a", "", ""], &[&["x"; 5]], &[vec![0.5, 1.5, f64::NAN, 0.1, -0.1]]),
            [
                "2 rows of the predictions have no record id (first: row 4)",
                "1 rows of the predictions have a record id that an earlier row has (first: row 3)",
                "3 rows of the predictions have a confidence that is missing or not between 0 and 1 (first: row 2)",
            ]
        );
        assert_eq!(
            messages(&["a", "b", "c"], &[&["x", "", "x"], &["y", "y", "x"]], &[vec![0.2, 0.9, 0.9], vec![0.7, 0.1, 0.1]]),
            [
                "1 rows of the predictions have a confidence above that of a better ranked code (first: row 1)",
                "1 rows of the predictions name the same code twice (first: row 3)",
                "1 rows of the predictions have an empty code before a code (first: row 2)",
            ]
        );
        assert_eq!(messages(&["a"], &[], &[]).len(), 1);
        assert_eq!(messages(&["a"], &[&["x"]], &[vec![0.1], vec![0.1]]), ["the predictions have 1 columns of codes but 2 of confidences ()"]);
    }
}
