//! Published figures: which estimator to publish, the shares by code with all of them, by group, and totals of columns.

use super::source::{Source, beside, figures_column, metric_column, table, upper_first, words_column};
use crate::judge::{Advice, advice};
use crate::measure::{Area, CodeFigures, Published};
use crate::report::card::{Block, Column, Figure, Plot, Row, Table};
use crate::report::format::{plotted, plotted_bounds};
use crate::report::locale::{Words, say};
use crate::report::words_published as text;
use crate::value::Outcome;

/// Codes in the plot.
const PLOTTED: usize = 8;
/// Rows of a table of groups.
const MOST_ROWS: usize = 400;

/// The section; empty in evidence without published figures.
pub fn published(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let Some(p) = &source.evidence.published else { return Vec::new() };
    let advised = advice(p);
    let mut blocks = vec![Block::Note(text::advice(w, advised))];
    if let Some(target) = &p.target {
        blocks.push(Block::Text(text::target(w, target)));
    } else if let Some(missing) = &p.missing {
        blocks.push(Block::Text(format!("{}.", upper_first(&w.told(&missing.why)))));
    }
    blocks.extend(p.shift.as_ref().map(|t| Block::Text(text::shift(w, t))));
    blocks.push(Block::Text(text::distance(w, &cell(w, "counting-distance", &p.counting_distance))));
    let Some(whole) = p.areas.first() else { return blocks };
    if let Some(refused) = &whole.refused {
        blocks.push(Block::Text(text::refused(w, &refused.why)));
    } else if let Some(condition) = whole.condition.filter(|_| p.target.is_some()) {
        blocks.push(Block::Text(text::condition(w, condition, whole.pooled_true_codes)));
    }
    blocks.extend(worst_coverage(source, p, whole));
    if let Some(undefined) = &whole.undefined {
        blocks.push(Block::Text(format!("{}.", say!(w, "cannot-tell-because", cannot = say!(w, "cannot-tell"), why = w.told(&undefined.why)))));
        return blocks;
    }
    blocks.push(figure(source, p, whole, advised));
    for rates in &p.error_rates {
        blocks.push(Block::Text(text::error_rates(w, &source.grouping(&rates.variables), &rates.test, rates.pooled)));
        blocks.extend(domains(source, p, &rates.variables));
    }
    blocks.extend(
        p.areas.iter().enumerate().filter(|(_, a)| a.variable.is_some() && !source.disclosure.hides_sums()).filter_map(|(i, a)| totals(source, p, i, a)),
    );
    blocks
}

/// The figures of an area that may be shown, in the order of the codes.
fn shown<'a>(source: &Source<'_>, p: &'a Published, area: usize) -> Vec<&'a CodeFigures> {
    let area = &p.areas[area];
    area.codes.iter().filter(|c| !source.disclosure.hides_figure(area, &c.code)).collect()
}

fn cell(w: &Words, metric: &str, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Estimate(e) if e.interval.is_none() => w.estimate(metric, e).0,
        Outcome::Estimate(e) => w.with_interval(metric, e),
        Outcome::Undefined(u) => say!(w, "cannot-tell-because", cannot = say!(w, "cannot-tell"), why = w.told(&u.why)),
    }
}

fn optional(w: &Words, metric: &str, outcome: Option<&Outcome>) -> String {
    outcome.map_or_else(|| say!(w, "none"), |o| cell(w, metric, o))
}

/// The estimate that is advised, with its metric.
fn advised(c: &CodeFigures, advice: Advice) -> (&'static str, Option<&Outcome>) {
    match advice {
        Advice::Misclassification => ("share-inverted", c.misclassification.as_ref()),
        _ => ("share-calibrated", c.calibrated.as_ref()),
    }
}

fn worst_coverage(source: &Source<'_>, p: &Published, whole: &Area) -> Option<Block> {
    let w = source.words;
    let value = |c: &CodeFigures| c.coverage.as_ref().and_then(Outcome::estimate).map(|e| e.value);
    let worst = shown(source, p, 0).into_iter().filter(|c| value(c).is_some()).min_by(|a, b| value(a).unwrap_or(1.0).total_cmp(&value(b).unwrap_or(1.0)))?;
    let has_target = p.target.is_some() && whole.target > 0;
    Some(Block::Text(text::coverage(
        w,
        source.evidence.study.level,
        &source.code(&worst.code),
        &optional(w, "counting-coverage", worst.coverage.as_ref()),
        has_target,
    )))
}

/// The plot of the most frequent codes with the table of all that may be shown.
fn figure(source: &Source<'_>, p: &Published, whole: &Area, advice: Advice) -> Block {
    let w = source.words;
    let codes = shown(source, p, 0);
    let has_target = p.target.is_some();
    let left = whole.codes.len() - codes.len();
    let mut columns = vec![words_column(say!(w, "col-code")), figures_column(say!(w, "col-test-records"))];
    if has_target {
        columns.push(figures_column(say!(w, "col-records-given")));
        columns.extend(["share-counted", "share-calibrated", "share-inverted", "share-difference"].map(|m| metric_column(w, m)));
    }
    columns.extend(["counting-bias", "counting-coverage"].map(|m| metric_column(w, m)));
    let rows: Vec<Vec<String>> = codes
        .iter()
        .map(|c| {
            let mut row = vec![source.code(&c.code), w.count(c.truly)];
            if has_target {
                row.push(w.count(c.target));
                row.push(optional(w, "share-counted", c.counted.as_ref()));
                row.push(optional(w, "share-calibrated", c.calibrated.as_ref()));
                row.push(optional(w, "share-inverted", c.misclassification.as_ref()));
                row.push(optional(w, "share-difference", c.difference.as_ref()));
            }
            row.push(cell(w, "counting-bias", &c.bias));
            row.push(optional(w, "counting-coverage", c.coverage.as_ref()));
            row
        })
        .collect();
    let caption = if has_target { say!(w, "published-shares") } else { say!(w, "published-bias") };
    let caption = if left == 0 { caption } else { say!(w, "codes-left-out", caption = caption) };
    let frequent = |c: &&&CodeFigures| std::cmp::Reverse(c.truly);
    let mut first: Vec<&&CodeFigures> = codes.iter().collect();
    first.sort_by_key(frequent);
    first.truncate(PLOTTED);
    let row = |label: String, metric: &str, outcome: Option<&Outcome>| {
        let e = outcome.and_then(Outcome::estimate)?;
        Some(Row { label, value: plotted(metric, e.value), interval: e.interval.map(|i| plotted_bounds(metric, &i)) })
    };
    let rows_of = |c: &CodeFigures| -> Vec<Row> {
        if has_target {
            let (metric, outcome) = advised(c, advice);
            let id = if metric == "share-inverted" { "plot-inverted" } else { "plot-calibrated" };
            [row(say!(w, "plot-counted", code = c.code), "share-counted", c.counted.as_ref()), row(say!(w, id, code = c.code), metric, outcome)]
                .into_iter()
                .flatten()
                .collect()
        } else {
            row(source.code(&c.code), "counting-bias", Some(&c.bias)).into_iter().collect()
        }
    };
    let plotted: Vec<Row> = first.iter().flat_map(|c| rows_of(c)).collect();
    let all = beside(w, caption, columns, rows);
    if plotted.is_empty() {
        return Block::Table(all);
    }
    let (title, axis, reference) = if has_target {
        (say!(w, "published-plot"), say!(w, "share-axis"), None)
    } else {
        (say!(w, "bias-plot"), say!(w, "bias-axis"), Some((0.0, say!(w, "no-bias"))))
    };
    let description = say!(w, "published-plot-description", title = title);
    Block::Figure(Figure { title, description, plot: Plot::Intervals { axis, reference, rows: plotted }, table: all })
}

/// The table of a grouping.
fn domains(source: &Source<'_>, p: &Published, variables: &[String]) -> Option<Block> {
    let w = source.words;
    let has_target = p.target.is_some();
    let mut rows = Vec::new();
    for (i, area) in p.areas.iter().enumerate() {
        let Some(group) = area.group.as_ref().filter(|g| g.variables == variables && area.variable.is_none()) else { continue };
        for c in shown(source, p, i) {
            let mut row = vec![source.group(group), source.code(&c.code)];
            if has_target {
                row.push(optional(w, "share-counted", c.counted.as_ref()));
                row.push(optional(w, "share-calibrated", c.calibrated.as_ref()));
                row.push(optional(w, "share-inverted", c.misclassification.as_ref()));
                row.push(optional(w, "share-difference", c.difference.as_ref()));
            }
            row.push(cell(w, "counting-bias", &c.bias));
            rows.push(row);
        }
    }
    rows.truncate(MOST_ROWS);
    let mut columns: Vec<Column> = vec![words_column(say!(w, "col-group")), words_column(say!(w, "col-code"))];
    if has_target {
        columns.extend(["share-counted", "share-calibrated", "share-inverted", "share-difference"].map(|m| metric_column(w, m)));
    }
    columns.push(metric_column(w, "counting-bias"));
    (!rows.is_empty()).then(|| {
        Block::Table(Table {
            folded: Some(say!(w, "published-domains-fold")),
            ..table(say!(w, "published-domains-of", caption = say!(w, "published-domains"), grouping = source.grouping(variables)), columns, rows)
        })
    })
}

/// The table of totals of a column.
fn totals(source: &Source<'_>, p: &Published, at: usize, area: &Area) -> Option<Block> {
    let w = source.words;
    let name = area.variable.as_deref()?;
    let has_target = p.target.is_some();
    let figure = |o: Option<&Outcome>| optional(w, "total-of-column", o);
    let rows: Vec<Vec<String>> = shown(source, p, at)
        .into_iter()
        .map(|c| {
            let mut row = vec![source.code(&c.code)];
            if has_target {
                row.extend([&c.counted, &c.calibrated, &c.misclassification, &c.difference].map(|o| figure(o.as_ref())));
            }
            let relative = c.bias.estimate().zip(c.difference.as_ref().and_then(Outcome::estimate)).filter(|(_, d)| d.value != 0.0);
            row.push(figure(Some(&c.bias)));
            row.push(relative.map_or_else(|| say!(w, "none"), |(b, d)| say!(w, "percent", n = w.fixed(100.0 * b.value / d.value, 1))));
            row
        })
        .collect();
    let mut columns = vec![words_column(say!(w, "col-code"))];
    if has_target {
        columns.extend([say!(w, "col-counted"), say!(w, "col-calibrated"), say!(w, "col-misclassification"), say!(w, "col-difference")].map(figures_column));
    }
    columns.extend([figures_column(say!(w, "col-bias")), figures_column(say!(w, "col-bias-relative"))]);
    (!rows.is_empty()).then(|| Block::Table(table(say!(w, "totals-caption", name = source.foreign(name)), columns, rows)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Decision;
    use crate::measure::Tested;
    use crate::report::sample::{evidence, verdict};

    /// All text of the section.
    fn told(change: impl Fn(&mut Published)) -> String {
        let mut e = evidence();
        if let Some(p) = &mut e.published {
            change(p);
        }
        let v = verdict(&e, Decision::Deploy);
        serde_json::to_string(&published(&Source::new(&e, &v, Words::english()))).unwrap()
    }

    #[test]
    fn the_advice_follows_the_test_for_a_shift() {
        let shifted = |p: &mut Published| p.shift = Some(Tested::F { statistic: 9.0, df: 3.0, denominator_df: 117.0, p: 1e-5, distance: 0.2 });
        let undefined = || crate::value::Undefined { reason: crate::value::Reason::TooFewRecords, why: "few".into(), n: 9 };
        assert!(told(|_| ()).contains("Publish the calibrated shares"));
        assert!(told(shifted).contains("the misclassification estimator is still right"));
        let refused = told(|p| {
            shifted(p);
            p.areas[0].refused = Some(undefined());
        });
        assert!(refused.contains("Publish none of these figures yet") && refused.contains("estimator is refused: few"));
        assert!(told(|p| p.shift = Some(Tested::Undefined(undefined()))).contains("It cannot be told"));
        assert!(told(|p| p.target = None).contains("No estimator can be advised"));
    }

    #[test]
    fn small_cells_are_hidden_with_the_next_smallest() {
        let text = told(|_| ());
        // 0140 has 7 test records, so 0130 goes with it, in the whole and in every region.
        assert!(text.contains("0110") && text.contains("0120") && !text.contains("0130") && !text.contains("0140"), "{text}");
    }
}
