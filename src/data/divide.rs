//! Carries out the plan of a split: training, tuning and test part of the labelled records.

use super::column::MISSING;
use super::split::{Split, SplitPlan};
use super::table::Table;
use crate::value::{Class, Failure, Problem, Stream};

/// Parts the labelled records of a table; returns the parts and how they were made, in words.
///
/// # Errors
/// A column that cannot carry the plan, a part without records; `file` is the study file for messages.
pub fn divide(plan: &SplitPlan, table: &Table, seed: u64, file: &str) -> Result<(Split, String), Failure> {
    let rows = table.labelled();
    let (split, words) = match plan {
        SplitPlan::Date { column, test_from, tune_from, tune_share } => {
            let dates = table.date(column).ok_or_else(|| absent(file, column, "date"))?;
            let mut split = Split::default();
            for &row in &rows {
                let Some(day) = dates[row as usize] else {
                    return Err(table
                        .problem(row as usize, column, "no date, so the record belongs to no part")
                        .remedy("fill it, or split by another column")
                        .into());
                };
                if day >= *test_from {
                    split.test.push(row);
                } else if tune_from.is_some_and(|from| day >= from) {
                    split.tune.push(row);
                } else {
                    split.train.push(row);
                }
            }
            let words = match tune_from {
                Some(from) => format!("by “{column}”: training before {from}, tuning before {test_from}, test from {test_from}"),
                None => {
                    carve(&mut split, *tune_share, table, seed);
                    format!("by “{column}”: test from {test_from}; a random {} of the earlier records tunes, stratified by code", percent(*tune_share))
                }
            };
            (split, words)
        }
        SplitPlan::Column { column, train, tune, test, tune_share } => {
            let factor = table.factor(column).ok_or_else(|| absent(file, column, "split"))?;
            let mut split = Split::default();
            for &row in &rows {
                let Some(label) = factor.label(row as usize) else { continue };
                let listed = |list: &[String]| list.iter().any(|v| v == label);
                if listed(test) {
                    split.test.push(row);
                } else if listed(tune) {
                    split.tune.push(row);
                } else if listed(train) {
                    split.train.push(row);
                }
            }
            let words = if tune.is_empty() {
                carve(&mut split, *tune_share, table, seed);
                format!("by the values of “{column}”; a random {} of the training records tunes, stratified by code", percent(*tune_share))
            } else {
                format!("by the values of “{column}”")
            };
            (split, words)
        }
        SplitPlan::Group { column, test_share, tune_share } => {
            let factor = table.factor(column).ok_or_else(|| absent(file, column, "psu"))?;
            let mut order: Vec<u32> = (0..factor.labels.len() as u32).collect();
            Stream::named(seed, "split by group").shuffle(&mut order);
            let count = order.len() as f64;
            let tests = (count * test_share).round() as usize;
            let tunes = (count * tune_share).round() as usize;
            let mut part = vec![0u8; order.len()];
            for (position, &group) in order.iter().enumerate() {
                part[group as usize] = if position < tests { 2 } else { u8::from(position < tests + tunes) };
            }
            let mut split = Split::default();
            for &row in &rows {
                match factor.index[row as usize] {
                    MISSING => {
                        return Err(table
                            .problem(row as usize, column, "no value, so the record belongs to no part")
                            .remedy("fill it, or split by another column")
                            .into());
                    }
                    g if part[g as usize] == 2 => split.test.push(row),
                    g if part[g as usize] == 1 => split.tune.push(row),
                    _ => split.train.push(row),
                }
            }
            (split, format!("at random by “{column}”, whole: test {}, tuning {}", percent(*test_share), percent(*tune_share)))
        }
        SplitPlan::Random { test_share, tune_share } => {
            let mut split = Split { train: rows, ..Split::default() };
            split.test = take(&mut split.train, *test_share, table, seed, "split test");
            // The tuning share is of all records, so it grows when the test part has gone.
            split.tune = take(&mut split.train, tune_share / (1.0 - test_share), table, seed, "split tune");
            (split, format!("at random within each code: test {}, tuning {}", percent(*test_share), percent(*tune_share)))
        }
    };
    for (part, rows, remedy) in [
        ("training", &split.train, "move the split's dates, values or shares so that it gets some"),
        ("test", &split.test, "move the split's dates, values or shares so that it gets some; records without a true code belong to no part"),
    ] {
        if rows.is_empty() {
            let remedy = match plan {
                SplitPlan::Column { column, .. } => {
                    let found = table.factor(column).map(|f| f.labels.iter().take(12).cloned().collect::<Vec<_>>().join(", ")).unwrap_or_default();
                    format!("{remedy}; the values of `{column}` are: {found}")
                }
                SplitPlan::Date { column, .. } => {
                    let days: Vec<_> = table.date(column).into_iter().flatten().flatten().collect();
                    match (days.iter().min(), days.iter().max()) {
                        (Some(first), Some(last)) => format!("{remedy}; the dates run from {first} to {last}"),
                        _ => remedy.to_owned(),
                    }
                }
                _ => remedy.to_owned(),
            };
            return Err(Problem::new(Class::Data, format!("the {part} part has no records")).file(file).within("[split]").remedy(remedy).into());
        }
    }
    Ok((split, words))
}

fn absent(file: &str, column: &str, role: &str) -> Failure {
    let remedy = format!("give `{column}` the role `{role}` in the dataset file");
    Problem::new(Class::Study, format!("the split uses column `{column}`, which has no role that allows it")).file(file).within("[split]").remedy(remedy).into()
}

fn percent(share: f64) -> String {
    format!("{} %", (share * 1000.0).round() / 10.0)
}

/// Moves a share of the training part to the tuning part.
fn carve(split: &mut Split, share: f64, table: &Table, seed: u64) {
    split.tune = take(&mut split.train, share, table, seed, "split tune");
}

/// Takes a share of `rows` at random within each true code: codes in order, records shuffled, every 1/share-th taken.
fn take(rows: &mut Vec<u32>, share: f64, table: &Table, seed: u64, stream: &str) -> Vec<u32> {
    let mut stream = Stream::named(seed, stream);
    let mut order: Vec<(u32, u64, u32)> = rows.iter().map(|&r| (table.truth[r as usize], stream.bits(), r)).collect();
    order.sort_unstable();
    let start = stream.unit();
    let step = |i: usize| (i as f64 * share + start).floor();
    let mut taken: Vec<u32> = order.iter().enumerate().filter(|(i, _)| step(i + 1) > step(*i)).map(|(_, o)| o.2).collect();
    taken.sort_unstable();
    rows.retain(|r| taken.binary_search(r).is_err());
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Factor, Strings};

    fn table(n: usize) -> Table {
        Table {
            rows: n,
            ids: (0..n).map(|i| i.to_string()).collect::<Strings>(),
            truth: (0..n).map(|i| if i % 50 == 49 { MISSING } else { (i % 7) as u32 }).collect(),
            codes: (0..7).map(|i| i.to_string()).collect(),
            factors: vec![("psu".into(), Factor { labels: (0..40).map(|i| format!("p{i}")).collect(), index: (0..n).map(|i| (i % 40) as u32).collect() })],
            ..Table::default()
        }
    }

    #[test]
    fn parts_are_disjoint_and_hold_every_labelled_record() {
        let table = table(1000);
        for plan in [SplitPlan::Random { test_share: 0.3, tune_share: 0.1 }, SplitPlan::Group { column: "psu".into(), test_share: 0.3, tune_share: 0.1 }] {
            let (split, _) = divide(&plan, &table, 5, "study.toml").unwrap();
            let mut all: Vec<u32> = [split.train.clone(), split.tune.clone(), split.test.clone()].concat();
            all.sort_unstable();
            assert_eq!(all, table.labelled());
            assert!((split.test.len() as f64 / 980.0 - 0.3).abs() < 0.03, "{}", split.test.len());
            assert!((split.tune.len() as f64 / 980.0 - 0.1).abs() < 0.03, "{}", split.tune.len());
            assert_eq!(divide(&plan, &table, 5, "study.toml").unwrap().0, split);
            assert_ne!(divide(&plan, &table, 6, "study.toml").unwrap().0, split);
        }
    }

    #[test]
    fn random_parts_keep_the_shares_of_codes_and_groups_stay_whole() {
        let table = table(1000);
        let (split, _) = divide(&SplitPlan::Random { test_share: 0.3, tune_share: 0.1 }, &table, 5, "s").unwrap();
        for code in 0..7 {
            let share = split.test.iter().filter(|&&r| table.truth[r as usize] == code).count() as f64 / 140.0;
            assert!((share - 0.3).abs() < 0.02, "{code}: {share}");
        }
        let (split, _) = divide(&SplitPlan::Group { column: "psu".into(), test_share: 0.3, tune_share: 0.1 }, &table, 5, "s").unwrap();
        let psus = |rows: &[u32]| rows.iter().map(|r| r % 40).collect::<std::collections::BTreeSet<_>>();
        assert!(psus(&split.test).is_disjoint(&psus(&split.train)) && psus(&split.tune).is_disjoint(&psus(&split.train)));
    }
}
