//! The stages, named in order: prepare, train, predict, measure, judge, report.

mod again;
mod baseline;
mod brought;
mod conditions;
mod elsewhere;
mod init;
mod prepare;
mod price;
mod program;
mod publish;
mod run;
mod same_records;
mod suspects;
mod tuning;

pub use again::{Judged, card_again, export_card, judge_again};
pub use brought::{brought, programs};
pub use init::init;
pub use prepare::{Origin, Prepared, prepare};
pub use program::{MeasureOptions, Measured, NotMeasured, measure_program};
pub use run::{Finished, Progress, RunOptions, run};
