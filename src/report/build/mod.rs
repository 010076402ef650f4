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
pub use source::upper_first;

use super::card::{CARD_FORMAT, Card, Section};
use super::{words, words_published};
use crate::judge::Verdict;
use crate::measure::Evidence;
use source::Source;

/// The card of a candidate: every figure has passed disclosure control and has its interval or says why not.
///
/// The digests are SHA-256 in hexadecimal of the two files as stored.
#[must_use]
pub fn card(evidence: &Evidence, verdict: &Verdict, evidence_digest: &str, verdict_digest: &str) -> Card {
    let source = Source::new(evidence, verdict);
    let mut sections: Vec<Section> = words::SECTIONS
        .iter()
        .filter_map(|(id, heading)| {
            let (blocks, reading) = match *id {
                "purpose" => (record::purpose(&source), None),
                "accuracy" => (accuracy::accuracy(&source), Some(words::READ_ACCURACY)),
                "groups" => (groups::groups(&source), Some(words::READ_GROUPS)),
                "slices" => (slices::slices(&source), Some(words::READ_SLICES)),
                "codes" => (codes::codes(&source), Some(words::READ_CODES)),
                "shares" => (codes::shares(&source), Some(words::READ_SHARES)),
                "published" => (published::published(&source), Some(words_published::READ)),
                "thresholds" => (confidence::thresholds(&source), Some(words::READ_THRESHOLDS)),
                "calibration" => (confidence::calibration(&source), Some(words::READ_CALIBRATION)),
                "errors" => (confusions::confusions(&source), Some(words::READ_ERRORS)),
                "others" => (others::others(&source), Some(words::ranking::PAIRED)),
                "tokens" => (tokens::tokens(&source), Some(words::tokens::READ)),
                "labels" => (labels::labels(&source), Some(words::READ_LABELS)),
                "cost" => (cost::cost(&source), Some(words::READ_COST)),
                "scorecard" => (scorecard::scorecard(&source, evidence_digest), Some(words::scorecard::READ)),
                "data" => (record::data(&source), None),
                "limits" => (record::limits(&source), None),
                "findings" => (decision::findings(&source), None),
                "provenance" => (record::provenance(&source, evidence_digest, verdict_digest), None),
                "reading" => (record::reading(), None),
                // The glossary needs to know which metrics the other sections use: added below.
                _ => (Vec::new(), None),
            };
            let keep = !blocks.is_empty() || *id == "glossary";
            keep.then(|| Section { id: (*id).into(), heading: (*heading).into(), blocks, reading: reading.map(str::to_owned) })
        })
        .collect();
    if let Some(glossary) = sections.iter_mut().find(|s| s.id == "glossary") {
        glossary.blocks = record::glossary(&source);
    }
    Card {
        format: CARD_FORMAT.into(),
        program: evidence.program.clone(),
        language: words::LANGUAGE.into(),
        study: evidence.study.title.clone(),
        candidate: evidence.candidate.id.clone(),
        title: evidence.candidate.name.clone(),
        subtitle: record::subtitle(&source),
        banner: decision::banner(&source),
        glance: headline::glance(&source),
        headline: headline::headline(&source),
        findings: decision::all(&source),
        evaluated: evidence.run.started.clone(),
        valid_months: verdict.policy.valid_months,
        sections,
        facts: facts::facts(&source, evidence_digest, verdict_digest),
    }
}
