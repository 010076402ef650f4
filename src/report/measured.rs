//! Names and texts of the measures in the page's language: the registry's own in English, the catalogue's in others.

use super::locale::Words;
use super::marks;
use crate::metric::{METRICS, Metric, find};

impl Words {
    /// The name of a metric; its id if there is no such metric.
    pub(crate) fn metric(&self, id: &str) -> String {
        let Some(metric) = find(id) else { return marks::without(id) };
        self.measure(metric, "", metric.name)
    }

    /// A text of a metric: "definition", "reading", "formula", "range", "undefined" or "reference".
    pub(crate) fn metric_text(&self, metric: &Metric, part: &str) -> String {
        let own = match part {
            "definition" => metric.definition,
            "reading" => metric.reading,
            "formula" => metric.formula,
            "range" => metric.range,
            "undefined" => metric.undefined,
            _ => metric.reference,
        };
        self.measure(metric, &format!(".{part}"), own)
    }

    fn measure(&self, metric: &Metric, part: &str, own: &str) -> String {
        if self.is_source() {
            return own.to_owned();
        }
        // Symbols need no translation.
        let words = |text: &str| text.split(|c: char| !c.is_ascii_alphabetic()).any(|w| w.len() > 3);
        let english = || if words(own) { marks::in_language(Self::english().tag(), own) } else { own.to_owned() };
        self.optional(&format!("metric-{}{part}", metric.id), &[]).unwrap_or_else(english)
    }
}

/// The registry's texts as messages of a catalogue.
pub fn registry() -> String {
    let mut out = String::from("# The measures. Formulas and references stay as they are where a language needs no other.\n");
    for m in METRICS.iter() {
        // A brace would begin a placeholder.
        let safe = |text: &str| text.chars().map(|c| if matches!(c, '{' | '}') { format!("{{\"{c}\"}}") } else { c.to_string() }).collect::<String>();
        out.push_str(&format!("metric-{} = {}\n", m.id, safe(m.name)));
        for (part, text) in [("definition", m.definition), ("reading", m.reading), ("formula", m.formula), ("range", m.range), ("undefined", m.undefined)] {
            out.push_str(&format!("    .{part} = {}\n", safe(text)));
        }
    }
    out
}
