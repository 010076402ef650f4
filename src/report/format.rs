//! Numbers as a reader sees them, in the page's language: percentages, points, counts, costs; never NaN, and a real minus sign.

use super::locale::{Words, say};
use crate::cost::Range;
use crate::metric::{Unit, find};
use crate::value::{Estimate, Interval, Method};

/// Times shorter than this many seconds are told as being shorter.
const SHORT: f64 = 0.01;

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

/// The mark before decimals, and the one between thousands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// Before decimals.
    pub decimal: String,
    /// Between thousands.
    pub thousands: String,
}

impl Default for Marks {
    /// The English ones.
    fn default() -> Self {
        Self { decimal: ".".into(), thousands: ",".into() }
    }
}

impl Marks {
    /// A whole number with marks between thousands.
    pub fn count(&self, n: u64) -> String {
        let digits = n.to_string();
        let mut out = String::with_capacity(digits.len() + digits.len() / 3);
        for (i, c) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push_str(&self.thousands);
            }
            out.push(c);
        }
        out
    }

    /// A finite number with so many decimals, marks between thousands, a real minus sign and no negative zero.
    pub fn fixed(&self, value: f64, decimals: usize) -> String {
        let text = format!("{:.decimals$}", value.abs());
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        let whole = whole.parse::<u64>().map_or_else(|_| whole.to_owned(), |n| self.count(n));
        let zero = text.bytes().all(|b| b == b'0' || b == b'.');
        let sign = if value < 0.0 && !zero { "−" } else { "" };
        if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}{}{rest}", self.decimal) }
    }

    /// A finite number with so many significant digits, never in exponential notation.
    pub fn significant(&self, value: f64, digits: i32) -> String {
        if value == 0.0 {
            return self.fixed(value, 0);
        }
        let magnitude = value.abs().log10().floor() as i32;
        self.fixed(value, (digits - 1 - magnitude).clamp(0, 9) as usize)
    }

    /// A number that is written as in English, "1,234.5 kWh".
    pub fn of_english(&self, english: &str) -> String {
        let mut out = String::with_capacity(english.len());
        for c in english.chars() {
            match c {
                '.' => out.push_str(&self.decimal),
                ',' => out.push_str(&self.thousands),
                c => out.push(c),
            }
        }
        out
    }

    /// Decimals without the zeros at their end.
    pub fn short<'t>(&self, number: &'t str) -> &'t str {
        if number.contains(&self.decimal) { number.trim_end_matches('0').trim_end_matches(self.decimal.as_str()) } else { number }
    }
}

impl Words {
    /// A whole number with the language's mark between thousands.
    pub fn count(&self, n: u64) -> String {
        self.marks().count(n)
    }

    /// A number with so many decimals, marks between thousands, a real minus sign and no negative zero.
    pub fn fixed(&self, value: f64, decimals: usize) -> String {
        if value.is_finite() { self.marks().fixed(value, decimals) } else { say!(self, "not-a-number") }
    }

    /// A number that is written as in English, "1,234.5 kWh", with the language's marks.
    pub fn digits(&self, english: &str) -> String {
        self.marks().of_english(english)
    }

    /// A number with so many significant digits, never in exponential notation.
    pub fn significant(&self, value: f64, digits: i32) -> String {
        if value.is_finite() { self.marks().significant(value, digits) } else { say!(self, "not-a-number") }
    }

    /// A share of a hundred that is already printed as a number.
    pub fn percent(&self, number: &str) -> String {
        say!(self, "percent", n = number)
    }

    /// An amount of energy: "0.33 Wh".
    pub fn quantity(&self, joules: f64) -> String {
        self.digits(&crate::cost::quantity(joules))
    }

    /// An amount of energy with its plausible range.
    pub fn energy(&self, range: &Range) -> String {
        if self.is_source() { range.words() } else { self.told(&range.words()) }
    }

    /// Memory in mebibytes.
    pub fn mebibytes(&self, bytes: f64) -> String {
        say!(self, "mebibytes", n = self.fixed(bytes / 1_048_576.0, 0))
    }

    /// A measured time; clocks do not know one shorter than a hundredth of a second.
    pub fn seconds(&self, s: f64) -> String {
        if s < SHORT {
            say!(self, "less-than", amount = say!(self, "seconds", n = self.fixed(SHORT, 2)))
        } else {
            say!(self, "seconds", n = self.significant(s, if s < 1.0 { 2 } else { 3 }))
        }
    }

    /// An estimate's value as it is told, and its range; no range for a time too short to have one.
    pub fn estimate(&self, metric: &str, e: &Estimate) -> (String, Option<String>) {
        if manner(metric).0 == Unit::Seconds {
            return (self.seconds(e.value), (e.value >= SHORT).then(|| self.range(metric, e.interval.as_ref())));
        }
        (self.value(metric, e.value), Some(self.range(metric, e.interval.as_ref())))
    }

    /// A value of a metric in its unit: "79.4 %", "+2.77 points", "0.86".
    pub fn value(&self, metric: &str, value: f64) -> String {
        let (unit, decimals) = manner(metric);
        match unit {
            Unit::Share => self.percent(&self.fixed(100.0 * value, decimals)),
            Unit::Points => self.points(value, decimals, SIGNED.contains(&metric)),
            Unit::Number => self.fixed(value, decimals),
            Unit::Seconds => say!(self, "seconds", n = self.significant(value, if value < 1.0 { 2 } else { 3 })),
            Unit::Bytes => self.mebibytes(value),
            Unit::Joules => self.quantity(value),
            Unit::Grams => self.grams(value),
            Unit::Money => self.money(value),
        }
    }

    /// Grams of CO₂ equivalents to two figures: grams, kilograms or tonnes.
    pub fn grams(&self, value: f64) -> String {
        let (scaled, unit) = match value {
            g if g >= 995_000.0 => (g / 1e6, "t"),
            g if g >= 995.0 => (g / 1e3, "kg"),
            g if g < 0.000_995 => (g * 1e6, "µg"),
            g if g < 0.995 => (g * 1e3, "mg"),
            g => (g, "g"),
        };
        say!(self, "carbon", n = self.rounded(scaled), unit = unit)
    }

    /// Money to two figures, or whole from a hundred up.
    pub fn money(&self, value: f64) -> String {
        match value.abs() {
            v if v >= 100.0 => self.rounded(value),
            v if v >= 0.005 || v == 0.0 => self.fixed(value, 2),
            _ => say!(self, "less-than", amount = self.fixed(0.01, 2)),
        }
    }

    /// A number to two significant figures, also in front of the point.
    fn rounded(&self, value: f64) -> String {
        if value == 0.0 || !value.is_finite() {
            return self.fixed(value, 0);
        }
        let unit = 10f64.powi(value.abs().log10().floor() as i32 - 1);
        self.significant((value / unit).round() * unit, 2)
    }

    /// A difference of shares in percentage points, with a plus sign if asked for.
    fn points(&self, value: f64, decimals: usize, signed: bool) -> String {
        let text = self.fixed(100.0 * value, decimals);
        let plus = signed && value > 0.0 && text.bytes().any(|b| b.is_ascii_digit() && b != b'0');
        // What is printed chooses the plural, not what is behind the last decimal.
        let size: f64 = format!("{:.decimals$}", 100.0 * value.abs()).parse().unwrap_or(0.0);
        say!(self, "points", n = format!("{}{text}", if plus { "+" } else { "" }), size = size)
    }

    /// The bounds of an interval in a metric's unit: "78.1 to 80.6"; with the unit's name where it may differ from the value's.
    pub fn bounds(&self, metric: &str, lower: f64, upper: f64) -> String {
        let (unit, decimals) = manner(metric);
        match unit {
            Unit::Share | Unit::Points => self.between(self.fixed(100.0 * lower, decimals), self.fixed(100.0 * upper, decimals)),
            Unit::Number => self.between(self.fixed(lower, decimals), self.fixed(upper, decimals)),
            Unit::Seconds if lower < SHORT => self.between(self.fixed(0.0, 2), self.significant(upper, 3)),
            Unit::Seconds => self.between(self.significant(lower, 3), self.significant(upper, 3)),
            Unit::Bytes => self.between(self.fixed(lower / 1_048_576.0, 0), self.fixed(upper / 1_048_576.0, 0)),
            Unit::Joules => self.between(self.quantity(lower), self.quantity(upper)),
            Unit::Grams => self.between(self.grams(lower), self.grams(upper)),
            Unit::Money => self.between(self.money(lower), self.money(upper)),
        }
    }

    /// From one printed figure to another: "78.1 to 80.6".
    pub fn between(&self, low: impl AsRef<str>, high: impl AsRef<str>) -> String {
        say!(self, "from-to", low = low.as_ref(), high = high.as_ref())
    }

    /// The confidence level of an interval: "95 %", "99.87 %".
    pub fn level(&self, level: f64) -> String {
        self.percent(self.marks().short(&self.fixed(100.0 * level, 2)))
    }

    /// A value with its interval: "79.4 % (78.1 to 80.6)"; without one it says so.
    pub fn with_interval(&self, metric: &str, estimate: &Estimate) -> String {
        match self.estimate(metric, estimate) {
            (value, Some(range)) => format!("{value} ({range})"),
            (value, None) => value,
        }
    }

    /// An interval, or that there is none.
    pub fn range(&self, metric: &str, interval: Option<&Interval>) -> String {
        match interval {
            // Read from a counter that is exact: a range of no width would only puzzle.
            Some(i) if i.method == Method::PlausibleRange && i.lower >= i.upper && manner(metric).0 == Unit::Grams => {
                say!(self, "range-by-figures")
            }
            Some(i) if i.method == Method::PlausibleRange && i.lower >= i.upper => say!(self, "measured-once"),
            Some(i) if i.method == Method::PlausibleRange => say!(self, "plausible-range", range = self.bounds(metric, i.lower, i.upper)),
            Some(i) => self.bounds(metric, i.lower, i.upper),
            None if find(metric).is_some_and(|m| matches!(m.unit, Unit::Seconds | Unit::Bytes | Unit::Joules | Unit::Grams | Unit::Money)) => {
                say!(self, "one-measurement")
            }
            None => say!(self, "no-interval"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let w = Words::english();
        assert_eq!(w.count(0), "0");
        assert_eq!(w.count(8643), "8,643");
        assert_eq!(w.count(12_345_678), "12,345,678");
        assert_eq!(w.fixed(-0.04, 1), "0.0");
        assert_eq!(w.fixed(-1234.56, 1), "−1,234.6");
        assert_eq!(w.significant(0.001_234, 3), "0.00123");
        assert_eq!(w.significant(1234.0, 3), "1,234");
        assert_eq!(w.value("accuracy", 0.771_491), "77.1 %");
        assert_eq!(w.value("share-error", 0.027_652), "+2.77 points");
        assert_eq!(w.value("share-error", -0.027_652), "−2.77 points");
        assert_eq!(w.value("share-error", 0.000_001), "0.00 points");
        assert_eq!(w.bounds("share-error", -0.0001, 0.0071), "−0.01 to 0.71");
        assert_eq!(w.level(0.95), "95 %");
        assert_eq!(w.level(1.0 - 0.05 / 39.0), "99.87 %");
        assert_eq!(w.fixed(f64::NAN, 1), "not a number");
        for (g, text) in
            [(0.000_02, "20 µg CO₂e"), (0.010_416_5, "10 mg CO₂e"), (0.9999, "1.0 g CO₂e"), (131.4, "130 g CO₂e"), (2_345.0, "2.3 kg CO₂e"), (0.0, "0 µg CO₂e")]
        {
            assert_eq!(w.grams(g), text);
        }
        assert_eq!((w.money(123_456.0), w.money(4.724), w.money(0.001)), ("120,000".into(), "4.72".into(), "less than 0.01".into()));
        assert_eq!(plotted("accuracy", 0.771_491_234_567), 77.1);
        assert_eq!(plotted("share-error", -0.027_652_1), -2.77);
    }

    #[test]
    fn times_too_short_to_measure_have_no_figure_and_no_range() {
        let w = Words::english();
        let interval = Some(Interval { lower: 0.000_1, upper: 0.000_3, level: 0.95, method: Method::PlausibleRange });
        let e = |value| Estimate { value, se: None, interval, n: 0, n_effective: None, psus: None, df: None, design_effect: None };
        assert_eq!(w.with_interval("train-cpu-seconds", &e(0.000_20)), "less than 0.01 s");
        assert_eq!(w.with_interval("train-cpu-seconds", &Estimate { interval: None, ..e(3.61) }), "3.61 s (one measurement, no interval)");
    }
    #[test]
    fn numbers_follow_the_language() {
        let w = Words::built_in("fr").unwrap();
        assert_eq!(w.count(12_345_678), "12\u{202f}345\u{202f}678");
        assert_eq!(w.fixed(-1234.56, 1), "−1\u{202f}234,6");
        assert_eq!(w.value("accuracy", 0.771_491), "77,1\u{202f}%");
        assert_eq!(w.value("share-error", 0.027_652), "+2,77\u{a0}points");
        assert_eq!(w.value("share-error", 0.017_652), "+1,77\u{a0}point");
        assert_eq!(w.bounds("share-error", -0.0001, 0.0071), "−0,01 à 0,71");
        assert_eq!(w.level(1.0 - 0.05 / 39.0), "99,87\u{202f}%");
        assert_eq!(w.quantity(1_200.0), "0,33 Wh");
        assert_eq!(w.day("2026-11-01T10:00:00Z"), "1er novembre 2026");
    }
}
