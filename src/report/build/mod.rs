//! Makes the card of one candidate, section by section, in the order in which it is read.

mod accuracy;
mod automatic;
mod codes;
mod confidence;
mod confusions;
mod cost;
mod decision;
mod facts;
mod fairness;
mod groups;
mod headline;
mod labels;
mod others;
mod published;
mod record;
mod scorecard;
mod slices;
mod source;
mod steps;
mod tokens;
mod trials;
mod year;

pub use record::term;

use super::card::{CARD_FORMAT, Card, Section};
use super::locale::Words;
use super::words;
use crate::judge::Verdict;
use crate::measure::Evidence;
use source::Source;

/// The card of a candidate: every figure has passed disclosure control and has its interval or says why not.
///
/// The digests are SHA-256 in hexadecimal of the two files as stored.
#[must_use]
pub fn card(evidence: &Evidence, verdict: &Verdict, evidence_digest: &str, verdict_digest: &str) -> Card {
    card_in(Words::english(), evidence, verdict, evidence_digest, verdict_digest)
}

/// The same in another language.
#[must_use]
pub fn card_in(w: &Words, evidence: &Evidence, verdict: &Verdict, evidence_digest: &str, verdict_digest: &str) -> Card {
    let source = Source::new(evidence, verdict, w);
    let mut sections: Vec<Section> = words::SECTIONS
        .iter()
        .filter_map(|id| {
            let (blocks, reading) = match *id {
                "purpose" => (record::purpose(&source), None),
                "accuracy" => (accuracy::accuracy(&source), Some("read-accuracy")),
                "groups" => (groups::groups(&source), Some("read-groups")),
                "slices" => (slices::slices(&source), Some("read-slices")),
                "codes" => (codes::codes(&source), Some("read-codes")),
                "shares" => (codes::shares(&source), Some("read-shares")),
                "published" => (published::published(&source), Some("read-published")),
                "thresholds" => (confidence::thresholds(&source), Some("read-thresholds")),
                "calibration" => (confidence::calibration(&source), Some("read-calibration")),
                "errors" => (confusions::confusions(&source), Some("read-errors")),
                "others" => (others::others(&source), Some("ranking-paired")),
                "tokens" => (tokens::tokens(&source), Some("read-tokens")),
                "labels" => (labels::labels(&source), Some("read-labels")),
                "cost" => (cost::cost(&source), Some("read-cost")),
                "scorecard" => (scorecard::scorecard(&source, evidence_digest), Some("read-scorecard")),
                "data" => (record::data(&source), None),
                "limits" => (record::limits(&source), None),
                "findings" => (decision::findings(&source), None),
                "provenance" => (record::provenance(&source, evidence_digest, verdict_digest), None),
                "reading" => (record::reading(w), None),
                // The glossary needs to know which metrics the other sections use: added below.
                _ => (Vec::new(), None),
            };
            let keep = !blocks.is_empty() || *id == "glossary";
            keep.then(|| Section { id: (*id).into(), heading: w.of("section", id), blocks, reading: reading.map(|id| w.say(id, &[])) })
        })
        .collect();
    if let Some(glossary) = sections.iter_mut().find(|s| s.id == "glossary") {
        glossary.blocks = record::glossary(&source);
    }
    Card {
        format: CARD_FORMAT.into(),
        program: evidence.program.clone(),
        language: w.tag().into(),
        study: source.foreign(&evidence.study.title),
        candidate: evidence.candidate.id.clone(),
        title: source.foreign(&evidence.candidate.name),
        subtitle: record::subtitle(&source),
        banner: decision::banner(&source),
        glance: headline::glance(&source),
        headline: headline::headline(&source),
        findings: decision::all(&source),
        evaluated: evidence.run.started.clone(),
        valid_months: verdict.policy.valid_months,
        sections,
        alternates: Vec::new(),
        facts: facts::facts(&source, evidence_digest, verdict_digest),
    }
}
