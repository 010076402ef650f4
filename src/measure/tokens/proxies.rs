//! Words that stand for a group: the odds of using them in the group against everywhere else, under the design of the test part.

use super::alone::Alone;
use super::words::{Vocabulary, Word};
use super::{FEWEST_RECORDS, GroupTokens, MOST_WORDS, ProxyToken, TokenQuestion};
use crate::data::{Factor, Strings};
use crate::measure::estimate::Kind;
use crate::measure::evidence::GroupCell;
use crate::measure::sample::Sample;
use crate::model::Input;
use crate::stats::{holm, normal_quantile, t_test};
use crate::text::without_word;
use crate::value::{Estimate, Failure, Interval, Method, Outcome, Reason};

/// Most records that are coded once more without a word.
const MOST_CODED: usize = 2000;

/// For each grouping the words that stand for one of its groups.
pub fn proxies(question: &TokenQuestion<'_>, vocabulary: &Vocabulary, alone: &Alone) -> Result<Vec<GroupTokens>, Failure> {
    let sample = question.sample;
    let used: Vec<usize> = (0..vocabulary.words.len()).filter(|&word| alone.used[word] && !vocabulary.words[word].test.is_empty()).collect();
    let mut all = Vec::new();
    for (grouping, groups) in &sample.groupings {
        let mut of_cell = vec![usize::MAX; sample.cells];
        groups.iter().enumerate().for_each(|(group, (_, cells))| cells.iter().for_each(|&cell| of_cell[cell as usize] = group));
        let member: Vec<usize> = sample.group.iter().map(|&cell| of_cell[cell as usize]).collect();
        let sizes: Vec<u64> = (0..groups.len()).map(|g| member.iter().filter(|m| **m == g).count() as u64).collect();
        let total: u64 = sizes.iter().sum();
        let large = |g: usize| sizes[g] >= question.request.minimum_group.max(FEWEST_RECORDS);
        // Of two groups, what is said of one is said of the other.
        let asked: Vec<usize> =
            if groups.len() == 2 { (0..usize::from(large(0) && large(1))).collect() } else { (0..groups.len()).filter(|&g| large(g)).collect() };
        let (mut pairs, mut too_few) = (Vec::new(), 0);
        for &word in &used {
            let test = &vocabulary.words[word].test;
            let mut counts = vec![0u64; groups.len()];
            test.iter().for_each(|&i| counts[member[i as usize]] += 1);
            let with: u64 = counts.iter().sum();
            let told = pairs.len();
            for &group in &asked {
                let inside = [counts[group], sizes[group] - counts[group]];
                let outside = [with - counts[group], total - sizes[group] - (with - counts[group])];
                if inside.iter().chain(&outside).all(|n| *n >= FEWEST_RECORDS) {
                    pairs.push((word, group, inside, outside));
                }
            }
            too_few += u64::from(pairs.len() == told);
        }
        let tests = tested(question, vocabulary, &member, &pairs);
        let adjusted = holm(&tests.iter().map(|t| t.as_ref().map_or(1.0, |t| t.1)).collect::<Vec<_>>());
        let mut found: Vec<(usize, usize, Estimate, f64)> = Vec::new();
        for (((word, group, ..), test), p) in pairs.iter().zip(&tests).zip(&adjusted) {
            let Some((ratio, _)) = test.as_ref().filter(|_| *p <= 1.0 - question.request.level) else { continue };
            match (ratio.value > 1.0, groups.len()) {
                (true, _) => found.push((*word, *group, ratio.clone(), *p)),
                (false, 2) => found.push((*word, 1 - group, inverted(ratio), *p)),
                // What a group uses less often than others stands for none of them.
                (false, _) => {}
            }
        }
        let lower = |e: &Estimate| e.interval.map_or(e.value, |i| i.lower);
        found.sort_by(|a, b| lower(&b.2).total_cmp(&lower(&a.2)).then((a.0, a.1).cmp(&(b.0, b.1))));
        let count = found.len() as u64;
        found.truncate(MOST_WORDS);
        let mut words = Vec::with_capacity(found.len());
        for (word, group, ratio, p) in found {
            let own = &vocabulary.words[word];
            words.push(ProxyToken {
                column: question.input.texts[own.column].0.to_owned(),
                word: own.text.clone(),
                group: GroupCell { variables: grouping.variables.clone(), values: groups[group].0.clone() },
                odds_ratio: Outcome::Estimate(ratio),
                p,
                speaks_for: alone.first[word]
                    .filter(|(code, _)| own.by_code.contains_key(code))
                    .map(|(code, confidence)| (question.codes[code as usize].clone(), confidence)),
                changed: changed(question, own)?,
            });
        }
        all.push(GroupTokens { variables: grouping.variables.clone(), tested: pairs.len() as u64, too_few, found: count, words });
    }
    Ok(all)
}

/// A word, a group, and the records with and without the word inside and outside the group.
type Pair = (usize, usize, [u64; 2], [u64; 2]);

/// Odds ratio and p-value of each pair; none where its precision cannot be told, or where it is so far from any threshold that its
/// p-value counts as 1, which Holm's method allows.
fn tested(question: &TokenQuestion<'_>, vocabulary: &Vocabulary, member: &[usize], pairs: &[Pair]) -> Vec<Option<(Estimate, f64)>> {
    let far = 0.6 * normal_quantile(1.0 - (1.0 - question.request.level) / (2.0 * pairs.len().max(1) as f64));
    let mut weight = vec![0.0; member.iter().max().map_or(0, |m| m + 1)];
    member.iter().zip(&question.sample.weight).for_each(|(group, w)| weight[*group] += w);
    let all: f64 = weight.iter().sum();
    let one = |&(word, group, inside, outside): &Pair| {
        let test = &vocabulary.words[word].test;
        let value = log_odds_ratio(question.sample, test, [all - weight[group], weight[group]], |i| member[i] == group)?;
        // As if records were independent: cheap, and near enough to leave out what is far from any threshold.
        let rough = inside.iter().chain(&outside).map(|n| 1.0 / *n as f64).sum::<f64>().sqrt();
        if value.0.abs() < far * rough {
            return None;
        }
        odds_ratio(question.sample, test, |i| member[i] == group)
    };
    use rayon::prelude::*;
    pairs.par_iter().map(one).collect()
}

/// The logarithm of the odds ratio of a word between records inside and outside a group, whose weights are given (outside first); with the
/// shares and weights of both.
fn log_odds_ratio(sample: &Sample, with: &[u32], all: [f64; 2], inside: impl Fn(usize) -> bool) -> Option<(f64, [(f64, f64); 2])> {
    let mut sides = [0.0; 2];
    for &i in with {
        sides[usize::from(inside(i as usize))] += sample.weight[i as usize];
    }
    let shares = [(sides[0] / all[0], all[0]), (sides[1] / all[1], all[1])];
    let logit = |p: f64| (p / (1.0 - p)).ln();
    let value = logit(shares[1].0) - logit(shares[0].0);
    value.is_finite().then_some((value, shares))
}

/// The odds ratio of a word between records inside and outside a group with its interval on the log scale, and its p-value.
pub(super) fn odds_ratio(sample: &Sample, with: &[u32], inside: impl Fn(usize) -> bool + Copy) -> Option<(Estimate, f64)> {
    let mut all = [0.0; 2];
    sample.weight.iter().enumerate().for_each(|(i, w)| all[usize::from(inside(i))] += w);
    let (value, shares) = log_odds_ratio(sample, with, all, inside)?;
    let mut has = vec![false; sample.weight.len()];
    with.iter().for_each(|&i| has[i as usize] = true);
    let influence = |i: usize| {
        let (p, all) = shares[usize::from(inside(i))];
        let own = (f64::from(u8::from(has[i])) - p) / (all * p * (1.0 - p));
        (i, if inside(i) { own } else { -own })
    };
    let linear = sample.influenced(value, (0..has.len()).map(influence));
    let Outcome::Estimate(log) = sample.sampling.estimate(&linear, Kind::Real) else { return None };
    let p = t_test(value, log.se?, sample.sampling.df(&linear))?.p;
    let interval = log.interval.map(|i| Interval { lower: i.lower.exp(), upper: i.upper.exp(), method: Method::LogT, ..i });
    let finite = interval.is_none_or(|i| i.upper.is_finite());
    // The standard error is of the logarithm, so it is not told beside the ratio.
    finite.then_some((Estimate { value: value.exp(), se: None, interval, ..log }, p))
}

/// The same comparison from the other side.
fn inverted(ratio: &Estimate) -> Estimate {
    let interval = ratio.interval.map(|i| Interval { lower: 1.0 / i.upper, upper: 1.0 / i.lower, ..i });
    Estimate { value: 1.0 / ratio.value, interval, ..ratio.clone() }
}

/// How often the first code of the test records with a word is another one without it.
fn changed(question: &TokenQuestion<'_>, word: &Word) -> Result<Outcome, Failure> {
    let input = question.input;
    let records: Vec<u32> = word.test.iter().copied().step_by(word.test.len().div_ceil(MOST_CODED).max(1)).collect();
    let rows: Vec<u32> = records.iter().map(|&i| input.rows[i as usize]).collect();
    let before = question.coder.predict(&Input { rows: &rows, ..input.clone() }, 1)?;
    let texts: Vec<Strings> = input
        .texts
        .iter()
        .enumerate()
        .map(|(column, (_, strings))| {
            let of = |row: &u32| strings.get(*row as usize);
            if column == word.column { rows.iter().map(|row| without_word(of(row), &word.text)).collect() } else { rows.iter().map(of).collect() }
        })
        .collect();
    let ids: Strings = rows.iter().map(|row| input.ids.get(*row as usize)).collect();
    let factor = |factor: &Factor| Factor { labels: factor.labels.clone(), index: rows.iter().map(|row| factor.index[*row as usize]).collect() };
    let factors: Vec<Factor> = input.categories.iter().map(|(_, f)| factor(f)).collect();
    let numbers: Vec<Vec<f64>> = input.numbers.iter().map(|(_, values)| rows.iter().map(|row| values[*row as usize]).collect()).collect();
    let own: Vec<u32> = (0..rows.len() as u32).collect();
    let taken_out = Input {
        ids: &ids,
        texts: input.texts.iter().zip(&texts).map(|((name, _), strings)| (*name, strings)).collect(),
        categories: input.categories.iter().zip(&factors).map(|((name, _), factor)| (*name, factor)).collect(),
        numbers: input.numbers.iter().zip(&numbers).map(|((name, _), values)| (*name, values.as_slice())).collect(),
        rows: &own,
    };
    let after = question.coder.predict(&taken_out, 1)?;
    let differs = |at: usize| f64::from(u8::from(before.ranking(at) != after.ranking(at)));
    let linear = question.sample.ratio_of(records.iter().enumerate().map(|(at, &i)| (i as usize, differs(at), 1.0)));
    Ok(match linear {
        Some(linear) => question.sample.sampling.estimate(&linear, Kind::Proportion),
        None => Outcome::undefined(Reason::NothingToDivideBy, "all records with the word have weight 0", records.len() as u64),
    })
}
