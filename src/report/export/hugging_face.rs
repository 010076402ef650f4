//! The card as a README of the Hugging Face hub: front matter with model-index, the card as text; and its evaluation results by themselves.

use super::written::{Written, day};
use super::{line, markdown};
use crate::report::card::Card;
use crate::report::facts::Figures;
use std::fmt::Write as _;

/// Metrics told, in this order.
const METRICS: [&str; 9] = ["accuracy", "top-5-accuracy", "macro-f1", "balanced-accuracy", "kappa", "mcc", "hierarchical-f", "log-loss", "ece"];

/// The README.
pub fn readme(card: &Card) -> Written {
    let mut unfilled: Vec<String> =
        ["language", "license", "datasets", "base_model", "co2_eq_emissions", "model-index.results.source"].map(str::to_owned).to_vec();
    let mut out = String::from("---\n");
    let _ = writeln!(out, "library_name: {}", text("proofmark"));
    let _ = writeln!(out, "tags:\n- {}\n- {}", text("official-statistics"), text("proofmark"));
    let results: Vec<&Figures> = METRICS.iter().filter_map(|m| card.facts.overall(m)).collect();
    if results.is_empty() {
        unfilled.push("model-index".into());
    } else {
        let _ = writeln!(out, "metrics:");
        results.iter().for_each(|f| {
            let _ = writeln!(out, "- {}", text(&f.metric));
        });
        let _ = writeln!(out, "model-index:\n- name: {}\n  results:\n  - task:\n      type: {}", text(&card.title), text(task(card)));
        let _ = writeln!(
            out,
            "    dataset:\n      type: {}\n      name: {}\n      split: {}\n    metrics:",
            text(&id(&card.facts.data.title)),
            text(&card.facts.data.title),
            text("test")
        );
        for f in results.iter().copied().chain(groups(card)) {
            let Some(value) = f.value else { continue };
            let _ = writeln!(out, "    - type: {}\n      value: {value}\n      name: {}", text(&f.metric), text(&name(f)));
            let slice = super::written::slice(f);
            let mut args = String::new();
            if let Some((lower, upper)) = f.bounds {
                let _ = write!(args, "\n        lower: {lower}\n        upper: {upper}");
            }
            if let Some(level) = f.confidence {
                let _ = write!(args, "\n        confidence_level: {level}\n        interval: {}", text(&f.method));
            }
            if let Some(n) = f.n {
                let _ = write!(args, "\n        n: {n}");
            }
            if !slice.is_empty() {
                let _ = write!(args, "\n        slice: {}", text(&slice));
            }
            if !args.is_empty() {
                let _ = writeln!(out, "      args:{args}");
            }
        }
    }
    out.push_str("---\n\n");
    out.push_str(&markdown::card(card));
    Written { text: out, unfilled }
}

/// Accuracy by group.
fn groups(card: &Card) -> impl Iterator<Item = &Figures> {
    card.facts.estimates.iter().filter(|f| f.scope == "group" && f.metric == "accuracy" && f.level.is_empty() && f.value.is_some())
}

fn name(f: &Figures) -> String {
    let slice = super::written::slice(f);
    if slice.is_empty() { f.metric.clone() } else { format!("{}, {slice}", f.metric) }
}

fn task(card: &Card) -> &'static str {
    if card.facts.model.kind == "tabular" { "tabular-classification" } else { "text-classification" }
}

/// The evaluation results, a list of the overall figures.
pub fn results(card: &Card) -> Written {
    let mut unfilled: Vec<String> =
        ["dataset.id on the hub (the data set's title stands for it)", "dataset.revision", "verifyToken", "source"].map(str::to_owned).to_vec();
    let mut out = String::new();
    for f in METRICS.iter().filter_map(|m| card.facts.overall(m)) {
        let Some(value) = f.value else { continue };
        let _ = writeln!(out, "- dataset:\n    id: {}\n    task_id: {}\n  value: {value}", text(&id(&card.facts.data.title)), text(&f.metric));
        match day(card) {
            Some(day) => drop(writeln!(out, "  date: {}", text(day))),
            None => unfilled.push("date".into()),
        }
        let bounds = f.bounds.map_or_else(String::new, |(lower, upper)| format!("interval {lower} to {upper} at level {}; ", f.confidence.unwrap_or_default()));
        let records = f.n.map_or_else(String::new, |n| format!("{n} test records; "));
        let _ = writeln!(out, "  notes: {}", text(&format!("{bounds}{records}{}", card.facts.data.design)));
    }
    if out.is_empty() {
        out.push_str("[]\n");
        unfilled.push("value: no overall figure may be shown".into());
    }
    Written { text: out, unfilled }
}

/// A title as an id: small letters, digits and hyphens.
fn id(title: &str) -> String {
    let mut out = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "data-set".to_owned() } else { out.to_owned() }
}

/// A double-quoted scalar (YAML 1.2.2, 7.3.1) in ASCII: whatever is not is escaped, so that no reader takes it for a line end or markup.
fn text(raw: &str) -> String {
    let mut out = String::from("\"");
    for c in line(raw).chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            c if u32::from(c) <= 0xffff => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}
