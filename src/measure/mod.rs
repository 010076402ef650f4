//! Evidence from predictions and design.

mod agreement;
mod answers;
mod by_code;
mod by_group;
mod coders;
mod design;
mod engine;
mod estimate;
mod evidence;
mod jackknife;
#[expect(clippy::module_inception, reason = "the stage's one public function lives in a file of its name")]
mod measure;
mod merge;
mod paired;
mod price;
mod replicated;
mod request;
mod sample;
mod tally;

pub use answers::Answers;
pub use coders::{DoubleCoding, double_coding};
pub use estimate::{Kind, Sampling, at_level};
pub use evidence::{
    CandidateFacts, Confusion, Contrast, DataFacts, EVIDENCE_FORMAT, Evidence, FileFacts, GroupCell, Measure, ReliabilityBin, RunFacts, StudyFacts, Versus,
};
pub use measure::{Measured, measure};
pub use paired::paired;
pub use price::cost_measures;
pub use request::{Grouping, LonelyPsu, Proportions, Request, Variance};
pub use sample::{NOT_STATED, Sample};
pub use tally::{Records, Tally};
