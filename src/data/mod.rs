//! Tables, roles, designs and splits.

mod column;
pub mod demonstration;
mod describe;
mod divide;
mod quiet;
mod read;
mod scan;
mod split;
mod table;

pub use column::{Factor, MISSING, Strings};
pub use describe::{CodeFrame, CodeLevel, ColumnDescription, DatasetDescription, Encoding, Join, Role};
pub use divide::divide;
pub use read::{Dialect, OutputColumn, RawTable, headers, parquet_bytes, read};
pub use split::{Split, SplitPlan};
pub use table::{Table, assemble};
