//! Sharing a level among the findings of a family, so that many questions do not make chance findings.
//!
//! Every rule works on whole intervals and leaves three outcomes. Step-down goes by rounds and in each direction apart: all findings
//! that lean to one side of their bound are judged at 1 − α/(m − k), m findings in the family and k already decided on that side, until a
//! round decides none. Exactly one of “met” and “not met” is wrong for each finding, so Holm's argument holds in each direction under
//! any dependence (Holm 1979; Goeman & Solari 2010, doi:10.1214/10-AOS829): before the first wrong finding of a direction all decided ones
//! were right, and at least as many questions as could be answered wrongly still share the level.

use super::policy::Sharing;
use super::verdict::Status;

/// One finding of a family.
pub struct Question {
    /// The level of its gate, above 0.5.
    pub level: f64,
    /// The side of the bound that its estimate is on.
    pub leans: Status,
}

/// How a finding came out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// The level that it was judged at.
    pub level: f64,
    /// Findings that shared the family's level then.
    pub among: u64,
}

/// The level that each finding is judged at; `decided(i, level)` says whether finding i is decided at a level, which lower levels decide too.
#[must_use]
pub fn shared(method: Sharing, questions: &[Question], decided: impl Fn(usize, f64) -> bool) -> Vec<Answer> {
    let m = questions.len() as u64;
    let level = |i: usize, among: u64| {
        let level = questions[i].level;
        match method {
            // Šidák's level: covers all intervals of normal estimates at once whatever their correlations, and exactly when there are none.
            Sharing::MaxT => level.powf(1.0 / among as f64),
            _ => 1.0 - (1.0 - level) / among as f64,
        }
    };
    let at = |i: usize, among: u64| Answer { level: level(i, among), among };
    match method {
        Sharing::Bonferroni => (0..questions.len()).map(|i| at(i, m)).collect(),
        Sharing::Holm | Sharing::MaxT => {
            let mut answers: Vec<Option<Answer>> = vec![None; questions.len()];
            for side in [Status::Met, Status::NotMet] {
                let mine: Vec<usize> = (0..questions.len()).filter(|&i| (questions[i].leans == Status::Met) == (side == Status::Met)).collect();
                let mut among = m;
                loop {
                    let now: Vec<usize> = mine.iter().copied().filter(|&i| answers[i].is_none() && decided(i, level(i, among))).collect();
                    if now.is_empty() {
                        break;
                    }
                    now.iter().for_each(|&i| answers[i] = Some(at(i, among)));
                    among -= now.len() as u64;
                    if among == 0 {
                        break;
                    }
                }
                mine.iter().filter(|&&i| answers[i].is_none()).copied().collect::<Vec<_>>().into_iter().for_each(|i| answers[i] = Some(at(i, among)));
            }
            answers.into_iter().flatten().collect()
        }
        Sharing::BenjaminiHochberg => {
            // The most findings R that are decided at 1 − R·α/m (Benjamini & Yekutieli 2005, doi:10.1198/016214504000001907).
            let wide = |i: usize, rank: u64| 1.0 - (1.0 - questions[i].level) * rank as f64 / m as f64;
            let mut rank = m;
            loop {
                let count = (0..questions.len()).filter(|&i| decided(i, wide(i, rank))).count() as u64;
                if count >= rank || rank <= 1 {
                    break;
                }
                rank = count.max(1);
            }
            (0..questions.len()).map(|i| Answer { level: wide(i, rank), among: m }).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{benjamini_hochberg, bonferroni, holm, normal_cdf};
    use crate::value::Stream;

    /// Findings that lean to one side with these p-values of both sides, at level 0.95; which of them are decided.
    fn alarms(method: Sharing, p: &[f64]) -> Vec<bool> {
        let questions: Vec<Question> = p.iter().map(|_| Question { level: 0.95, leans: Status::Met }).collect();
        shared(method, &questions, |i, level| p[i] <= 1.0 - level + 1e-15).iter().zip(p).map(|(a, p)| *p <= 1.0 - a.level + 1e-15).collect()
    }

    // Benjamini & Hochberg 1995, section 4: fifteen questions, and the adjusted p-values of stats::multiplicity.
    #[test]
    fn findings_on_one_side_are_those_of_the_published_procedures() {
        let p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0];
        type Adjust = fn(&[f64]) -> Vec<f64>;
        let pairs: [(Sharing, Adjust, usize); 3] =
            [(Sharing::Bonferroni, bonferroni, 3), (Sharing::Holm, holm, 3), (Sharing::BenjaminiHochberg, benjamini_hochberg, 4)];
        for (method, adjust, wanted) in pairs {
            let found = alarms(method, &p);
            assert_eq!(found, adjust(&p).iter().map(|p| *p <= 0.05).collect::<Vec<_>>(), "{method:?}");
            assert_eq!(found.iter().filter(|f| **f).count(), wanted, "{method:?}");
        }
        let mut stream = Stream::named(3, "families");
        for _ in 0..500 {
            let p: Vec<f64> = (0..12).map(|_| stream.unit().powi(4)).collect();
            for (method, adjust, _) in pairs {
                assert_eq!(alarms(method, &p), adjust(&p).iter().map(|p| *p <= 0.05).collect::<Vec<_>>(), "{method:?} {p:?}");
            }
        }
    }

    #[test]
    fn step_down_widens_less_as_findings_are_decided_and_each_side_counts_its_own() {
        let p = [1e-9, 0.024, 0.9, 1e-9];
        let questions: Vec<Question> =
            [Status::Met, Status::Met, Status::Met, Status::NotMet].into_iter().map(|leans| Question { level: 0.95, leans }).collect();
        let found = shared(Sharing::Holm, &questions, |i, level| p[i] <= 1.0 - level);
        // One decided on the first side: the rest of it shares with the three others. The other side begins anew.
        assert_eq!(found.iter().map(|a| a.among).collect::<Vec<_>>(), [4, 3, 3, 4]);
        assert!((found[0].level - 0.9875).abs() < 1e-12 && (found[2].level - (1.0 - 0.05 / 3.0)).abs() < 1e-12);
        let max_t = shared(Sharing::MaxT, &questions, |_, _| false);
        assert!((max_t[0].level - 0.95_f64.powf(0.25)).abs() < 1e-12);
        assert!(shared(Sharing::Holm, &[], |_, _| true).is_empty());
    }

    // Estimates of equal correlation, some at the bound, some near it and some far: the chance of any wrong finding, by rule.
    // Found: at most 2.7 % where all are at the bound and independent, 2.2 % at correlation 0.5, 1.3 % with half of them far above it.
    #[test]
    #[ignore = "a simulation of some seconds"]
    fn the_chance_of_any_wrong_finding_stays_within_the_level() {
        const SAMPLES: usize = 20_000;
        let settings: [(&str, Vec<f64>); 4] = [
            ("all at the bound", vec![0.0; 10]),
            ("half far above", [vec![0.0; 5], vec![6.0; 5]].concat()),
            ("spread", (-5..5).map(|i| f64::from(i) / 1.5 + 0.01).collect()),
            ("near", vec![0.3; 10]),
        ];
        for (name, truth) in &settings {
            for correlation in [0.0_f64, 0.5] {
                for method in [Sharing::Holm, Sharing::MaxT, Sharing::Bonferroni] {
                    let mut stream = Stream::named(8, &format!("{name} {correlation} {method:?}"));
                    let mut wrong = 0;
                    for _ in 0..SAMPLES {
                        let common = stream.normal();
                        let z: Vec<f64> = truth.iter().map(|t| t + correlation.sqrt() * common + (1.0 - correlation).sqrt() * stream.normal()).collect();
                        let p: Vec<f64> = z.iter().map(|z| 2.0 * normal_cdf(-z.abs())).collect();
                        let leans = |z: &f64| if *z >= 0.0 { Status::Met } else { Status::NotMet };
                        let questions: Vec<Question> = z.iter().map(|z| Question { level: 0.95, leans: leans(z) }).collect();
                        let answers = shared(method, &questions, |i, level| p[i] <= 1.0 - level);
                        let decided: Vec<usize> = (0..z.len()).filter(|&i| p[i] <= 1.0 - answers[i].level).collect();
                        // At the bound “met” is right (at least) and “not met” wrong.
                        wrong += usize::from(decided.iter().any(|&i| (z[i] >= 0.0) != (truth[i] >= 0.0)));
                    }
                    let share = wrong as f64 / SAMPLES as f64;
                    assert!(share <= 0.05 + 0.005, "{name} {method:?}: {share}");
                }
            }
        }
    }
}
