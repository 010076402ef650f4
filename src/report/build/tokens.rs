//! What the model looks at: the words that speak most for each code, and words that stand for a group of respondents.

use super::source::{Source, figures_column, table, words_column};
use crate::measure::{FEWEST_RECORDS, Measure, ProxyToken, StrongToken, Tokens};
use crate::report::card::{Block, Column};
use crate::report::disclosure::Shown;
use crate::report::locale::{Words, say};
use crate::report::words::{p_value, tokens as words};
use crate::value::{Estimate, Outcome};

/// Codes that are shown open.
const OPEN_CODES: usize = 10;
/// Most codes that are shown at all.
const MOST_CODES: usize = 100;

/// The section; empty where the model makes nothing of words.
pub fn tokens(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let Some(tokens) = &source.evidence.tokens else { return Vec::new() };
    // What is stored was counted to the same minimum; a lower one would be of another program.
    if tokens.fewest < FEWEST_RECORDS {
        return Vec::new();
    }
    let columns: Vec<String> = tokens.columns.iter().map(|c| source.variable(c)).collect();
    let mut blocks = vec![
        Block::Text(words::looked_at(w, tokens, &columns.join(&say!(w, "list-comma")), source.evidence.data.train)),
        Block::Heading(say!(w, "tokens-strongest")),
    ];
    let rows: Vec<Vec<String>> = tokens.codes.iter().filter_map(|code| strongest(source, tokens, &code.code, &code.words)).take(MOST_CODES).collect();
    if rows.is_empty() {
        blocks.push(Block::Text(say!(w, "tokens-no-confidences")));
    } else {
        let (open, folded) = rows.split_at(rows.len().min(OPEN_CODES));
        let columns = || vec![words_column(say!(w, "col-code")), words_column(say!(w, "tokens-words"))];
        blocks.push(Block::Table(table(say!(w, "tokens-strongest"), columns(), open.to_vec())));
        if !folded.is_empty() {
            let mut rest = table(say!(w, "tokens-other-codes"), columns(), folded.to_vec());
            rest.folded = Some(say!(w, "tokens-other-codes"));
            blocks.push(Block::Table(rest));
        }
    }
    if !tokens.groupings.is_empty() {
        blocks.push(Block::Heading(say!(w, "tokens-proxies")));
    }
    let mut rows = Vec::new();
    let mut told = Vec::new();
    for grouping in &tokens.groupings {
        let shown: Vec<Vec<String>> = grouping.words.iter().filter_map(|word| proxy(source, tokens, word)).collect();
        told.push(words::grouping(w, grouping, &source.grouping(&grouping.variables), (grouping.words.len() - shown.len()) as u64));
        rows.extend(shown);
    }
    if !told.is_empty() {
        blocks.push(Block::List(told));
    }
    if !rows.is_empty() {
        let columns = [say!(w, "tokens-word"), say!(w, "tokens-group")].map(words_column).into_iter();
        let figures = [defined(say!(w, "tokens-odds"), "word-odds-ratio"), figures_column(say!(w, "tokens-p"))].into_iter();
        let last = [words_column(say!(w, "tokens-speaks-for")), defined(say!(w, "tokens-changed"), "changed-without-word")];
        let columns = columns.chain(figures).chain(last).collect();
        blocks.push(Block::Table(table(say!(w, "tokens-proxies"), columns, rows)));
    }
    blocks
}

/// A column of figures under a label of its own, with the metric that defines them.
fn defined(label: String, metric: &str) -> Column {
    Column { metric: Some(metric.into()), ..figures_column(label) }
}

/// Fewest records of a word that is shown: a name must not leak, whatever the study allows for cells.
fn minimum(source: &Source<'_>) -> u64 {
    source.disclosure.minimum().max(FEWEST_RECORDS)
}

/// A word, with its column where the model reads several.
fn word(source: &Source<'_>, tokens: &Tokens, text: &str, column: &str) -> String {
    words::word(&source.foreign(text), (tokens.columns.len() > 1).then(|| source.variable(column)).as_deref())
}

fn strongest(source: &Source<'_>, tokens: &Tokens, code: &str, strong: &[StrongToken]) -> Option<Vec<String>> {
    let w = source.words;
    let rare = |m: &Measure| m.code.as_deref() == Some(code) && m.code_level.is_none() && m.group.is_none() && source.disclosure.hides_records(m).is_some();
    if source.evidence.measures.iter().any(rare) {
        return None;
    }
    let told: Vec<String> = strong
        .iter()
        .filter(|t| t.records >= minimum(source))
        .map(|t| words::strong(&word(source, tokens, &t.word, &t.column), &w.value("accuracy", t.confidence)))
        .collect();
    (!told.is_empty()).then(|| vec![source.code(code), told.join(", ")])
}

/// A word that stands for a group, where the group may be told of.
fn proxy(source: &Source<'_>, tokens: &Tokens, found: &ProxyToken) -> Option<Vec<String>> {
    let w = source.words;
    let own = |m: &&Measure| m.group.as_ref() == Some(&found.group) && m.metric == "accuracy" && m.code_level.is_none() && m.versus.is_none();
    let accuracy = source.evidence.measures.iter().find(own)?;
    let ratio = found.odds_ratio.estimate()?;
    if source.disclosure.hides_records(accuracy).is_some() || matches!(source.disclosure.show(accuracy), Shown::TooFew) || ratio.n < minimum(source) {
        return None;
    }
    let speaks_for = found.speaks_for.as_ref().map_or_else(
        || say!(w, "tokens-no-code"),
        |(code, confidence)| words::speaks_for(&source.code(code), confidence.map(|c| w.value("accuracy", c)).as_deref()),
    );
    let changed = match &found.changed {
        Outcome::Estimate(e) if e.n >= minimum(source) => interval(w, e, |v| w.value("accuracy", v)),
        Outcome::Estimate(_) => return None,
        Outcome::Undefined(u) => w.told(&u.why),
    };
    Some(vec![
        word(source, tokens, &found.word, &found.column),
        source.group(&found.group),
        say!(w, "value-with-n", value = interval(w, ratio, |v| w.fixed(v, 1)), n = ratio.n),
        p_value(w, found.p),
        speaks_for,
        changed,
    ])
}

/// A value with its interval.
fn interval(w: &Words, e: &Estimate, format: impl Fn(f64) -> String) -> String {
    match &e.interval {
        Some(i) => format!("{} ({})", format(e.value), w.between(format(i.lower), format(i.upper))),
        None => format(e.value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Decision;
    use crate::measure::Evidence;
    use crate::report::sample;

    fn told(change: impl FnOnce(&mut Evidence)) -> Vec<Block> {
        let mut evidence = sample::evidence();
        change(&mut evidence);
        let verdict = sample::verdict(&evidence, Decision::Deploy);
        tokens(&Source::new(&evidence, &verdict, Words::english()))
    }

    #[test]
    fn words_are_shown_where_codes_and_groups_may_be() {
        let blocks = told(|_| ());
        let all = format!("{blocks:?}");
        for text in [
            "officer [title] (98.8 %)",
            "army [title] (87.7 %)",
            "valley [tasks]",
            "3.4 (2.3 to 4.5) (n = 1,000)",
            "0.012",
            "0120",
            "23.5 % (",
            "none found; 300 pairs",
            "cannot tell",
        ] {
            assert!(all.contains(text), "no {text} in {all}");
        }
        // Code 0140 has seven test records; region c is hidden along with region d.
        assert!(!all.contains("nobody") && !all.contains("hidden") && all.contains("1 word is not shown to protect small groups"), "{all}");
        assert!(told(|e| e.tokens = None).is_empty());
        assert!(told(|e| e.tokens.as_mut().unwrap().fewest = 2).is_empty());
    }

    #[test]
    fn many_codes_are_folded() {
        let blocks = told(|e| {
            let t = e.tokens.as_mut().unwrap();
            t.codes = (0..500).map(|i| crate::measure::CodeTokens { code: format!("9{i:03}"), ..t.codes[0].clone() }).collect();
        });
        let tables: Vec<(usize, bool)> = blocks
            .iter()
            .filter_map(|b| match b {
                Block::Table(t) if t.columns.len() == 2 => Some((t.rows.len(), t.folded.is_some())),
                _ => None,
            })
            .collect();
        assert_eq!(tables, [(10, false), (90, true)]);
    }

    #[test]
    fn evidence_without_words_still_loads() {
        let mut json = serde_json::to_value(sample::evidence()).unwrap();
        json.as_object_mut().unwrap().remove("tokens");
        let evidence: Evidence = serde_json::from_value(json).unwrap();
        assert_eq!((evidence.tokens, evidence.candidate.saved), (None, None));
    }
}
