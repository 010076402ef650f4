//! Which estimator of published shares to use: advice, made of the evidence and cited by the card.

use crate::measure::{Published, Tested};

/// What to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// There are no records to publish figures of.
    NothingToPublish,
    /// No shift is seen: the calibration estimator.
    Calibration,
    /// A shift is seen: the misclassification estimator, if errors within codes are as they were.
    Misclassification,
    /// A shift is seen and the misclassification estimator is refused: nothing, until records of the target are coded.
    CodeNewRecords,
    /// Whether there is a shift cannot be told.
    CannotTell,
}

/// Below this p value test part and target are taken to differ.
const SHIFTED: f64 = 0.05;

/// The advice: without shift the calibration estimator has least variance, under a shift of the codes' shares only the misclassification estimator
/// stays consistent (Meertens et al. 2022, arXiv:2103.00834; Kloos et al. 2021, doi:10.1007/978-3-030-76640-5_5).
#[must_use]
pub fn advice(published: &Published) -> Advice {
    let Some(whole) = published.areas.first().filter(|_| published.target.is_some()) else { return Advice::NothingToPublish };
    if whole.undefined.is_some() {
        return Advice::CannotTell;
    }
    match &published.shift {
        Some(Tested::F { p, .. }) if *p >= SHIFTED => Advice::Calibration,
        Some(Tested::F { .. }) if whole.refused.is_none() => Advice::Misclassification,
        Some(Tested::F { .. }) => Advice::CodeNewRecords,
        _ => Advice::CannotTell,
    }
}
