//! What disclosure control is asked to keep to, and which cells the cards of one run hide together.

use super::evidence::GroupCell;
use serde::{Deserialize, Serialize};

/// Fewest records of a cell that is shown, by ACRO's default.
pub const MINIMUM_CELL: u64 = 10;

/// A named set of rules, with the source it follows.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    /// Its name in study files.
    pub id: &'static str,
    /// Whose rules these are.
    pub whose: &'static str,
    /// Fewest records (unweighted) of a cell.
    pub minimum: u64,
    /// True when sums of a column need a check of the largest contributors too: such tables are left out, since evidence does not hold who contributes.
    pub dominance: bool,
}

/// The profiles, the default first.
pub const PROFILES: [Profile; 6] = [
    Profile { id: "acro", whose: "ACRO’s defaults", minimum: MINIMUM_CELL, dominance: false },
    Profile { id: "ons", whose: "the output checks of ONS and UK LLC", minimum: 10, dominance: false },
    Profile { id: "opensafely", whose: "OpenSAFELY’s rule (counts of 7 or fewer are redacted)", minimum: 8, dominance: false },
    Profile { id: "abs", whose: "ABS DataLab", minimum: 10, dominance: true },
    Profile { id: "bundesbank", whose: "Bundesbank’s sdcLog", minimum: 5, dominance: true },
    Profile { id: "insee", whose: "Insee’s examples", minimum: 3, dominance: true },
];

/// What disclosure control keeps to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protection {
    /// The profile's name.
    pub profile: String,
    /// Fewest records (unweighted) of a cell, and the least that a hidden one must stay uncertain by.
    pub minimum: u64,
    /// True when a rate of 0 or 1 is hidden.
    pub zeros: bool,
    /// True when a rate is hidden if fewer than `minimum` records are behind it or behind its complement. Only rates of records that weigh the
    /// same tell these numbers, so it does nothing under weights.
    pub numerators: bool,
    /// True when sums of a column are left out.
    pub dominance: bool,
}

impl Default for Protection {
    fn default() -> Self {
        Self::of(&PROFILES[0])
    }
}

impl Protection {
    /// The rules of a profile.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        Self { profile: profile.id.to_owned(), minimum: profile.minimum, zeros: true, numerators: true, dominance: profile.dominance }
    }

    /// Whether these are the rules where a study says nothing.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The profile.
    #[must_use]
    pub fn named(&self) -> Option<&'static Profile> {
        PROFILES.iter().find(|p| p.id == self.profile)
    }
}

/// A figure that the card of one candidate hides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithheldCell {
    /// Id of the candidate.
    pub candidate: String,
    /// Id of the metric.
    pub metric: String,
    /// The code level; absent for the full code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_level: Option<String>,
    /// The group; absent for the whole test part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupCell>,
}

/// A code at a level of the code frame; without a level at the full code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithheldCode {
    /// The level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_level: Option<String>,
    /// The code.
    pub code: String,
}

/// A published figure: of a code, in a group, of a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithheldFigure {
    /// The group; absent for the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupCell>,
    /// The column summed; absent for shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// The code.
    pub code: String,
}

/// What the cards of one run hide, so that no card gives away what another hides of the same records.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withheld {
    /// Groups of which nothing is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupCell>,
    /// Figures of groups and of the whole test part, candidate by candidate: the difference from another would tell them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<WithheldCell>,
    /// Codes of which nothing is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<WithheldCode>,
    /// Published figures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<WithheldFigure>,
}

impl Withheld {
    /// Whether nothing is hidden.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
