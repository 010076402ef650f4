//! What went wrong, where, and what to do about it: the error type of every stage.

use std::fmt;

/// The kind of a problem; all but `NotInForce` end in exit code 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Wrong arguments on the command line.
    Usage,
    /// The study, dataset, model or policy file is wrong.
    Study,
    /// The data are wrong.
    Data,
    /// A model or its output is wrong or not to be trusted.
    Model,
    /// The machine said no: a missing or unreadable file, a full disk, no permission.
    Environment,
    /// A defect of this program.
    Internal,
    /// A decision that is unsigned, expired or no longer matches its evidence (exit code 4).
    NotInForce,
}

impl Class {
    /// The class in one word, as printed in messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Study => "study",
            Self::Data => "data",
            Self::Model => "model",
            Self::Environment => "environment",
            Self::Internal => "internal",
            Self::NotInForce => "not in force",
        }
    }
}

/// Where a problem is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The file as the user named it.
    pub file: String,
    /// Line in the file, from 1.
    pub line: Option<usize>,
    /// Character in the line, from 1.
    pub column: Option<usize>,
    /// How many characters the caret underlines.
    pub width: usize,
    /// The text of that line, for study files only: never a line of data.
    pub source: Option<String>,
    /// Other words for the place: a record's row, a column's name.
    pub within: Option<String>,
}

/// One problem: message, place and remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its kind.
    pub class: Class,
    /// What is wrong: lower case, no full stop, never the text of a record.
    pub message: String,
    /// Where.
    pub place: Option<Box<Place>>,
    /// What to do next.
    pub remedy: Option<String>,
}

impl Problem {
    /// A problem of a class with a message.
    #[must_use]
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), place: None, remedy: None }
    }

    /// Adds the file it is in.
    #[must_use]
    pub fn file(mut self, file: impl Into<String>) -> Self {
        self.place.get_or_insert_default().file = file.into();
        self
    }

    /// Adds the line, from 1.
    #[must_use]
    pub fn line(mut self, line: usize) -> Self {
        self.place.get_or_insert_default().line = Some(line);
        self
    }

    /// Adds other words for the place, e.g. "record 12, column weight".
    #[must_use]
    pub fn within(mut self, within: impl Into<String>) -> Self {
        self.place.get_or_insert_default().within = Some(within.into());
        self
    }

    /// Adds the whole place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(Box::new(place));
        self
    }

    /// Adds the remedy.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error ({}): {}", self.class.word(), self.message)?;
        if let Some(place) = &self.place {
            write!(f, "\n  --> {}", place.file)?;
            if let Some(line) = place.line {
                write!(f, ":{line}")?;
                if let Some(column) = place.column {
                    write!(f, ":{column}")?;
                }
            }
            if let Some(within) = &place.within {
                write!(f, " ({within})")?;
            }
            if let (Some(line), Some(source)) = (place.line, &place.source) {
                let number = line.to_string();
                let margin = " ".repeat(number.len());
                write!(f, "\n{margin} |\n{number} | {source}")?;
                if let Some(column) = place.column {
                    let before: String = source.chars().take(column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
                    write!(f, "\n{margin} | {before}{}", "^".repeat(place.width.max(1)))?;
                }
            }
        }
        if let Some(remedy) = &self.remedy {
            write!(f, "\n  help: {remedy}")?;
        }
        Ok(())
    }
}

/// All the problems that stopped a stage; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The problems, in the order found.
    pub problems: Vec<Problem>,
}

impl Failure {
    /// A failure of several problems; an empty list is a defect and says so.
    #[must_use]
    pub fn of(problems: Vec<Problem>) -> Self {
        if problems.is_empty() {
            return Problem::new(Class::Internal, "a stage failed without saying why").into();
        }
        Self { problems }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            if i > 0 {
                f.write_str("\n\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

/// The candidate nearest to `name` by edit distance, if near enough to suggest: "did you mean".
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        .map(|c| (distance(&lower, &c.to_lowercase()), c))
        .min()
        .filter(|(d, c)| *d <= 1 + name.chars().count().min(c.chars().count()) / 3)
        .map(|(_, c)| c)
}

/// Damerau–Levenshtein distance in its optimal string alignment form.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let substitute = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitute.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_the_nearest_name_and_nothing_far() {
        assert_eq!(nearest("thresold", ["threshold", "level"]), Some("threshold"));
        assert_eq!(nearest("regoin", ["region", "sex"]), Some("region"));
        assert_eq!(nearest("colour", ["weight", "psu"]), None);
    }

    #[test]
    fn shows_the_line_with_a_caret() {
        let place = Place { file: "study.toml".into(), line: Some(12), column: Some(3), width: 4, source: Some("  levl = 0.9".into()), within: None };
        let text = Problem::new(Class::Study, "unknown key `levl`").at(place).remedy("did you mean `level`?").to_string();
        assert_eq!(text, "error (study): unknown key `levl`\n  --> study.toml:12:3\n   |\n12 |   levl = 0.9\n   |   ^^^^\n  help: did you mean `level`?");
    }
}
