//! Indexes, nearest answers, cascades and tabular methods in study files: what is read, and what is refused with its place.

use super::base;
use crate::model::{Growth, IndexRecipe, IndexSource, Over, Recipe, TabularMethod, TabularRecipe};

const FILE: &str = "r/s/study.toml";
const PREDICTIONS: &str =
    "kind = \"predictions\"\n\n[candidate.settings]\npath = \"p.csv\"\nid = \"id\"\ncodes = [\"first\", \"second\"]\nconfidences = [\"c1\", \"c2\"]\n";

fn recipe(text: &str) -> Recipe {
    let files = base().but(FILE, PREDICTIONS, text).with("r/s/i.csv", "text,code\n");
    files.load().unwrap_or_else(|f| panic!("{f}")).candidates.remove(2).recipe
}

#[test]
fn each_kind_reads_its_settings() {
    let index = IndexRecipe { path: "i.csv".into(), text: "t".into(), column: Some("answer".into()), any_word_order: true, ..IndexRecipe::default() };
    assert_eq!(recipe("kind = \"index\"\nsettings = { path = \"i.csv\", text = \"t\", column = \"answer\", any_word_order = true }\n"), Recipe::Index(index));
    let training = IndexRecipe { from: IndexSource::Training, min_records: 5, fold_accents: false, ..IndexRecipe::default() };
    assert_eq!(recipe("kind = \"index\"\nsettings = { from = \"training\", min_records = 5, fold_accents = false }\n"), Recipe::Index(training));
    let Recipe::Nearest(nearest) = recipe("kind = \"nearest\"\nsettings = { neighbours = 7, power = 1.5, words = [1, 1] }\n") else { panic!("nearest") };
    assert_eq!((nearest.neighbours, nearest.power, nearest.text.words, nearest.over), (7, 1.5, (1, 1), Over::Texts));
    assert!(matches!(recipe("kind = \"nearest\"\nsettings = { over = \"numbers\" }\n"), Recipe::Nearest(n) if n.over == Over::Numbers));
    let text = "kind = \"cascade\"\n[[candidate.settings.step]]\nkind = \"index\"\nsettings = { path = \"i.csv\" }\nat_least = 0.9\n[[candidate.settings.step]]\nkind = \"linear\"\n";
    let Recipe::Cascade(cascade) = recipe(text) else { panic!("cascade") };
    assert_eq!(cascade.steps.iter().map(|s| (s.recipe.kind(), s.at_least)).collect::<Vec<_>>(), [("index", Some(0.9)), ("linear", None)]);
    let method = |text: &str| match recipe(&format!("kind = \"tabular\"\nsettings = {{ {text} }}\n")) {
        Recipe::Tabular(TabularRecipe { method }) => method,
        other => panic!("{other:?}"),
    };
    assert_eq!(method("smoothing = 0.5"), TabularMethod::NaiveBayes { smoothing: 0.5 });
    assert_eq!(method("method = \"logistic\", c = 2, min_records = 3"), TabularMethod::Logistic { c: 2.0, passes: 200, min_records: 3 });
    assert_eq!(method("method = \"tree\", depth = 4"), TabularMethod::Tree(Growth { depth: 4, min_leaf: 20 }));
    let forest = TabularMethod::Forest { trees: 9, columns_per_split: 2, growth: Growth { depth: 30, min_leaf: 2 } };
    assert_eq!(method("method = \"forest\", trees = 9, columns_per_split = 2"), forest);
    // On the card a recipe says what it is and only what it uses.
    let json = serde_json::to_string(&Recipe::Tabular(TabularRecipe { method: forest.clone() })).unwrap();
    assert_eq!(json, "{\"tabular\":{\"method\":\"forest\",\"trees\":9,\"columns_per_split\":2,\"depth\":30,\"min_leaf\":2}}");
    assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), Recipe::Tabular(TabularRecipe { method: forest }));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let step = |first: &str| format!("kind = \"cascade\"\n[[candidate.settings.step]]\n{first}\n[[candidate.settings.step]]\nkind = \"linear\"\n");
    for (text, message, remedy) in [
        ("kind = \"index\"\n".into(), "where the index is is missing", "from = \"training\""),
        ("kind = \"index\"\nsettings = { text = \"t\" }\n".into(), "the index has no file", "path ="),
        ("kind = \"index\"\nsettings = { path = \"none.csv\" }\n".into(), "there is no file `r/s/none.csv`", ""),
        ("kind = \"index\"\nsettings = { path = \"i.csv\", min_records = 2 }\n".into(), "not a setting of an index in a file", "from"),
        ("kind = \"index\"\nsettings = { from = \"training\", path = \"i.csv\" }\n".into(), "not a setting of an index of the training", "leave"),
        ("kind = \"index\"\nsettings = { from = \"trainng\" }\n".into(), "cannot be `trainng`", "training"),
        ("kind = \"nearest\"\nsettings = { neighbours = 0 }\n".into(), "`neighbours` must be", ""),
        ("kind = \"nearest\"\nsettings = { over = \"numbers\", words = [1, 1] }\n".into(), "`words` is a setting of texts", "texts"),
        ("kind = \"nearest\"\nsettings = { words = [0, 0] }\n".into(), "nothing is left to compare", "words"),
        ("kind = \"cascade\"\n".into(), "the list of its steps is missing", "step"),
        ("kind = \"cascade\"\nsettings = { step = [] }\n".into(), "from 2 to 8 steps", "step"),
        (step("kind = \"index\""), "where the index is is missing", "settings ="),
        (step("kind = \"index\"\nsettings = { path = \"none.csv\" }"), "there is no file `r/s/none.csv`", ""),
        (step("kind = \"linear\"\nat_least = 2"), "`at_least` must be", ""),
        (step("kind = \"linear\"\natleast = 0.5"), "unknown key `atleast`", "at_least"),
        (step("kind = \"linear\"\nsettings = { cc = 1 }"), "unknown key `cc`", "`c`"),
        (step("kind = \"predictions\"\nsettings = { path = \"p.csv\" }"), "cannot be a step", "candidate of its own"),
        (
            "kind = \"cascade\"\n[[candidate.settings.step]]\nkind = \"linear\"\n[[candidate.settings.step]]\nkind = \"index\"\nsettings = { path = \"i.csv\" }\n".into(),
            "an index is the last step",
            "model after it",
        ),
        ("kind = \"tabular\"\nsettings = { method = \"boosting\" }\n".into(), "cannot be `boosting`", "forest"),
        ("kind = \"tabular\"\nsettings = { method = \"tree\", trees = 3 }\n".into(), "`trees` is not a setting of method `tree`", "forest"),
        ("kind = \"tabular\"\nsettings = { depth = 3 }\n".into(), "`depth` is not a setting of method `naive-bayes`", "tree or forest"),
    ] {
        let problems = base().but(FILE, PREDICTIONS, &text).with("r/s/i.csv", "").problems();
        let found = problems.iter().any(|p| {
            let place = p.place.as_ref().is_some_and(|place| place.file == FILE && place.line.is_some());
            place && p.message.contains(message) && (remedy.is_empty() || p.remedy.as_ref().is_some_and(|r| r.contains(remedy)))
        });
        assert!(found, "{text}: {problems:#?}");
    }
}
