//! A plausible range of energy and how it is written for a reader.

use serde::{Deserialize, Serialize};
use std::ops::Add;

/// Joules in a watt-hour.
const WATT_HOUR: f64 = 3_600.0;
/// Joules in a kilowatt-hour.
const KILOWATT_HOUR: f64 = 3_600_000.0;

/// Low, central and high of an amount of energy in joules: a plausible range, not a confidence interval.
///
/// Always finite, never negative, `low ≤ central ≤ high`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The least that is plausible, in joules.
    pub low: f64,
    /// The figure to use where one is needed, in joules.
    pub central: f64,
    /// The most that is plausible, in joules.
    pub high: f64,
}

impl Range {
    /// A range around `central` joules; a `low` above it or a `high` below it is drawn to it.
    #[must_use]
    pub fn new(low: f64, central: f64, high: f64) -> Self {
        let finite = |x: f64| x.clamp(0.0, f64::MAX);
        let central = finite(central);
        Self { low: finite(low).min(central), central, high: finite(high).max(central) }
    }

    /// The range times a factor; a negative factor counts as 0.
    #[must_use]
    pub fn scale(self, factor: f64) -> Self {
        let factor = factor.max(0.0);
        Self::new(self.low * factor, self.central * factor, self.high * factor)
    }

    /// The range in words, in the unit of its central figure: "190 J (plausible range 66–570 J)".
    #[must_use]
    pub fn words(&self) -> String {
        let unit = Unit::of(self.central);
        format!("{} {} (plausible range {}–{} {})", unit.number(self.central), unit.name(), unit.number(self.low), unit.number(self.high), unit.name())
    }
}

impl Add for Range {
    type Output = Self;

    /// Lows with lows and highs with highs: the errors of the components go together, so they are not added in quadrature.
    fn add(self, other: Self) -> Self {
        Self::new(self.low + other.low, self.central + other.central, self.high + other.high)
    }
}

/// One amount of energy in words with two significant figures: J below 1 kJ, Wh below 1 kWh, then kWh.
#[must_use]
pub fn quantity(joules: f64) -> String {
    let unit = Unit::of(joules);
    format!("{} {}", unit.number(joules), unit.name())
}

/// The unit an amount is written in.
#[derive(Clone, Copy)]
enum Unit {
    Joule,
    WattHour,
    KilowattHour,
}

impl Unit {
    /// The unit for an amount, judged after rounding, so that nothing is written as "1000 J".
    fn of(joules: f64) -> Self {
        match two_figures(joules) {
            j if j < 1_000.0 => Self::Joule,
            _ if two_figures(joules / WATT_HOUR) < 1_000.0 => Self::WattHour,
            _ => Self::KilowattHour,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Joule => "J",
            Self::WattHour => "Wh",
            Self::KilowattHour => "kWh",
        }
    }

    fn number(self, joules: f64) -> String {
        figures(match self {
            Self::Joule => joules,
            Self::WattHour => joules / WATT_HOUR,
            Self::KilowattHour => joules / KILOWATT_HOUR,
        })
    }
}

/// A number rounded to two significant figures.
fn two_figures(x: f64) -> f64 {
    figures(x).parse().unwrap_or(x)
}

/// A number written with two significant figures and no exponent.
pub(super) fn figures(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return "0".into();
    }
    let place = 1 - x.abs().log10().floor() as i32;
    if place <= 0 {
        let unit = 10f64.powi(-place);
        return format!("{:.0}", (x / unit).round() * unit);
    }
    // Rounding may carry into the next power of ten (0.996 is 1.0, not 1.00), which needs one decimal less.
    let text = format!("{x:.*}", place as usize);
    let carried = text.parse::<f64>().is_ok_and(|y| y != 0.0 && 1 - y.abs().log10().floor() as i32 != place);
    if carried { format!("{x:.*}", place as usize - 1) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_two_significant_figures_in_a_readable_unit() {
        let cases = [
            (0.0, "0 J"),
            (0.001_23, "0.0012 J"),
            (0.996, "1.0 J"),
            (5.73, "5.7 J"),
            (9.96, "10 J"),
            (99.6, "100 J"),
            (568.75, "570 J"),
            (994.0, "990 J"),
            (996.0, "0.28 Wh"),
            (3_600.0, "1.0 Wh"),
            (3_580_000.0, "990 Wh"),
            (3_600_000.0, "1.0 kWh"),
            (4.4e9, "1200 kWh"),
        ];
        for (joules, text) in cases {
            assert_eq!(quantity(joules), text, "{joules}");
        }
        assert_eq!(Range::new(65.625, 185.9375, 568.75).words(), "190 J (plausible range 66–570 J)");
        assert_eq!(Range::new(400.0, 2_500.0, 10_000.0).words(), "0.69 Wh (plausible range 0.11–2.8 Wh)");
    }

    #[test]
    fn stays_in_order_and_finite() {
        for (low, central, high) in [(1.0, 2.0, 3.0), (3.0, 2.0, 1.0), (-1.0, -2.0, -3.0), (0.0, f64::INFINITY, f64::INFINITY), (f64::MAX, f64::MAX, f64::MAX)]
        {
            let range = Range::new(low, central, high);
            for r in [range, range + range, range.scale(3.0), range.scale(-1.0), range.scale(0.0)] {
                assert!(0.0 <= r.low && r.low <= r.central && r.central <= r.high && r.high.is_finite(), "{r:?}");
            }
        }
        assert_eq!(Range::new(1.0, 2.0, 3.0) + Range::new(10.0, 20.0, 30.0), Range::new(11.0, 22.0, 33.0));
        assert_eq!(Range::new(1.0, 2.0, 3.0).scale(2.0), Range::new(2.0, 4.0, 6.0));
    }
}
