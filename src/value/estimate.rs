//! An estimate with its uncertainty, or the reason why there is none.

use serde::{Deserialize, Serialize};

/// How an interval was computed; the name is printed beside the interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Wilson score interval, independent records (Wilson 1927, doi:10.1080/01621459.1927.10502953).
    Wilson,
    /// Clopper–Pearson exact interval (Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404).
    ClopperPearson,
    /// Korn–Graubard: Clopper–Pearson on the effective sample size of the design (Korn & Graubard 1998).
    KornGraubard,
    /// Newcombe's hybrid score interval for a difference of independent proportions (doi:10.1002/sim.4780170805).
    Newcombe,
    /// Estimate plus and minus Student's t times the standard error.
    StudentT,
    /// Estimate plus and minus Student's t times the standard error of a delete-one-unit jackknife (Rust & Rao 1996, doi:10.1177/096228029600500305).
    Jackknife,
    /// Estimate plus and minus Student's t times the standard error of a rescaled bootstrap of PSUs (Rao & Wu 1988, doi:10.1080/01621459.1988.10478591).
    Bootstrap,
    /// Estimate plus and minus Student's t times the standard error of balanced half-samples of PSUs (McCarthy 1969, doi:10.2307/1402116).
    HalfSamples,
    /// Estimate plus and minus Student's t times the standard error of the data set's own replicate weights (Rust & Rao 1996).
    ReplicateWeights,
    /// Student's t on the logit scale of a proportion (Korn & Graubard 1999; R survey `svyciprop(method = "logit")`).
    LogitT,
    /// Student's t on the logarithm of a ratio.
    LogT,
    /// Student's t on the square of the value, then the root.
    RootT,
    /// Student's t widened so that all pairs of groups are covered at once (Šidák 1967, doi:10.1080/01621459.1967.10482935).
    Simultaneous,
    /// Q-profile interval of a variance between groups, as standard deviations (Viechtbauer 2007, doi:10.1002/sim.2514).
    QProfile,
    /// Clopper–Pearson on the number of sampled clusters: used where the design's variance is zero.
    ZeroVariance,
    /// A plausible range (not a confidence interval), for measured or modelled cost.
    PlausibleRange,
}

impl Method {
    /// The method's name in words for a reader.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Wilson => "Wilson score",
            Self::ClopperPearson => "Clopper–Pearson",
            Self::KornGraubard => "Korn–Graubard (survey design)",
            Self::Newcombe => "Newcombe hybrid score",
            Self::StudentT => "linearisation, Student's t",
            Self::Jackknife => "jackknife, Student's t",
            Self::Bootstrap => "bootstrap of PSUs, Student's t",
            Self::HalfSamples => "half-samples of PSUs, Student's t",
            Self::ReplicateWeights => "replicate weights, Student's t",
            Self::LogitT => "Student's t on the logit scale",
            Self::RootT => "linearisation of the square, Student's t",
            Self::LogT => "linearisation on the log scale",
            Self::Simultaneous => "simultaneous over all pairs (Šidák)",
            Self::QProfile => "Q-profile",
            Self::ZeroVariance => "Clopper–Pearson on the number of clusters",
            Self::PlausibleRange => "plausible range, not a confidence interval",
        }
    }
}

/// Lower and upper bound of a two-sided interval at a confidence level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Lower bound, in the estimate's unit.
    pub lower: f64,
    /// Upper bound, in the estimate's unit.
    pub upper: f64,
    /// Confidence level, e.g. 0.95 (never alpha).
    pub level: f64,
    /// How it was computed.
    pub method: Method,
}

/// A value with everything needed to judge how well it is known.
///
/// No field is ever NaN or infinite: what cannot be computed is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// Its standard error under the declared design.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub se: Option<f64>,
    /// Its interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// Records that the estimate rests on (unweighted).
    pub n: u64,
    /// Effective number of records under the design.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_effective: Option<f64>,
    /// Sampled clusters with a record in the domain, where the design has clusters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psus: Option<u64>,
    /// Degrees of freedom of the standard error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub df: Option<f64>,
    /// Design effect: the variance over that of a simple random sample of the same size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub design_effect: Option<f64>,
}

/// Why a question has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// No record is in the domain.
    NoRecords,
    /// Fewer records than the study's minimum group size.
    TooFewRecords,
    /// The denominator is zero: nothing of that kind occurred.
    NothingToDivideBy,
    /// The candidate gave no confidences.
    NoConfidence,
    /// There are so few codes that the answer is known beforehand.
    TooFewCodes,
    /// The candidate gave fewer ranked codes than the metric needs.
    RankingTooShort,
    /// The candidate gave probabilities for some codes only.
    ProbabilitiesIncomplete,
    /// There are more codes than are examined.
    TooManyCodes,
    /// Codes are confused so that their shares cannot be told apart.
    IllConditioned,
    /// The code has no ancestor at that level.
    NoLevel,
    /// Only one sampled cluster or record: no variance can be estimated.
    NoReplication,
    /// Only one group has enough records.
    OneGroup,
    /// The quantity was not measured in this run.
    NotMeasured,
    /// The phase was too short to state a figure.
    TooShort,
}

/// A question without an answer: a value with its reason, never NaN and never 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undefined {
    /// The kind of reason.
    pub reason: Reason,
    /// The reason in words for a reader.
    pub why: String,
    /// Records in the domain.
    pub n: u64,
}

/// An estimate or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// There is an estimate.
    Estimate(Estimate),
    /// There is none, and why.
    Undefined(Undefined),
}

impl Outcome {
    /// An undefined outcome over `n` records.
    #[must_use]
    pub fn undefined(reason: Reason, why: impl Into<String>, n: u64) -> Self {
        Self::Undefined(Undefined { reason, why: why.into(), n })
    }

    /// The estimate, if there is one.
    #[must_use]
    pub fn estimate(&self) -> Option<&Estimate> {
        match self {
            Self::Estimate(e) => Some(e),
            Self::Undefined(_) => None,
        }
    }

    /// Records in the domain, whether or not there is an estimate.
    #[must_use]
    pub fn n(&self) -> u64 {
        match self {
            Self::Estimate(e) => e.n,
            Self::Undefined(u) => u.n,
        }
    }
}
