//! The clerks of the demonstration survey: two independent codes for some records, and the adjudicated code for all.

use super::lexicon::Lexicon;
use super::people::pick;
use crate::value::Stream;

/// Share of records coded by two clerks.
pub const DOUBLE: f64 = 0.15;
/// Chance that a clerk errs, on a clear answer and on one that is vague, shortened or empty.
const CLERK: (f64, f64) = (0.04, 0.085);
/// Chance that the adjudicator errs where clerks disagree or only one coded.
const ADJUDICATOR: f64 = 0.014;
/// Where a wrong code falls: same minor group, same sub-major, same major, told in similar words, anywhere.
const FALLS: [f64; 5] = [0.50, 0.16, 0.10, 0.18, 0.06];

/// The codes given to one record, as indices of unit groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coded {
    /// The adjudicated code.
    pub code: usize,
    /// Codes of the two clerks, when the record is double-coded.
    pub clerks: Option<[usize; 2]>,
}

/// A wrong code for unit group `job`: most often a sibling.
fn wrong(lexicon: &Lexicon, job: usize, stream: &mut Stream) -> usize {
    let [minor, sub, major] = &lexicon.units[job].siblings;
    let all: Vec<usize> = (0..lexicon.units.len()).filter(|&u| u != job).collect();
    let places = [minor, sub, major, &lexicon.units[job].linked, &all];
    let chances = FALLS.into_iter().zip(places).map(|(chance, place)| if place.is_empty() { 0.0 } else { chance });
    let place = places[pick(stream, chances)];
    place[stream.below(place.len() as u64) as usize]
}

/// Codes a record whose true unit group is `job`; `hard` says that its answer is vague, shortened or empty.
pub fn code(lexicon: &Lexicon, job: usize, hard: bool, stream: &mut Stream) -> Coded {
    let double = stream.unit() < DOUBLE;
    let chance = if hard { CLERK.1 } else { CLERK.0 };
    let mut given = |chance: f64| if stream.unit() < chance { wrong(lexicon, job, stream) } else { job };
    let clerks = [given(chance), given(chance)];
    let adjudicated = given(ADJUDICATOR);
    // Two clerks who agree are not asked again, right or wrong.
    let code = if double && clerks[0] == clerks[1] { clerks[0] } else { adjudicated };
    Coded { code, clerks: double.then_some(clerks) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clerks_err_mostly_to_a_sibling() {
        let lexicon = Lexicon::embedded();
        let mut stream = Stream::named(4, "clerks");
        let coded: Vec<(usize, Coded)> = (0..40_000).map(|i| (i % 149, code(&lexicon, i % 149, i % 3 == 0, &mut stream))).collect();
        let double: Vec<[usize; 2]> = coded.iter().filter_map(|(_, c)| c.clerks).collect();
        assert!((double.len() as f64 / 40_000.0 - DOUBLE).abs() < 0.01);
        let agree = |digits: usize| {
            let same = |c: &&[usize; 2]| lexicon.units[c[0]].digits[..digits] == lexicon.units[c[1]].digits[..digits];
            double.iter().filter(same).count() as f64 / double.len() as f64
        };
        assert!((0.84..0.91).contains(&agree(4)), "{}", agree(4));
        assert!(agree(1) > 0.97 && agree(3) > agree(4) + 0.03, "{} {}", agree(1), agree(3));
        let error = coded.iter().filter(|(job, c)| *job != c.code).count() as f64 / 40_000.0;
        assert!((0.008..0.02).contains(&error), "{error}");
    }
}
