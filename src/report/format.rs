//! Numbers as a reader sees them: percentages, points, counts, costs; never NaN, and a real minus sign.

use crate::cost::quantity;
use crate::metric::{Unit, find};
use crate::value::{Estimate, Interval, Method};

/// A whole number with thousands separators.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A number with so many decimals, thousands separators, a real minus sign and no negative zero.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "not a number".into();
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse::<u64>().map_or_else(|_| whole.to_owned(), count);
    let zero = text.bytes().all(|b| b == b'0' || b == b'.');
    let sign = if value < 0.0 && !zero { "−" } else { "" };
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// A number with so many significant digits, never in exponential notation.
pub fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return fixed(value, 0);
    }
    let magnitude = value.abs().log10().floor() as i32;
    fixed(value, (digits - 1 - magnitude).clamp(0, 9) as usize)
}

/// Metrics whose sign is told whichever it is.
const SIGNED: [&str; 5] = ["share-error", "counting-bias", "reference-difference", "treatment-difference", "mix-difference"];

/// The unit of a metric, and the decimals its values are printed with.
fn manner(metric: &str) -> (Unit, usize) {
    let unit = find(metric).map_or(Unit::Number, |m| m.unit);
    let decimals = match metric {
        "share-true" | "share-error" | "counting-bias" | "counting-distance" | "share-counted" | "share-calibrated" | "share-inverted" | "share-difference"
        | "ece" | "adaptive-ece" | "debiased-ece" | "class-share-gap" | "gap-bias" | "group-share-error" => 2,
        "total-of-column" => 0,
        "log-loss" | "log-loss-difference" => 3,
        _ if unit == Unit::Number => 2,
        _ => 1,
    };
    (unit, decimals)
}

/// What a value of a metric is multiplied with to be plotted: shares are plotted in percent.
pub fn plot_scale(metric: &str) -> f64 {
    if matches!(manner(metric).0, Unit::Share | Unit::Points) { 100.0 } else { 1.0 }
}

/// A value as it is plotted: as it is printed, with no more digits.
pub fn plotted(metric: &str, value: f64) -> f64 {
    let (unit, decimals) = manner(metric);
    let scaled = plot_scale(metric) * value;
    if matches!(unit, Unit::Share | Unit::Points | Unit::Number) { format!("{scaled:.decimals$}").parse().unwrap_or(scaled) + 0.0 } else { scaled }
}

/// The bounds of an interval as they are plotted.
pub fn plotted_bounds(metric: &str, interval: &Interval) -> (f64, f64) {
    (plotted(metric, interval.lower), plotted(metric, interval.upper))
}

/// Times shorter than this many seconds are told as being shorter.
const SHORT: f64 = 0.01;

/// A measured time; clocks do not know one shorter than a hundredth of a second.
pub fn seconds(s: f64) -> String {
    if s < SHORT { format!("less than {SHORT} s") } else { format!("{} s", significant(s, if s < 1.0 { 2 } else { 3 })) }
}

/// An estimate's value as it is told, and its range; no range for a time too short to have one.
pub fn told(metric: &str, e: &Estimate) -> (String, Option<String>) {
    if manner(metric).0 == Unit::Seconds {
        return (seconds(e.value), (e.value >= SHORT).then(|| range(metric, e.interval.as_ref())));
    }
    (value(metric, e.value), Some(range(metric, e.interval.as_ref())))
}

/// A value of a metric in its unit: "79.4 %", "+2.77 points", "0.86".
pub fn value(metric: &str, value: f64) -> String {
    let (unit, decimals) = manner(metric);
    match unit {
        Unit::Share => format!("{} %", fixed(100.0 * value, decimals)),
        Unit::Points => points(value, decimals, SIGNED.contains(&metric)),
        Unit::Number => fixed(value, decimals),
        Unit::Seconds => format!("{} s", significant(value, if value < 1.0 { 2 } else { 3 })),
        Unit::Bytes => format!("{} MiB", fixed(value / 1_048_576.0, 0)),
        Unit::Joules => quantity(value),
        Unit::Grams => grams(value),
        Unit::Money => money(value),
    }
}

/// Grams of CO₂ equivalents to two figures: grams, kilograms or tonnes.
pub fn grams(value: f64) -> String {
    let (scaled, unit) = match value {
        g if g >= 995_000.0 => (g / 1e6, "t"),
        g if g >= 995.0 => (g / 1e3, "kg"),
        g if g < 0.000_995 => (g * 1e6, "µg"),
        g if g < 0.995 => (g * 1e3, "mg"),
        g => (g, "g"),
    };
    format!("{} {unit} CO₂e", rounded(scaled))
}

/// Money to two figures, or whole from a hundred up.
pub fn money(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => rounded(value),
        v if v >= 0.005 || v == 0.0 => fixed(value, 2),
        _ => "less than 0.01".into(),
    }
}

/// A number to two significant figures, also in front of the point.
fn rounded(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return fixed(value, 0);
    }
    let unit = 10f64.powi(value.abs().log10().floor() as i32 - 1);
    significant((value / unit).round() * unit, 2)
}

/// A difference of shares in percentage points, with a plus sign if asked for.
fn points(value: f64, decimals: usize, signed: bool) -> String {
    let text = fixed(100.0 * value, decimals);
    let plus = signed && value > 0.0 && text.bytes().any(|b| b.is_ascii_digit() && b != b'0');
    format!("{}{text} points", if plus { "+" } else { "" })
}

/// The bounds of an interval in a metric's unit: "78.1 to 80.6"; with the unit's name where it may differ from the value's.
pub fn bounds(metric: &str, lower: f64, upper: f64) -> String {
    let (unit, decimals) = manner(metric);
    match unit {
        Unit::Share | Unit::Points => format!("{} to {}", fixed(100.0 * lower, decimals), fixed(100.0 * upper, decimals)),
        Unit::Number => format!("{} to {}", fixed(lower, decimals), fixed(upper, decimals)),
        Unit::Seconds if lower < SHORT => format!("0.00 to {}", significant(upper, 3)),
        Unit::Seconds => format!("{} to {}", significant(lower, 3), significant(upper, 3)),
        Unit::Bytes => format!("{} to {}", fixed(lower / 1_048_576.0, 0), fixed(upper / 1_048_576.0, 0)),
        Unit::Joules => format!("{} to {}", quantity(lower), quantity(upper)),
        Unit::Grams => format!("{} to {}", grams(lower), grams(upper)),
        Unit::Money => format!("{} to {}", money(lower), money(upper)),
    }
}

/// The confidence level of an interval: "95 %", "99.87 %".
pub fn level(level: f64) -> String {
    let text = fixed(100.0 * level, 2);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A value with its interval: "79.4 % (78.1 to 80.6)"; without one it says so.
pub fn with_interval(metric: &str, estimate: &Estimate) -> String {
    match told(metric, estimate) {
        (value, Some(range)) => format!("{value} ({range})"),
        (value, None) => value,
    }
}

/// An interval, or that there is none.
pub fn range(metric: &str, interval: Option<&Interval>) -> String {
    match interval {
        // Read from a counter that is exact: a range of no width would only puzzle.
        Some(i) if i.method == Method::PlausibleRange && i.lower >= i.upper && manner(metric).0 == Unit::Grams => {
            "by the study’s figures of the machine".to_owned()
        }
        Some(i) if i.method == Method::PlausibleRange && i.lower >= i.upper => "measured once".to_owned(),
        Some(i) if i.method == Method::PlausibleRange => format!("plausible range {}", bounds(metric, i.lower, i.upper)),
        Some(i) => bounds(metric, i.lower, i.upper),
        None if find(metric).is_some_and(|m| matches!(m.unit, Unit::Seconds | Unit::Bytes | Unit::Joules | Unit::Grams | Unit::Money)) => {
            "one measurement, no interval".into()
        }
        None => "no interval".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(0), "0");
        assert_eq!(count(8643), "8,643");
        assert_eq!(count(12_345_678), "12,345,678");
        assert_eq!(fixed(-0.04, 1), "0.0");
        assert_eq!(fixed(-1234.56, 1), "−1,234.6");
        assert_eq!(significant(0.001_234, 3), "0.00123");
        assert_eq!(significant(1234.0, 3), "1,234");
        assert_eq!(value("accuracy", 0.771_491), "77.1 %");
        assert_eq!(value("share-error", 0.027_652), "+2.77 points");
        assert_eq!(value("share-error", -0.027_652), "−2.77 points");
        assert_eq!(value("share-error", 0.000_001), "0.00 points");
        assert_eq!(bounds("share-error", -0.0001, 0.0071), "−0.01 to 0.71");
        assert_eq!(level(0.95), "95 %");
        assert_eq!(level(1.0 - 0.05 / 39.0), "99.87 %");
        assert_eq!(fixed(f64::NAN, 1), "not a number");
        for (g, text) in
            [(0.000_02, "20 µg CO₂e"), (0.010_416_5, "10 mg CO₂e"), (0.9999, "1.0 g CO₂e"), (131.4, "130 g CO₂e"), (2_345.0, "2.3 kg CO₂e"), (0.0, "0 µg CO₂e")]
        {
            assert_eq!(grams(g), text);
        }
        assert_eq!((money(123_456.0), money(4.724), money(0.001)), ("120,000".into(), "4.72".into(), "less than 0.01".into()));
        assert_eq!(plotted("accuracy", 0.771_491_234_567), 77.1);
        assert_eq!(plotted("share-error", -0.027_652_1), -2.77);
    }

    #[test]
    fn times_too_short_to_measure_have_no_figure_and_no_range() {
        let interval = Some(Interval { lower: 0.000_1, upper: 0.000_3, level: 0.95, method: Method::PlausibleRange });
        let e = |value| Estimate { value, se: None, interval, n: 0, n_effective: None, psus: None, df: None, design_effect: None };
        assert_eq!(with_interval("train-cpu-seconds", &e(0.000_20)), "less than 0.01 s");
        assert_eq!(with_interval("train-cpu-seconds", &Estimate { interval: None, ..e(3.61) }), "3.61 s (one measurement, no interval)");
    }
}
