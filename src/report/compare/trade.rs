//! The picture of accuracy, accuracy in the worst group, and energy: which candidates another one beats in everything.

use super::Entry;
use crate::report::card::{Card, Column, Figure, Plot, Row, Table, Trade};
use crate::report::locale::{Words, say};
use crate::report::words::{COMPARISON_COLUMNS, compared as wording};

/// The picture with its table; nothing where fewer than two candidates have comparable figures.
pub fn trade(w: &Words, entries: &[Entry<'_>]) -> Option<Figure> {
    let machine = machine(entries)?;
    let comparable = |c: &Card| !c.headline.floor && c.headline.machine == machine && c.headline.accuracy.is_some();
    let energy = |c: &Card| c.headline.energy.clone().filter(|e| e.value > 0.0);
    let plotted: Vec<(&Card, Row)> = entries.iter().filter(|e| comparable(e.card)).filter_map(|e| Some((e.card, energy(e.card)?))).collect();
    if plotted.len() < 2 {
        return None;
    }
    let training = plotted[0].1.label == "training";
    // Energy is plotted as it is told, so that the plot shows no more digits than the table.
    let most = plotted.iter().map(|(_, e)| e.value).fold(0.0, f64::max);
    let (scale, unit) = match most {
        m if m < 1_000.0 => (1.0, say!(w, "unit-joules")),
        m if m < 3_600_000.0 => (3_600.0, say!(w, "unit-watt-hours")),
        _ => (3_600_000.0, say!(w, "unit-kilowatt-hours")),
    };
    let two = |joules: f64| format!("{:.1e}", joules / scale).parse::<f64>().unwrap_or(0.0).max(f64::MIN_POSITIVE);
    let point = |(card, energy): &(&Card, Row)| Trade {
        label: card.title.clone(),
        energy: two(energy.value),
        accuracy: card.headline.accuracy.as_ref().map_or((0.0, None), |p| (p.y, p.interval)),
        worst: card.headline.worst.as_ref().map(|w| (w.value, w.interval)),
        dominated: false,
    };
    let mut points: Vec<Trade> = plotted.iter().map(point).collect();
    let dominated: Vec<bool> = points.iter().map(|p| points.iter().any(|other| dominates(other, p))).collect();
    points.iter_mut().zip(&dominated).for_each(|(p, d)| p.dominated = *d);
    let names: Vec<&str> = points.iter().filter(|p| p.dominated).map(|p| p.label.as_str()).collect();
    let status = |card: &Card| plotted.iter().position(|(c, _)| std::ptr::eq(*c, card)).map(|i| dominated[i]);
    Some(Figure {
        title: if training { say!(w, "trade-title-training") } else { say!(w, "trade-title-year") },
        description: wording::trade(w, &names, plotted.len() < entries.len()),
        table: table(w, entries, &machine, &status),
        plot: Plot::Trade {
            x_axis: if training { say!(w, "trade-x-training", unit = unit) } else { say!(w, "trade-x-year", unit = unit) },
            y_axis: say!(w, "coded-right-axis"),
            legend: [say!(w, "trade-all"), say!(w, "trade-worst"), say!(w, "trade-hollow")],
            points,
        },
    })
}

/// True where one is at least as good as another in all three and better in one. Without a figure of the worst group, that group is not compared.
fn dominates(a: &Trade, b: &Trade) -> bool {
    let worst = a.worst.zip(b.worst).map_or((true, false), |(a, b)| (a.0 >= b.0, a.0 > b.0));
    a.energy <= b.energy && a.accuracy.0 >= b.accuracy.0 && worst.0 && (a.energy < b.energy || a.accuracy.0 > b.accuracy.0 || worst.1)
}

/// Of the machines, the one that most candidates were measured on.
fn machine(entries: &[Entry<'_>]) -> Option<String> {
    let known: Vec<&str> = entries.iter().filter(|e| e.card.headline.energy.is_some()).map(|e| e.card.headline.machine.as_str()).collect();
    known.iter().rev().max_by_key(|m| known.iter().filter(|k| k == m).count()).map(|m| (*m).to_owned())
}

fn table(w: &Words, entries: &[Entry<'_>], machine: &str, dominated: &dyn Fn(&Card) -> Option<bool>) -> Table {
    let energy = |c: &Card| match &c.headline.energy {
        Some(e) if c.headline.machine == machine => {
            let range = e.interval.map_or_else(String::new, |(l, u)| format!(" ({})", w.between(w.quantity(l), w.quantity(u))));
            format!("{}{range}", w.quantity(e.value))
        }
        _ => say!(w, "trade-other-machine"),
    };
    let told = |c: &Card| match dominated(c) {
        Some(true) => say!(w, "yes"),
        Some(false) => say!(w, "no"),
        None => say!(w, "not-compared"),
    };
    let column = |label: String, metric: Option<&str>, figures: bool| Column { label, metric: metric.map(str::to_owned), figures };
    let of = |i: usize| column(w.of("column", COMPARISON_COLUMNS[i].0), COMPARISON_COLUMNS[i].1, true);
    let year = entries.iter().any(|e| e.card.headline.energy.as_ref().is_some_and(|r| r.label != "training"));
    let metric = if year { "annual-energy" } else { "train-energy" };
    let cell = |c: &Card, i: usize| c.headline.cells.get(i).cloned().unwrap_or_default();
    Table {
        caption: say!(w, "trade-caption"),
        columns: vec![
            column(say!(w, "col-candidate"), None, false),
            of(1),
            of(2),
            column(say!(w, "trade-energy"), Some(metric), true),
            column(say!(w, "trade-dominated-column"), None, false),
        ],
        rows: entries.iter().map(|e| vec![e.card.title.clone(), cell(e.card, 1), cell(e.card, 2), energy(e.card), told(e.card)]).collect(),
        folded: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(energy: f64, accuracy: f64, worst: Option<f64>) -> Trade {
        Trade { label: String::new(), energy, accuracy: (accuracy, None), worst: worst.map(|w| (w, None)), dominated: false }
    }

    #[test]
    fn a_candidate_is_dominated_only_by_one_as_good_in_all_three() {
        let good = at(10.0, 80.0, Some(60.0));
        assert!(
            dominates(&good, &at(20.0, 80.0, Some(60.0))) && dominates(&good, &at(10.0, 79.0, Some(60.0))) && dominates(&good, &at(10.0, 80.0, Some(59.0)))
        );
        assert!(!dominates(&good, &good), "equals do not dominate each other");
        assert!(!dominates(&good, &at(20.0, 79.0, Some(61.0))), "better in the worst group");
        assert!(!dominates(&good, &at(9.0, 70.0, Some(50.0))), "cheaper");
        assert!(dominates(&good, &at(20.0, 79.0, None)));
    }
}
