//! Words of what a candidate costs, for a reader who has never heard of an energy counter.

use crate::cost::{Intensity, Terms, Tier};
use crate::measure::Finding;
use crate::report::format::{fixed, significant};

/// How well the energy is known, in plain words.
pub fn known(tier: Tier, virtual_machine: bool) -> String {
    let how = match tier {
        Tier::MeasuredMeter => {
            "The energy was measured: a meter of the whole computer was read before and after, and this work is given its share by processor time.".to_owned()
        }
        Tier::MeasuredPartial => {
            "The energy was measured, coarsely: a sensor of the computer was read, and this work is given its share of it by processor time.".to_owned()
        }
        Tier::MeasuredRapl => {
            "The energy was measured: the processor has counters of its own, and this work is given its share of them by processor time.".to_owned()
        }
        Tier::EstimateCpuKnown => {
            "The energy was not measured but estimated: the processor time, which is known well, times what a processor of this kind draws when it is busy, which \
             is known only within a range."
                .to_owned()
        }
        Tier::EstimateGeneric => {
            "The energy was not measured but estimated, and widely: the processor time, which is known well, times what servers typically draw when they are \
             busy, because the processor was not recognised."
                .to_owned()
        }
    };
    let shared = if virtual_machine { " This is a virtual machine: others share its processor, unseen, which widens the range." } else { "" };
    format!("{how}{shared} The middle figure is the one to use; the true one is plausibly between the two others.")
}

/// What no meter here sees.
pub const NOT_METERED: &str =
    "Not in these figures: disks, network, fans, losses of the power supply, screens, and the building around the machine unless a PUE is stated.";

/// The factor that carbon was computed with.
pub fn intensity(i: &Intensity, terms: &Terms) -> String {
    let place = i.place.as_ref().map_or_else(String::new, |p| format!(" for {p}"));
    let basis = match i.basis.as_str() {
        "generation" => "emissions of generating the electricity".to_owned(),
        "life-cycle" => "emissions over the whole life cycle of the power stations".to_owned(),
        other => other.to_owned(),
    };
    let pue = terms.pue.map_or_else(
        || " Nothing is added for the building, because no PUE is stated.".to_owned(),
        |p| format!(" Energy is multiplied by {} for the building (PUE, as the study states it).", significant(p, 3)),
    );
    format!(
        "Carbon is energy times {} g CO₂e a kilowatt-hour{place}: {basis}, {}, {}. Factors of another basis or year give other figures, so compare kilowatt-hours first.{pue}",
        fixed(i.grams_per_kwh, 2).trim_end_matches('0').trim_end_matches('.'),
        i.year,
        i.source
    )
}

/// That the study names no factor.
pub const NO_INTENSITY: &str =
    "Carbon is not stated, because the study names no carbon intensity: give `country` or `grid_intensity` under [cost] to have it computed.";

/// An amount of energy more or less, with its range: "290 J more a year (plausible range 100 J to 890 J)".
pub fn extra([low, central, high]: [f64; 3], span: &str) -> String {
    let amount = |joules: f64| crate::cost::quantity(joules.abs());
    let sign = |joules: f64| if joules < 0.0 { "less" } else { "more" };
    let (near, far) = if central < 0.0 { (high, low) } else { (low, high) };
    let range = if sign(near) == sign(central) && sign(far) == sign(central) {
        let (near, far) = if near.abs() <= far.abs() { (near, far) } else { (far, near) };
        format!("{} to {}", amount(near), amount(far))
    } else {
        format!("{} {} to {} {}", amount(near), sign(near), amount(far), sign(far))
    };
    format!("{} {} {span} (plausible range {range})", amount(central), sign(central))
}

/// What accuracy and energy say together.
pub fn finding(finding: Finding, extra_by: Option<f64>, per_point: Option<[f64; 3]>, year: bool) -> String {
    let span = if year { "a year" } else { "a training" };
    let by = extra_by.map_or_else(String::new, |j| crate::cost::quantity(j.abs()));
    match (finding, per_point) {
        (Finding::Priced, Some(p)) => format!(
            "each point of accuracy gained costs {} {span} (plausible range {} to {})",
            crate::cost::quantity(p[1]),
            crate::cost::quantity(p[0]),
            crate::cost::quantity(p[2])
        ),
        (Finding::NoDemonstratedGain, _) => format!("no demonstrated gain; extra energy {by} {span}"),
        (Finding::Dominated, _) => format!("dominated: less often right, and {by} more {span}"),
        (Finding::Dominates, _) => "more often right, and no dearer".into(),
        (Finding::Saves, _) => format!("not shown to be more often right; saves {by} {span}"),
        (Finding::NotComparable, _) => "not compared: measured on different machines or in different ways".into(),
        _ => "cannot tell: the energy of one of the two is too short to state or not known".into(),
    }
}

/// Three figures with one unit behind them: "5,400 hours (5,250 to 5,550)".
pub fn three(told: [f64; 3], unit: &str) -> String {
    let [low, value, high] = told.map(|x| fixed(round(x), 0));
    if low == high { format!("{value} {unit}") } else { format!("{value} {unit} ({low} to {high})") }
}

/// A projected number to three figures: more would feign what is not known.
fn round(x: f64) -> f64 {
    if x.abs() < 1.0 {
        return x.round();
    }
    let unit = 10f64.powi(x.abs().log10().floor() as i32 - 2).max(1.0);
    (x / unit).round() * unit
}

/// What the phases are, for a reader who has not trained a model.
pub const PHASES: &str = "Phases: features turns answers into numbers, fit learns from them, calibrate makes confidences mean what they say, predict codes the test part, settle chooses \
thresholds, evaluate computes this card and is no part of using the model. Where a year is projected, short coding is repeated until it is long enough to be stated.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energy_more_or_less_reads_well() {
        assert_eq!(extra([100.0, 290.0, 890.0], "a year"), "290 J more a year (plausible range 100 J to 890 J)");
        assert_eq!(extra([-100.0, -290.0, -890.0], "a training"), "290 J less a training (plausible range 100 J to 890 J)");
        assert_eq!(extra([-1.0, 2.0, 3.0], "a year"), "2.0 J more a year (plausible range 1.0 J less to 3.0 J more)");
        assert_eq!(three([210_000.0, 216_000.0, 222_000.0], "records"), "216,000 records (210,000 to 222,000)");
        assert_eq!(three([0.4, 12.0, 12.6], "hours"), "12 hours (0 to 13)");
    }

    #[test]
    fn findings_are_in_words() {
        assert_eq!(finding(Finding::NoDemonstratedGain, Some(7.2e6), None, true), "no demonstrated gain; extra energy 2.0 kWh a year");
        assert_eq!(finding(Finding::Dominated, Some(50.0), None, false), "dominated: less often right, and 50 J more a training");
        assert!(finding(Finding::Priced, Some(400.0), Some([50.0, 200.0, 1_200.0]), true).contains("costs 200 J a year (plausible range 50 J to 0.33 Wh)"));
    }
}
