//! Purpose, people, data, limits, provenance and glossary: what is told, not estimated.

use super::headline::used;
use super::source::{Source, figures_column, table, words_column};
use crate::metric::Metric;
use crate::report::card::{Block, Term};
use crate::report::format::{count, fixed};
use crate::report::words;

/// One line under the title.
pub fn subtitle(source: &Source<'_>) -> String {
    let c = &source.evidence.candidate;
    let kind = if c.kind == c.id { String::new() } else { format!(" ({})", c.kind) };
    format!("Candidate “{}”{kind}, tested on {} records of {}", c.id, count(source.evidence.data.test), source.evidence.data.title)
}

/// A question as a key: lower case with spaces.
fn key(question: &str) -> String {
    question.trim().to_lowercase().replace(['-', '_'], " ").trim_end_matches('?').to_owned()
}

/// Answers to the expected questions in their order, "not stated" where there is none, then whatever else was answered.
fn answered(expected: &[(&str, &str)], given: &[(String, String)]) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = expected
        .iter()
        .map(|(question, words)| {
            let answer = given.iter().find(|(q, _)| key(q) == *question).map(|(_, a)| a.trim()).filter(|a| !a.is_empty());
            ((*words).to_owned(), answer.unwrap_or(words::NOT_STATED).to_owned())
        })
        .collect();
    out.extend(given.iter().filter(|(q, _)| !expected.iter().any(|(e, _)| *e == key(q))).cloned());
    out
}

/// Purpose, who is better off, and what the collection may have missed.
pub fn purpose(source: &Source<'_>) -> Vec<Block> {
    let (study, candidate) = (&source.evidence.study, &source.evidence.candidate);
    let stated = |text: &Option<String>| text.clone().unwrap_or_else(|| words::NOT_STATED.into());
    vec![
        Block::Facts(answered(&words::PURPOSE, &study.purpose)),
        Block::Heading("Whom the data may miss".into()),
        Block::Facts(answered(&words::COLLECTION, &study.collection)),
        Block::Heading("The model".into()),
        Block::Facts(vec![
            ("Owner of the model".into(), stated(&candidate.owner)),
            ("Meant for".into(), stated(&candidate.intended_use)),
            ("Not meant for".into(), stated(&candidate.out_of_scope)),
        ]),
    ]
}

/// Where the records come from, how they were divided, and their design.
pub fn data(source: &Source<'_>) -> Vec<Block> {
    let d = &source.evidence.data;
    let mut facts = vec![("Data set".into(), d.title.clone())];
    for expected in ["source", "licence", "population", "period"] {
        if !d.description.iter().any(|(name, _)| key(name) == expected) {
            facts.push((super::source::upper_first(expected), words::NOT_STATED.into()));
        }
    }
    facts.extend(d.description.iter().map(|(name, text)| (super::source::upper_first(&key(name)), text.clone())));
    let mut design = vec![("How the parts were made".into(), d.split.clone()), ("Sampling design of the test part".into(), d.design.clone())];
    let mut add = |name: &str, value: Option<String>| design.extend(value.map(|v| (name.to_owned(), v)));
    add("Strata", d.strata.map(count));
    add("PSUs", d.psus.map(count));
    add("Sum of weights", d.weight_sum.map(|w| fixed(w, 0)));
    add("Codes seen in training", Some(count(d.codes_trained)));
    add("Codes in the code frame", d.codes_in_frame.map(count));
    add("Code levels", (!d.code_levels.is_empty()).then(|| d.code_levels.join(", ")));
    let parts = [("Read", d.records), ("Without a true code, in no part", d.unlabelled), ("Training", d.train), ("Tuning", d.tune), ("Test", d.test)];
    let parts = parts.map(|(name, n)| vec![name.into(), count(n)]).to_vec();
    let calibration = source.evidence.candidate.facts.iter().find(|(name, _)| name == "calibration").map(|(_, how)| how.as_str());
    let e = source.evidence;
    let apart = e.automatic.as_ref().is_some_and(|a| a.apart && a.records > 0) || e.suggestions.as_ref().is_some_and(|s| s.apart);
    let uses = words::automation::tuning(d.tune, e.automatic.is_some(), e.suggestions.is_some(), apart);
    let files = d.files.iter().map(|f| vec![f.name.clone(), count(f.bytes), f.digest.clone()]).collect();
    vec![
        Block::Facts(facts),
        Block::Table(table("Records by part", vec![words_column("Part"), figures_column("Records")], parts)),
        Block::Text(words::tuning(d.tune, calibration, &uses)),
        Block::Facts(design),
        Block::Table(table("Files read", vec![words_column("File"), figures_column("Bytes"), words_column("SHA-256")], files)),
    ]
}

/// What a reader must know, and what nobody looked at.
pub fn limits(source: &Source<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    if !source.evidence.notes.is_empty() {
        blocks.push(Block::Heading("Notes of this evaluation".into()));
        blocks.push(Block::List(source.evidence.notes.clone()));
    }
    blocks.push(Block::Heading("Not examined by this version".into()));
    blocks.push(Block::List(words::NOT_EXAMINED.map(str::to_owned).to_vec()));
    blocks.push(Block::Heading("Disclosure control".into()));
    blocks.push(Block::Text(words::protection::profile(&source.evidence.study.protection, source.evidence.study.minimum_group)));
    blocks
}

/// Who answers, and everything needed to repeat the figures.
pub fn provenance(source: &Source<'_>, evidence_digest: &str, verdict_digest: &str) -> Vec<Block> {
    let (e, v) = (source.evidence, source.verdict);
    let pairs = |items: &[(String, String)]| items.iter().map(|(name, value)| vec![name.clone(), value.clone()]).collect::<Vec<_>>();
    let mut blocks = vec![
        Block::Facts(answered(&words::PEOPLE, &e.study.people)),
        Block::Heading("Repeat it".into()),
        Block::Code(e.study.command.clone()),
        Block::Text("The same study on the same data gives the same evidence, byte for byte, apart from clocks, machine and measured cost.".into()),
        Block::Table(table(
            "Digests (SHA-256)",
            vec![words_column("What"), words_column("Digest")],
            [
                ("Study file", e.study.digest.as_str()),
                ("Candidate's recipe or predictions", &e.candidate.digest),
                ("Saved model", e.candidate.saved.as_ref().map_or("not saved", |s| &s.digest)),
                ("Policy file", &v.policy.digest),
                ("Evidence", evidence_digest),
                ("Verdict", verdict_digest),
            ]
            .map(|(name, digest)| vec![name.into(), digest.into()])
            .to_vec(),
        )),
        Block::Facts(vec![
            ("Evaluated by".into(), e.program.clone()),
            ("Judged by".into(), v.program.clone()),
            ("Evaluated".into(), e.run.started.clone()),
            ("Root seed".into(), e.study.seed.to_string()),
        ]),
    ];
    if v.evidence_digest != evidence_digest {
        blocks.push(Block::Note("The verdict was made from another version of the evidence: its digest does not match.".into()));
    }
    for (caption, items) in [("Settings of the candidate", &e.candidate.settings), ("Facts about the fitted model", &e.candidate.facts)] {
        if !items.is_empty() {
            let mut t = table(caption, vec![words_column("Name"), words_column("Value")], pairs(items));
            t.folded = Some(caption.into());
            blocks.push(Block::Table(t));
        }
    }
    blocks.extend(super::trials::trials(source));
    blocks
}

/// The metrics that the card uses, from the registry.
pub fn glossary(source: &Source<'_>) -> Vec<Block> {
    vec![Block::Glossary(used(source).into_iter().map(term).collect())]
}

/// A metric of the registry as an entry of a glossary.
pub fn term(m: &Metric) -> Term {
    Term {
        id: m.id.into(),
        name: m.name.into(),
        definition: m.definition.into(),
        facts: [("How to read it", m.reading), ("Formula", m.formula), ("Range", m.range), ("No value when", m.undefined), ("Reference", m.reference)]
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .to_vec(),
    }
}

/// How to read the card.
pub fn reading() -> Vec<Block> {
    vec![Block::List(words::READ_CARD.map(str::to_owned).to_vec())]
}
