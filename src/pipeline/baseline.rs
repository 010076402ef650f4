//! The approved model of an earlier run beside the candidates: record by record where that run left its predictions, else estimate by estimate.

use super::again::stored;
use super::facts::data_facts;
use super::prepare::Prepared;
use super::tested::same_records;
use crate::data::{Dialect, Layout, ranked, read};
use crate::measure::{BASELINE, EVIDENCE_FORMAT, Evidence, Measure, Scored, Versus, compare, measure, unpaired};
use crate::model::from_ranked;
use crate::value::Failure;
use std::collections::BTreeSet;
use std::path::Path;

/// The approved model, ready to be compared with.
pub(super) struct Baseline {
    evidence: Evidence,
    digest: String,
    /// Its answers record by record, or why there are none.
    scored: Result<Scored, String>,
}

impl Baseline {
    /// Reads the evidence of the approved model and, from the private folder of its run, its predictions.
    ///
    /// # Errors
    /// Evidence that is missing, damaged, or of other records, another code frame or another design than this study's.
    pub fn read(file: &Path, prepared: &Prepared) -> Result<Self, Failure> {
        let (evidence, digest) = stored::<Evidence>(file, EVIDENCE_FORMAT, "evidence")?;
        same_records((&data_facts(prepared, &BTreeSet::new()), prepared.study.request.level), file, &evidence)?;
        let scored = answers(file, prepared, &evidence);
        Ok(Self { evidence, digest, scored })
    }

    /// The differences of a candidate from it, and how they were made, in words for the card's notes.
    pub fn differences(&self, prepared: &Prepared, own: &Scored, measures: &[Measure]) -> (Vec<Measure>, String) {
        let name = format!("approved model “{}”", self.evidence.candidate.name);
        let versus = Versus { candidate: BASELINE.to_owned(), name: name.clone(), test: None };
        let print = self.digest.get(..12).unwrap_or(&self.digest);
        match &self.scored {
            Ok(other) => {
                let found = compare(&prepared.sample, own, other, &versus, prepared.study.request.minimum_group);
                (found, format!("Compared with the {name} record by record on the same test records (its evidence begins with {print})."))
            }
            Err(why) => {
                let whole = |m: &&Measure| {
                    m.metric == "accuracy" && m.code_level.is_none() && m.code.is_none() && m.group.is_none() && m.contrast.is_none() && m.threshold.is_none()
                };
                let other = self.evidence.overall("accuracy");
                let found = measures.iter().find(whole).zip(other).map(|(a, b)| unpaired(&a.outcome, &b.outcome, &versus, prepared.study.request.level));
                let how = format!(
                    "Compared with the {name} by the two accuracies alone, since {why}: the records are the same, so the interval of the difference is mostly wider than \
                     need be (its evidence begins with {print})."
                );
                (found.into_iter().collect(), how)
            }
        }
    }
}

/// The approved model's answers, from the private folder of its run; they must give the accuracy of its evidence.
fn answers(file: &Path, prepared: &Prepared, evidence: &Evidence) -> Result<Scored, String> {
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let shown = format!("private/{}/predictions.parquet", evidence.candidate.id);
    let bytes = crate::store::read(&folder.join("..").join(&shown)).map_err(|_| format!("its run left no readable {shown}"))?;
    let unreadable = |_| format!("its {shown} cannot be read for these records");
    let raw = read(&shown, &bytes, Dialect::default(), &[]).map_err(unreadable)?;
    let names = |what: &str| (1..=raw.headers.len()).map(|k| format!("{what}_{k}")).filter(|name| raw.headers.contains(name)).collect::<Vec<_>>();
    let layout = Layout::Wide { codes: names("code"), confidences: names("confidence") };
    let ranked = ranked(&raw, "id", &layout).map_err(unreadable)?;
    let matched = from_ranked(&ranked, &prepared.table.ids, &prepared.split.test).map_err(unreadable)?;
    let measured = measure(&prepared.table, &prepared.split.test, &prepared.trained, &prepared.sample, &matched.predictions, &prepared.study.request);
    let measured = measured.map_err(|_| format!("its {shown} has codes that this code frame lacks"))?;
    let found = measured.measures.iter().find(|m| m.metric == "accuracy" && m.code_level.is_none() && m.group.is_none() && m.contrast.is_none());
    let stated = evidence.overall("accuracy").and_then(|m| m.outcome.estimate());
    let same = found.and_then(|m| m.outcome.estimate()).zip(stated).is_some_and(|(a, b)| (a.value - b.value).abs() < 1e-9);
    if same { Ok(measured.scored) } else { Err(format!("its {shown} gives another accuracy than its evidence")) }
}
