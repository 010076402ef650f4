//! Proofmark evaluates classification models that make official statistics: it trains or loads candidates, measures how right
//! and how fair they are and what they cost, judges them against a policy written beforehand, and writes a model card.
//!
//! Data flow one way, through the modules in this order; imports only go from right to left:
//! `value → stats → metric → data → text → model → cost → measure → judge → report → spec → store → pipeline → cli`.

pub mod cli;
pub mod cost;
pub mod data;
pub mod judge;
pub mod measure;
pub mod metric;
pub mod model;
pub mod pipeline;
pub mod report;
pub mod spec;
pub mod stats;
pub mod store;
pub mod text;
pub mod value;
