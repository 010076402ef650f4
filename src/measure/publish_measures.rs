//! The figures of counting that gates can cite, from the published ones.

use super::engine::{plain, too_few};
use super::evidence::Measure;
use super::publish_area::LEAST;
use super::published::Published;
use crate::value::Outcome;

/// For the whole: how far counting misplaces the shares, and the bias of counting of each code at the level of the published figures.
///
/// At the full code the bias is the share error, which has measures of its own.
#[must_use]
pub fn counting_measures(published: &Published) -> Vec<Measure> {
    let Some(whole) = published.areas.first() else { return Vec::new() };
    let mut measures = vec![plain("counting-distance", published.counting_distance.clone())];
    if let Some(level) = &published.code_level {
        for c in &whole.codes {
            let outcome = if c.truly < LEAST { Outcome::Undefined(too_few(c.truly, "records with the code", LEAST)) } else { c.bias.clone() };
            measures.push(Measure { code_level: Some(level.clone()), code: Some(c.code.clone()), ..plain("counting-bias", outcome) });
        }
    }
    measures
}
