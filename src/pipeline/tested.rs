//! Which records a candidate was tested on, as a digest; and whether several were tested on the same.

use super::prepare::Prepared;
use crate::measure::Evidence;
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
    let told = |what: String, remedy: &str| {
        let message = format!("cannot be compared with {}: {what}", first_file.display());
        Some(Problem::new(Class::Usage, message).file(file.display().to_string()).remedy(remedy))
    };
    let of = |e: &Evidence| format!("{} records of “{}”", grouped(e.data.test as usize), e.data.title);
    let digests = |e: &Evidence| e.data.files.iter().map(|f| f.digest.clone()).collect::<Vec<_>>();
    let same = match (&a.data.test_digest, &b.data.test_digest) {
        (Some(a), Some(b)) => a == b,
        // Evidence of earlier versions: the same files, parted in the same way.
        _ => (digests(a), &a.data.split, a.data.test) == (digests(b), &b.data.split, b.data.test),
    };
    if !same {
        let short = |e: &Evidence| e.data.test_digest.as_ref().map_or_else(|| "none".to_owned(), |d| d.chars().take(12).collect());
        return told(
            format!("the test records differ: {} here (digest {}), {} there (digest {})", of(b), short(b), of(a), short(a)),
            "run both candidates in one study, or run the other on the same data with the same [split]",
        );
    }
    if a.data.design != b.data.design || a.data.weight_sum != b.data.weight_sum {
        return told(
            format!("the sampling design differs: “{}” here, “{}” there", b.data.design, a.data.design),
            "give both data sets the same weights, strata and PSUs, and run again",
        );
    }
    if (a.study.level - b.study.level).abs() > 1e-12 {
        return told(
            format!("its intervals are at level {}, those there at {}", b.study.level, a.study.level),
            "run one of them again with the same `level` under [evaluate]",
        );
    }
    None
}
