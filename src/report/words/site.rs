//! Wording of the page that lists studies.

use super::count;
use serde::Serialize;

/// The words of the page's frame.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct SiteFrame {
    kicker: &'static str,
    studies: &'static str,
    comparison: &'static str,
    open: &'static str,
    floor: &'static str,
    no_page: &'static str,
    evaluated: &'static str,
    review: &'static str,
    accuracy: &'static str,
}

/// The words of the page's frame, in English.
pub const SITE: SiteFrame = SiteFrame {
    kicker: "Studies",
    studies: "Studies on this page",
    comparison: "Compare the candidates of this study",
    open: "Read the card",
    floor: "A floor: it only marks what can be had without learning.",
    no_page: "Its card has no page here.",
    evaluated: "Evaluated",
    review: "Review due",
    accuracy: "Coded right",
};

/// The page's heading where none is given.
pub const TITLE: &str = "Model cards";

/// How much is listed.
pub fn sum(studies: usize, candidates: usize) -> String {
    let of = |n: usize, one: &str, more: &str| if n == 1 { format!("one {one}") } else { format!("{} {more}", count(n as u64)) };
    format!(
        "{} with {}. Each card says what was decided and why, who is better off, how right the model is and for whom, what it costs, and who answers for it.",
        super::super::build::upper_first(&of(studies, "study", "studies")),
        of(candidates, "candidate", "candidates")
    )
}

/// When a decision has to be looked at again.
pub fn review(valid_months: Option<u32>) -> String {
    match valid_months {
        Some(1) => "one month after signing; not yet signed".to_owned(),
        Some(n) => format!("{n} months after signing; not yet signed"),
        None => "the policy sets no date".to_owned(),
    }
}

/// In place of an accuracy that may not be shown.
pub const NO_ACCURACY: &str = "cannot tell";
