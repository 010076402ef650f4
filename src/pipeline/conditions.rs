//! What a decision's own conditions leave to be coded without a clerk.

use super::prepare::Prepared;
use crate::judge::{Condition, automatic_threshold, judge};
use crate::measure::{Answers, Evidence, GroupCell, remaining};

/// Measures what is coded without a clerk once the conditions of the decision are kept, where they send some records to clerks.
///
/// No gate cites it, so the decision that it waits for is the final one.
pub fn under_conditions(prepared: &Prepared, evidence: &mut Evidence, answers: &Answers, universe: &[String]) {
    let policy = &prepared.study.policy;
    let Some(threshold) = automatic_threshold(policy, evidence) else { return };
    let conditions = judge(evidence, policy, "").conditions;
    let groups: Vec<GroupCell> = conditions
        .iter()
        .filter_map(|c| match c {
            Condition::ClerkForGroup { variables, values, .. } => Some(GroupCell { variables: variables.clone(), values: values.clone() }),
            _ => None,
        })
        .collect();
    let codes: Vec<String> = conditions
        .iter()
        .filter_map(|c| match c {
            Condition::ClerkForCode { code, .. } => Some(code.clone()),
            _ => None,
        })
        .collect();
    if !groups.is_empty() || !codes.is_empty() {
        evidence.remaining = Some(remaining(&prepared.sample, answers, universe, threshold, &groups, &codes));
    }
}
