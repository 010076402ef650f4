//! Fairness between groups where there are many codes: rates of single codes, distances, the mix of codes, published comparisons.

mod compared;
mod control;
mod mix;
mod odds;
mod rates;
mod reference;
mod search;
mod shares;
mod split;
mod spread;
#[cfg(test)]
mod tests;

pub use reference::against_reference;
pub use search::guarded;
pub use spread::spread;
