//! What turns energy and processor time into carbon and money: factors and prices, from the table or the study, each with where it is from.

use super::range::Range;
use serde::{Deserialize, Serialize};

/// Joules in a kilowatt-hour.
const KILOWATT_HOUR: f64 = 3_600_000.0;
/// Hours in a year of 365.25 days.
const YEAR_HOURS: f64 = 8_766.0;

/// Grams of CO₂ equivalents for a kilowatt-hour of electricity, with what a reader needs to judge the figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intensity {
    /// The country, where it is from the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Grams of CO₂ equivalents a kilowatt-hour.
    pub grams_per_kwh: f64,
    /// "generation", "life-cycle", or as the study says; figures of two bases are not compared.
    pub basis: String,
    /// The year it is of, as its source says.
    pub year: u32,
    /// Where it is from.
    pub source: String,
}

/// What the making of the machine emitted, and how much of it this work answers for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embodied {
    /// Kilograms of CO₂ equivalents from making the whole machine.
    pub kg: f64,
    /// Years it is expected to serve.
    pub years: f64,
    /// Share of the machine that is reserved for this work, e.g. 2 of 192 threads.
    pub share: f64,
}

/// Prices, in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The currency, e.g. "GBP".
    pub currency: String,
    /// Coding one record by a clerk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clerk_record: Option<f64>,
    /// Minutes a clerk needs for a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes_per_record: Option<f64>,
    /// A kilowatt-hour of electricity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kwh: Option<f64>,
    /// An hour of one processor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_hour: Option<f64>,
}

/// Factors and prices of a study; what is not given is not assumed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Carbon intensity of the electricity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intensity: Option<Intensity>,
    /// Power usage effectiveness of the building: all its energy over that of its computers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pue: Option<f64>,
    /// Embodied carbon of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embodied: Option<Embodied>,
    /// Prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<Prices>,
}

impl Terms {
    /// True when nothing is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Energy with that of the building, where its PUE is given.
    #[must_use]
    pub fn facility(&self, joules: Range) -> Range {
        joules.scale(self.pue.unwrap_or(1.0))
    }

    /// Grams of CO₂ equivalents from using energy; none without an intensity. The range is that of the energy: the factor has none of its own.
    #[must_use]
    pub fn operational(&self, joules: Range) -> Option<Range> {
        let intensity = self.intensity.as_ref()?;
        Some(self.facility(joules).scale(intensity.grams_per_kwh / KILOWATT_HOUR))
    }

    /// Grams of CO₂ equivalents from making the machine, for seconds in which it is reserved: TE · TiR/EL · RR/ToR (ISO/IEC 21031).
    #[must_use]
    pub fn embodied(&self, wall_s: f64) -> Option<f64> {
        let e = self.embodied?;
        Some(e.kg * 1_000.0 * e.share * wall_s / 3_600.0 / (e.years * YEAR_HOURS))
    }

    /// What energy and processor time cost: (energy, processor), each where its price is given.
    #[must_use]
    pub fn machine(&self, joules: Option<Range>, cpu_s: Option<Range>) -> Option<Range> {
        let prices = self.prices.as_ref()?;
        let energy = prices.kwh.and_then(|p| Some(self.facility(joules?).scale(p / KILOWATT_HOUR)));
        let cpu = prices.cpu_hour.and_then(|p| Some(cpu_s?.scale(p / 3_600.0)));
        // A price without its quantity would make the sum too small unseen.
        if energy.is_some() != prices.kwh.is_some() || cpu.is_some() != prices.cpu_hour.is_some() {
            return None;
        }
        [energy, cpu].into_iter().flatten().reduce(|a, b| a + b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> Terms {
        Terms {
            intensity: Some(Intensity { place: None, grams_per_kwh: 130.96, basis: "generation".into(), year: 2026, source: "DESNZ".into() }),
            pue: Some(1.54),
            embodied: Some(Embodied { kg: 1_000.0, years: 4.0, share: 2.0 / 192.0 }),
            prices: Some(Prices { currency: "GBP".into(), clerk_record: None, minutes_per_record: None, kwh: Some(0.30), cpu_hour: Some(0.05) }),
        }
    }

    #[test]
    fn carbon_is_that_worked_by_hand() {
        // 100 CPU-s on an EPYC 7763: 185.9375 J / 3.6e6 × 1.54 × 130.96 = 0.010417 g; low and high 0.003676 and 0.031863.
        let grams = terms().operational(Range::new(65.625, 185.937_5, 568.75)).unwrap();
        for (got, wanted) in [(grams.low, 0.003_676_4), (grams.central, 0.010_416_5), (grams.high, 0.031_862_2)] {
            assert!((got - wanted).abs() < 1e-6, "{got} {wanted}");
        }
        // 28.52 g an hour for the whole server, 2 of 192 threads of it: 0.2971 g.
        assert!((terms().embodied(3_600.0).unwrap() - 0.297_08).abs() < 1e-4);
        let none = Terms::default();
        assert_eq!((none.operational(Range::new(1.0, 2.0, 3.0)), none.embodied(1.0), none.is_empty()), (None, None, true));
        assert_eq!(none.facility(Range::new(1.0, 2.0, 3.0)), Range::new(1.0, 2.0, 3.0), "no PUE is applied that is not given");
    }

    #[test]
    fn money_needs_every_quantity_that_has_a_price() {
        // 10 kWh × 1.54 × 0.30 + 2 h × 0.05 = 4.62 + 0.10.
        let (energy, cpu) = (Range::new(3.6e7, 3.6e7, 3.6e7), Range::new(7_200.0, 7_200.0, 7_200.0));
        assert!((terms().machine(Some(energy), Some(cpu)).unwrap().central - 4.72).abs() < 1e-9);
        assert_eq!(terms().machine(None, Some(cpu)), None);
        assert_eq!(Terms::default().machine(Some(energy), Some(cpu)), None);
    }
}
