//! Tables, roles, designs and splits.

mod check;
mod column;
pub mod demonstration;
mod describe;
mod divide;
mod numbers;
mod quiet;
mod ranked;
mod read;
mod scan;
mod split;
mod survey;
mod table;

pub use column::{Factor, MISSING, Strings};
pub use describe::{CodeFrame, CodeLevel, ColumnDescription, DatasetDescription, Encoding, Join, Role};
pub use divide::divide;
pub use numbers::read_numbers;
pub(crate) use quiet::quietly;
pub use ranked::{Layout, Ranked, ranked, ranked_lines, ranked_text};
pub use read::{Dialect, OutputColumn, RawTable, headers, parquet_bytes, read};
pub use split::{Split, SplitPlan};
pub use survey::{FiniteStratum, ReplicateColumns, ReplicateDesign, ReplicateKind, SurveyDesign};
pub use table::{Table, assemble};
