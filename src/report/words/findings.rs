//! Words on families of findings.

use crate::judge::{Shared, Sharing};
use crate::report::locale::{Words, say};

/// How a family shared its level.
pub fn family(w: &Words, share: &Shared, low: &str, high: &str) -> String {
    let levels = if low == high { say!(w, "levels-at", level = low) } else { say!(w, "levels-between", low = low, high = high) };
    let (name, n) = (&share.family, share.findings);
    match share.method {
        Sharing::Holm => say!(w, "family-holm", name = name, n = n, levels = levels),
        Sharing::Bonferroni => say!(w, "family-bonferroni", name = name, n = n, levels = levels),
        Sharing::MaxT => say!(w, "family-max-t", name = name, n = n, levels = levels),
        Sharing::BenjaminiHochberg => say!(w, "family-benjamini-hochberg", name = name, n = n, levels = levels),
    }
}
