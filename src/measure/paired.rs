//! Two candidates on the same records: the design-based interval of their difference in accuracy.

use super::estimate::Kind;
use super::sample::Sample;
use super::tally::{Mass, Part, ratio};
use crate::value::{Outcome, Reason};
use std::collections::BTreeMap;

/// The difference in accuracy of one candidate from another, by who is right on each test record.
///
/// The mean of the paired differences d = 1{this right} − 1{other right} with its linearised variance: under equal weights and
/// independent records this is McNemar's comparison (McNemar 1947, doi:10.1007/BF02295996) as an interval.
#[must_use]
pub fn paired(sample: &Sample, this: &[bool], other: &[bool]) -> Outcome {
    let mut cells: BTreeMap<(u32, bool, bool), Mass> = BTreeMap::new();
    for (i, (&a, &b)) in this.iter().zip(other).enumerate() {
        cells.entry((sample.unit[i], a, b)).or_default().add(sample.weight[i]);
    }
    let parts = cells.iter().map(|(&(unit, a, b), &mass)| Part { unit, mass, a: f64::from(a) - f64::from(b), b: 1.0 });
    match ratio(&sample.sampling.units, parts) {
        Some(linear) => sample.sampling.estimate(&linear, Kind::Signed),
        None => Outcome::undefined(Reason::NoRecords, "no record", 0),
    }
}
