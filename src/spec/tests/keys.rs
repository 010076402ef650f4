//! Every key misspelt, mistyped, doubled and left out; several mistakes at once.

use super::{MODEL, Memory, STUDY, TEXTS, base};
use crate::data::SplitPlan;
use crate::judge::{Across, Bound, Sharing};
use crate::model::Recipe;

/// Every key with fixed spelling: (file, line from 0, byte in the line, key).
fn keys() -> Vec<(&'static str, usize, usize, &'static str)> {
    let mut keys = Vec::new();
    for (file, text) in TEXTS {
        let mut table = "";
        for (number, line) in text.lines().enumerate() {
            if line.starts_with('[') {
                table = line.trim_matches(['[', ']']);
                let last = table.rsplit('.').next().unwrap();
                keys.push((file, number, line.find(last).unwrap(), last));
                continue;
            }
            let free = table == "about" || table == "columns";
            for (at, _) in line.match_indices(" = ") {
                let start = line[..at].rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |i| i + 1);
                if !(line.starts_with('#') || free && start == 0) {
                    keys.push((file, number, start, &line[start..at]));
                }
            }
        }
    }
    keys
}

fn edit(file: &str, number: usize, change: impl Fn(&str) -> String) -> Memory {
    let text = base().text_of(file);
    let lines: Vec<String> = text.lines().enumerate().map(|(i, line)| if i == number { change(line) } else { line.to_owned() }).collect();
    base().with(file, &(lines.join("\n") + "\n"))
}

#[test]
fn every_file_fills_its_structure() {
    let study = base().load().unwrap_or_else(|f| panic!("{f}"));
    assert_eq!(study.current.as_deref(), Some("floor"));
    assert_eq!((study.file.as_str(), study.title.as_str(), study.seed, study.decide.as_deref()), ("r/s/study.toml", "T", 7, Some("linear")));
    assert_eq!(study.purpose[1], ("better_off".into(), "b".into()));
    assert_eq!(study.collection[4], ("inclusivity".into(), "i".into()));
    assert_eq!(study.dataset.about, [("source".into(), "here".into()), ("licence".into(), "free".into())]);
    assert_eq!(
        study.dataset.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(),
        ["id", "month", "weight", "psu", "sex", "region", "answer", "code", "hours"]
    );
    assert!(matches!(&study.split, SplitPlan::Date { column, tune_from: Some(_), .. } if column == "month"));
    assert_eq!(study.request.thresholds, [0.5, 0.65, 0.8, 0.9]);
    assert_eq!(study.request.code_levels, ["major group"]);
    let totals = &study.request.totals;
    assert_eq!(
        (totals.level.as_deref(), totals.by.len(), totals.variables.as_slice(), totals.census),
        (Some("minor group"), 1, &["hours".to_owned()][..], true)
    );
    assert_eq!(study.policy.gates[2].groups, ["sex", "region"], "in the order of the study");
    assert_eq!((study.policy.gates[2].across, study.policy.gates[2].bound), (Some(Across::Difference), Bound::AtMost(0.1)));
    assert_eq!((study.policy.gates[4].groups.as_slice(), study.policy.gates[4].bound), (["sex".to_owned()].as_slice(), Bound::NonInferiorBy(0.02)));
    assert_eq!((study.policy.gates[5].versus.as_deref(), study.policy.gates[5].bound), (Some("floor"), Bound::EquivalentWithin(3.0)));
    assert_eq!((study.policy.sharing("g"), study.policy.sharing("f")), (Sharing::MaxT, Sharing::Holm), "what is not said is Holm's");
    let slices = study.slices.as_ref().unwrap();
    assert_eq!((slices.columns.as_slice(), slices.depth, slices.minimum), (["region".to_owned(), "sex".to_owned()].as_slice(), 3, 60));
    assert_eq!(study.policy.digest.len(), 64);
    let [floor, linear, elsewhere] = study.candidates.as_slice() else { panic!("three candidates") };
    assert!(floor.floor && floor.name == "floor" && floor.text == "[[candidate]]\nid = \"floor\"\nkind = \"majority\"\nfloor = true");
    assert_eq!((linear.name.as_str(), linear.folder.to_str(), linear.text.as_str()), ("Linear", Some("r/s/../../m"), MODEL));
    assert!(matches!(&linear.recipe, Recipe::Linear(r) if r.weighted && r.text.characters == (2, 5) && r.text.hash_bits == 20));
    assert!(elsewhere.text.ends_with("confidences = [\"c1\", \"c2\"]"), "{}", elsewhere.text);
    assert_eq!(study.sources.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["r/s/study.toml", "d/dataset.toml", "m/model.toml", "r/s/policy.toml"]);
}

#[test]
fn slices_are_of_the_evaluated_columns_where_the_study_does_not_say() {
    let table = "[slices]\ncolumns = [\"region\", \"sex\"]\ndepth = 3\nminimum = 60\n";
    let slices = base().but("r/s/study.toml", table, "").load().unwrap().slices.unwrap();
    assert_eq!((slices.columns.as_slice(), slices.depth, slices.minimum), (["sex".to_owned(), "region".to_owned()].as_slice(), 2, 50));
    assert_eq!(base().but("r/s/study.toml", "columns = [\"region\", \"sex\"]", "columns = []").load().unwrap().slices, None);
    let one = base().but("r/s/study.toml", table, "").but(
        "r/s/study.toml",
        "\"sex\", { column = \"region\", values = [\"north\"] }, [\"sex\", \"region\"]",
        "\"sex\"",
    );
    let one = one.but("r/s/policy.toml", "group = [\"region\", \"sex\"]", "group = \"sex\"");
    assert_eq!(one.load().unwrap().slices, None, "one column has no combinations");
}

#[test]
fn every_misspelt_key_is_named_with_place_and_remedy() {
    for (file, number, start, key) in keys() {
        let wrong = format!("{}x{}", &key[..1], &key[1..]);
        let files = edit(file, number, |line| format!("{}{wrong}{}", &line[..start], &line[start + key.len()..]));
        let problems = files.problems();
        let Some(problem) = problems.iter().find(|p| p.message == format!("unknown key `{wrong}`")) else {
            panic!("{file}:{} {wrong}: {problems:#?}", number + 1);
        };
        let place = problem.place.as_ref().unwrap();
        assert_eq!((place.file.as_str(), place.line, place.column, place.width), (file, Some(number + 1), Some(start + 1), wrong.len()), "{wrong}");
        assert_eq!(problem.remedy.as_deref(), Some(format!("did you mean `{key}`?").as_str()), "{file}:{}", number + 1);
        assert!(!problems.iter().any(|p| p.message.contains(&format!("`{key}` is missing"))), "{wrong} is reported twice");
    }
}

#[test]
fn every_value_of_the_wrong_type_is_named_with_place() {
    for (file, number, start, key) in keys() {
        let line = base().text_of(file).lines().nth(number).unwrap().to_owned();
        if line.starts_with('[') || start > 0 {
            continue;
        }
        for wrong in ["07:32:00", "[[1]]", "nan"] {
            let files = edit(file, number, |_| format!("{key} = {wrong}"));
            let problems = files.problems();
            let found = problems.iter().any(|p| p.place.as_ref().is_some_and(|p| p.file == file && p.line == Some(number + 1) && p.column > Some(key.len())));
            assert!(found, "{file}:{} {key} = {wrong}: {problems:#?}", number + 1);
        }
    }
}

#[test]
fn every_doubled_key_is_named_with_place() {
    for (file, number, start, key) in keys() {
        if start > 0 || key == "candidate" {
            continue;
        }
        let problems = edit(file, number, |line| format!("{line}\n{line}")).problems();
        let [problem] = problems.as_slice() else { panic!("{file} {key}: {problems:#?}") };
        assert_eq!((problem.message.as_str(), problem.place.as_ref().unwrap().line), (format!("`{key}` is given twice").as_str(), Some(number + 2)));
    }
}

#[test]
fn every_required_key_is_missed_and_no_other() {
    let required = [
        "title",
        "dataset",
        "policy",
        "by",
        "column",
        "test_from",
        "id",
        "kind",
        "path",
        "on",
        "files",
        "metric",
        "code",
        "threshold",
        "at_least",
        "at_most",
        "versus",
        "non_inferior_by",
        "equivalent_within",
    ];
    let optional = [
        ("study.toml", "seed"),
        ("study.toml", "decide"),
        ("study.toml", "current"),
        ("study.toml", "tune_from"),
        ("study.toml", "depth"),
        ("study.toml", "minimum"),
        ("policy.toml", "owner"),
        ("policy.toml", "severity"),
        ("policy.toml", "level"),
        ("policy.toml", "method"),
        ("policy.toml", "across"),
        ("dataset.toml", "encoding"),
        ("dataset.toml", "delimiter"),
        ("dataset.toml", "label"),
        ("model.toml", "floor"),
        ("model.toml", "words"),
        ("model.toml", "c"),
    ];
    let mut missed = 0;
    for (file, number, start, key) in keys() {
        let line = base().text_of(file).lines().nth(number).unwrap().to_owned();
        if line.starts_with('[') || start > 0 {
            continue;
        }
        let problems = edit(file, number, |_| String::new()).problems();
        if optional.iter().any(|(f, k)| file.ends_with(f) && *k == key) && key != "across" {
            assert_eq!(problems, [], "{file}: {key} is optional");
        }
        let other = line.starts_with("id = \"id\"") || line.starts_with("by = [") || file.ends_with("dataset.toml") && key == "code";
        if required.contains(&key) && !other {
            assert_eq!(problems.len(), 1, "{file}:{} {key}: {problems:#?}", number + 1);
            assert!(problems[0].message.contains("missing") || problems[0].message.contains("no bound"), "{}", problems[0]);
            assert!(problems[0].remedy.is_some());
            missed += 1;
        }
    }
    assert!(missed >= 20, "{missed}");
    let empty = Memory::of(&[("r/s/study.toml", "")]).problems();
    assert_eq!(empty.len(), 5, "{empty:#?}");
}

#[test]
fn all_problems_of_all_files_come_at_once_in_order() {
    let files = base()
        .but("r/s/study.toml", "seed = 7", "seed = -7")
        .but("r/s/study.toml", "\"sex\", {", "\"sx\", {")
        .but("r/s/policy.toml", "\"coded-accuracy\"", "\"coded-acuracy\"")
        .but("d/dataset.toml", "role = \"psu\"", "role = \"pus\"")
        .but("m/model.toml", "c = 0.5", "c = 0");
    let failure = files.load().unwrap_err();
    let found: Vec<(String, usize)> = failure.problems.iter().map(|p| p.place.as_ref().map(|p| (p.file.clone(), p.line.unwrap())).unwrap()).collect();
    let expected = [("r/s/study.toml", 5), ("r/s/study.toml", 56), ("d/dataset.toml", 18), ("m/model.toml", 15), ("r/s/policy.toml", 19)];
    assert_eq!(found, expected.map(|(f, l)| (f.to_owned(), l)), "{failure}");
    assert!(failure.to_string().contains("\n   |\n18 | psu = { role = \"pus\" }\n   |                ^^^^^\n  help: did you mean `psu`?"), "{failure}");
}

#[test]
fn an_error_of_syntax_hides_nothing_in_other_files() {
    let files = base().but("r/s/study.toml", "seed = 7", "seed = = 7").but("d/dataset.toml", "\"latin-1\"", "\"latin1\"");
    let failure = files.load().unwrap_err();
    assert_eq!(failure.problems.len(), 2, "{failure}");
    assert!(failure.problems[0].message.starts_with("not TOML: "), "{failure}");
    assert_eq!(failure.problems[0].place.as_ref().unwrap().line, Some(5));
    assert_eq!(failure.problems[1].remedy.as_deref(), Some("did you mean `latin-1`?"));
}

#[test]
fn marks_and_carriage_returns_do_not_move_the_caret() {
    let text = format!("\u{feff}{}", STUDY.replace('\n', "\r\n").replace("seed", "sead"));
    let problems = base().with("r/s/study.toml", &text).problems();
    let place = problems[0].place.as_ref().unwrap();
    assert_eq!((place.line, place.column, place.source.as_deref()), (Some(5), Some(1), Some("sead = 7")));
    assert!(base().with("r/s/study.toml", &format!("\u{feff}{}", STUDY.replace('\n', "\r\n"))).load().is_ok());
}

#[test]
fn totals_are_of_the_coarsest_level_unless_told_and_refuse_what_is_not_there() {
    let totals = "[totals]\nlevel = \"minor group\"\nby = [\"region\"]\nvariables = [\"hours\"]\ntarget = \"census\"\n";
    let without = base().but("r/s/study.toml", totals, "").load().unwrap_or_else(|f| panic!("{f}")).request.totals;
    assert_eq!((without.level.as_deref(), without.by.len(), without.census), (Some("major group"), 0, false));
    let full = base().but("r/s/study.toml", "level = \"minor group\"", "level = \"unit group\"").load().unwrap_or_else(|f| panic!("{f}"));
    assert_eq!(full.request.totals.level, None);
    let wrong = "[totals]\nlevel = \"minor grup\"\nby = [\"month\"]\nvariables = [\"region\"]\ntarget = \"all\"\n";
    let problems = base().but("r/s/study.toml", totals, wrong).problems();
    assert_eq!(problems.len(), 4, "{problems:?}");
    assert!(problems.iter().all(|p| p.remedy.is_some() && p.place.is_some()));
}

#[test]
fn the_bias_of_counting_is_gated_at_a_level_and_single_figures_are_not() {
    let gate = "metric = \"recall\"\ncode = \"*\"\nat_least = 0.1";
    let good = "metric = \"counting-bias\"\ncode_level = \"major group\"\ncode = \"*\"\nat_most = 0.1";
    assert_eq!(base().but("r/s/policy.toml", gate, good).load().unwrap_or_else(|f| panic!("{f}")).policy.gates[3].code_level.as_deref(), Some("major group"));
    let problems = base().but("r/s/policy.toml", gate, "metric = \"share-calibrated\"\ncode = \"*\"\nat_least = 0.1").problems();
    assert!(problems[0].message.contains("cannot be gated"), "{problems:?}");
    let grouped = "metric = \"counting-distance\"\ngroup = \"sex\"\nat_most = 0.1";
    assert_eq!(base().but("r/s/policy.toml", gate, grouped).problems().len(), 1);
}
