//! Statistics: numbers in, numbers out. Knows intervals, linearised variances and gaps, and nothing of labels.

mod design;
mod gap;
mod interval;
mod quantile;

pub use design::{Lonely, LonelyStratum, Scores, Units};
pub use gap::{Pairwise, expected_range_of_normals, largest_gap, sidak_quantile, smallest_ratio};
pub use interval::{clopper_pearson, effective_size, korn_graubard, newcombe, wilson};
pub use quantile::{beta_cdf, beta_quantile, normal_cdf, normal_quantile, t_quantile};
