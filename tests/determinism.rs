//! The same study on the same data gives the same evidence, whatever the number of threads.

mod common;

use common::{Workspace, proofmark};

/// Evidence without clocks, host and cost.
fn facts(w: &Workspace, file: &str) -> String {
    let mut evidence = w.json(file);
    evidence.as_object_mut().unwrap().remove("run").expect("clocks, host and cost are in `run`");
    evidence.to_string()
}

#[test]
fn two_runs_and_any_number_of_threads_agree() {
    let w = Workspace::new();
    // With PSUs, so that bootstrap replicates are drawn too.
    w.edit("dataset.toml", "region = { role = \"group\" }", "region = { roles = [\"group\", \"psu\"] }");
    w.edit(
        "study.toml",
        "[evaluate]",
        "[[candidate]]\nid = \"nb\"\nkind = \"complement-nb\"\n\n[[candidate]]\nid = \"hinge\"\nkind = \"linear\"\n[candidate.settings]\nloss = \"squared-hinge\"\nc = 0.3\n\n\
         [[candidate]]\nid = \"tree\"\nkind = \"linear\"\n[candidate.settings]\nhierarchical = true\n\n[[candidate]]\nid = \"embedding\"\nkind = \"embedding\"\n\n\
         [[candidate]]\nid = \"tuned\"\nkind = \"linear\"\n[candidate.tune.over]\nc = [0.01, 1, 10]\n\n[evaluate]",
    );
    let run = |out: &str, threads: &str| proofmark(w.folder.path(), &["run", "study.toml", "--out", out, "--threads", threads]).expect(0, &[]).code;
    run("one", "1");
    run("two", "2");
    run("again", "2");
    for candidate in ["majority", "linear", "nb", "hinge", "tree", "embedding", "tuned"] {
        let file = |out: &str, name: &str| format!("{out}/{name}");
        let evidence = format!("{candidate}/evidence.json");
        assert_eq!(facts(&w, &file("two", &evidence)), facts(&w, &file("again", &evidence)), "{candidate}: two runs");
        assert_eq!(facts(&w, &file("two", &evidence)), facts(&w, &file("one", &evidence)), "{candidate}: threads");
        let bytes = |out: &str| std::fs::read(w.path(&format!("{out}/private/{candidate}/predictions.parquet"))).unwrap();
        assert_eq!(bytes("one"), bytes("two"), "{candidate}: predictions");
    }
}

#[test]
fn another_seed_parts_the_records_otherwise() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    let before = facts(&w, "out/linear/evidence.json");
    w.edit("study.toml", "seed = 7", "seed = 8");
    w.run().expect(0, &[]);
    assert_ne!(facts(&w, "out/linear/evidence.json"), before);
}
