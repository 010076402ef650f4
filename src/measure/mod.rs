//! Evidence from predictions and design.

mod agreement;
mod answers;
mod by_code;
mod by_group;
mod coders;
mod engine;
mod estimate;
mod evidence;
mod jackknife;
#[expect(clippy::module_inception, reason = "the stage's one public function lives in a file of its name")]
mod measure;
mod paired;
mod price;
mod request;
mod sample;
mod slices;
mod tally;

pub use answers::Answers;
pub use coders::{DoubleCoding, double_coding};
pub use estimate::{Kind, Sampling, at_level};
pub use evidence::{
    CandidateFacts, Confusion, Contrast, DataFacts, EVIDENCE_FORMAT, Evidence, FileFacts, GroupCell, Measure, ReliabilityBin, RunFacts, StudyFacts, Versus,
};
pub use measure::{Measured, measure};
pub use paired::{PairedBy, PairedTest, Scored, compare, reversed};
pub use price::cost_measures;
pub use request::{Grouping, LonelyPsu, Request};
pub use sample::{NOT_STATED, Sample};
pub use slices::{DEEPEST, Detectable, Slice, SliceSearch, SliceSettings, Slices};
pub use tally::{Records, Tally};
