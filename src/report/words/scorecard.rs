//! What the scorecard after QF4SA says: five dimensions, each with what was measured.

use crate::report::locale::{Words, say};

/// Kinds of candidate whose way to a code is described.
const KINDS: [&str; 13] =
    ["majority", "prior", "complement-nb", "linear", "ensemble", "tabular", "predictions", "command", "fasttext", "onnx", "nearest", "index", "cascade"];

/// How a candidate of a kind comes to its codes, for a reader who asks why.
pub fn kind(w: &Words, kind: &str) -> String {
    w.of("kind", if KINDS.contains(&kind) { kind } else { "other" })
}

/// What the root seed and the program's own promise are worth.
pub fn again(w: &Words, seed: u64, brought: bool) -> String {
    let id = if brought { "scorecard-again-brought" } else { "scorecard-again" };
    say!(w, id, seed = seed.to_string())
}

/// What the digests fix.
pub fn fixed_by(w: &Words, files: usize, evidence: &str) -> String {
    say!(w, "scorecard-fixed-by", files = files, digest = evidence.chars().take(12).collect::<String>())
}

/// Coding by the clock.
pub fn coding(w: &Words, records: u64, wall_s: f64) -> String {
    say!(w, "scorecard-coding-told", records = records, time = w.seconds(wall_s), rate = rate(w, records as f64 / wall_s))
}

/// A rate to two figures.
fn rate(w: &Words, x: f64) -> String {
    let unit = 10f64.powf(x.max(1e-9).log10().floor() - 1.0);
    let rounded = (x / unit).round() * unit;
    if rounded >= 10.0 { w.fixed(rounded, 0) } else { w.significant(rounded, 2) }
}

/// A month's records at the measured rate.
pub fn month(w: &Words, records: f64, seconds_needed: f64) -> String {
    say!(w, "scorecard-month-told", records = w.fixed(records, 0), time = span(w, seconds_needed))
}

/// A time in the unit that suits it.
fn span(w: &Words, s: f64) -> String {
    match s {
        s if s < 120.0 => w.seconds(s),
        s if s < 7_200.0 => say!(w, "span-minutes", n = w.significant(s / 60.0, 2)),
        s if s < 172_800.0 => say!(w, "span-hours", n = w.significant(s / 3_600.0, 2)),
        s => say!(w, "span-days", n = w.significant(s / 86_400.0, 2)),
    }
}

/// Training by the clock.
pub fn training(w: &Words, records: Option<u64>, wall_s: f64) -> String {
    match records {
        Some(records) => say!(w, "scorecard-training-on", time = span(w, wall_s), records = records),
        None => say!(w, "scorecard-training-told", time = span(w, wall_s)),
    }
}

/// The yearly volume at which coding uses as much energy as training.
pub fn at_volume(w: &Words, records: u64) -> String {
    let unit = 10u64.pow(records.max(1).ilog10().saturating_sub(1));
    say!(w, "scorecard-at-volume", records = records.saturating_add(unit / 2) / unit * unit)
}
