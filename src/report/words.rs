//! All English wording of the card and the comparison in one place, so that message catalogues can come later.

pub mod automation;
pub mod compared;
pub mod confusions;
pub mod cost;
pub mod fairness;
pub mod scorecard;
pub mod site;
pub mod steps;
pub mod tokens;
pub mod trials;

use super::disclosure::Why;
use super::format::{count, level};
use crate::judge::{Decision, Status};
use serde::Serialize;

pub mod baseline;
mod findings;
mod others;
pub mod protection;
mod slices;

pub use findings::{BOUND_INSIDE, MARGIN_INSIDE, detectable, family};
pub use others::{GROUPS_COUNT, NOT_WORSE_SHOWN, WORSE_FOR_ANYONE, groups_told, p_value};
pub use slices::{READ_SLICES, found, searched};

/// Language of these words, as in BCP 47.
pub const LANGUAGE: &str = "en";
/// For a question that the study leaves open.
pub const NOT_STATED: &str = "not stated";
/// On the fold over the table beside a plot.
pub const TABLE_OF: &str = "The figures as a table";
/// In place of a figure that disclosure control hides.
pub const SUPPRESSED: &str = "suppressed";
/// In place of a figure that cannot be known.
pub const CANNOT_TELL: &str = "cannot tell";
/// On a finding whose estimate disclosure control hides.
pub const SUPPRESSED_STATUS: &str = "Suppressed";
/// Why a figure is suppressed, after "suppressed: ".
pub fn why(_: Why) -> &'static str {
    protection::WHY
}

/// In place of a figure that disclosure control hides.
pub fn suppressed(reason: Why) -> String {
    format!("{SUPPRESSED} {}", why(reason))
}

/// In place of a number of records that disclosure control hides.
pub fn records_hidden(reason: Why) -> String {
    suppressed(reason)
}

/// The words of the page's frame.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Frame {
    skip: &'static str,
    contents: &'static str,
    card: &'static str,
    decision: &'static str,
    why: &'static str,
    bound: &'static str,
    conditions: &'static str,
    glance: &'static str,
    reading: &'static str,
    made_by: &'static str,
    open: &'static str,
    comparison: &'static str,
    decisions: &'static str,
    ranking: &'static str,
    all_figures: &'static str,
    floor: &'static str,
}

/// The words of the page's frame, in English.
pub const FRAME: Frame = Frame {
    skip: "Skip to the content",
    contents: "On this page",
    card: "Model card",
    decision: "Decision",
    why: "Why",
    bound: "Why this bound:",
    conditions: "If it is deployed",
    glance: "At a glance",
    reading: "How to read this part",
    made_by: "Made by",
    open: "Read the card",
    comparison: "Comparison of candidates",
    decisions: "Decisions",
    ranking: "Which is more accurate",
    all_figures: "All headline figures",
    floor: "A floor: it only marks what can be had without learning.",
};

/// The decision in a few words and in a sentence.
pub fn decision(decision: Decision) -> (&'static str, &'static str) {
    match decision {
        Decision::Deploy => ("Deploy", "Every gate of the policy is met, by the whole of its interval."),
        Decision::DeployWithConditions => {
            ("Deploy with conditions", "Every gate that can forbid deployment is met. The conditions below say what else must hold.")
        }
        Decision::Reject => ("Do not deploy", "At least one gate that forbids deployment is not met: the whole interval lies on the wrong side of the bound."),
        Decision::Undecided => (
            "Undecided: not enough evidence",
            "No gate is failed, but at least one that can forbid deployment is neither met nor failed: its interval includes the bound, or there is no estimate.",
        ),
    }
}

/// A finding's outcome in words.
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Met => "Met",
        Status::NotMet => "Not met",
        Status::Undecided => "Undecided",
    }
}

/// The decision on a candidate that is only a floor.
pub const FLOOR_DECISION: &str = "Floor: not a candidate for use";

/// Said of a candidate that is only a floor, with how it was judged.
pub fn floor(judged: Decision) -> String {
    format!(
        "This candidate only marks what can be had without learning from the records. It is judged like the others, for comparison only; the judgement was “{}”.",
        decision(judged).0
    )
}

/// What the verbs in findings stand for, and where odd levels come from.
pub const READ_FINDINGS: &str = "“Requires” stands in findings of gates that forbid deployment, “asks for” in those of gates that only set a condition. Findings of one family share a level: \
so that the chance of any wrong finding in the family stays as small as that of one, each is judged at a higher level, such as 99 %, and its interval is wider. \
Margins for differences from another candidate are judged on one-sided bounds, as is the custom for showing that something new is no worse.";

/// What is taken out of the coded records only by the conditions.
pub const BEFORE_CONDITIONS: &str = "before the records that always go to a clerk are taken out";

/// What is said of figures from which the records that always go to a clerk are taken out.
pub const UNDER_CONDITIONS: &str = "without the records that always go to a clerk";

/// Said of a card: when its evidence was made, and that nobody has signed.
pub fn dated(started: &str) -> String {
    let day: String = started.split('T').next().unwrap_or_default().to_owned();
    format!("Evidence made on {day}; not yet signed.")
}

/// What the tuning part was for; `how` is the candidate's own account of its calibration.
pub fn tuning(records: u64, how: Option<&str>, uses: &str) -> String {
    let of = if records == 0 { "There is no tuning part.".to_owned() } else { uses.to_owned() };
    match how {
        Some(how) => format!("{of} Calibration of this candidate: {how}."),
        None => of,
    }
}

/// How a reader should take the worst of many shares.
pub fn many_shares(clear: usize, all: usize, level: f64) -> String {
    let chance = super::format::fixed(all as f64 * (1.0 - level), 1);
    format!(
        "It is the worst of the {all} shares with a figure, picked after looking, so it will look worse here than on new records. For {clear} of {all} codes the interval of the share error stays clear of zero; \
about {chance} of {all} would by chance alone, were no share off."
    )
}

/// Ids and headings of the sections, in order.
pub const SECTIONS: [(&str, &str); 21] = [
    ("purpose", "What it is for, and for whom"),
    ("accuracy", "How often it is right"),
    ("groups", "For whom it is right"),
    ("slices", "Where groups combine to something worse"),
    ("codes", "Code by code"),
    ("shares", "What it would do to published shares"),
    ("published", "Published figures"),
    ("thresholds", "How much it could code without a clerk"),
    ("calibration", "Whether its confidence can be trusted"),
    ("errors", "Which codes it confuses"),
    ("tokens", "What the model looks at"),
    ("labels", "How far the true codes can be trusted"),
    ("others", "Against the other candidates"),
    ("cost", "What it costs"),
    ("scorecard", "Quality by the five dimensions of QF4SA"),
    ("data", "The data"),
    ("limits", "What was not examined"),
    ("findings", "Every gate and its finding"),
    ("provenance", "Who answers for it, and how to check it"),
    ("glossary", "Words and measures"),
    ("reading", "How to read this card"),
];

/// The heading of a section.
pub fn section(id: &str) -> &'static str {
    SECTIONS.iter().find(|(known, _)| *known == id).map_or("", |(_, heading)| heading)
}

/// That other findings of a gate are like the one just told.
pub fn alike(others: usize, gate: &str, status: Status) -> String {
    let findings = if others == 1 { "finding" } else { "findings" };
    let verb = if others == 1 { "is" } else { "are" };
    format!("{} other {findings} of gate “{gate}” {verb} {} too.", count(others as u64), self::status(status).to_lowercase())
}

/// Over the folded table of differences that are not told in a sentence.
pub const OTHER_DIFFERENCES: &str = "Other differences between these groups";

/// Questions a study should answer about its purpose.
pub const PURPOSE: [(&str, &str); 7] = [
    ("outcome", "What should change for the better"),
    ("better off", "Who is better off because it runs"),
    ("action", "What they will do differently"),
    ("insight", "What they need to know for that"),
    ("data", "Which data answer it"),
    ("enablers", "What else it takes"),
    ("out of scope", "What it is not for"),
];

/// The five collection factors, with the question behind each.
pub const COLLECTION: [(&str, &str); 5] = [
    ("trust", "Trust: who may not have answered openly"),
    ("consent", "Consent: what respondents agreed to"),
    ("power", "Power: who could not refuse, or was not asked"),
    ("transparency", "Transparency: what respondents were told"),
    ("inclusivity", "Inclusivity: who is missing or hard to code"),
];

/// Roles that someone must fill.
pub const PEOPLE: [(&str, &str); 3] = [("owner", "Owner"), ("approver", "Approver"), ("contact", "Contact")];

/// How to read the accuracy section.
pub const READ_ACCURACY: &str = "Each figure stands for the population that the records represent, and the interval says how well these records can know it: with many such \
samples, about as many intervals in a hundred as the level says would hold the true value. Accuracy alone is not enough: rare codes hardly count in it (macro-F1 gives each code the \
same weight), and errors may still cancel or add up in published shares.";
/// How to read the group section.
pub const READ_GROUPS: &str = "The line through each point is its interval: a short line is a well-known figure. Groups whose lines overlap widely may be alike. The largest of several \
noisy differences is above zero even if the model treats all groups alike; its interval covers all pairs of groups at once, and only when it stays clear of zero do the data show a difference. \
Comparisons code by code reach only codes of which two groups have enough records; their intervals cover every group and code searched, so they are wide. A ranking without noise draws each group \
towards the mean of all as far as noise explains the spread: it says where to look first, and judges no single group.";
/// How to read the code table.
pub const READ_CODES: &str = "Precision asks of the records given a code how many truly have it; recall asks of the records that truly have a code how many were given it; F1 is \
high only when both are. Codes with the largest true share come first.";
/// How to read the share errors.
pub const READ_SHARES: &str = "To the right of zero the model would over-count a code, to the left under-count it, if its codes were counted without correction. One point is one record in a hundred of \
the whole population, not of the code.";
/// How to read the threshold curve.
pub const READ_THRESHOLDS: &str = "Records whose confidence is at or above the threshold would be coded without a clerk; the rest would go to clerks. A higher threshold codes fewer records and \
gets more of them right. The marked point is the threshold that the policy names, or that was chosen for its promise.";
/// How to read the reliability plot.
pub const READ_CALIBRATION: &str = "If stated confidence can be taken at its word, the points lie on the diagonal: of the records with a confidence near 80 %, 80 % are right. Points \
below it are over-confident.";
/// How to read the confusions.
pub const READ_ERRORS: &str = "These are counts of records in the test part, not estimates for the population, so they have no interval; the share in the last column uses the survey weights. Often two codes that are confused are hard for clerks too.";
/// How to read the cost section.
pub const READ_COST: &str = "Processor time adds up all threads and can be compared between runs; wall time also depends on what else the machine was doing. Energy without a sensor is modelled from \
processor time: its range is what is plausible, not a confidence interval. Energy is told in joules (J), watt-hours (1 Wh = 3,600 J) and kilowatt-hours; a kettle uses about 100 Wh to boil a litre of water.";
/// How to read the card.
pub const READ_CARD: [&str; 6] = [
    "The decision comes first. It follows from a policy that was written before the results: gates, each with a bound. A gate looks at the whole interval, never at the point alone.",
    "Met means that the whole interval is on the wanted side of the bound, not met that it is all on the other side, undecided that it includes the bound.",
    "Every estimate has an interval, or says why it has none. “Cannot tell” means that there are too few records or nothing to divide by; it never means zero.",
    "“Suppressed” means that a figure could tell something of single respondents. Suppressed figures are in the totals and were seen by the gates.",
    "Shares are in per cent, differences between shares in percentage points. Each measure is defined under “Words and measures”.",
    "Anyone with the data, the study file and this version of the program can repeat the figures with the command given under “how to check it”.",
];

/// What this version of the program does not look at, whatever the study.
pub const NOT_EXAMINED: [&str; 4] = [
    "Whether the true codes are themselves right, beyond what double coding shows.",
    "How the figures change over time after the test records were collected.",
    "People who are not in the data: the collection factors say who they may be.",
    "Disclosure through cards of other runs on the same records, and through what a decision says of hidden figures: a person should check these before publication.",
];

/// Why a group has no estimate.
pub fn too_few(minimum_group: u64) -> String {
    format!("{CANNOT_TELL}: fewer than {} records", count(minimum_group))
}

/// The note on what all intervals of a card are.
pub fn intervals(at: f64) -> String {
    format!("Intervals are at level {} unless another is given.", level(at))
}

/// How many records would settle an undecided finding: in the whole test part or of its kind, and how.
pub fn needed(records: u64, psus: Option<u64>, whole: bool, met: bool) -> String {
    // Two significant digits: the figure is a guide, not a promise.
    let rounded = |n: u64| {
        let unit = 10u64.pow(n.max(1).ilog10().saturating_sub(1));
        count(n.div_ceil(unit).saturating_mul(unit))
    };
    let records = rounded(records);
    let psus = psus.map_or_else(String::new, |n| format!(", in about {} primary sampling units if each has as many as here", rounded(n)));
    let (of, status) = (if whole { "in all" } else { "of this kind" }, if met { "met" } else { "not met" });
    format!("If the estimate stayed where it is, about {records} test records {of} would settle it as {status} with a chance of 80 %{psus}.")
}

/// How many records a group lacks for any estimate; `known` is how many it has, if that may be shown.
pub fn lacking(minimum: u64, known: Option<u64>) -> String {
    match known.map(|n| minimum.saturating_sub(n)).filter(|n| *n > 0) {
        Some(1) => "At least one more record of this kind is needed for any estimate.".into(),
        Some(more) => format!("At least {} more records of this kind are needed for any estimate.", count(more)),
        None => format!("At least {} records of this kind are needed for any estimate.", count(minimum)),
    }
}

/// The sentence under a plot of groups that the plot leaves out.
pub fn left_out(n: usize) -> String {
    match n {
        0 => String::new(),
        1 => " One group without a figure is in the table only.".into(),
        n => format!(" {n} groups without a figure are in the table only."),
    }
}

/// The fold over the rest of a long table.
pub fn rest(n: usize, what: &str) -> String {
    format!("Show the other {n} {what}")
}

/// The fold over agreement by group.
pub const BY_GROUP: &str = "Agreement by group";

/// How to read double coding.
pub const READ_LABELS: &str = "Double coding: two coders work apart on the same records. Where people cannot agree, no model can be right, so read the model's accuracy against theirs. \
Where agreement is lower for a group, its true codes are less sure too.";

/// What double coding says of people and model, in a sentence.
pub fn human_ceiling(records: &str, agreement: &str, coder: &str, model: &str) -> String {
    format!(
        "On {records} double-coded records of the test part, two coders agree on {agreement}. A single coder gives the true code for {coder}; on the same records this candidate does for {model}."
    )
}

/// How the model does against a single coder on the same records.
pub fn against_coder(difference: &str, interval: Option<(f64, f64)>) -> String {
    let shows = match interval {
        Some((lower, _)) if lower > 0.0 => "the candidate is right more often than a single coder",
        Some((_, upper)) if upper < 0.0 => "the candidate is right less often than a single coder",
        _ => "the records do not show which of the two is right more often",
    };
    format!("Record by record, the candidate less a single coder is {difference}: {shows}.")
}

/// How many true codes look wrong to the candidate, with the caution that goes with it.
pub fn suspects(share: &str, records: &str) -> String {
    format!(
        "Of {records} test records, {share} of the weight has a true code that looks wrong to this candidate: it is surer than usual of another code. A model cannot judge a true code alone; these are records to look at again, listed in the private file `suspect_labels.csv` and not here. Where true codes are wrong, accuracy on this card is wrong too, in either direction."
    )
}

/// The fold over suspected codes.
pub const SUSPECTS_BY_CODE: &str = "Codes whose records look wrong most often";
/// The fold over suspected codes of groups.
pub const SUSPECTS_BY_GROUP: &str = "True codes that look wrong, by group";

/// What the comparison says of the ranking.
pub mod ranking {
    /// Only one candidate has an accuracy.
    pub const ALONE: &str = "There is no ranking: fewer than two candidates have an accuracy that may be shown.";
    /// The cards have no difference of the two best.
    pub const UNPAIRED: &str = "There is no ranking: the cards do not say how they differ on the same records.";
    /// Always added.
    pub const PAIRED: &str = "Candidates are compared record by record: what both code right, or both wrong, cancels. \
So the interval of a difference is narrower than the intervals of the two accuracies suggest, and it is the one to look at. The intervals are at the study's level one by one, not for all pairs at once.";
    /// Caption of the table of differences.
    pub const CAPTION: &str = "Differences in accuracy on the same records";

    /// What the interval of a difference shows.
    pub fn shows(lower: f64, upper: f64) -> &'static str {
        if lower > 0.0 {
            "more often right"
        } else if upper < 0.0 {
            "less often right"
        } else {
            super::CANNOT_TELL
        }
    }

    /// The interval of the two best's difference includes zero, or there is none.
    pub fn not_decisive(first: &str, second: &str, cell: &str) -> String {
        format!(
            "The ranking is not decisive: on the same records {first} and {second} differ by {cell}, so these records do not show which of the two is more accurate. Choose by cost, by the worst group and by the decision."
        )
    }

    /// The two best differ beyond doubt.
    pub fn apart(first: &str, second: &str, cell: &str) -> String {
        format!("{first} is more accurate than {second}, the next: on the same records they differ by {cell}.")
    }
}

/// Headings of the comparison's columns after the candidate, with the metric each is about.
pub const COMPARISON_COLUMNS: [(&str, Option<&str>); 11] = [
    ("Decision", None),
    ("Accuracy", Some("accuracy")),
    ("Worst group", Some("accuracy")),
    ("Macro-F1", Some("macro-f1")),
    ("Log loss", Some("log-loss")),
    ("Calibration error", Some("ece")),
    ("Largest share error", Some("share-error")),
    ("Training, CPU time", Some("train-cpu-seconds")),
    ("Training, energy", Some("train-energy")),
    ("Coding 1,000 records, energy", Some("predict-energy-per-1000")),
    ("Peak memory", Some("peak-memory")),
];
