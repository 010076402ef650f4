//! Study, dataset, model and policy files: read into typed structures, with every problem at once, each with line, caret and remedy.
//!
//! ```text
//! text ── source ──▶ tree with places ── table, value ──▶ keys one by one ── study, dataset, candidate, policy ──▶ Study, or all problems
//! ```
//!
//! Nothing here touches the disk: texts come through [`Files`]. Unknown keys are errors. Paths are relative to the file that names them.

mod brought;
mod candidate;
mod columns;
mod cost;
mod dataset;
mod family;
mod gate;
mod grouping;
mod language;
mod office;
mod path;
mod policy;
mod protection;
mod request;
mod settings;
mod sink;
mod slices;
mod source;
mod split;
mod study;
mod survey;
mod table;
mod templates;
#[cfg(test)]
mod tests;
mod totals;
mod tune;
mod value;

pub use candidate::Candidate;
pub use columns::check_columns;
pub use cost::CostSettings;
pub use language::Language;
pub use path::tidy;
pub use policy::policy;
pub use study::{COLLECTION, PEOPLE, PURPOSE, Reference, Study, load};
pub use templates::templates;

use crate::value::Problem;
use std::path::Path;

/// Reads files for the spec; `store` implements it on disk, and the embedded demonstration in memory.
/// Paths may hold `..`; [`tidy`] takes it away where there are no links.
pub trait Files {
    /// The text of a file, with a byte-order mark if it has one, so that digests agree with the file.
    ///
    /// # Errors
    /// When the file cannot be read or is not UTF-8.
    #[allow(clippy::result_large_err, reason = "called a few times a run, and a problem is what it is")]
    fn text(&self, path: &Path) -> Result<String, Problem>;

    /// True when there is a file.
    fn exists(&self, path: &Path) -> bool;

    /// The name beside a missing file that is most like its own, if one is like enough.
    fn near(&self, _path: &Path) -> Option<String> {
        None
    }
}
