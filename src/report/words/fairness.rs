//! What the card says of differences between groups, in English.

/// Over the folded table of comparisons code by code.
pub const TABLE: &str = "Fairness in detail: the same codes, what groups are given, published comparisons";
/// Over the folded ranking.
pub const RANKING: &str = "All groups in order, without what noise makes of it";
/// Over the folded table of differences from the reference group.
pub const REFERENCE: &str = "Every group against the reference group";
/// Over the folded table of differences within control variables.
pub const WITHIN: &str = "Groups compared within the levels of other variables";
/// That the data show a difference.
pub const DIFFER: &str = "the groups differ";
/// That a figure only describes.
pub const DESCRIBES: &str = "describes, does not judge";
/// That the interval stays clear of no error.
pub const WRONG: &str = "it would be wrong";

/// The first sentence of the section: of which groupings the data show a difference in accuracy, and of which they do not.
pub fn summary(differ: &[String], open: &[String]) -> String {
    match (differ.is_empty(), open.is_empty()) {
        (true, true) => "No two groups could be compared.".into(),
        (true, false) => format!(
            "In short: the data do not show that the model is more often right for some groups than for others, by {}. That does not show that it is alike for all: look at the intervals.",
            list(open, "or by")
        ),
        (false, true) => format!("In short: the data show that the model is more often right for some groups than for others: {}.", differ.join("; ")),
        (false, false) => format!(
            "In short: the data show that the model is more often right for some groups than for others: {}. By {} the data do not show a difference, nor that there is none.",
            differ.join("; "),
            list(open, "or by")
        ),
    }
}

/// "a, b or by c".
fn list(names: &[String], and: &str) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {and} {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// For whom it is right more often, and less often: "by language, for french more than for arabic (16.9 points)".
pub fn differs(grouping: &str, high: &str, low: &str, by: &str) -> String {
    format!("by {grouping}, for {high} more often than for {low} ({by})")
}

/// What standing at the same mix of codes does to the largest difference.
pub fn same_mix(level: &str, cell: &str, high: &str, low: &str, clear: bool) -> String {
    let says = if clear {
        "So the difference is not only one of the work they do: the same work is coded less well for some."
    } else {
        "The interval includes no difference: with the same work the data do not show that groups are treated otherwise, nor that they are treated alike."
    };
    format!("If all groups had the same mix of codes ({level}), the largest difference would be {cell}, {high} against {low}. {says}")
}

/// That the mix of codes cannot be held fixed.
pub fn no_same_mix(why: &str) -> String {
    format!("What the difference would be with the same mix of codes cannot be told: {why}.")
}

/// The two parts of a difference.
pub fn split(high: &str, low: &str, treatment: &str, mix: &str, level: &str, share: &str) -> String {
    format!(
        "Where {high} and {low} differ: {treatment} come from the same codes being coded better or worse, {mix} from having more codes that are easier or harder to give ({level}; \
over codes with {share} of the weight of the two)."
    )
}

/// Whether many groups differ at all.
pub fn homogeneity(groups: u64, f: &str, df: &str, denominator: &str, p: &str, differ: bool, spread: &str) -> String {
    let says = if differ { "the data show that they do" } else { "the data do not show it" };
    format!("Do the {groups} groups differ at all? F({df}, {denominator}) = {f}, p = {p}: {says}. {spread}")
}

/// How far many groups are apart without noise.
pub fn spread(corrected: &str, raw: &str, interval: Option<&str>) -> String {
    let interval = interval.map_or_else(String::new, |i| format!(" ({i})"));
    format!("As a standard deviation, they are {corrected}{interval} apart beyond what noise makes; {raw} with it.")
}

/// What a published comparison would be most wrong by.
pub fn published(cell: &str, code: &str, high: &str, low: &str, noise: &str, clear: bool) -> String {
    let says = if clear { "The data show that it would be wrong." } else { "Noise alone may make it so large: the data do not show that it would be wrong." };
    format!(
        "If every record were coded by the model alone, published comparisons would look most wrong for code {code} between {high} and {low}: by {cell}; noise alone would give about {noise}. {says}"
    )
}

/// How many codes were compared: "12 of 50 (61.0 %)".
pub fn support(codes: u64, of: u64, share: &str) -> String {
    format!("{codes} of {of} ({share})")
}

/// Caption of the table of comparisons.
pub fn caption(grouping: &str, level: &str) -> String {
    format!("Fairness between groups of {grouping}; comparisons of single codes are at the level “{level}”, the finest at which enough codes can be compared")
}
