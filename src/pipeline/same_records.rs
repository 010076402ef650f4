//! Whether stored evidence is of the same test records, sampled alike, with the same codes: only then can a candidate be compared with it.

use crate::measure::{DataFacts, Evidence};
use crate::value::{Class, Failure, Problem, grouped};
use std::path::Path;

/// That evidence is of the records that are evaluated here.
///
/// # Errors
/// What differs, all at once, each with what to do.
pub(super) fn same_records(here: &DataFacts, level: f64, file: &Path, other: &Evidence) -> Result<(), Failure> {
    let there = &other.data;
    let mut problems = Vec::new();
    let mut differs = |what: String, remedy: &str| {
        let problem = Problem::new(Class::Usage, format!("the baseline cannot be compared with: {what}")).file(file.display().to_string());
        problems.push(problem.remedy(remedy));
    };
    let digests = |d: &DataFacts| d.files.iter().map(|f| f.digest.clone()).collect::<Vec<_>>();
    let of = |d: &DataFacts| format!("{} records of “{}”", grouped(d.test as usize), d.title);
    if digests(here) != digests(there) || here.split != there.split || here.test != there.test {
        differs(
            format!("it was tested on other records ({}) than this study tests on ({})", of(there), of(here)),
            "evaluate the approved model on these records, e.g. as a candidate of this study, and name that evidence",
        );
    }
    if here.code_levels != there.code_levels || here.codes_in_frame != there.codes_in_frame {
        let frame = |d: &DataFacts| format!("{}, {} codes", d.code_levels.join(", "), d.codes_in_frame.map_or_else(|| "unknown".to_owned(), |n| n.to_string()));
        differs(
            format!("its code frame is another ({} there, {} here)", frame(there), frame(here)),
            "evaluate the approved model under the code frame of this study",
        );
    }
    if here.design != there.design || here.weight_sum != there.weight_sum {
        differs(
            format!("its sampling design is another (“{}” there, “{}” here)", there.design, here.design),
            "evaluate the approved model with the weights, strata and PSUs of this study",
        );
    }
    if (level - other.study.level).abs() > 1e-12 {
        differs(
            format!("its intervals are at level {}, those of this study at {level}", other.study.level),
            "give both studies the same `level` under [evaluate]",
        );
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure::of(problems)) }
}
