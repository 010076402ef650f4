//! What a candidate costs, for a reader who has never heard of an energy counter.

use crate::cost::{Intensity, Terms, Tier};
use crate::measure::Finding;
use crate::report::locale::{Words, say};

/// How well the energy is known, in plain words.
pub fn known(w: &Words, tier: Tier, virtual_machine: bool) -> String {
    let how = match tier {
        Tier::MeasuredMeter => say!(w, "known-meter"),
        Tier::MeasuredPartial => say!(w, "known-partial"),
        Tier::MeasuredRapl => say!(w, "known-rapl"),
        Tier::EstimateCpuKnown => say!(w, "known-estimate"),
        Tier::EstimateGeneric => say!(w, "known-generic"),
    };
    let shared = virtual_machine.then(|| say!(w, "known-shared"));
    [Some(how), shared, Some(say!(w, "known-middle"))].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The factor that carbon was computed with.
pub fn intensity(w: &Words, i: &Intensity, terms: &Terms) -> String {
    let place = i.place.as_ref().map_or_else(String::new, |p| say!(w, "carbon-place", place = w.told(p)));
    let basis = match i.basis.as_str() {
        "generation" => say!(w, "carbon-generation"),
        "life-cycle" => say!(w, "carbon-life-cycle"),
        other => w.told(other),
    };
    let pue = terms.pue.map_or_else(|| say!(w, "carbon-no-pue"), |p| say!(w, "carbon-pue", pue = w.significant(p, 3)));
    let grams = w.fixed(i.grams_per_kwh, 2);
    let grams = w.marks().short(&grams);
    let told = say!(w, "carbon-told", grams = grams, place = place, basis = basis, year = i.year.to_string(), source = i.source);
    format!("{told} {pue}")
}

/// An amount of energy more or less, with its range: "290 J more a year (plausible range 100 J to 890 J)".
pub fn extra(w: &Words, [low, central, high]: [f64; 3], span: &str) -> String {
    let amount = |joules: f64| w.quantity(joules.abs());
    let signed = |joules: f64| {
        if joules < 0.0 { say!(w, "amount-less", amount = amount(joules)) } else { say!(w, "amount-more", amount = amount(joules)) }
    };
    let less = |joules: f64| joules < 0.0;
    let (near, far) = if central < 0.0 { (high, low) } else { (low, high) };
    let range = if less(near) == less(central) && less(far) == less(central) {
        let (near, far) = if near.abs() <= far.abs() { (near, far) } else { (far, near) };
        w.between(amount(near), amount(far))
    } else {
        w.between(signed(near), signed(far))
    };
    say!(w, "extra-told", amount = signed(central), span = span, range = range)
}

/// What accuracy and energy say together.
pub fn finding(w: &Words, finding: Finding, extra_by: Option<f64>, per_point: Option<[f64; 3]>, year: bool) -> String {
    let span = if year { say!(w, "span-year") } else { say!(w, "span-training") };
    let by = extra_by.map_or_else(String::new, |j| w.quantity(j.abs()));
    match (finding, per_point) {
        (Finding::Priced, Some(p)) => say!(w, "gain-priced", cost = w.quantity(p[1]), span = span, low = w.quantity(p[0]), high = w.quantity(p[2])),
        (Finding::NoDemonstratedGain, _) => say!(w, "gain-none", by = by, span = span),
        (Finding::Dominated, _) => say!(w, "gain-dominated", by = by, span = span),
        (Finding::Dominates, _) => say!(w, "gain-dominates"),
        (Finding::Saves, _) => say!(w, "gain-saves", by = by, span = span),
        (Finding::NotComparable, _) => say!(w, "gain-not-comparable"),
        _ => say!(w, "gain-cannot-tell"),
    }
}

/// Three figures with one unit behind the first: "5,400 hours (5,250 to 5,550)"; `unit` says a figure with its unit.
pub fn three(w: &Words, told: [f64; 3], unit: impl Fn(&str) -> String) -> String {
    let [low, value, high] = told.map(|x| w.fixed(round(x), 0));
    let value = unit(&value);
    if low == high { value } else { say!(w, "three-range", value = value, low = low, high = high) }
}

/// A projected number to three figures: more would feign what is not known.
fn round(x: f64) -> f64 {
    if x.abs() < 1.0 {
        return x.round();
    }
    let unit = 10f64.powi(x.abs().log10().floor() as i32 - 2).max(1.0);
    (x / unit).round() * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energy_more_or_less_reads_well() {
        let w = Words::english();
        assert_eq!(extra(w, [100.0, 290.0, 890.0], "a year"), "290 J more a year (plausible range 100 J to 890 J)");
        assert_eq!(extra(w, [-100.0, -290.0, -890.0], "a training"), "290 J less a training (plausible range 100 J to 890 J)");
        assert_eq!(extra(w, [-1.0, 2.0, 3.0], "a year"), "2.0 J more a year (plausible range 1.0 J less to 3.0 J more)");
        assert_eq!(three(w, [210_000.0, 216_000.0, 222_000.0], |n| format!("{n} records")), "216,000 records (210,000 to 222,000)");
        assert_eq!(three(w, [0.4, 12.0, 12.6], |n| format!("{n} hours")), "12 hours (0 to 13)");
    }

    #[test]
    fn findings_are_in_words() {
        let w = Words::english();
        assert_eq!(finding(w, Finding::NoDemonstratedGain, Some(7.2e6), None, true), "no demonstrated gain; extra energy 2.0 kWh a year");
        assert_eq!(finding(w, Finding::Dominated, Some(50.0), None, false), "dominated: less often right, and 50 J more a training");
        assert!(finding(w, Finding::Priced, Some(400.0), Some([50.0, 200.0, 1_200.0]), true).contains("costs 200 J a year (plausible range 50 J to 0.33 Wh)"));
    }
}
