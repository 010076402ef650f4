//! Reads `[disclosure]`: what cards keep to so that no small cell can be told from them.

use super::sink::Sink;
use super::value::Value;
use crate::measure::{PROFILES, Profile, Protection};

/// Reads `[disclosure]`, all of it optional: a profile by its name, and what differs from it.
pub(super) fn read(value: Option<&Value<'_>>, out: &mut Sink) -> Option<Protection> {
    let Some(value) = value else { return Some(Protection::default()) };
    let mut table = value.table(out)?;
    let profiles: Vec<(&'static str, &'static Profile)> = PROFILES.iter().map(|p| (p.id, p)).collect();
    let rules = table.take("profile").map_or(Some(Protection::default()), |v| v.choice(&profiles, out).map(Protection::of));
    // A cell of one or two records could be anybody's.
    let minimum = table.take("minimum").map_or(Some(None), |v| v.whole(3, 1_000, out).map(Some));
    let mut flag = |key: &'static str, out: &mut Sink| table.take(key).map_or(Some(None), |v| v.flag(out).map(Some));
    let zeros = flag("zeros", out);
    let numerators = flag("numerators", out);
    let dominance = flag("dominance", out);
    table.finish(out);
    let mut rules = rules?;
    rules.minimum = minimum?.unwrap_or(rules.minimum);
    rules.zeros = zeros?.unwrap_or(rules.zeros);
    rules.numerators = numerators?.unwrap_or(rules.numerators);
    rules.dominance = dominance?.unwrap_or(rules.dominance);
    Some(rules)
}
