//! Wording on disclosure control.

use crate::measure::Protection;
use crate::report::locale::{Words, say};

/// What disclosure control keeps to.
pub fn profile(w: &Words, rules: &Protection, minimum_group: u64) -> String {
    let whose = rules.named().map_or_else(|| rules.profile.clone(), |p| w.told(p.whose));
    let zeros = if rules.zeros { say!(w, "disclosure-zeros") } else { String::new() };
    let n = rules.minimum;
    let numerators = if rules.numerators { say!(w, "disclosure-numerators", n = n) } else { say!(w, "disclosure-no-numerators") };
    let told =
        say!(w, "disclosure-profile", profile = rules.profile, whose = whose, n = n, zeros = zeros, numerators = numerators, minimum_group = minimum_group);
    if rules.dominance { format!("{told} {}", say!(w, "disclosure-dominance")) } else { told }
}
