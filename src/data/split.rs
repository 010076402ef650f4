//! How the records are parted into training, tuning and test part.

use crate::value::Day;

/// The plan of a split.
#[derive(Debug, Clone, PartialEq)]
pub enum SplitPlan {
    /// By date: test from a day on; tuning from an earlier day on, or a random share of what is left.
    Date {
        /// The column with role date.
        column: String,
        /// First day of the test part.
        test_from: Day,
        /// First day of the tuning part; absent to draw `tune_share` of the training part.
        tune_from: Option<Day>,
        /// Share of the training part that tunes, when `tune_from` is absent.
        tune_share: f64,
    },
    /// By the values of a column.
    Column {
        /// The column.
        column: String,
        /// Its values for training.
        train: Vec<String>,
        /// Its values for tuning; empty to draw `tune_share` of the training part.
        tune: Vec<String>,
        /// Its values for testing.
        test: Vec<String>,
        /// Share of the training part that tunes, when `tune` is empty.
        tune_share: f64,
    },
    /// Whole groups (PSUs, respondents) at random.
    Group {
        /// The column whose values stay together.
        column: String,
        /// Share of the groups that test.
        test_share: f64,
        /// Share of the groups that tune.
        tune_share: f64,
    },
    /// Records at random within each true code.
    Random {
        /// Share of the records that test.
        test_share: f64,
        /// Share of the records that tune.
        tune_share: f64,
    },
}

/// The rows of each part, ascending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Split {
    /// Rows to fit on.
    pub train: Vec<u32>,
    /// Rows to tune and calibrate on.
    pub tune: Vec<u32>,
    /// Rows to test on; never seen by training or tuning.
    pub test: Vec<u32>,
}
