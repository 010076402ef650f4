//! The files that come with the program load without a problem.

use super::Memory;
use crate::spec::{Files, check_columns, load, templates};
use std::path::Path;

#[test]
fn templates_load_and_their_columns_are_there() {
    let files = Memory::of(&templates());
    let study = load(Path::new("reports/my-study/study.toml"), &files).unwrap_or_else(|f| panic!("{f}"));
    let headers: Vec<(String, Vec<String>)> =
        study.files().iter().map(|f| (f.key.clone(), files.text(&f.path).unwrap().lines().next().unwrap().split(',').map(str::to_owned).collect())).collect();
    assert_eq!(headers.len(), 2);
    assert_eq!(check_columns(&study, &headers), []);
    assert!(templates().iter().any(|(path, _)| *path == "README.md"));
}

/// The lines of a template that are commented out are right too: every key they show is known.
#[test]
fn keys_shown_in_comments_are_known() {
    let files = Memory::of(&templates());
    let study = files.text_of("reports/my-study/study.toml");
    let (before, after) = study.split_once("# [[candidate]]").unwrap();
    let shown = after.trim_start().lines().take_while(|l| !l.is_empty()).map(|l| l.trim_start_matches("# ")).collect::<Vec<_>>().join("\n");
    let rest = after.split_once("\n\n").unwrap().1;
    let files = files.with("reports/my-study/predictions.csv", "").with("reports/my-study/study.toml", &format!("{before}[[candidate]]\n{shown}\n\n{rest}"));
    let study = load(Path::new("reports/my-study/study.toml"), &files).unwrap_or_else(|f| panic!("{f}"));
    assert_eq!(study.candidates.len(), 3);
}

#[test]
fn the_demonstration_study_loads() {
    let files = Memory::of(&[
        ("reports/demonstration/study.toml", include_str!("../../../reports/demonstration/study.toml")),
        ("reports/demonstration/policy.toml", include_str!("../../../reports/demonstration/policy.toml")),
        ("datasets/demonstration/dataset.toml", include_str!("../../../datasets/demonstration/dataset.toml")),
        ("datasets/demonstration/survey.csv", include_str!("../../../datasets/demonstration/survey.csv")),
        ("datasets/demonstration/codes.csv", include_str!("../../../datasets/demonstration/codes.csv")),
        ("models/majority/model.toml", include_str!("../../../models/majority/model.toml")),
        ("models/prior/model.toml", include_str!("../../../models/prior/model.toml")),
        ("models/complement-nb/model.toml", include_str!("../../../models/complement-nb/model.toml")),
        ("models/linear/model.toml", include_str!("../../../models/linear/model.toml")),
        ("models/tabular/model.toml", include_str!("../../../models/tabular/model.toml")),
    ]);
    let study = load(Path::new("reports/demonstration/study.toml"), &files).unwrap_or_else(|f| panic!("{f}"));
    assert_eq!(study.candidates.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["majority", "prior", "tabular", "complement-nb", "linear"]);
    let headers: Vec<(String, Vec<String>)> =
        study.files().iter().map(|f| (f.key.clone(), files.text(&f.path).unwrap().lines().next().unwrap().split(',').map(str::to_owned).collect())).collect();
    assert_eq!(check_columns(&study, &headers), []);
}

#[test]
fn the_msha_study_loads() {
    let folder = "tests/studies/msha";
    let shared = "../shared/datasets/msha";
    let mut files = Memory::of(&[
        ("tests/studies/msha/study.toml", include_str!("../../../tests/studies/msha/study.toml")),
        ("tests/studies/msha/policy.toml", include_str!("../../../tests/studies/msha/policy.toml")),
        ("tests/studies/msha/dataset.toml", include_str!("../../../tests/studies/msha/dataset.toml")),
    ]);
    for name in ["labelled_2010_2012", "production_2013", "production_2013_truth", "production_2013_bls_predictions", "body_part_codes"] {
        files = files.with(&format!("{shared}/{name}.csv"), "");
    }
    let study = load(&Path::new(folder).join("study.toml"), &files).unwrap_or_else(|f| panic!("{f}"));
    assert_eq!(study.candidates.len(), 4);
    assert_eq!(study.files().len(), 5);
    assert_eq!(study.request.code_levels, ["major part", "two digits"]);
}
