//! Tuning, level-wise models and embeddings: what their keys give, and what is said of mistakes in them.

use super::base;
use crate::model::{EmbeddingRecipe, Prefer, Recipe, TuneMethod, TuneMetric};

const FILE: &str = "m/model.toml";

/// The model file with these lines in place of its `weighted`.
fn with(lines: &str) -> super::Memory {
    base().but(FILE, "weighted = true\n", lines)
}

#[test]
fn a_plan_is_every_combination_of_its_values() {
    let text = "\n[tune]\nmethod = \"halving\"\nfolds = 4\nmetric = \"macro-f1\"\nprefer = \"cheapest-within-1se\"\n\n[tune.over]\nc = [1, 2.5]\ncharacters = [[0, 0], [3, 5]]\n";
    let study = with(text).load().unwrap_or_else(|f| panic!("{f}"));
    let candidate = &study.candidates[1];
    let plan = candidate.tune.as_ref().expect("a plan");
    assert_eq!((plan.method, plan.folds, plan.metric, plan.prefer), (TuneMethod::Halving, 4, TuneMetric::MacroF1, Prefer::CheapestWithin1Se));
    let told: Vec<_> = plan.trials.iter().map(|t| t.settings.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(told, ["c=1 characters=[0, 0]", "c=1 characters=[3, 5]", "c=2.5 characters=[0, 0]", "c=2.5 characters=[3, 5]"]);
    let Recipe::Linear(last) = &plan.trials[3].recipe else { panic!("linear") };
    // What is not tried is as the settings say.
    assert_eq!((last.c, last.text.characters, last.text.words, last.text.min_records), (2.5, (3, 5), (1, 3), 3));
    let study = with("\n[tune]\nover = { c = [1, 2] }\n").load().unwrap_or_else(|f| panic!("{f}"));
    let plan = study.candidates[1].tune.as_ref().expect("a plan");
    assert_eq!((plan.method, plan.folds, plan.metric, plan.prefer), (TuneMethod::Grid, 3, TuneMetric::LogLoss, Prefer::Best));
    assert!(base().load().expect("loads").candidates[1].tune.is_none());
}

#[test]
fn a_tree_has_the_levels_of_the_code_frame() {
    let study = with("hierarchical = true\nclass_weight = \"balanced\"\n\n[tune.over]\nclass_weight = [0, 0.5]\n").load().unwrap_or_else(|f| panic!("{f}"));
    let Recipe::Linear(recipe) = &study.candidates[1].recipe else { panic!("linear") };
    assert_eq!((recipe.hierarchical, recipe.levels.as_slice(), recipe.class_weight), (true, &[1, 3][..], 1.0));
    let Recipe::Linear(tried) = &study.candidates[1].tune.as_ref().expect("a plan").trials[1].recipe else { panic!("linear") };
    assert_eq!((tried.levels.as_slice(), tried.class_weight), (&[1, 3][..], 0.5));
}

#[test]
fn an_embedding_reads_its_settings() {
    let text = "kind = \"embedding\"\n\n[settings]\nwords = [1, 1]\ncharacters = [0, 0]\ndim = 16\nepochs = 3\nrate = 0.2\ndraws = 0\nweighted = true\n";
    let study = base().with(FILE, text).load().unwrap_or_else(|f| panic!("{f}"));
    let Recipe::Embedding(recipe) = &study.candidates[1].recipe else { panic!("embedding") };
    let expected = EmbeddingRecipe { dim: 16, epochs: 3, rate: 0.2, draws: 0, weighted: true, ..EmbeddingRecipe::default() };
    assert_eq!((recipe.text.words, recipe.text.characters), ((1, 1), (0, 0)));
    assert_eq!(EmbeddingRecipe { text: expected.text.clone(), ..recipe.clone() }, expected);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let none = "levels = [{ name = \"major group\", digits = 1 }, { name = \"minor group\", digits = 3 }]\n";
    for (lines, message, remedy) in [
        ("\n[tune]\nfolds = 3\n", "`over` is missing", "[tune.over]"),
        ("\n[tune]\nfolds = 1\n[tune.over]\nc = [1, 2]\n", "`folds` must be", ""),
        ("\n[tune]\nmetric = \"logloss\"\n[tune.over]\nc = [1, 2]\n", "cannot be `logloss`", "log-loss"),
        ("\n[tune]\nmethods = \"grid\"\n[tune.over]\nc = [1, 2]\n", "unknown key `methods`", "`method`"),
        ("\n[tune.over]\nc = 3\n", "`c` must be a list", ""),
        ("\n[tune.over]\nc = [3]\n", "nothing to choose from", "from 2 to 200"),
        ("\n[tune.over]\nc = []\n", "lists no value to try", ""),
        ("\n[tune.over]\nc = [1, 0]\n", "`c` must be a number above 0", ""),
        ("\n[tune.over]\nalpha = [1, 2]\n", "`alpha` is not a setting of kind `linear`", "complement-nb"),
        ("\n[tune.over]\ncc = [1, 2]\n", "unknown key `cc`", ""),
        ("class_weight = \"even\"\n", "cannot be `even`", "balanced"),
        ("class_weight = 2\n", "`class_weight` must be a number from 0 to 1", ""),
        ("hierarchical = 1\n", "`hierarchical` must be true or false", ""),
    ] {
        let problems = with(lines).problems();
        let found = problems.iter().any(|p| {
            let place = p.place.as_ref().is_some_and(|place| place.file == FILE && place.line.is_some());
            place && p.message.contains(message) && p.remedy.as_deref().unwrap_or_default().contains(remedy)
        });
        assert!(found, "{lines}: {problems:#?}");
    }
    let problems = with("hierarchical = true\n").but("d/dataset.toml", none, "").problems();
    assert!(problems.iter().any(|p| p.message.contains("the code frame has no levels")), "{problems:#?}");
    let problems = with("hierarchical = true\n").but(FILE, "loss = \"logistic\"", "loss = \"squared-hinge\"").problems();
    assert!(problems.iter().any(|p| p.message.contains("needs the probabilities of the logistic loss")), "{problems:#?}");
    let problems = base().with(FILE, "kind = \"majority\"\n\n[tune.over]\nc = [1, 2]\n").problems();
    assert!(problems.iter().any(|p| p.message.contains("has no settings to tune")), "{problems:#?}");
}
