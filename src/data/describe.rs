//! The description of a data set: files, columns with their roles, code frame. A datasheet that a program can read.

use super::survey::SurveyDesign;

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Identifies a record; unique.
    Id,
    /// Free text that a coder reads.
    Text,
    /// A category that a coder may use.
    Category,
    /// A number that a coder may use.
    Number,
    /// The true code.
    Code,
    /// Survey weight: positive.
    Weight,
    /// Stratum of the sampling design.
    Stratum,
    /// Primary sampling unit, nested in the stratum.
    Psu,
    /// Size of the population of the record's stratum in units of the first stage, or the share of them that was sampled.
    Fpc,
    /// A variable that groups respondents.
    Group,
    /// A date: YYYY-MM-DD, YYYY-MM or YYYY.
    Date,
    /// A code given by one coder in double coding.
    Coder,
    /// A variable that a study may use to split the records.
    Split,
}

impl Role {
    /// All roles with their names in dataset files.
    pub const NAMES: [(&'static str, Role); 13] = [
        ("id", Role::Id),
        ("text", Role::Text),
        ("category", Role::Category),
        ("number", Role::Number),
        ("code", Role::Code),
        ("weight", Role::Weight),
        ("stratum", Role::Stratum),
        ("psu", Role::Psu),
        ("fpc", Role::Fpc),
        ("group", Role::Group),
        ("date", Role::Date),
        ("coder", Role::Coder),
        ("split", Role::Split),
    ];

    /// The role's name in dataset files.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, r)| *r == self).map_or("", |(n, _)| n)
    }
}

/// One described column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDescription {
    /// Its name in the files.
    pub name: String,
    /// Its roles; at least one.
    pub roles: Vec<Role>,
    /// Its label for readers.
    pub label: Option<String>,
    /// For texts: empty answers are allowed (they are coded from the other columns, or get the most frequent code).
    pub allow_empty: bool,
    /// Texts that stand for a missing value, besides the empty one.
    pub missing: Vec<String>,
}

/// A file whose columns are added to the records by a common key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// The file, relative to the description.
    pub path: String,
    /// The key column, in both.
    pub on: String,
}

/// One level of the code frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeLevel {
    /// Its name, e.g. "major group".
    pub name: String,
    /// Length of the prefix of a code that names its ancestor at this level, in characters.
    pub digits: usize,
}

/// The code frame: which codes exist, and how they nest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodeFrame {
    /// A CSV file of codes, relative to the description; none to take codes as they come.
    pub path: Option<String>,
    /// Its column of codes.
    pub code: String,
    /// Its column of labels.
    pub label: Option<String>,
    /// Levels, coarsest first, shorter than the full code; the full code is not listed.
    pub levels: Vec<CodeLevel>,
    /// The name of the full code's level, e.g. "unit group".
    pub full: String,
}

/// Character encoding of the CSV files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8, with or without a byte-order mark.
    #[default]
    Utf8,
    /// UTF-16 with a byte-order mark.
    Utf16,
    /// ISO 8859-1.
    Latin1,
}

/// The description of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetDescription {
    /// The description file, as the user named it.
    pub file: String,
    /// Folder that paths are relative to.
    pub folder: std::path::PathBuf,
    /// Title.
    pub title: String,
    /// Other descriptions in file order: source, licence, population, collection, period and so on.
    pub about: Vec<(String, String)>,
    /// Data files, CSV or Parquet by their ending, stacked in order; a column absent from a file is empty there.
    pub files: Vec<String>,
    /// Files joined by a key; they fill cells that are empty.
    pub joins: Vec<Join>,
    /// Encoding of the CSV files.
    pub encoding: Encoding,
    /// Field separator of the CSV files.
    pub delimiter: u8,
    /// The columns that matter; others are not read.
    pub columns: Vec<ColumnDescription>,
    /// The code frame.
    pub frame: CodeFrame,
    /// The survey design beyond the columns' roles.
    pub design: SurveyDesign,
}

impl DatasetDescription {
    /// The columns with a role, in file order.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &ColumnDescription> + '_ {
        self.columns.iter().filter(move |c| c.roles.contains(&role))
    }
}
