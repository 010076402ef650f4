//! Purpose, people, data, limits, provenance and glossary: what is told, not estimated.

use super::headline::used;
use super::source::{Source, figures_column, table, words_column};
use crate::metric::Metric;
use crate::report::card::{Block, Term};
use crate::report::locale::{Words, say};
use crate::report::marks;
use crate::report::words;

/// One line under the title.
pub fn subtitle(source: &Source<'_>) -> String {
    let w = source.words;
    let c = &source.evidence.candidate;
    let kind = if c.kind == c.id { String::new() } else { say!(w, "in-brackets", text = c.kind) };
    say!(w, "subtitle", id = c.id, kind = kind, records = source.evidence.data.test, data = source.foreign(&source.evidence.data.title))
}

/// A question as a key: lower case with spaces.
fn key(question: &str) -> String {
    question.trim().to_lowercase().replace(['-', '_'], " ").trim_end_matches('?').to_owned()
}

/// Answers to the expected questions in their order, "not stated" where there is none, then whatever else was answered.
fn answered(source: &Source<'_>, family: &str, expected: &[&str], given: &[(String, String)]) -> Vec<(String, String)> {
    let w = source.words;
    let mut out: Vec<(String, String)> = expected
        .iter()
        .map(|question| {
            let answer = given.iter().find(|(q, _)| key(q) == *question).map(|(_, a)| a.trim()).filter(|a| !a.is_empty());
            (w.of(family, &question.replace(' ', "-")), answer.map_or_else(|| say!(w, "not-stated"), |a| source.foreign(a)))
        })
        .collect();
    let others = given.iter().filter(|(q, _)| !expected.iter().any(|e| *e == key(q)));
    out.extend(others.map(|(q, a)| (source.foreign(q), source.foreign(a))));
    out
}

/// Purpose, who is better off, and what the collection may have missed.
pub fn purpose(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let (study, candidate) = (&source.evidence.study, &source.evidence.candidate);
    let stated = |text: &Option<String>| text.as_ref().map_or_else(|| say!(w, "not-stated"), |t| source.foreign(t));
    vec![
        Block::Facts(answered(source, "purpose", &words::PURPOSE, &study.purpose)),
        Block::Heading(say!(w, "purpose-missed")),
        Block::Facts(answered(source, "collection", &words::COLLECTION, &study.collection)),
        Block::Heading(say!(w, "purpose-model")),
        Block::Facts(vec![
            (say!(w, "model-owner"), stated(&candidate.owner)),
            (say!(w, "model-for"), stated(&candidate.intended_use)),
            (say!(w, "model-not-for"), stated(&candidate.out_of_scope)),
        ]),
    ]
}

/// Where the records come from, how they were divided, and their design.
pub fn data(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let d = &source.evidence.data;
    let mut facts = vec![(say!(w, "data-set"), source.foreign(&d.title))];
    let expected = ["source", "licence", "population", "period"];
    for question in expected {
        if !d.description.iter().any(|(name, _)| key(name) == question) {
            facts.push((w.of("describe", question), say!(w, "not-stated")));
        }
    }
    facts.extend(d.description.iter().map(|(name, text)| {
        let name = key(name);
        let known = expected.contains(&name.as_str());
        (if known { w.of("describe", &name) } else { source.foreign(&super::source::upper_first(&name)) }, source.foreign(text))
    }));
    let mut design = vec![(say!(w, "data-split"), w.told(&d.split)), (say!(w, "data-design"), w.told(&d.design))];
    let mut add = |name: String, value: Option<String>| design.extend(value.map(|v| (name, v)));
    add(say!(w, "data-strata"), d.strata.map(|n| w.count(n)));
    add(say!(w, "data-psus"), d.psus.map(|n| w.count(n)));
    add(say!(w, "data-weights"), d.weight_sum.map(|sum| w.fixed(sum, 0)));
    add(say!(w, "data-codes-trained"), Some(w.count(d.codes_trained)));
    add(say!(w, "data-codes-frame"), d.codes_in_frame.map(|n| w.count(n)));
    let levels: Vec<String> = d.code_levels.iter().map(|l| source.foreign(l)).collect();
    add(say!(w, "data-levels"), (!levels.is_empty()).then(|| levels.join(&say!(w, "list-comma"))));
    let parts = [
        (say!(w, "part-read"), d.records),
        (say!(w, "part-uncoded"), d.unlabelled),
        (say!(w, "part-training"), d.train),
        (say!(w, "part-tuning"), d.tune),
        (say!(w, "part-test"), d.test),
    ];
    let parts = parts.map(|(name, n)| vec![name, w.count(n)]).to_vec();
    let calibration = source.evidence.candidate.facts.iter().find(|(name, _)| name == "calibration").map(|(_, how)| w.told(how));
    let e = source.evidence;
    let apart = e.automatic.as_ref().is_some_and(|a| a.apart && a.records > 0) || e.suggestions.as_ref().is_some_and(|s| s.apart);
    let uses = words::automation::tuning(w, d.tune, e.automatic.is_some(), e.suggestions.is_some(), apart);
    let files = d.files.iter().map(|f| vec![f.name.clone(), w.count(f.bytes), f.digest.clone()]).collect();
    let file_columns = vec![words_column(say!(w, "col-file")), figures_column(say!(w, "col-bytes")), words_column(say!(w, "col-sha"))];
    vec![
        Block::Facts(facts),
        Block::Table(table(say!(w, "data-parts"), vec![words_column(say!(w, "col-part")), figures_column(say!(w, "col-records"))], parts)),
        Block::Text(words::tuning(w, d.tune, calibration.as_deref(), &uses)),
        Block::Facts(design),
        Block::Table(table(say!(w, "data-files"), file_columns, files)),
    ]
}

/// What a reader must know, and what nobody looked at.
pub fn limits(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let mut blocks = Vec::new();
    if !source.evidence.notes.is_empty() {
        blocks.push(Block::Heading(say!(w, "limits-notes")));
        blocks.push(Block::List(source.evidence.notes.iter().map(|n| w.told(n)).collect()));
    }
    let (all, lacking) = w.lacking();
    if lacking > 0 {
        let share = w.percent(&w.fixed(100.0 * lacking as f64 / all.max(1) as f64, 0));
        blocks.push(Block::Note(say!(w, "frame-untranslated", lacking = lacking, all = all, share = share)));
    }
    blocks.push(Block::Heading(say!(w, "limits-not-examined")));
    blocks.push(Block::List(["1", "2", "3", "4"].map(|n| w.of("not-examined", n)).to_vec()));
    blocks.push(Block::Heading(say!(w, "limits-disclosure")));
    blocks.push(Block::Text(words::protection::profile(w, &source.evidence.study.protection, source.evidence.study.minimum_group)));
    blocks
}

/// Who answers, and everything needed to repeat the figures.
pub fn provenance(source: &Source<'_>, evidence_digest: &str, verdict_digest: &str) -> Vec<Block> {
    let w = source.words;
    let (e, v) = (source.evidence, source.verdict);
    // Settings are what the study file says, key by key; facts are told by the program.
    let settings = e.candidate.settings.iter().map(|(name, value)| vec![marks::without(name), marks::without(value)]).collect::<Vec<_>>();
    let facts = e.candidate.facts.iter().map(|(name, value)| vec![w.told(name), w.told(value)]).collect::<Vec<_>>();
    let mut blocks = vec![
        Block::Facts(answered(source, "people", &words::PEOPLE, &e.study.people)),
        Block::Heading(say!(w, "provenance-repeat")),
        Block::Code(e.study.command.clone()),
        Block::Text(say!(w, "provenance-same")),
        Block::Table(table(
            say!(w, "provenance-digests"),
            vec![words_column(say!(w, "col-what")), words_column(say!(w, "col-digest"))],
            [
                (say!(w, "digest-study"), e.study.digest.clone()),
                (say!(w, "digest-candidate"), e.candidate.digest.clone()),
                (say!(w, "digest-saved"), e.candidate.saved.as_ref().map_or_else(|| say!(w, "not-saved"), |s| s.digest.clone())),
                (say!(w, "digest-policy"), v.policy.digest.clone()),
                (say!(w, "digest-evidence"), evidence_digest.to_owned()),
                (say!(w, "digest-verdict"), verdict_digest.to_owned()),
            ]
            .map(|(name, digest)| vec![name, digest])
            .to_vec(),
        )),
        Block::Facts(vec![
            (say!(w, "provenance-evaluated-by"), e.program.clone()),
            (say!(w, "provenance-judged-by"), v.program.clone()),
            (say!(w, "provenance-evaluated"), w.moment(&e.run.started)),
            (say!(w, "provenance-seed"), e.study.seed.to_string()),
        ]),
    ];
    if v.evidence_digest != evidence_digest {
        blocks.push(Block::Note(say!(w, "provenance-mismatch")));
    }
    for (caption, rows) in [(say!(w, "provenance-settings"), settings), (say!(w, "provenance-facts"), facts)] {
        if !rows.is_empty() {
            let mut t = table(caption.clone(), vec![words_column(say!(w, "col-name")), words_column(say!(w, "col-value"))], rows);
            t.folded = Some(caption);
            blocks.push(Block::Table(t));
        }
    }
    blocks.extend(super::trials::trials(source));
    blocks
}

/// The metrics that the card uses, from the registry.
pub fn glossary(source: &Source<'_>) -> Vec<Block> {
    vec![Block::Glossary(used(source).into_iter().map(|m| term(source.words, m)).collect())]
}

/// A metric of the registry as an entry of a glossary.
pub fn term(w: &Words, m: &Metric) -> Term {
    Term {
        id: m.id.into(),
        name: w.metric(m.id),
        definition: w.metric_text(m, "definition"),
        facts: vec![
            (say!(w, "glossary-reading"), w.metric_text(m, "reading")),
            (say!(w, "glossary-formula"), w.metric_text(m, "formula")),
            (say!(w, "glossary-range"), w.metric_text(m, "range")),
            (say!(w, "glossary-undefined"), w.metric_text(m, "undefined")),
            (say!(w, "glossary-reference"), w.metric_text(m, "reference")),
        ],
    }
}

/// How to read the card.
pub fn reading(w: &Words) -> Vec<Block> {
    vec![Block::List(["1", "2", "3", "4", "5", "6"].map(|n| w.of("read-card", n)).to_vec())]
}
