//! The commented files that `proofmark init` writes: a study of one's own that runs as it is.

/// The files that `init` writes: path relative to the new folder, and text.
#[must_use]
pub fn templates() -> Vec<(&'static str, &'static str)> {
    vec![
        ("README.md", include_str!("templates/README.md")),
        ("datasets/my-survey/dataset.toml", include_str!("templates/dataset.toml")),
        ("datasets/my-survey/records.csv", include_str!("templates/records.csv")),
        ("datasets/my-survey/codes.csv", include_str!("templates/codes.csv")),
        ("models/linear/model.toml", include_str!("templates/linear.toml")),
        ("models/majority/model.toml", include_str!("templates/majority.toml")),
        ("reports/my-study/study.toml", include_str!("templates/study.toml")),
        ("reports/my-study/policy.toml", include_str!("templates/policy.toml")),
    ]
}
