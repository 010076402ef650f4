//! How records came by their codes, from coders that can tell: the step that coded each, and the coded answers most like it.

/// What a coder tells of how it coded some records.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trace {
    /// The names of its steps, in order; empty for a coder without steps.
    pub steps: Vec<String>,
    /// For each record asked the step that coded it, none where all abstained; empty for a coder without steps.
    pub step: Vec<Option<u32>>,
    /// For each record asked the coded answers most like it, nearest first; empty for a coder that looks at none.
    pub neighbours: Vec<Vec<Neighbour>>,
}

/// A coded answer of the training part.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbour {
    /// The record's id.
    pub id: String,
    /// Its code.
    pub code: String,
    /// How similar it is, from 0 to 1.
    pub similarity: f64,
}
