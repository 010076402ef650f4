//! The stages, named in order: prepare, train, predict, measure, judge, report.

mod again;
mod baseline;
mod brought;
mod compare;
mod conditions;
mod current;
mod elsewhere;
mod facts;
mod index;
mod init;
mod neighbours;
mod paired;
mod prepare;
mod price;
mod program;
mod publish;
mod render;
mod run;
mod saved;
mod site;
mod suspects;
mod tested;
mod tokens;
mod trials;
mod tuning;
mod why;

pub use again::{Judged, Pages, card_again, export_card, judge_again};
pub use brought::{brought, programs};
pub use compare::{CompareOptions, Compared, compare_again};
pub use init::init;
pub use prepare::{Origin, Prepared, prepare};
pub use program::{MeasureOptions, Measured, NotMeasured, measure_program};
pub use run::{Finished, Progress, RunOptions, run};
pub use site::{Indexed, index};
pub use why::{Asked, why};
