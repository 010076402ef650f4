//! What a data set says of its survey design beyond the roles of columns: replicate weights, numbering of PSUs, finite population.

use crate::stats::Centre;

/// The `[design]` of a data set.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SurveyDesign {
    /// True where PSUs are numbered anew in each stratum, so that one number in two strata names two PSUs.
    pub psu_within_stratum: bool,
    /// Replicate weights that came with the data.
    pub replicates: Option<ReplicateDesign>,
}

/// Which columns hold replicate weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplicateColumns {
    /// These, in this order.
    Listed(Vec<String>),
    /// All whose name is this and then digits, in the order of the files.
    Prefixed(String),
}

/// How replicate weights were made, which gives the scale of their variance (as R survey's `svrepdesign`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicateKind {
    /// Balanced half-samples: scale 1/R.
    HalfSamples,
    /// Half-samples with Fay's factor ρ: scale 1/(R(1−ρ)²).
    Fay,
    /// Jackknife: scale (R−1)/R (JK1), or 1 where each replicate has its own (JKn).
    Jackknife,
    /// Bootstrap: scale 1/(R−1).
    Bootstrap,
    /// Successive differences: scale 4/R (Fay & Train 1995).
    SuccessiveDifferences,
    /// Anything else: scale 1.
    Other,
}

impl ReplicateKind {
    /// Its names in dataset files.
    pub const NAMES: [(&'static str, Self); 6] = [
        ("brr", Self::HalfSamples),
        ("fay", Self::Fay),
        ("jackknife", Self::Jackknife),
        ("bootstrap", Self::Bootstrap),
        ("successive-difference", Self::SuccessiveDifferences),
        ("other", Self::Other),
    ];

    /// Its name for readers.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::HalfSamples => "balanced half-samples",
            Self::Fay => "half-samples with Fay's factor",
            Self::Jackknife => "jackknife",
            Self::Bootstrap => "bootstrap",
            Self::SuccessiveDifferences => "successive differences",
            Self::Other => "as the data set states",
        }
    }
}

/// Replicate weights as the data set describes them.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicateDesign {
    /// Their columns.
    pub columns: ReplicateColumns,
    /// How they were made.
    pub kind: ReplicateKind,
    /// Fay's factor ρ, from 0 to below 1; 0 where there is none.
    pub rho: f64,
    /// Multiplies the sum of squares; none for what the kind gives.
    pub scale: Option<f64>,
    /// A scale for each replicate; none for 1.
    pub rscales: Option<Vec<f64>>,
    /// What deviations are taken from.
    pub centre: Centre,
    /// Degrees of freedom; none for the rank of the replicate weights less one.
    pub df: Option<f64>,
    /// True where the columns hold weights, false where they hold factors of the weight.
    pub combined: bool,
}

impl ReplicateDesign {
    /// The scale of the variance for a number of replicates.
    #[must_use]
    pub fn scale_of(&self, replicates: usize) -> f64 {
        let r = replicates as f64;
        self.scale.unwrap_or(match self.kind {
            ReplicateKind::HalfSamples => 1.0 / r,
            ReplicateKind::Fay => 1.0 / (r * (1.0 - self.rho).powi(2)),
            ReplicateKind::Jackknife if self.rscales.is_none() => (r - 1.0) / r,
            ReplicateKind::Bootstrap => 1.0 / (r - 1.0),
            ReplicateKind::SuccessiveDifferences => 4.0 / r,
            ReplicateKind::Jackknife | ReplicateKind::Other => 1.0,
        })
    }

    /// The columns of replicate weights among the columns of the files, each once.
    #[must_use]
    pub fn among<'a>(&'a self, headers: impl Iterator<Item = &'a str>) -> Vec<String> {
        match &self.columns {
            ReplicateColumns::Listed(names) => names.clone(),
            ReplicateColumns::Prefixed(prefix) => {
                let numbered =
                    |name: &&str| name.strip_prefix(prefix.as_str()).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
                let mut names: Vec<String> = Vec::new();
                let mut seen = std::collections::HashSet::new();
                headers.filter(numbered).filter(|n| seen.insert(*n)).for_each(|n| names.push(n.to_owned()));
                names
            }
        }
    }
}

/// The population of a stratum of the first stage: PSUs, or records where there are none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FiniteStratum {
    /// Units in the population.
    pub population: f64,
    /// Units in the data set.
    pub sampled: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    // R survey 4.1-1, svrepdesign: the scale of each type when none is given.
    #[test]
    fn scales_are_those_of_r_survey() {
        let design = |kind, rho, rscales| ReplicateDesign {
            columns: ReplicateColumns::Prefixed("rw".into()),
            kind,
            rho,
            scale: None,
            rscales,
            centre: Centre::Mean,
            df: None,
            combined: true,
        };
        for (kind, rho, rscales, wanted) in [
            (ReplicateKind::HalfSamples, 0.0, None, 0.0125),
            (ReplicateKind::Fay, 0.5, None, 0.05),
            (ReplicateKind::Jackknife, 0.0, None, 0.9875),
            (ReplicateKind::Jackknife, 0.0, Some(vec![0.5; 80]), 1.0),
            (ReplicateKind::Bootstrap, 0.0, None, 1.0 / 79.0),
            (ReplicateKind::SuccessiveDifferences, 0.0, None, 0.05),
        ] {
            let found = design(kind, rho, rscales).scale_of(80);
            assert!((found - wanted).abs() < 1e-15, "{kind:?} {found}");
        }
        let own = ReplicateDesign { scale: Some(0.3), ..design(ReplicateKind::HalfSamples, 0.0, None) };
        assert_eq!(own.scale_of(80), 0.3);
        assert_eq!(own.among(["rw1", "rw", "rwx", "id", "rw10", "rw1", "rw2"].into_iter()), ["rw1", "rw10", "rw2"]);
    }
}
