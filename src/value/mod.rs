//! Units, identifiers and results that every stage shares: estimates, undefined values, problems, dates, random streams.

mod date;
mod digest;
mod estimate;
mod number;
mod problem;
mod random;

pub use date::Day;
pub use digest::digest;
pub use estimate::{Estimate, Interval, Method, Outcome, Reason, Undefined};
pub use number::grouped;
pub use problem::{Class, Failure, Place, Problem, nearest};
pub use random::Stream;
