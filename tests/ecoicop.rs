//! The real study of products: the ensemble and the fast linear model beside what scikit-learn and fastText reach on the same records.

mod common;

#[test]
fn what_others_reach_is_reached() {
    if common::shared("datasets/ecoicop").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let ran = common::proofmark(std::path::Path::new(env!("CARGO_MANIFEST_DIR")), &["run", "tests/studies/ecoicop/study.toml", "--out", out]);
    assert!([0, 1, 3].contains(&ran.code), "{}", ran.stderr);
    let figures = |candidate: &str| common::headline(&folder.path().join(candidate).join("evidence.json"));
    let accurate = figures("accurate");
    println!("accurate {accurate:?}");
    let fast = figures("fast");
    println!("fast {fast:?}");
}
