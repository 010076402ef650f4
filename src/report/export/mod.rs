//! Other formats of a card: an entry each in one table. All are made from the card, so whatever they tell has passed disclosure control.

mod annotations;
mod csv;
mod junit;
mod markdown;
mod sarif;
#[cfg(test)]
mod tests;

use super::card::Card;
use super::locale::Words;
use super::marks;
use crate::value::{Class, Failure, Problem, nearest};

/// A format that a card can be exported to.
#[derive(Debug, Clone, Copy)]
pub struct Export {
    /// Its name on the command line.
    pub id: &'static str,
    /// What it is, and who reads it.
    pub what: &'static str,
    /// The usual name of its file.
    pub file: &'static str,
    /// Where the format is defined.
    pub reference: &'static str,
    write: fn(&Card) -> String,
}

/// All formats.
pub const EXPORTS: [Export; 7] = [
    Export {
        id: "markdown",
        what: "the whole card as text, its tables included",
        file: "card.md",
        reference: "CommonMark with tables (GitHub Flavored Markdown)",
        write: markdown::card,
    },
    Export {
        id: "summary",
        what: "decision, reasons and headline figures as Markdown that fits a comment on a change",
        file: "summary.md",
        reference: "CommonMark with tables (GitHub Flavored Markdown)",
        write: markdown::summary,
    },
    Export {
        id: "csv",
        what: "every cell of every table, one a row, for spreadsheets",
        file: "card.csv",
        reference: "RFC 4180; cells that a spreadsheet would run begin with an apostrophe",
        write: csv::cells,
    },
    Export {
        id: "junit",
        what: "a test case for the decision and for each finding, for CI servers",
        file: "junit.xml",
        reference: "JUnit XML as read by Jenkins, GitLab and Azure Pipelines",
        write: junit::suites,
    },
    Export { id: "sarif", what: "a result for each finding, for code scanning", file: "proofmark.sarif", reference: "OASIS SARIF 2.1.0", write: sarif::log },
    Export {
        id: "github",
        what: "annotations for GitHub Actions: print them in a job",
        file: "annotations.txt",
        reference: "workflow commands of GitHub Actions",
        write: annotations::github,
    },
    Export {
        id: "gitlab",
        what: "a code quality report for GitLab",
        file: "gl-code-quality-report.json",
        reference: "GitLab's code quality report format",
        write: annotations::gitlab,
    },
];

/// A card in the format of that name.
///
/// # Errors
/// A name that no format has.
pub fn export(card: &Card, id: &str) -> Result<String, Failure> {
    if let Some(found) = EXPORTS.iter().find(|e| e.id == id) {
        return Ok((found.write)(card));
    }
    let problem = Problem::new(Class::Usage, format!("there is no export format `{id}`"));
    Err(match nearest(id, EXPORTS.iter().map(|e| e.id)) {
        Some(near) => problem.remedy(format!("did you mean `{near}`?")),
        None => problem.remedy(format!("the formats are: {}", EXPORTS.map(|e| e.id).join(", "))),
    }
    .into())
}

/// The words of a format, in the card's language where that is built in.
fn words(card: &Card) -> &'static Words {
    Words::built_in(&card.language).unwrap_or_else(Words::english)
}

/// Text on one line: control characters become spaces, and characters that turn the direction of text are left out.
fn line(text: &str) -> String {
    let turned = |c: &char| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    marks::plain(text).chars().filter(turned).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
