//! Evidence: the facts about one candidate, as stored. It has numbers and never says "good".

use super::automation::{AutomaticChoice, Remaining, Suggestions, Surety};
use super::comparison::{Contrast, Spread};
use super::confused::LevelConfusions;
use super::gain::Gain;
use super::paired::PairedTest;
use super::protection::{Protection, Withheld};
use super::published::Published;
use super::slices::Slices;
use super::steps::StepFacts;
use super::tokens::Tokens;
use super::trials::{TrialCost, Trials};
use crate::cost::{Host, PhaseCost, Terms};
use crate::value::Outcome;
use serde::{Deserialize, Serialize};

/// The format's name and version; a reader refuses any other.
pub const EVIDENCE_FORMAT: &str = "proofmark-evidence/1";

/// Everything measured for one candidate of a study. The same study on the same data gives the same bytes, except in `run`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// [`EVIDENCE_FORMAT`].
    pub format: String,
    /// Name and version of the program.
    pub program: String,
    /// What was asked.
    pub study: StudyFacts,
    /// What was asked about.
    pub candidate: CandidateFacts,
    /// The records it was asked on.
    pub data: DataFacts,
    /// The estimates, tidy: one an entry.
    pub measures: Vec<Measure>,
    /// How much groups really differ in accuracy, a grouping an entry; empty without groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spreads: Vec<Spread>,
    /// Stated confidence against the share that is right, bin by bin; empty without confidences.
    pub reliability: Vec<ReliabilityBin>,
    /// The most frequent errors, largest weight first.
    pub confusions: Vec<Confusion>,
    /// The same at the coarser code levels; absent without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confused: Vec<LevelConfusions>,
    /// Published shares and totals; absent in evidence of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// What confidence is; absent for the confidence of the first code.
    #[serde(default, skip_serializing_if = "Surety::is_top")]
    pub surety: Surety,
    /// How the threshold for coding without a clerk was chosen, where the policy asks for a promise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatic: Option<AutomaticChoice>,
    /// The rule for the clerk's list of suggestions, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestions: Option<Suggestions>,
    /// What is coded without a clerk under the decision's conditions, where these send some records to clerks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining: Option<Remaining>,
    /// What each step of a candidate with steps codes; empty without steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepFacts>,
    /// Combinations of groups in which it is right markedly less often; absent where none were searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slices: Option<Slices>,
    /// What it looks at in texts; absent where it makes nothing of words, or they were not examined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
    /// Settings that were tried before training; absent where none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuning: Option<Trials>,
    /// What the cards of all candidates of the run hide.
    #[serde(default, skip_serializing_if = "Withheld::is_empty")]
    pub withheld: Withheld,
    /// What a reader must know to read the estimates, e.g. true codes never seen in training.
    pub notes: Vec<String>,
    /// Clocks, host and measured cost: the only part that differs between two runs.
    pub run: RunFacts,
}

fn english() -> Vec<String> {
    vec!["en".into()]
}

fn is_english(languages: &[String]) -> bool {
    languages == ["en"]
}

/// The study, as far as the evidence needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudyFacts {
    /// Title.
    pub title: String,
    /// The languages of its pages, as in BCP 47; the first is that of its own texts. English alone in evidence of earlier versions.
    #[serde(default = "english", skip_serializing_if = "is_english")]
    pub languages: Vec<String>,
    /// The purpose: key and answer, in the order of the study file, e.g. ("better_off", "…").
    pub purpose: Vec<(String, String)>,
    /// The five collection factors: trust, consent, power, transparency, inclusivity, with what the study says of each.
    pub collection: Vec<(String, String)>,
    /// Who answers for it: (role, name), e.g. ("owner", "…").
    pub people: Vec<(String, String)>,
    /// SHA-256 of the study file, in hexadecimal.
    pub digest: String,
    /// The confidence level of the intervals.
    pub level: f64,
    /// Groups with fewer test records than this get no estimate.
    pub minimum_group: u64,
    /// The root seed.
    pub seed: u64,
    /// Id of the candidate that is in production now, if the study says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// Records coded in a year, for projections, if the study says.
    pub annual_records: Option<u64>,
    /// Trainings a year, for projections, if the study says.
    pub retrainings_per_year: Option<f64>,
    /// Factors and prices for carbon and money, if the study gives any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// What disclosure control keeps to.
    #[serde(default, skip_serializing_if = "Protection::is_default")]
    pub protection: Protection,
    /// Command that reproduces the evidence.
    pub command: String,
}

/// The candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidateFacts {
    /// Its id in the study; also the name of its folder of results.
    pub id: String,
    /// Its name for readers.
    pub name: String,
    /// The recipe's kind, e.g. "linear".
    pub kind: String,
    /// True when it only marks what can be had without learning; it is judged but never recommended.
    pub floor: bool,
    /// Who owns the model.
    pub owner: Option<String>,
    /// What it is meant for.
    pub intended_use: Option<String>,
    /// What it is not meant for.
    pub out_of_scope: Option<String>,
    /// Settings of the recipe: (name, value).
    pub settings: Vec<(String, String)>,
    /// Facts about the fitted model: (name, value).
    pub facts: Vec<(String, String)>,
    /// SHA-256 of the recipe's file, or of the predictions file, in hexadecimal.
    pub digest: String,
    /// The fitted model as it was saved; absent where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<SavedFacts>,
}

/// A model that was saved, or that was saved before and loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedFacts {
    /// SHA-256 of its `model.toml`, which vouches for its other files, in hexadecimal.
    pub digest: String,
    /// Bytes of all its files.
    pub bytes: u64,
}

/// The data set, its split and its design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataFacts {
    /// Title.
    pub title: String,
    /// Other descriptions: (name, text), e.g. ("licence", "…"), in the order of the description file.
    pub description: Vec<(String, String)>,
    /// The files read.
    pub files: Vec<FileFacts>,
    /// Records read.
    pub records: u64,
    /// Records without a true code: in no part.
    pub unlabelled: u64,
    /// Records in the training part.
    pub train: u64,
    /// Records in the tuning part.
    pub tune: u64,
    /// Records in the test part.
    pub test: u64,
    /// SHA-256 of the ids and true codes of the test part, in the order of the ids: evidence with the same is of the same records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_digest: Option<String>,
    /// How the parts were made, in words.
    pub split: String,
    /// The sampling design of the test part, in words.
    pub design: String,
    /// Strata in the test part, if the design has any.
    pub strata: Option<u64>,
    /// PSUs in the test part, if the design has any.
    pub psus: Option<u64>,
    /// Sum of weights of the test part, if weighted.
    pub weight_sum: Option<f64>,
    /// Codes that occur in training, and in the code frame if there is one.
    pub codes_trained: u64,
    /// Codes in the code frame at its finest level.
    pub codes_in_frame: Option<u64>,
    /// Names of the code levels, coarsest first; the last is the full code.
    pub code_levels: Vec<String>,
    /// Labels of the group variables: (variable, label), sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variable_labels: Vec<(String, String)>,
    /// Labels of the codes that occur in `measures` and `confusions`: (code, label), sorted.
    pub code_labels: Vec<(String, String)>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileFacts {
    /// Name without folders.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub digest: String,
}

/// A group of respondents: one value of each of its variables.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupCell {
    /// The variables, e.g. ["sex", "age_band"].
    pub variables: Vec<String>,
    /// The value of each.
    pub values: Vec<String>,
}

/// Another candidate of the study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Versus {
    /// Its id.
    pub candidate: String,
    /// Its name for readers.
    pub name: String,
    /// The test that the two do not differ in this; absent where it cannot be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<PairedTest>,
}

/// One estimate, with what it is of. The fields that do not apply are absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Id in the registry of metrics.
    pub metric: String,
    /// The code level, for metrics at a level; absent for the full code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_level: Option<String>,
    /// The code, for metrics of one code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The confidence threshold, for metrics at one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// The group; absent for the whole test part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupCell>,
    /// The comparison between groups, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contrast: Option<Contrast>,
    /// The other candidate, for differences from another candidate on the same records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versus: Option<Versus>,
    /// The estimate, or why there is none.
    pub outcome: Outcome,
}

/// One bin of confidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReliabilityBin {
    /// Lower edge of the bin.
    pub lower: f64,
    /// Upper edge of the bin; only the last bin includes it.
    pub upper: f64,
    /// Weighted mean confidence of the records in it; absent when empty.
    pub mean_confidence: Option<f64>,
    /// Share of the weight that is in the bin.
    pub share: f64,
    /// Accuracy of the records in it.
    pub accuracy: Outcome,
}

/// A frequent error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confusion {
    /// True code.
    pub truth: String,
    /// Code given instead.
    pub predicted: String,
    /// Records (unweighted).
    pub n: u64,
    /// Records with that true code (unweighted).
    pub n_truth: u64,
    /// Share of the true code's weight that is coded so.
    pub share_of_truth: f64,
    /// Of the records with that true code, those coded right (unweighted).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_right: Option<u64>,
    /// Records given that code (unweighted).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_given: Option<u64>,
    /// Of these, those for which it is the true code (unweighted).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_given_right: Option<u64>,
}

/// What differs from run to run: clocks, host, cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunFacts {
    /// When the run began, UTC, RFC 3339.
    pub started: String,
    /// The machine.
    pub host: Host,
    /// Threads used.
    pub threads: u64,
    /// The candidate's own phases, in order.
    pub phases: Vec<PhaseCost>,
    /// Phases that all candidates share (read).
    pub shared: Vec<PhaseCost>,
    /// Cost estimates that gates can cite (ids of scope cost), with their ranges.
    pub cost: Vec<Measure>,
    /// What making the candidate's codes elsewhere cost, where a cost file is cited; `cost` is of it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cited: Option<CitedCost>,
    /// What accuracy gained over the other candidates costs in energy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gains: Vec<Gain>,
    /// What each trial of tuning cost, in the order of the trials; empty where none were made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trials: Vec<TrialCost>,
}

/// A cost file that a candidate cites.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitedCost {
    /// Name of the file without folders.
    pub file: String,
    /// Its digest.
    pub digest: String,
    /// When it was measured, UTC, RFC 3339.
    pub measured: String,
    /// The machine it was measured on.
    pub host: Host,
    /// The phases measured there.
    pub phases: Vec<PhaseCost>,
}

impl RunFacts {
    /// The machine and the phases that the costs of making the model are of: those of the cost file where one is cited.
    #[must_use]
    pub fn metered(&self) -> (&Host, &[PhaseCost]) {
        self.cited.as_ref().map_or((&self.host, &self.phases), |c| (&c.host, &c.phases))
    }
}

impl Evidence {
    /// The measures of a metric for the whole test part at the full code, without code, threshold, group or contrast.
    #[must_use]
    pub fn overall(&self, metric: &str) -> Option<&Measure> {
        self.measures
            .iter()
            .chain(&self.run.cost)
            .find(|m| m.metric == metric && m.code_level.is_none() && m.code.is_none() && m.threshold.is_none() && m.group.is_none() && m.contrast.is_none())
    }
}
