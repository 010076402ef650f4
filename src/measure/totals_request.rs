//! Which published figures to examine.

use super::request::Grouping;

/// Which published shares and totals to examine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Code level of the shares; none for the full code.
    pub level: Option<String>,
    /// Domains that figures are published by.
    pub by: Vec<Grouping>,
    /// Numeric columns whose totals by code are published.
    pub variables: Vec<String>,
    /// True when the records without a true code are all there are, false when they are a sample as the labelled ones are.
    pub census: bool,
}
