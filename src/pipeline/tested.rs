//! Which records a candidate was tested on, as a digest; and whether several were tested on the same.

use super::prepare::Prepared;
use crate::measure::{DataFacts, Evidence};
use crate::store::digest;
use crate::value::{Class, Failure, Problem, grouped};
use std::path::{Path, PathBuf};

/// The digest of the ids and true codes of the test part, in the order of the ids.
pub(super) fn test_digest(prepared: &Prepared) -> String {
    let table = &prepared.table;
    let mut records: Vec<(&str, &str)> = prepared
        .split
        .test
        .iter()
        .map(|&r| (table.ids.get(r as usize), table.codes.get(table.truth[r as usize] as usize).map_or("", String::as_str)))
        .collect();
    records.sort_unstable();
    let mut text = String::new();
    for (id, code) in records {
        // Lengths first, so that no two lists give the same text.
        text.push_str(&format!("{}:{id}{}:{code}", id.len(), code.len()));
    }
    digest(text.as_bytes())
}

/// That all evidence is of the same test records, under the same design, at the same level.
///
/// # Errors
/// For each that is not: what differs from the first, and what to do.
pub(super) fn same_tests(all: &[(PathBuf, Evidence)]) -> Result<(), Failure> {
    let Some(((first_file, first), others)) = all.split_first() else { return Ok(()) };
    let problems: Vec<Problem> = others.iter().filter_map(|(file, other)| mismatch(first_file, first, file, other)).collect();
    if problems.is_empty() { Ok(()) } else { Err(Failure::of(problems)) }
}

fn mismatch(first_file: &Path, a: &Evidence, file: &Path, b: &Evidence) -> Option<Problem> {
    let (what, remedy) = differences((&a.data, a.study.level), (&b.data, b.study.level)).into_iter().next()?;
    let message = format!("cannot be compared with {}: {what}", first_file.display());
    Some(Problem::new(Class::Usage, message).file(file.display().to_string()).remedy(remedy))
}

/// That a baseline is of the records that are evaluated here.
///
/// # Errors
/// What differs, all at once, each with what to do.
pub(super) fn same_records(here: (&DataFacts, f64), file: &Path, baseline: &Evidence) -> Result<(), Failure> {
    let problems: Vec<Problem> = differences(here, (&baseline.data, baseline.study.level))
        .into_iter()
        .map(|(what, remedy)| {
            Problem::new(Class::Usage, format!("the baseline cannot be compared with: {what}")).file(file.display().to_string()).remedy(remedy)
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Failure::of(problems)) }
}

/// What forbids a comparison of `here` with `there`, each with what to do: other test records, other codes, another design, another level.
fn differences((here, level): (&DataFacts, f64), (there, other_level): (&DataFacts, f64)) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    let of = |d: &DataFacts| format!("{} records of “{}”", grouped(d.test as usize), d.title);
    let digests = |d: &DataFacts| d.files.iter().map(|f| f.digest.clone()).collect::<Vec<_>>();
    let same = match (&here.test_digest, &there.test_digest) {
        (Some(a), Some(b)) => a == b,
        // Evidence of earlier versions: the same files, parted in the same way.
        _ => (digests(here), &here.split, here.test) == (digests(there), &there.split, there.test),
    };
    if !same {
        let short = |d: &DataFacts| d.test_digest.as_ref().map_or_else(|| "none".to_owned(), |d| d.chars().take(12).collect());
        found.push((
            format!("the test records differ: {} here (digest {}), {} there (digest {})", of(there), short(there), of(here), short(here)),
            "run both candidates in one study, or run the other on the same data with the same [split]",
        ));
    }
    if here.code_levels != there.code_levels || here.codes_in_frame != there.codes_in_frame {
        let frame = |d: &DataFacts| format!("{}, {} codes", d.code_levels.join(", "), d.codes_in_frame.map_or_else(|| "unknown".to_owned(), |n| n.to_string()));
        found.push((format!("the code frame differs: {} here, {} there", frame(there), frame(here)), "evaluate both under the same code frame"));
    }
    // Other records have another sum of weights anyway.
    if here.design != there.design || same && here.weight_sum != there.weight_sum {
        found.push((
            format!("the sampling design differs: “{}” here, “{}” there", there.design, here.design),
            "give both data sets the same weights, strata and PSUs, and run again",
        ));
    }
    if (level - other_level).abs() > 1e-12 {
        found.push((
            format!("its intervals are at level {other_level}, those there at {level}"),
            "run one of them again with the same `level` under [evaluate]",
        ));
    }
    found
}
