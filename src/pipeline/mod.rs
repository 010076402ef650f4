//! The stages, named in order: prepare, train, predict, measure, judge, report.

mod again;
mod brought;
mod conditions;
mod elsewhere;
mod init;
mod prepare;
mod publish;
mod run;
mod suspects;
mod tuning;

pub use again::{Judged, card_again, judge_again};
pub use brought::{brought, programs};
pub use init::init;
pub use prepare::{Origin, Prepared, prepare};
pub use run::{Finished, Progress, RunOptions, run};
