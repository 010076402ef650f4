//! Wording on disclosure control.

use crate::measure::Protection;
use crate::report::format::count;

/// Why something is suppressed. The same words for every cell: which cells had to be hidden and which protect them would bound them.
pub const WHY: &str = "to protect small cells";

/// What disclosure control keeps to.
pub fn profile(rules: &Protection, minimum_group: u64) -> String {
    let whose = rules.named().map_or_else(|| rules.profile.clone(), |p| p.whose.to_owned());
    let n = count(rules.minimum);
    let zeros = if rules.zeros { ", and every rate by which none or all of a cell’s records are right" } else { "" };
    let numerators = if rules.numerators {
        format!("; where records weigh the same, also rates behind which, or behind the complement of which, fewer than {n} records stand")
    } else {
        "; rates are not looked at for the numbers of records behind them".to_owned()
    };
    let dominance = if rules.dominance { " Sums of columns are left out: whether one contributor dominates them is not in the evidence." } else { "" };
    format!(
        "Disclosure profile “{}”, after {whose}. Hidden are cells with fewer than {n} records (unweighted){zeros}{numerators}. As many more cells are hidden as keep every \
hidden number uncertain by {n} records at least, given all sums on this card and on those of the other candidates of the run: over nested and overlapping groups, code levels, \
codes, thresholds and bins of confidence. Why a cell is hidden is not told, since that would bound it. Gates are judged on the full figures, so a decision says of hidden figures \
what its gates ask of them. Confusions of fewer than {n} records are not listed. Groups with fewer than {} records get no estimate. Plotted figures are rounded as printed.{dominance}",
        rules.profile,
        count(minimum_group)
    )
}
