//! Every candidate against the one in production: whether it is shown to be not worse by more than a margin.

use crate::judge::{Bound, Verdict, not_worse};
use crate::measure::{Evidence, Measure};
use crate::report::{Current, NotWorse};

/// The candidates against the one in production; the margin is that of a policy's gate on this difference where there is one, else the given one.
pub(super) fn current<'a>(id: &str, all: impl Iterator<Item = (&'a Evidence, &'a Verdict)>, margin: Option<f64>) -> Current {
    let all: Vec<_> = all.collect();
    let name = all.iter().find(|(e, _)| e.candidate.id == id).map_or(id, |(e, _)| e.candidate.name.as_str()).to_owned();
    let others = all.iter().filter(|(e, _)| e.candidate.id != id);
    let compared = others.map(|(e, v)| {
        let difference = e.measures.iter().find(|m| overall(m, id));
        let judged = v.findings.iter().find(|f| overall(&f.measure, id) && matches!(f.bound, Bound::NonInferiorBy(_))).cloned();
        let finding = judged.or_else(|| Some(not_worse(difference?, margin?, e.study.level)));
        NotWorse { candidate: e.candidate.id.clone(), finding }
    });
    Current { candidate: id.to_owned(), name, compared: compared.collect() }
}

/// The difference in accuracy from a candidate, of the whole test part at the full code.
fn overall(m: &Measure, id: &str) -> bool {
    m.metric == "accuracy-difference" && m.group.is_none() && m.code_level.is_none() && m.versus.as_ref().is_some_and(|v| v.candidate == id)
}
