//! The end of a run on the terminal: decision, reasons and headline figures in plain lines.

use super::card::Card;
use super::marks;

/// Plain lines for a terminal: the decision, what decided it, the conditions, and the headline figures with their intervals.
#[must_use]
pub fn summary_lines(card: &Card) -> Vec<String> {
    let banner = &card.banner;
    let mut lines = vec![format!("{}: {}", card.title, banner.words), format!("  {}", banner.meaning)];
    lines.extend(banner.reasons.iter().map(|r| format!("  {}: {}", r.status.to_lowercase(), r.text)));
    lines.extend(banner.more.iter().map(|more| format!("  {more}")));
    lines.extend(banner.conditions.iter().map(|c| format!("  condition: {c}")));
    let width = card.glance.iter().map(|t| t.label.chars().count()).max().unwrap_or(0);
    lines.extend(card.glance.iter().map(|t| {
        let note = if t.note.is_empty() { String::new() } else { format!("; {}", t.note) };
        format!("  {:width$}  {}, {}{note}", t.label, t.value, t.range)
    }));
    lines.iter().map(|line| marks::plain(line)).collect()
}

/// One candidate in a line: name, decision, accuracy with its interval, processor time of training.
#[must_use]
pub fn brief(card: &Card) -> [String; 4] {
    let told = |metric: &str| {
        card.glance.iter().find(|t| t.metric == metric).map_or_else(String::new, |t| format!("{}: {} ({})", t.label.to_lowercase(), t.value, t.range))
    };
    [card.title.clone(), card.banner.words.clone(), told("accuracy"), told("train-cpu-seconds")].map(|text| marks::plain(&text))
}
