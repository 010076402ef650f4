//! What coding without a clerk saves in a year, at the study's prices (QF4SA: cost effectiveness).

use crate::cost::Prices;
use crate::value::Estimate;

/// A value with its interval: lower, value, upper.
pub type Told = [f64; 3];

/// What is saved of clerks' time and money in a year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Saved {
    /// Records coded without a clerk.
    pub records: Told,
    /// Hours of clerks, where the study says how long a record takes.
    pub hours: Option<Told>,
    /// Money, where the study says what a record costs.
    pub money: Option<Told>,
}

/// What is saved where the share `coded` of `records` a year needs no clerk.
#[must_use]
pub fn saved(coded: &Estimate, records: u64, prices: &Prices) -> Saved {
    let share = coded.interval.map_or([coded.value; 3], |i| [i.lower, coded.value, i.upper]);
    let records = share.map(|s| s * records as f64);
    Saved {
        records,
        hours: prices.minutes_per_record.map(|minutes| records.map(|r| r * minutes / 60.0)),
        money: prices.clerk_record.map(|price| records.map(|r| r * price)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Interval, Method};

    #[test]
    fn saves_the_share_coded_without_a_clerk() {
        let interval = Some(Interval { lower: 0.70, upper: 0.74, level: 0.95, method: Method::Wilson });
        let coded = Estimate { value: 0.72, se: None, interval, n: 2_000, n_effective: None, psus: None, df: None, design_effect: None };
        let prices = Prices { currency: "GBP".into(), clerk_record: Some(0.75), minutes_per_record: Some(1.5), kwh: None, cpu_hour: None };
        let saved = saved(&coded, 300_000, &prices);
        // 300,000 × 0.72 = 216,000 records, × 1.5 min / 60 = 5,400 h, × 0.75 = 162,000.
        let close = |got: Told, wanted: Told| got.iter().zip(wanted).all(|(g, w)| (g - w).abs() < 1e-6);
        assert!(close(saved.records, [210_000.0, 216_000.0, 222_000.0]), "{saved:?}");
        assert!(close(saved.hours.unwrap(), [5_250.0, 5_400.0, 5_550.0]) && close(saved.money.unwrap(), [157_500.0, 162_000.0, 166_500.0]), "{saved:?}");
        let bare = Prices { clerk_record: None, minutes_per_record: None, ..prices };
        assert_eq!((super::saved(&coded, 1, &bare).hours, super::saved(&coded, 1, &bare).money), (None, None));
    }
}
