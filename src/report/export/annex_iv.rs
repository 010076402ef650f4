//! The card under the headings of Annex IV of the EU's AI Act: what technical documentation of a high-risk system would hold.
//!
//! Coding answers of a survey is mostly no high-risk system: aligning with it is voluntary, and the file says so.

use super::google::describe;
use super::markdown::text;
use super::written::{Written, limits, person, purpose};
use crate::report::card::Card;
use std::fmt::Write as _;

/// In place of what the card does not know.
const NOT_FILLED: &str = "_Not filled: the card does not say._";

/// The document.
pub fn document(card: &Card) -> Written {
    let facts = &card.facts;
    let mut unfilled = Vec::new();
    let mut out = format!(
        "# {}: technical documentation\n\nVoluntary alignment with Annex IV of Regulation (EU) 2024/1689, made from a model card. It is a draft: the headings are the Annex's, what is \
below them is what the card knows, and what it does not know is marked.\n",
        text(&card.title)
    );
    let mut part = |heading: &str, items: Vec<(&str, Option<String>)>| {
        let _ = writeln!(out, "\n## {heading}\n");
        for (name, value) in items {
            match value.filter(|v| !v.trim().is_empty()) {
                Some(value) => drop(writeln!(out, "- {name}: {}", text(&value))),
                None => {
                    unfilled.push(format!("{heading}: {name}"));
                    let _ = writeln!(out, "- {name}: {NOT_FILLED}");
                }
            }
        }
    };
    let said = |key: &str| purpose(card, key).map(str::to_owned);
    let overall = |metric: &str| {
        let f = facts.overall(metric)?;
        let interval = f.bounds.map_or_else(String::new, |(lower, upper)| format!(" ({lower} to {upper})"));
        Some(format!("{}{interval}", f.value?))
    };
    part(
        "1. General description of the system",
        vec![
            ("Intended purpose", said("outcome")),
            ("Provider or owner", facts.model.owner.clone().or_else(|| person(card, "owner").map(str::to_owned))),
            ("Version", facts.digests.iter().find(|(what, _)| what == "candidate").map(|(_, d)| format!("sha256 {d}"))),
            ("Interaction with other hardware and software", None),
            ("Hardware it was trained on", Some(facts.machine.clone())),
            ("Who is better off", said("better_off")),
            ("Instructions for use", said("action")),
        ],
    );
    let settings = facts.model.settings.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join("; ");
    let digests = facts.digests.iter().map(|(what, d)| format!("{what} {d}")).collect::<Vec<_>>().join("; ");
    part(
        "2. Elements of the system and its development",
        vec![
            ("Methods and steps of development", Some(format!("{}: {settings}", facts.model.kind))),
            ("Data and their provenance", Some(describe(facts))),
            ("Whom the data may miss", Some(facts.collection.iter().map(|(k, t)| format!("{k}: {t}")).collect::<Vec<_>>().join(" "))),
            ("Human oversight", Some(card.banner.conditions.join(" "))),
            ("Pre-determined changes", None),
            ("Validation and testing", Some(format!("{} ({}); {}", card.subtitle, facts.data.design, facts.command))),
            ("Test logs, dated", Some(format!("{}; {digests}", facts.evaluated))),
            ("Test logs, signed", None),
            ("Cybersecurity", None),
        ],
    );
    part(
        "3. Monitoring, functioning and control",
        vec![
            ("Accuracy overall", overall("accuracy")),
            ("Accuracy for specific groups", groups(card)),
            ("Foreseeable limits", Some(limits(card).join(" "))),
            ("Out of scope", facts.model.out_of_scope.clone().or_else(|| said("out_of_scope"))),
        ],
    );
    part("4. Appropriateness of the performance metrics", vec![("Gates set before testing", Some(gates(card))), ("Set by", facts.policy_owner.clone())]);
    part("5. Risk management system", vec![("Description", None)]);
    let expires = facts.expires_after_months.map(|m| format!("the decision expires {m} months after signing"));
    part("6. Changes through the lifecycle", vec![("Changes", None), ("Review", expires)]);
    part("7. Harmonised standards applied", vec![("Standards", None)]);
    part("8. EU declaration of conformity", vec![("Copy", None)]);
    part("9. Post-market monitoring plan", vec![("Plan", None)]);
    Written { text: out, unfilled }
}

fn groups(card: &Card) -> Option<String> {
    let of = |f: &&crate::report::facts::Figures| f.scope == "group" && f.metric == "accuracy" && f.level.is_empty();
    let list: Vec<String> = card
        .facts
        .estimates
        .iter()
        .filter(of)
        .filter_map(|f| {
            let (lower, upper) = f.bounds?;
            Some(format!("{}: {} ({lower} to {upper})", super::written::slice(f), f.value?))
        })
        .collect();
    (!list.is_empty()).then(|| list.join("; "))
}

fn gates(card: &Card) -> String {
    let mut told: Vec<&str> = Vec::new();
    let mut out = Vec::new();
    for f in &card.findings {
        if !told.contains(&f.gate.as_str()) {
            told.push(&f.gate);
            out.push(format!("{}: {}", f.gate, f.why.as_deref().unwrap_or(&f.subject)));
        }
    }
    format!("policy “{}”. {}", card.facts.policy, out.join(". "))
}
