//! What was tried before the candidate was trained: every trial with its score and cost.

use super::source::{Source, figures_column, metric_column, table, words_column};
use crate::report::card::{Block, Table};
use crate::report::locale::say;
use crate::report::words;

/// The blocks; none where nothing was tried.
pub fn trials(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let Some(tuning) = &source.evidence.tuning else { return Vec::new() };
    let costs = &source.evidence.run.trials;
    let last = tuning.trials.iter().map(|t| t.round).max().unwrap_or(1);
    let tried = tuning.trials.iter().filter(|t| t.round == 1).count();
    let rows = tuning
        .trials
        .iter()
        .enumerate()
        .map(|(number, t)| {
            let settings: Vec<String> = t.settings.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            let settings = crate::report::marks::without(&settings.join(", "));
            let settings = if t.round == last && t.settings == tuning.kept { say!(w, "trials-kept", settings = settings) } else { settings };
            let cost = costs.get(number);
            let energy = cost.and_then(|c| c.energy).map_or_else(|| "–".to_owned(), |e| w.energy(&e));
            let cpu = cost.map_or_else(|| "–".to_owned(), |c| w.seconds(c.cpu_s));
            vec![settings, t.round.to_string(), w.count(t.records), w.fixed(t.score, 4), w.fixed(t.se, 4), cpu, energy]
        })
        .collect();
    let columns = vec![
        words_column(say!(w, "trials-settings")),
        figures_column(say!(w, "trials-round")),
        figures_column(say!(w, "col-records")),
        metric_column(w, &tuning.metric),
        figures_column(say!(w, "trials-se")),
        figures_column(say!(w, "trials-cpu")),
        figures_column(say!(w, "trials-energy")),
    ];
    vec![
        Block::Heading(say!(w, "trials-heading")),
        Block::Text(words::trials::told(w, tuning, &w.metric(&tuning.metric), tried, source.evidence.data.psus.is_some())),
        Block::Table(Table { folded: Some(say!(w, "trials-fold")), ..table(say!(w, "trials-caption"), columns, rows) }),
    ]
}
