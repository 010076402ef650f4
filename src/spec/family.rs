//! Reads the families of a policy: how the findings of their gates share one level.

use super::sink::Sink;
use super::source::quote;
use super::value::Value;
use crate::judge::{Family, Gate, Severity, Sharing};
use crate::value::nearest;

/// The methods, by the names that a policy gives them.
const METHODS: [(&str, Sharing); 4] =
    [("holm", Sharing::Holm), ("bonferroni", Sharing::Bonferroni), ("max-t", Sharing::MaxT), ("benjamini-hochberg", Sharing::BenjaminiHochberg)];

/// Reads `[[family]]`; `gates` are absent when they could not be read.
pub(super) fn families(value: &Value<'_>, gates: Option<&[Gate]>, out: &mut Sink) -> Option<Vec<Family>> {
    let items = value.list(out)?;
    let wanted = items.len();
    let mut families: Vec<Family> = Vec::new();
    for item in &items {
        let mut table = item.table(out)?;
        let at = table.need("id", "name the family as its gates do: id = \"regions\"");
        let id = at.as_ref().and_then(|v| v.filled(out));
        let method_at = table.take("method");
        let method = method_at.as_ref().map_or(Some(Sharing::default()), |v| v.choice(&METHODS, out));
        table.finish(out);
        let (Some(id), Some(method), Some(at)) = (id, method, at) else { continue };
        if families.iter().any(|f| f.id == id) {
            out.push(at.problem(format!("the family {} is given twice", quote(&id))).remedy("remove one of the two"));
            continue;
        }
        let mut used: Vec<&str> = gates.into_iter().flatten().filter_map(|g| g.family.as_deref()).collect();
        used.dedup();
        if gates.is_some() && !used.contains(&id.as_str()) {
            let remedy = match nearest(&id, used.iter().copied()) {
                Some(near) => format!("did you mean {}?", quote(near)),
                None => format!("write family = {id:?} in the gates that share a level, or remove the family"),
            };
            out.push(at.problem(format!("no gate is of the family {}", quote(&id))).remedy(remedy));
            continue;
        }
        let denying = gates.into_iter().flatten().find(|g| g.family.as_ref() == Some(&id) && g.severity == Severity::Deny);
        if let (Sharing::BenjaminiHochberg, Some(gate)) = (method, denying) {
            let problem =
                method_at.as_ref().unwrap_or(&at).problem(format!("gate {} can forbid deployment, and this method is for exploring only", quote(&gate.id)));
            out.push(problem.remedy("it lets some of the findings be wrong: take \"holm\", or set severity = \"warn\""));
            continue;
        }
        families.push(Family { id, method });
    }
    (families.len() == wanted).then_some(families)
}
