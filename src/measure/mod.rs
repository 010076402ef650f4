//! Evidence from predictions and design.

mod agreement;
mod answers;
mod automation;
mod baseline;
mod by_code;
mod by_group;
mod by_record;
mod calibrated;
mod choice;
mod coders;
mod comparison;
mod confused;
mod design;
mod engine;
mod estimate;
mod evidence;
mod fairness;
#[cfg(test)]
mod fixture;
mod gain;
mod jackknife;
#[expect(clippy::module_inception, reason = "the stage's one public function lives in a file of its name")]
mod measure;
mod merge;
mod money;
mod paired;
mod price;
mod protection;
mod publish;
mod publish_area;
mod publish_measures;
mod publish_test;
mod published;
mod remaining;
mod replicated;
mod request;
mod sample;
mod settle;
mod slices;
mod steps;
mod suggestions;
mod summed;
mod suspects;
mod tally;
mod tokens;
mod totals_request;
mod tree;
mod trials;

pub use answers::Answers;
pub use automation::{AutomaticChoice, Automation, Choice, LevelChoice, Promise, Remaining, SUGGESTION_COVERAGE, Settled, Suggestions, Surety};
pub use baseline::{BASELINE, unpaired};
pub use choice::{choose, not_chosen};
pub use coders::{DoubleCoding, double_coding};
pub use comparison::{Contrast, Detail, FTest, Ranked, Spread, Support, Within};
pub use confused::LevelConfusions;
pub use estimate::{Kind, Sampling, at_level};
pub use evidence::{
    CandidateFacts, CitedCost, Confusion, DataFacts, EVIDENCE_FORMAT, Evidence, FileFacts, GroupCell, Measure, ReliabilityBin, RunFacts, SavedFacts,
    StudyFacts, Versus,
};
pub use gain::{Finding, Gain, Priced, gains};
pub use measure::{Measured, measure};
pub use money::{Saved, Told, saved};
pub use paired::{PairedBy, PairedTest, Scored, compare, reversed};
pub use price::{Plan, break_even, cost_measures};
pub use protection::{MINIMUM_CELL, PROFILES, Profile, Protection, Withheld, WithheldCell, WithheldCode, WithheldFigure};
pub use publish::{Uncoded, publish, target_rows};
pub use publish_measures::counting_measures;
pub use published::{Area, CodeFigures, ErrorRates, Published, TargetFacts, Tested};
pub use remaining::remaining;
pub use request::{Grouping, LonelyPsu, Proportions, Request, Variance};
pub use sample::{Control, NOT_STATED, Sample};
pub use settle::{Settlement, Tuned, settle};
pub use slices::{DEEPEST, Detectable, Slice, SliceSearch, SliceSettings, Slices};
pub use steps::{StepFacts, step_facts};
pub use suspects::{Suspect, suspect_labels};
pub use tally::{Records, Tally};
pub use tokens::{CodeTokens, FEWEST_RECORDS, GroupTokens, ProxyToken, StrongToken, TokenQuestion, Tokens, tokens};
pub use totals_request::Totals;
pub use trials::{TrialCost, Trials};
