//! What was tried before the candidate was trained: every trial with its score and cost.

use super::source::{Source, figures_column, metric_column, table, words_column};
use crate::metric::find;
use crate::report::card::{Block, Table};
use crate::report::format::{count, fixed, seconds};
use crate::report::words::trials as words;

/// The blocks; none where nothing was tried.
pub fn trials(source: &Source<'_>) -> Vec<Block> {
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
            let mark = if t.round == last && t.settings == tuning.kept { format!(" ({})", words::KEPT) } else { String::new() };
            let cost = costs.get(number);
            let energy = cost.and_then(|c| c.energy).map_or_else(|| "–".to_owned(), |e| e.words());
            let cpu = cost.map_or_else(|| "–".to_owned(), |c| seconds(c.cpu_s));
            vec![format!("{}{mark}", settings.join(", ")), t.round.to_string(), count(t.records), fixed(t.score, 4), fixed(t.se, 4), cpu, energy]
        })
        .collect();
    let [settings, round, records, se, cpu, energy] = words::COLUMNS;
    let columns = vec![
        words_column(settings),
        figures_column(round),
        figures_column(records),
        metric_column(&tuning.metric),
        figures_column(se),
        figures_column(cpu),
        figures_column(energy),
    ];
    let name = find(&tuning.metric).map_or(tuning.metric.as_str(), |m| m.name);
    vec![
        Block::Heading(words::HEADING.into()),
        Block::Text(words::told(tuning, name, tried, source.evidence.data.psus.is_some())),
        Block::Table(Table { folded: Some(words::FOLD.into()), ..table(words::CAPTION, columns, rows) }),
    ]
}
