//! What every section is made from: the two inputs, disclosure control, and how estimates and their subjects are put in words.

use crate::judge::{Verdict, automatic_threshold};
use crate::measure::{Contrast, Evidence, GroupCell, Measure};
use crate::metric::find;
use crate::report::card::{Column, Row, Table};
use crate::report::disclosure::{Disclosure, Shown};
use crate::report::format::{plotted, plotted_bounds};
use crate::report::locale::{Words, say};
use crate::report::marks;
use crate::report::words;
use crate::value::Estimate;
use std::collections::BTreeMap;

/// The inputs with what is looked up in them.
pub struct Source<'a> {
    /// The facts.
    pub evidence: &'a Evidence,
    /// The judgement.
    pub verdict: &'a Verdict,
    /// The gate that estimates pass.
    pub disclosure: Disclosure,
    /// The page's language.
    pub words: &'a Words,
    labels: BTreeMap<&'a str, &'a str>,
    variables: BTreeMap<&'a str, &'a str>,
    /// The language of the study's texts where it is not the page's.
    foreign: Option<String>,
}

impl<'a> Source<'a> {
    /// Looks up what is needed.
    pub fn new(evidence: &'a Evidence, verdict: &'a Verdict, words: &'a Words) -> Self {
        let labels = evidence.data.code_labels.iter().map(|(code, label)| (code.as_str(), label.as_str())).collect();
        let variables = evidence.data.variable_labels.iter().map(|(variable, label)| (variable.as_str(), label.as_str())).collect();
        let texts = evidence.study.languages.first().map_or("en", String::as_str);
        let foreign = (texts != words.tag()).then(|| texts.to_owned());
        Self { evidence, verdict, words, disclosure: Disclosure::of(evidence, automatic_threshold(&verdict.policy, evidence)), labels, variables, foreign }
    }

    /// A text of the study: marked with the study's language where that is not the page's.
    pub fn foreign(&self, text: &str) -> String {
        let text = marks::without(text);
        match &self.foreign {
            Some(tag) if text.chars().any(char::is_alphabetic) => marks::in_language(tag, &text),
            _ => text,
        }
    }

    /// The confidence from which records are coded without a clerk: the policy's own, or the one chosen for its promise.
    pub fn automatic(&self) -> Option<f64> {
        automatic_threshold(&self.verdict.policy, self.evidence)
    }

    /// A code with its label: "340 Handling of materials".
    pub fn code(&self, code: &str) -> String {
        match self.labels.get(code) {
            Some(label) if !label.is_empty() && *label != code => format!("{} {}", marks::without(code), self.foreign(label)),
            _ => marks::without(code),
        }
    }

    /// The label of a variable, or its name.
    pub fn variable(&self, name: &str) -> String {
        self.foreign(self.variables.get(name).copied().filter(|l| !l.is_empty()).unwrap_or(name))
    }

    /// A grouping: "Sex × Age".
    pub fn grouping(&self, variables: &[String]) -> String {
        variables.iter().map(|v| self.variable(v)).collect::<Vec<_>>().join(" × ")
    }

    /// A group: "Sex = women, Age = 15–24".
    pub fn group(&self, group: &GroupCell) -> String {
        let one = |(variable, value): (&String, &String)| {
            self.foreign(&format!("{} = {value}", self.variables.get(variable.as_str()).copied().filter(|l| !l.is_empty()).unwrap_or(variable)))
        };
        group.variables.iter().zip(&group.values).map(one).collect::<Vec<_>>().join(", ")
    }

    /// Values of a group, or of groups that are compared: "women, 15–24".
    pub fn values(&self, values: &[String]) -> String {
        self.foreign(&values.join(", "))
    }

    /// The estimate of a measure, if it may be shown.
    pub fn estimate<'m>(&self, measure: &'m Measure) -> Option<&'m Estimate> {
        match self.disclosure.show(measure) {
            Shown::Estimate(e) => Some(e),
            _ => None,
        }
    }

    /// A measure as a table cell: value and interval, or why there is none.
    pub fn cell(&self, measure: Option<&Measure>) -> String {
        let w = self.words;
        match measure {
            None => say!(w, "not-measured"),
            Some(m) => match self.disclosure.show(m) {
                Shown::Estimate(e) => w.with_interval(subject_metric(m), e),
                other => self.instead(other),
            },
        }
    }

    /// The words in place of an estimate.
    pub fn instead(&self, shown: Shown<'_>) -> String {
        let w = self.words;
        match shown {
            Shown::Estimate(_) => String::new(),
            Shown::Undefined(why) => say!(w, "cannot-tell-because", cannot = say!(w, "cannot-tell"), why = w.told(why)),
            Shown::TooFew => say!(w, "too-few", n = self.evidence.study.minimum_group),
            Shown::Suppressed(why) => words::suppressed(w, why),
        }
    }

    /// The records of a measure, if their number may be shown.
    pub fn records(&self, measure: &Measure) -> String {
        let w = self.words;
        self.disclosure.hides_records(measure).map_or_else(|| w.count(measure.outcome.n()), |why| words::records_hidden(w, why))
    }

    /// A caption with the number of records of the test part, for tables whose rows are all of them.
    pub fn of_all(&self, caption: impl AsRef<str>) -> String {
        words::compared::of_all(self.words, caption.as_ref(), &self.evidence.overall("accuracy").map_or_else(String::new, |m| self.records(m)))
    }

    /// What a measure is of: "accuracy for region = North East".
    pub fn subject(&self, measure: &Measure) -> String {
        let w = self.words;
        let mut out = lower_first(&w.metric(&measure.metric));
        if let Some(contrast) = &measure.contrast {
            let (grouping, pair) = (self.grouping(&contrast.variables), self.pair(contrast));
            out = if contrast.kind == "gap" {
                say!(w, "subject-gap", metric = out, grouping = grouping, pair = pair)
            } else {
                say!(w, "subject-contrast", kind = lower_first(&w.metric(&contrast.kind)), grouping = grouping, metric = out, pair = pair)
            };
        }
        if let Some(versus) = &measure.versus {
            out = out.replace(&say!(w, "another-candidate"), &self.foreign(&versus.name));
        }
        if let Some(level) = &measure.code_level {
            out = say!(w, "subject-level", subject = out, level = self.foreign(level));
        }
        if let Some(code) = &measure.code {
            out = say!(w, "subject-code", subject = out, code = self.code(code));
        }
        if let Some(threshold) = measure.threshold {
            out = say!(w, "subject-threshold", subject = out, threshold = words::automation::threshold_of(w, threshold));
        }
        if let Some(group) = &measure.group {
            out = say!(w, "subject-group", subject = out, group = self.group(group));
        }
        out
    }

    /// Which groups a comparison is of, and where: " (north against south), code 5131".
    fn pair(&self, contrast: &Contrast) -> String {
        let w = self.words;
        let (high, low) = (self.values(&contrast.high), self.values(&contrast.low));
        let mut out = match (contrast.high.is_empty(), contrast.low.is_empty()) {
            (false, false) => say!(w, "pair-against", high = high, low = low),
            (false, true) => say!(w, "pair-one", high = high),
            // Without two groups to compare there is no pair.
            _ => String::new(),
        };
        if let Some(detail) = &contrast.detail {
            if let Some(code) = &detail.code {
                out.push_str(&say!(w, "pair-code", code = self.code(code)));
            }
            if let Some(within) = &detail.within {
                let control = self.variable(&within.control);
                out.push_str(&match &within.value {
                    None => say!(w, "pair-within", control = control),
                    Some(value) => say!(w, "pair-within-value", control = control, value = self.code(value)),
                });
            }
        }
        out
    }

    /// A measure without what it is compared between: "accuracy at the level “major group”".
    pub fn measure_name(&self, measure: &Measure) -> String {
        upper_first(&self.subject(&Measure { contrast: None, ..measure.clone() }))
    }

    /// Measures of the whole test part that a predicate picks.
    pub fn measures(&self, pick: impl Fn(&Measure) -> bool) -> impl Iterator<Item = &'a Measure> {
        self.evidence.measures.iter().filter(move |m| pick(m))
    }

    /// A row of an interval plot, if the measure may be shown.
    pub fn row(&self, label: String, measure: &Measure) -> Option<Row> {
        self.estimate(measure).map(|e| {
            let metric = subject_metric(measure);
            Row { label, value: plotted(metric, e.value), interval: e.interval.map(|i| plotted_bounds(metric, &i)) }
        })
    }
}

/// The metric whose unit a measure's values are in: that of the contrast where it is one.
pub fn subject_metric(measure: &Measure) -> &str {
    match &measure.contrast {
        Some(contrast) if contrast.kind == "gap" => &measure.metric,
        Some(contrast) if contrast.kind.ends_with("ratio") || find(&measure.metric).is_some_and(|m| m.unit == crate::metric::Unit::Share) => &contrast.kind,
        _ => &measure.metric,
    }
}

/// A name inside a sentence: the first letter small unless the word is an abbreviation such as F1.
pub fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || "'’".contains(second) => first.to_lowercase().chain(chars).collect(),
        _ => name.to_owned(),
    }
}

/// A sentence's first letter made large.
pub fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A column of words.
pub fn words_column(label: impl Into<String>) -> Column {
    Column { label: label.into(), metric: None, figures: false }
}

/// A column of figures.
pub fn figures_column(label: impl Into<String>) -> Column {
    Column { label: label.into(), metric: None, figures: true }
}

/// A column of a metric.
pub fn metric_column(w: &Words, metric: &str) -> Column {
    Column { label: w.metric(metric), metric: find(metric).map(|m| m.id.into()), figures: true }
}

/// Tables beside a plot that are longer than this are folded.
const OPEN_ROWS: usize = 8;

/// The table beside a plot: folded when it is long.
pub fn beside(w: &Words, caption: impl Into<String>, columns: Vec<Column>, rows: Vec<Vec<String>>) -> Table {
    let folded = (rows.len() > OPEN_ROWS).then(|| say!(w, "table-of"));
    Table { folded, ..table(caption, columns, rows) }
}

/// A table of two columns or more that is open.
pub fn table(caption: impl Into<String>, columns: Vec<Column>, rows: Vec<Vec<String>>) -> Table {
    Table { caption: caption.into(), columns, rows, folded: None }
}
