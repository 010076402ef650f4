//! From a study and its candidates to what their costs are computed from, and what accuracy costs between them.

use super::prepare::Prepared;
use crate::measure::{CitedCost, Evidence, Plan, Priced, gains};
use crate::spec::Candidate;

/// What the study says that costs depend on.
pub(super) fn plan(prepared: &Prepared) -> Plan<'_> {
    let cost = &prepared.study.cost;
    Plan { annual_records: cost.annual_records, trainings: cost.retrainings_per_year.unwrap_or(0.0), terms: &cost.terms }
}

/// The cost file that a candidate cites.
pub(super) fn cited(candidate: &Candidate) -> Option<CitedCost> {
    let (written, file) = candidate.cost.as_ref()?;
    // The name alone, as of all files.
    let name = written.rsplit('/').next().unwrap_or_default().to_owned();
    Some(CitedCost { file: name, digest: file.digest.clone(), measured: file.measured.clone(), host: file.host.clone(), phases: file.phases.clone() })
}

/// Adds to every candidate what its accuracy costs beside that of the others.
pub(super) fn add_gains(all: &mut [Evidence]) {
    let priced: Vec<Priced<'_>> =
        all.iter().map(|e| Priced { id: &e.candidate.id, name: &e.candidate.name, cost: &e.run.cost, host: e.run.metered().0 }).collect();
    let found: Vec<_> = all.iter().zip(&priced).map(|(e, own)| gains(*own, &priced, &e.measures)).collect();
    for (evidence, gains) in all.iter_mut().zip(found) {
        evidence.run.gains = gains;
    }
}
