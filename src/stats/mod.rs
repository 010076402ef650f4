//! Statistics: numbers in, numbers out. Knows intervals, variances under a design, tests and gaps, and nothing of labels.

mod between;
mod design;
mod gap;
mod interval;
mod margin;
mod multiplicity;
mod quantile;
mod recompute;
mod replicate;
mod resample;
mod tail;
mod test;

pub use between::{Between, Shrunken, between_groups, expected_gap_of_equals, shrunken};
pub use design::{DesignFault, Lonely, LonelyStratum, Scores, Units};
pub use gap::{Pairwise, expected_range_of_normals, largest_gap, largest_gap_at, sidak_quantile, smallest_ratio};
pub use interval::{clopper_pearson, clopper_pearson_upper, effective_size, korn_graubard, log_ratio, logit_t, newcombe, student_t, wilson};
pub use margin::{AgainstMargin, Shown, equivalence, non_inferiority, records_to_settle};
pub use multiplicity::{benjamini_hochberg, benjamini_yekutieli, bonferroni, holm, largest_deviation, largest_pair_deviation, max_t_adjusted, max_t_critical};
pub use quantile::{beta_cdf, beta_quantile, normal_cdf, normal_quantile, t_quantile};
pub use recompute::{Cell, ReplicateVariance};
pub use replicate::{Centre, ReplicateFault, Replicates};
pub use resample::{BootstrapInterval, acceleration, bca, percentile};
pub use tail::{chi_square_upper, f_upper, studentised_range_cdf, studentised_range_quantile, t_upper};
pub use test::{
    Homogeneity, McNemar, Test, corrected_resampled_t, equal_proportions, five_by_two_f, five_by_two_t, homogeneity, mcnemar, paired_variance, records_needed,
    t_test,
};
