//! Statistics: numbers in, numbers out. Knows intervals, variances under a design, tests and gaps, and nothing of labels.

mod between;
mod binary;
mod bounds;
mod calibration;
mod conformal;
mod confusion;
mod corrected;
mod design;
mod double_coding;
mod fairness;
#[cfg(test)]
pub mod fixture;
mod gap;
mod grouped;
mod guarantee;
mod hierarchy;
mod influence;
mod interval;
mod linear;
mod margin;
mod multiplicity;
mod panel;
mod prediction_powered;
mod quantification;
mod quantile;
mod recalibration;
mod recompute;
mod replicate;
mod replication;
mod resample;
mod selective;
mod share_interval;
mod sparse;
mod suppression;
mod suspects;
mod tail;
mod test;
mod totals;

pub use between::{Between, Shrunken, Welch, between_groups, between_interval, expected_gap_of_equals, shrunken, welch};
pub use binary::{Against, Binary, Combine, equalised_odds_difference, equalised_odds_ratio, group_difference, group_ratio};
pub use bounds::Hidden;
pub use calibration::{Bin, Closed, Confidences, Debiased, Probabilities, Reliability};
pub use conformal::{
    Cutoff, aps_score, aps_set, conformal_coverage_interval, conformal_cutoff, coverage_gap, lac_score, lac_set, mondrian_cutoffs, weighted_conformal_cutoff,
};
pub use confusion::{ClassScore, Confusion, LabelSet, WithoutScore};
pub use corrected::{Audit, Corrected, calibrated_shares, counted_shares, difference_shares, misclassification_shares};
pub use design::{DesignFault, Lonely, LonelyStratum, Scores, Units};
pub use double_coding::{ConfidentJoint, NoAgreement, confident_joint, krippendorff_alpha, krippendorff_influences};
pub use fairness::{
    ClassGap, GapSummary, Inequality, Kitagawa, OnSupport, class_share_gaps, equal_opportunity_gaps, equalised_odds_distance, equalised_odds_distances,
    gap_biases, generalised_entropy, inequality_of_correctness, kitagawa, miss_rate_under_bias, predictive_parity_gaps, share_distance,
    standardised_accuracies, summarise_gaps,
};
pub use gap::{Pairwise, expected_range_of_normals, largest_gap, largest_gap_at, satterthwaite, sidak_quantile, sidak_quantile_of, smallest_ratio};
pub use grouped::{Columns, GroupReplicates, Replicated, replicate_groups};
pub use guarantee::{Guarantee, NoGuarantee, Search, Tested, certified_threshold, records_to_certify, upper_bound};
pub use hierarchy::{
    Coded, HierarchicalScores, LevelAccuracy, common_depth, crossing_share, depths_of_errors, hierarchical_scores, level_accuracy, mean_hierarchical_scores,
    mean_tree_distance, shared_nodes, tree_distance,
};
pub use influence::Influenced;
pub use interval::{clopper_pearson, clopper_pearson_upper, effective_size, korn_graubard, log_ratio, logit_t, newcombe, student_t, wilson};
pub use linear::{Inverse, Matrix};
pub use margin::{AgainstMargin, Shown, equivalence, non_inferiority, records_to_settle};
pub use multiplicity::{benjamini_hochberg, benjamini_yekutieli, bonferroni, holm, largest_deviation, largest_pair_deviation, max_t_adjusted, max_t_critical};
pub use prediction_powered::{PredictionPowered, Trust, difference_estimator, prediction_powered};
pub use quantification::{Adjusted, ShareErrors, Stopping, adjust_to_new_priors, clipped_shares, onto_simplex, share_errors};
pub use quantile::{beta_cdf, beta_quantile, normal_cdf, normal_quantile, t_quantile};
pub use recalibration::{NoRecalibration, Recalibration};
pub use recompute::{Cell, ReplicateVariance};
pub use replicate::{Centre, ReplicateFault, Replicates};
pub use replication::Replication;
pub use resample::{BootstrapInterval, acceleration, bca, percentile};
pub use selective::{Operating, Ties, oracle_aurc_of_rate};
pub use share_interval::{effective_df, share_interval, unseen_errors};
pub use sparse::SparseScores;
pub use suppression::TwoWayCounts;
pub use suspects::{Suspects, suspects};
pub use tail::{chi_square_upper, f_upper, studentised_range_cdf, studentised_range_quantile, t_upper};
pub use test::{
    Homogeneity, McNemar, Test, corrected_resampled_t, equal_proportions, five_by_two_f, five_by_two_t, homogeneity, mcnemar, paired_variance, records_needed,
    t_test,
};
pub use totals::{
    Misclassified, NoTotals, Population, Shares, calibration_estimator, classification_bias, classification_variances, classify_and_count,
    misclassification_estimator, misclassification_rates,
};
