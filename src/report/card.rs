//! The card as a view model: strings that are already formatted, and plot data that has passed disclosure control.

use super::facts::Facts;
use serde::{Deserialize, Serialize};

/// The format's name and version; a reader refuses any other.
pub const CARD_FORMAT: &str = "proofmark-card/1";

/// A model card, ready to be drawn: it computes nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// [`CARD_FORMAT`].
    pub format: String,
    /// Name and version of the program.
    pub program: String,
    /// Language of the strings, as in BCP 47.
    pub language: String,
    /// The study's title.
    pub study: String,
    /// The candidate's id.
    pub candidate: String,
    /// The candidate's name for readers.
    pub title: String,
    /// One line under the title: what it is.
    pub subtitle: String,
    /// The decision with its reasons.
    pub banner: Banner,
    /// The strip of headline figures.
    pub glance: Vec<Tile>,
    /// The same figures for the comparison of candidates.
    pub headline: Headline,
    /// Every finding, those that weigh most first: for exports, which name each gate.
    #[serde(default)]
    pub findings: Vec<Reason>,
    /// When its evidence was made, UTC, RFC 3339.
    #[serde(default)]
    pub evaluated: String,
    /// Months after signing at which the decision expires, if the policy says.
    #[serde(default)]
    pub valid_months: Option<u32>,
    /// The sections, in order.
    pub sections: Vec<Section>,
    /// The values behind it, for exports; empty in cards of earlier versions.
    #[serde(default)]
    pub facts: Facts,
    /// The same card in other languages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternates: Vec<Alternate>,
}

/// The same page in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alternate {
    /// The language, as in BCP 47.
    pub language: String,
    /// Its own name.
    pub name: String,
    /// Where the page is, relative to this one.
    pub href: String,
}

/// The decision with its reasons, in plain words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Banner {
    /// "deploy", "deploy-with-conditions", "reject", "undecided" or "floor": chooses colour and sign.
    pub kind: String,
    /// The decision in a few words.
    pub words: String,
    /// What the decision means, in a sentence.
    pub meaning: String,
    /// When the evidence was made, and that the decision is not signed.
    pub dated: String,
    /// Why: one finding a sentence.
    pub reasons: Vec<Reason>,
    /// Where the rest of the findings is, if some are left out here.
    pub more: Option<String>,
    /// What must hold if the model is deployed.
    pub conditions: Vec<String>,
}

/// A finding in a sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// "met", "not-met", "undecided" or "suppressed": chooses colour and sign.
    pub kind: String,
    /// The same in words.
    pub status: String,
    /// The finding.
    pub text: String,
    /// Why the bound is what it is, if the policy says.
    pub why: Option<String>,
    /// What it is about: the estimate without its value.
    #[serde(default)]
    pub subject: String,
    /// Id of the gate.
    #[serde(default)]
    pub gate: String,
    /// True when the gate can forbid deployment.
    #[serde(default)]
    pub forbids: bool,
}

/// One headline figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tile {
    /// What it is.
    pub label: String,
    /// The value, or "cannot tell" or "suppressed".
    pub value: String,
    /// Its interval, or why there is none.
    pub range: String,
    /// What to read with it.
    pub note: String,
    /// Id of the metric in the glossary.
    pub metric: String,
}

/// What the comparison of candidates shows of a card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Headline {
    /// True when the candidate only marks what can be had without learning.
    pub floor: bool,
    /// Cells of the comparison's table, in the order of its columns.
    pub cells: Vec<String>,
    /// Accuracy with its interval, if it may be shown.
    pub accuracy: Option<Point>,
    /// The group in which it is least often right, of those with a figure, with its accuracy.
    #[serde(default)]
    pub worst: Option<Row>,
    /// Records that its accuracy is of, in words.
    #[serde(default)]
    pub records: String,
    /// Processor seconds of training, if trained here.
    pub cpu_seconds: Option<f64>,
    /// Energy of a year, or of training where no year is projected, in joules with its range; the label says which.
    #[serde(default)]
    pub energy: Option<Row>,
    /// The machine and how well energy is known there: only figures of the same are compared.
    #[serde(default)]
    pub machine: String,
    /// Differences in accuracy from the other candidates.
    pub versus: Vec<Against>,
}

/// The difference of a candidate from another, as the comparison tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Against {
    /// Id of the other candidate.
    pub candidate: String,
    /// The difference with its interval, or why there is none.
    pub cell: String,
    /// What the records show, in words.
    pub shows: String,
    /// True when the whole interval is on one side of zero.
    pub decisive: bool,
    /// The p-value of the hypothesis that they do not differ.
    #[serde(default)]
    pub p: String,
    /// The difference in macro-F1.
    #[serde(default)]
    pub macro_f1: String,
    /// The difference in log loss.
    #[serde(default)]
    pub log_loss: String,
    /// The difference in energy, in words.
    #[serde(default)]
    pub energy: String,
    /// What the differences in accuracy and energy say together.
    #[serde(default)]
    pub worth: String,
    /// In which groups it is more and less often right, in words.
    #[serde(default)]
    pub groups: Option<String>,
}

/// One part of the card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its anchor: fixed, lower case with hyphens.
    pub id: String,
    /// Its heading.
    pub heading: String,
    /// What it holds.
    pub blocks: Vec<Block>,
    /// How to read it.
    pub reading: Option<String>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "content", rename_all = "kebab-case")]
pub enum Block {
    /// A heading inside the section.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A paragraph that must not be missed.
    Note(String),
    /// Sentences one below the other.
    List(Vec<String>),
    /// Findings one below the other.
    Findings(Vec<Reason>),
    /// Names with their values.
    Facts(Vec<(String, String)>),
    /// Metrics of the glossary.
    Glossary(Vec<Term>),
    /// A command or another text to copy.
    Code(String),
    /// A table.
    Table(Table),
    /// A plot with its table.
    Figure(Figure),
}

/// An entry of the glossary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Id of the metric.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its definition.
    pub definition: String,
    /// More: what it is called and what it says.
    pub facts: Vec<(String, String)>,
}

/// A table; the first cell of a row is its header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its caption.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows: as many cells as columns.
    pub rows: Vec<Vec<String>>,
    /// The words on the fold, if it is folded.
    pub folded: Option<String>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its heading.
    pub label: String,
    /// Id of its metric in the glossary.
    pub metric: Option<String>,
    /// True when it holds figures.
    pub figures: bool,
}

/// A plot with what stands beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Short name.
    pub title: String,
    /// What it shows, for a reader who does not see it.
    pub description: String,
    /// The plot.
    pub plot: Plot,
    /// The same figures as a table.
    pub table: Table,
}

/// What is plotted. All numbers are finite, and shares are in percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "content", rename_all = "kebab-case")]
pub enum Plot {
    /// A row for each item: a point with its interval.
    Intervals {
        /// Name of the axis, with its unit.
        axis: String,
        /// A value that all rows are compared with, and its name.
        reference: Option<(f64, String)>,
        /// The rows, from top to bottom.
        rows: Vec<Row>,
    },
    /// Points with an interval each in two dimensions.
    Points {
        /// Name of the horizontal axis, with its unit.
        x_axis: String,
        /// Name of the vertical axis, with its unit.
        y_axis: String,
        /// True when the horizontal axis is logarithmic; then every x is above zero.
        log_x: bool,
        /// True when a line joins the points.
        joined: bool,
        /// Name of the line y = x, if it is drawn.
        diagonal: Option<String>,
        /// The points; with a label where it is to be written beside the point.
        points: Vec<Point>,
    },
    /// A bar for each item.
    Bars {
        /// Name of the axis, with its unit.
        axis: String,
        /// The bars, from top to bottom: name, length, and the length in words.
        bars: Vec<(String, f64, String)>,
    },
    /// Counts of records by true and given code.
    Matrix {
        /// Name of the horizontal axis.
        axis: String,
        /// The true codes, from top to bottom: code, and code with label.
        rows: Vec<(String, String)>,
        /// The codes given, from left to right.
        columns: Vec<String>,
        /// Row by row; nothing where the count is hidden.
        cells: Vec<Vec<Option<Pair>>>,
    },
    /// Candidates by accuracy, accuracy in the worst group, and energy.
    Trade {
        /// Name of the horizontal axis, which is logarithmic, with its unit.
        x_axis: String,
        /// Name of the vertical axis, with its unit.
        y_axis: String,
        /// What the three signs are: of the whole, of the worst group, and of dominated candidates.
        legend: [String; 3],
        /// The candidates.
        points: Vec<Trade>,
    },
}

/// Records of one true and one given code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// How many, in words.
    pub count: String,
    /// Their share of the true code's records, with two decimals.
    pub share: f64,
    /// True where both codes are the same.
    pub same: bool,
}

/// A candidate by accuracy and energy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trade {
    /// Its name.
    pub label: String,
    /// Its energy, above zero.
    pub energy: f64,
    /// Accuracy of the whole, with its interval.
    pub accuracy: (f64, Option<(f64, f64)>),
    /// Accuracy of the worst group, with its interval.
    pub worst: Option<(f64, Option<(f64, f64)>)>,
    /// True when another candidate is at least as good in all three.
    pub dominated: bool,
}

/// One row of an interval plot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its name.
    pub label: String,
    /// The point.
    pub value: f64,
    /// Its interval, if it has one.
    pub interval: Option<(f64, f64)>,
}

/// A point in two dimensions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Horizontal.
    pub x: f64,
    /// Vertical.
    pub y: f64,
    /// Vertical interval, if it has one.
    pub interval: Option<(f64, f64)>,
    /// Written beside the point.
    pub label: Option<String>,
    /// True when it is the one to look at.
    pub marked: bool,
}
