//! Words on the steps of a candidate.

/// Heading of the part on steps.
pub const HEADING: &str = "Which step codes what";
/// Caption of the table of steps.
pub const CAPTION: &str = "Steps in the order in which they are asked";
/// The columns of the table of steps.
pub const COLUMNS: [&str; 4] = ["Step", "Records", "Share of all records", "Right among those"];
/// The row of records that no step codes.
pub const NO_STEP: &str = "no step: left to a clerk";
/// In place of how often records without a code are right.
pub const NONE_CODED: &str = "no code is given";
/// How to read the table.
pub const READING: &str = "Each record is coded by the first step that does not pass it on. Later steps get the records that earlier ones could not code, which are the harder ones, so a lower figure further down does not show a worse method.";
