//! What the card says of differences between groups.

use crate::report::locale::{Words, say};

/// The first sentence of the section: by which variables the data show a difference in accuracy between two groups, by which only between all
/// groups taken together, and by which they show none.
pub fn summary(w: &Words, differ: &[String], whole: &[String], open: &[String]) -> String {
    let mut out =
        vec![if differ.is_empty() { say!(w, "fairness-short-none") } else { say!(w, "fairness-short", list = differ.join(&say!(w, "list-semicolon"))) }];
    if !whole.is_empty() {
        out.push(say!(w, "fairness-whole", list = list(w, whole, "list-and-by")));
    }
    if !open.is_empty() {
        out.push(say!(w, "fairness-open", list = list(w, open, "list-or-by")));
    }
    out.join(" ")
}

/// "a, b or by c".
fn list(w: &Words, names: &[String], with: &str) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => say!(w, with, most = rest.join(&say!(w, "list-comma")), last = last),
        None => String::new(),
    }
}

/// For whom it is right more often, and less often: "by language (“french” above “arabic” by 16.9 points)".
pub fn differs(w: &Words, grouping: &str, high: &str, low: &str, by: &str) -> String {
    say!(w, "fairness-differs", grouping = grouping, high = high, low = low, by = by)
}

/// What standing at the same mix of codes does to the largest difference.
pub fn same_mix(w: &Words, level: &str, cell: &str, high: &str, low: &str, clear: bool) -> String {
    let id = if clear { "fairness-same-mix-clear" } else { "fairness-same-mix-open" };
    say!(w, id, level = level, cell = cell, high = high, low = low)
}

/// The two parts of a difference.
pub fn split(w: &Words, high: &str, low: &str, treatment: &str, mix: &str, level: &str, share: &str) -> String {
    say!(w, "fairness-split", high = high, low = low, treatment = treatment, mix = mix, level = level, share = share)
}

/// The test of whether many groups differ at all: F, its degrees of freedom and its p-value as printed.
pub struct Homogeneity {
    /// How many groups.
    pub groups: u64,
    /// F.
    pub f: String,
    /// Its degrees of freedom.
    pub df: String,
    /// Those of its denominator.
    pub denominator: String,
    /// Its p-value.
    pub p: String,
    /// Whether the data show that they differ.
    pub differ: bool,
}

/// Whether many groups differ at all.
pub fn homogeneity(w: &Words, h: &Homogeneity, spread: &str) -> String {
    let id = if h.differ { "fairness-homogeneity-yes" } else { "fairness-homogeneity-no" };
    say!(w, id, groups = h.groups, f = h.f, df = h.df, denominator = h.denominator, p = h.p, spread = spread)
}

/// How far many groups are apart without noise.
pub fn spread(w: &Words, corrected: &str, raw: &str, interval: Option<&str>) -> String {
    let interval = interval.map_or_else(String::new, |i| say!(w, "in-brackets", text = i));
    say!(w, "fairness-spread", corrected = corrected, raw = raw, interval = interval)
}

/// What the data show code by code: the worst recall gap, published comparison, or published share of a group.
pub fn by_code(w: &Words, metric: &str, cell: &str, code: &str, high: &str, low: &str, worst: &str) -> String {
    let id = match metric {
        "equal-opportunity-gap" => "fairness-code-opportunity",
        "gap-bias" => "fairness-code-bias",
        _ => return say!(w, "fairness-code-share", cell = cell, code = code, high = high, worst = worst),
    };
    say!(w, id, cell = cell, code = code, high = high, low = low, worst = worst)
}

/// Of how many comparisons one is the worst, and what noise alone would give.
pub fn worst_of(w: &Words, comparisons: u64, noise: Option<&str>) -> String {
    let noise = noise.map_or_else(String::new, |n| say!(w, "fairness-noise", n = n));
    say!(w, "fairness-worst", comparisons = comparisons, noise = noise)
}

/// Caption of the table of groups; without an order where noise explains all of their spread.
pub fn ranking(w: &Words, grouping: &str, no_order: bool) -> String {
    if no_order { say!(w, "fairness-ranking-no-order", grouping = grouping) } else { say!(w, "fairness-ranking-order", grouping = grouping) }
}

/// How many codes were compared: "12 of 50 (61.0 %)".
pub fn support(w: &Words, codes: u64, of: u64, share: &str) -> String {
    say!(w, "fairness-support", codes = codes, of = of, share = share)
}

/// Caption of the table of comparisons.
pub fn caption(w: &Words, grouping: &str, level: &str) -> String {
    say!(w, "fairness-caption", grouping = grouping, level = level)
}
