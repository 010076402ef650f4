//! Evidence from predictions and design.

mod agreement;
mod answers;
mod by_code;
mod by_group;
mod coders;
mod comparison;
mod engine;
mod estimate;
mod evidence;
mod fairness;
mod jackknife;
#[expect(clippy::module_inception, reason = "the stage's one public function lives in a file of its name")]
mod measure;
mod paired;
mod price;
mod request;
mod sample;
mod tally;

pub use answers::Answers;
pub use coders::{DoubleCoding, double_coding};
pub use comparison::{Contrast, Detail, FTest, Ranked, Spread, Support, Within};
pub use estimate::{Kind, Sampling, at_level};
pub use evidence::{
    CandidateFacts, Confusion, DataFacts, EVIDENCE_FORMAT, Evidence, FileFacts, GroupCell, Measure, ReliabilityBin, RunFacts, StudyFacts, Versus,
};
pub use measure::{Measured, measure};
pub use paired::paired;
pub use price::cost_measures;
pub use request::{Grouping, LonelyPsu, Request};
pub use sample::{Control, NOT_STATED, Sample};
pub use tally::{Records, Tally};
