//! What the card says of differences between groups, in English.

/// Over the folded table of comparisons code by code.
pub const TABLE: &str = "Fairness in detail: the same codes, what groups are given, published comparisons";
/// Over the folded ranking.
pub const RANKING: &str = "Every group: at the same mix of codes, and in what its published shares would be wrong";
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

/// The first sentence of the section: by which variables the data show a difference in accuracy between two groups, by which only between all
/// groups taken together, and by which they show none.
pub fn summary(differ: &[String], whole: &[String], open: &[String]) -> String {
    let mut out = "In short: ".to_owned();
    if differ.is_empty() {
        out.push_str("the data do not show of any two groups that the model is more often right for one than for the other.");
    } else {
        out.push_str(&format!("the data show that the model is more often right for some groups than for others: {}.", differ.join("; ")));
    }
    if !whole.is_empty() {
        out.push_str(&format!(" By {} the groups differ when all are tested together, though no two of them can be told apart.", list(whole, "and by")));
    }
    if !open.is_empty() {
        out.push_str(&format!(" By {} the data show no difference, but do not show that there is none either: look at the intervals.", list(open, "or by")));
    }
    out
}

/// "a, b or by c".
fn list(names: &[String], and: &str) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {and} {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// For whom it is right more often, and less often: "by language (“french” above “arabic” by 16.9 points)".
pub fn differs(grouping: &str, high: &str, low: &str, by: &str) -> String {
    format!("by {grouping} (“{high}” above “{low}” by {by})")
}

/// What standing at the same mix of codes does to the largest difference.
pub fn same_mix(level: &str, cell: &str, high: &str, low: &str, clear: bool) -> String {
    let says = if clear {
        "So the difference is not only one of the work they do: the same work is coded less well for some."
    } else {
        "The interval includes no difference: with the same work the data do not show that groups are treated otherwise, nor that they are treated alike."
    };
    format!("If all groups had the same mix of codes ({level}), the largest difference would be {cell}, “{high}” above “{low}”. {says}")
}

/// The two parts of a difference.
pub fn split(high: &str, low: &str, treatment: &str, mix: &str, level: &str, share: &str) -> String {
    format!(
        "Of the difference between “{high}” and “{low}”, {treatment} come from the same codes being coded better or worse, {mix} from having more codes that are easier or harder to give ({level}; \
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

/// What the data show code by code: the worst recall gap, published comparison, or published share of a group.
pub fn by_code(metric: &str, cell: &str, code: &str, high: &str, low: &str, noise: Option<&str>, comparisons: &str) -> String {
    let noise = noise.map_or_else(String::new, |n| format!("; noise alone would give about {n}"));
    let worst = format!("the worst of {comparisons} comparisons, all covered by the interval{noise}");
    match metric {
        "equal-opportunity-gap" => {
            format!("Code by code: of the records that truly have code {code}, more are coded right in “{high}” than in “{low}”, by {cell} ({worst}).")
        }
        "gap-bias" => format!(
            "If every record were coded by the model alone, a published comparison of “{high}” and “{low}” would be wrong for code {code} by {cell} ({worst})."
        ),
        _ => format!("If every record were coded by the model alone, the published share of code {code} in “{high}” would be wrong by {cell} ({worst})."),
    }
}

/// Caption of the table of groups; without an order where noise explains all of their spread.
pub fn ranking(grouping: &str, no_order: bool) -> String {
    if no_order {
        format!("Groups of {grouping}; noise explains all of their spread, so they have no order")
    } else {
        format!("Groups of {grouping}, the lowest first")
    }
}

/// How many codes were compared: "12 of 50 (61.0 %)".
pub fn support(codes: u64, of: u64, share: &str) -> String {
    format!("{codes} of {of} ({share})")
}

/// Caption of the table of comparisons.
pub fn caption(grouping: &str, level: &str) -> String {
    format!("Fairness between groups of {grouping}; comparisons of single codes are at the level “{level}”, the finest at which enough codes can be compared")
}
