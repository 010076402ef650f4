//! Other formats of a card: an entry each in one table. All are made from the card, so whatever they tell has passed disclosure control.

mod annex_iv;
mod annotations;
mod csv;
mod cyclonedx;
mod estimates;
mod google;
mod hugging_face;
mod junit;
mod markdown;
mod registers;
mod sarif;
#[cfg(test)]
mod tests;
mod written;

use super::card::Card;
use super::locale::Words;
use super::marks;
use crate::value::{Class, Failure, Problem, nearest};

pub use written::Written;

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
    write: fn(&Card) -> Written,
}

/// All formats.
pub const EXPORTS: [Export; 15] = [
    Export {
        id: "markdown",
        what: "the whole card as text, its tables included",
        file: "card.md",
        reference: "CommonMark with tables (GitHub Flavored Markdown)",
        write: |c| Written::whole(markdown::card(c)),
    },
    Export {
        id: "summary",
        what: "decision, reasons and headline figures as Markdown that fits a comment on a change",
        file: "summary.md",
        reference: "CommonMark with tables (GitHub Flavored Markdown)",
        write: |c| Written::whole(markdown::summary(c)),
    },
    Export {
        id: "csv",
        what: "every cell of every table, one a row, for spreadsheets",
        file: "card.csv",
        reference: "RFC 4180; cells that a spreadsheet would run begin with an apostrophe",
        write: |c| Written::whole(csv::cells(c)),
    },
    Export {
        id: "junit",
        what: "a test case for the decision and for each finding, for CI servers",
        file: "junit.xml",
        reference: "JUnit XML as read by Jenkins, GitLab and Azure Pipelines",
        write: |c| Written::whole(junit::suites(c)),
    },
    Export {
        id: "sarif",
        what: "a result for each finding, for code scanning",
        file: "proofmark.sarif",
        reference: "OASIS SARIF 2.1.0",
        write: |c| Written::whole(sarif::log(c)),
    },
    Export {
        id: "github",
        what: "annotations for GitHub Actions: print them in a job",
        file: "annotations.txt",
        reference: "workflow commands of GitHub Actions",
        write: |c| Written::whole(annotations::github(c)),
    },
    Export {
        id: "gitlab",
        what: "a code quality report for GitLab",
        file: "gl-code-quality-report.json",
        reference: "GitLab's code quality report format",
        write: |c| Written::whole(annotations::gitlab(c)),
    },
    Export {
        id: "estimates",
        what: "every estimate with interval and records, one a row, for other programs",
        file: "estimates.csv",
        reference: "RFC 4180, tidy data",
        write: |c| Written::whole(estimates::tidy(c)),
    },
    Export {
        id: "google",
        what: "a model card of the Model Card Toolkit",
        file: "model_card.json",
        reference: "Model Card Toolkit’s schema 0.0.2",
        write: google::card,
    },
    Export {
        id: "hugging-face",
        what: "a README for the Hugging Face hub, with model-index",
        file: "README.md",
        reference: "Hugging Face’s model cards",
        write: hugging_face::readme,
    },
    Export {
        id: "eval-results",
        what: "the overall figures for the Hugging Face hub",
        file: "eval_results.yaml",
        reference: "Hugging Face’s .eval_results",
        write: hugging_face::results,
    },
    Export {
        id: "cyclonedx",
        what: "a machine-learning bill of materials with findings, energy and intervals",
        file: "model.cdx.json",
        reference: "CycloneDX 1.7",
        write: cyclonedx::bom,
    },
    Export {
        id: "atrs",
        what: "a draft for the UK’s transparency record; voluntary",
        file: "atrs.json",
        reference: "Algorithmic Transparency Recording Standard 1.1",
        write: registers::atrs,
    },
    Export {
        id: "algoritmeregister",
        what: "a draft for the Dutch register of algorithms",
        file: "algoritmeregister.json",
        reference: "Algoritmeregister 1.0",
        write: registers::algoritmeregister,
    },
    Export {
        id: "annex-iv",
        what: "technical documentation under the headings of the EU’s AI Act; voluntary",
        file: "annex_iv.md",
        reference: "Regulation (EU) 2024/1689, Annex IV",
        write: annex_iv::document,
    },
];

/// A card in the format of that name.
///
/// # Errors
/// A name that no format has.
pub fn export(card: &Card, id: &str) -> Result<Written, Failure> {
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
