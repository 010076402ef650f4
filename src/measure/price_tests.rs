//! Costs of a year and of a thousand records, worked by hand.

use super::*;
use crate::cost::{Embodied, Energy, EnergyReading, Intensity, Prices, Tier};
use crate::value::Undefined;

fn phase(name: &str, cpu: f64, records: u64, energy: Option<Range>) -> PhaseCost {
    let known = |active| EnergyReading::Known(Energy { tier: Tier::EstimateCpuKnown, active, idle: None, memory: None, lost_s: 0.0, lost_why: None });
    let short = || EnergyReading::Unknown(Undefined { reason: Reason::TooShort, why: "too short to state".into(), n: records });
    // From JSON, so that what other phases may come to hold need not be named here.
    let mut cost: PhaseCost = serde_json::from_value(serde_json::json!({
        "phase": name, "wall_s": 2.0 * cpu, "cpu_user_s": cpu, "cpu_system_s": 0.0, "records_in": records, "records_out": records,
        "peak_rss_bytes": 1000, "peak_children_bytes": 3000,
        "energy": { "unknown": { "reason": "too-short", "why": "", "n": 0 } }
    }))
    .unwrap();
    cost.energy = energy.map_or_else(short, known);
    cost
}

fn terms() -> Terms {
    Terms {
        intensity: Some(Intensity { place: None, grams_per_kwh: 100.0, basis: "generation".into(), year: 2026, source: "hand".into() }),
        pue: Some(1.5),
        embodied: Some(Embodied { kg: 1_000.0, years: 4.0, share: 0.1 }),
        prices: Some(Prices { currency: "GBP".into(), clerk_record: Some(0.75), minutes_per_record: Some(1.5), kwh: Some(0.3), cpu_hour: Some(0.05) }),
    }
}

fn of(phases: &[PhaseCost], terms: &Terms, metric: &str) -> Result<[f64; 3], String> {
    let plan = Plan { annual_records: Some(1_000_000), trainings: 2.0, terms };
    match cost_measures(phases, plan, 0.95).into_iter().find(|m| m.metric == metric).expect("the metric is there").outcome {
        Outcome::Estimate(e) => Ok([e.interval.unwrap().lower, e.value, e.interval.unwrap().upper]),
        Outcome::Undefined(u) => Err(u.why),
    }
}

fn close(got: Result<[f64; 3], String>, wanted: [f64; 3]) {
    let got = got.unwrap();
    for (g, w) in got.iter().zip(wanted) {
        assert!((g - w).abs() <= 1e-9 * w.abs().max(1e-12), "{got:?} is not {wanted:?}");
    }
}

#[test]
fn a_year_is_coding_in_proportion_and_trainings_added() {
    let t = terms();
    // 4,000 records in 2 CPU-s for 4 J (2 to 10); training 50 J (20 to 100) and a calibration too short to state of 0.1 CPU-s.
    let phases = [
        phase("fit", 20.0, 9_000, Some(Range::new(20.0, 50.0, 100.0))),
        phase("calibrate", 0.1, 500, None),
        phase("predict", 2.0, 4_000, Some(Range::new(2.0, 4.0, 10.0))),
    ];
    close(of(&phases, &t, "predict-energy-per-1000"), [0.5, 1.0, 2.5]);
    close(of(&phases, &t, "predict-cpu-seconds-per-1000"), [0.45, 0.5, 0.55]);
    close(of(&phases, &t, "train-energy"), [20.0, 50.0, 100.0]);
    // Calibration at the rate of fitting: 50/20 × 0.1 = 0.25 J, 0 to 0.5. A year: 1,000 × (0.5, 1, 2.5) + 2 × (20, 50.25, 100.5).
    close(of(&phases, &t, "annual-energy"), [540.0, 1_100.5, 2_701.0]);
    // 1,000 × 0.5 s + 2 × 20.1 s, with a tenth to either side.
    close(of(&phases, &t, "annual-cpu-seconds"), [486.18, 540.2, 594.22]);
    // 100 g/kWh × 1.5: (540, 1100.5, 2701) J / 3.6e6 × 150.
    close(of(&phases, &t, "annual-carbon"), [0.0225, 0.045_854_166_666_666_67, 0.112_541_666_666_666_67]);
    close(of(&phases, &t, "carbon-per-1000"), [0.5 * 150.0 / 3.6e6, 150.0 / 3.6e6, 2.5 * 150.0 / 3.6e6]);
    // 1,000 kg × 0.1 over 4 × 8,766 h: 2.851928… g/h; 4 s for 4,000 records is 1 s a thousand: 0.000792202 g.
    let made = 1e5 / (4.0 * 8_766.0) / 3_600.0;
    close(of(&phases, &t, "embodied-carbon-per-1000"), [made; 3]);
    close(of(&phases, &t, "software-carbon-intensity"), [0.5 * 150.0 / 3.6e6 + made, 150.0 / 3.6e6 + made, 2.5 * 150.0 / 3.6e6 + made]);
    // 1100.5 J × 1.5 / 3.6e6 × 0.3 + 540.2 s / 3600 × 0.05.
    let money = of(&phases, &t, "annual-machine-cost").unwrap()[1];
    assert!((money - (1_100.5 * 1.5 / 3.6e6 * 0.3 + 540.2 / 3_600.0 * 0.05)).abs() < 1e-12);
    // 2 × 50.25 J of training at 0.001 J a record.
    assert_eq!(break_even(&phases, 2.0), Some(100_500));
    close(of(&phases, &t, "peak-memory"), [3_000.0; 3]);
}

#[test]
fn what_is_too_short_or_made_elsewhere_is_not_a_number() {
    let t = terms();
    let short = [phase("fit", 20.0, 9_000, Some(Range::new(20.0, 50.0, 100.0))), phase("predict", 0.2, 4_000, None)];
    for metric in ["predict-energy-per-1000", "predict-cpu-seconds-per-1000", "annual-energy", "annual-cpu-seconds", "carbon-per-1000", "annual-machine-cost"] {
        assert!(of(&short, &t, metric).unwrap_err().starts_with("too short to state: 0.20 processor-seconds"), "{metric}");
    }
    assert_eq!(break_even(&short, 2.0), None);
    for metric in ["train-energy", "predict-energy-per-1000", "annual-energy"] {
        assert!(of(&[], &t, metric).unwrap_err().contains("given"), "{metric}");
    }
    let plain = Terms::default();
    let listed = cost_measures(&short, Plan { annual_records: None, trainings: 0.0, terms: &plain }, 0.95);
    assert!(listed.iter().all(|m| !m.metric.contains("carbon") && !m.metric.contains("annual")), "no factor is assumed");
}
