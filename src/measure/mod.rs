//! Evidence from predictions and design.

mod agreement;
mod answers;
mod automation;
mod by_code;
mod by_group;
mod by_record;
mod calibrated;
mod choice;
mod coders;
mod engine;
mod estimate;
mod evidence;
#[cfg(test)]
mod fixture;
mod jackknife;
#[expect(clippy::module_inception, reason = "the stage's one public function lives in a file of its name")]
mod measure;
mod paired;
mod price;
mod remaining;
mod request;
mod sample;
mod settle;
mod suggestions;
mod tally;
mod tree;

pub use answers::Answers;
pub use automation::{AutomaticChoice, Automation, Choice, LevelChoice, Promise, Remaining, SUGGESTION_COVERAGE, Settled, Suggestions, Surety};
pub use choice::{choose, not_chosen};
pub use coders::{DoubleCoding, double_coding};
pub use estimate::{Kind, Sampling, at_level};
pub use evidence::{
    CandidateFacts, Confusion, Contrast, DataFacts, EVIDENCE_FORMAT, Evidence, FileFacts, GroupCell, Measure, ReliabilityBin, RunFacts, StudyFacts, Versus,
};
pub use measure::{Measured, measure};
pub use paired::paired;
pub use price::cost_measures;
pub use remaining::remaining;
pub use request::{Grouping, LonelyPsu, Request};
pub use sample::{NOT_STATED, Sample};
pub use settle::{Settlement, Tuned, settle};
pub use tally::{Records, Tally};
