//! Values out of range or at odds with one another, and texts at random.

use super::{TEXTS, base};
use crate::judge::Across;
use crate::value::{Class, Stream};

/// (file, from, to, a part of the message, a part of the remedy)
const WRONG: &[(&str, &str, &str, &str, &str)] = &[
    ("r/s/study.toml", "depth = 3", "depth = 4", "a whole number from 1 to 3", ""),
    ("r/s/study.toml", "minimum = 60", "minimum = 19", "a whole number from 20", ""),
    ("r/s/study.toml", "columns = [\"region\", \"sex\"]", "columns = [\"region\", \"sx\"]", "`sx` is not described", "did you mean `sex`?"),
    ("r/s/study.toml", "columns = [\"region\", \"sex\"]", "columns = [\"region\", \"psu\"]", "`psu` is not described as group, category", ""),
    ("r/s/policy.toml", "non_inferior_by = 0.02", "non_inferior_by = 0", "a number above 0, at most 1", ""),
    ("r/s/policy.toml", "non_inferior_by = 0.02", "non_inferior_by = 2", "a number above 0, at most 1", "write percentages as shares: 0.02"),
    ("r/s/policy.toml", "non_inferior_by = 0.02", "non_inferior_by = 0.02\nequivalent_within = 0.02", "either `non_inferior_by` or `equivalent_within`", ""),
    ("r/s/policy.toml", "at_least = 0.7", "non_inferior_by = 0.7", "is for differences from another candidate", "accuracy-difference"),
    ("r/s/policy.toml", "metric = \"log-loss-difference\"", "metric = \"log-loss-difference\"\ngroup = \"sex\"", "not split by groups", "accuracy-difference"),
    ("r/s/policy.toml", "non_inferior_by = 0.02", "at_least = 0.0\nacross = \"ratio\"", "not compared between groups", "across = \"each\""),
    ("r/s/policy.toml", "id = \"g\"\nmethod = \"max-t\"", "id = \"f\"\nmethod = \"benjamini-hochberg\"", "for exploring only", "holm"),
    ("r/s/policy.toml", "id = \"g\"", "id = \"gg\"", "no gate is of the family `gg`", ""),
    ("r/s/study.toml", "level = 0.9\n", "level = 0.5\n", "`level` must be a number above 0.5 and below 1, but is 0.5", ""),
    ("r/s/study.toml", "level = 0.9\n", "level = 95\n", "`level` must be", "write percentages as shares: 0.95"),
    ("r/s/study.toml", "level = 0.9\n", "level = inf\n", "but is infinite", ""),
    ("r/s/study.toml", "level = 0.9\n", "level = \"0.9\"\n", "but is a text", "leave the quotes away: 0.9"),
    ("r/s/study.toml", "thresholds = [0.5, 0.9]", "thresholds = [0.9, 0.5]", "not in ascending order", ""),
    ("r/s/study.toml", "thresholds = [0.5, 0.9]", "thresholds = [0.5, 1.0]", "a number from 0 to below 1", ""),
    ("r/s/study.toml", "thresholds = [0.5, 0.9]", "thresholds = 0.5", "must be a list", ""),
    ("r/s/study.toml", "minimum_group = 20", "minimum_group = 0", "a whole number from 1", ""),
    ("r/s/study.toml", "minimum_group = 20", "minimum_group = 20.5", "a whole number", ""),
    ("r/s/study.toml", "replicates = 500", "replicates = 99999999999999999999", "a whole number", ""),
    ("r/s/study.toml", "seed = 7", "seed = -1", "a whole number from 0", ""),
    ("r/s/study.toml", "seed = 7", "seed = 7\nlanguage = \"de\"", "no messages in language `de`", "messages = \"de.ftl\""),
    ("r/s/study.toml", "seed = 7", "seed = 7\nlanguage = \"fr\"\nlanguages = [\"en\"]", "given twice", "for a list"),
    ("r/s/study.toml", "seed = 7", "seed = 7\nlanguages = []", "the list of languages is empty", "languages = [\"en\"]"),
    ("r/s/study.toml", "seed = 7", "seed = 7\nlanguages = [\"en\", \"en\"]", "`en` is named twice", "once"),
    ("r/s/study.toml", "seed = 7", "seed = 7\nlanguage = 7", "must be a text", ""),
    ("r/s/study.toml", "lonely_psu = \"adjust\"", "lonely_psu = \"ajust\"", "cannot be `ajust`", "did you mean `adjust`?"),
    ("r/s/study.toml", "\"major group\"", "\"mayor group\"", "no code level `mayor group`", "did you mean `major group`?"),
    ("r/s/study.toml", "[\"sex\", \"region\"]", "[\"sex\", \"regoin\"]", "`regoin` is not described in d/dataset.toml", "did you mean `region`?"),
    ("r/s/study.toml", "[\"sex\", \"region\"]", "[\"sex\", \"weight\"]", "`weight` is not described as group", "give it the role \"group\""),
    ("r/s/study.toml", "[\"sex\", \"region\"]", "[\"sex\", \"sex\"]", "listed twice", ""),
    ("r/s/study.toml", "[\"sex\", \"region\"]", "[\"sex\"]", "the grouping by sex is listed twice", ""),
    ("r/s/study.toml", "values = [\"north\"]", "values = []", "`values` is empty", ""),
    ("r/s/study.toml", "values = [\"north\"]", "values = [1]", "must be a text", "put it in double quotes: \"1\""),
    ("r/s/study.toml", "column = \"month\"", "column = \"mnth\"", "`mnth` is not described", "did you mean `month`?"),
    ("r/s/study.toml", "by = \"date\"", "by = \"dates\"", "cannot be `dates`", "did you mean `date`?"),
    ("r/s/study.toml", "by = \"date\"", "by = \"random\"", "has no meaning when the split is by random", "it is for a split by date"),
    ("r/s/study.toml", "tune_from = \"2025-04\"", "tune_from = \"2025-07\"", "begins on or after", ""),
    ("r/s/study.toml", "tune_from = \"2025-04\"", "tune_from = \"2025-13\"", "not a date: `2025-13`", "YYYY-MM"),
    ("r/s/study.toml", "tune_from = \"2025-04\"", "tune_from = \"2025-04\"\ntune_share = 0.1", "given twice", ""),
    ("r/s/study.toml", "tune_from = \"2025-04\"", "tune_share = 1", "above 0 and below 1", ""),
    ("r/s/study.toml", "id = \"floor\"", "id = \"linear\"", "the id `linear` is given twice", ""),
    ("r/s/study.toml", "id = \"floor\"", "id = \"Floor 1\"", "cannot be `Floor 1`", "lower-case"),
    ("r/s/study.toml", "id = \"floor\"", "id = \"nul\"", "cannot be `nul`", ""),
    ("r/s/study.toml", "kind = \"majority\"", "kind = \"mayority\"", "cannot be `mayority`", "did you mean `majority`?"),
    ("r/s/study.toml", "model = \"../../m\"", "model = \"../../m\"\nkind = \"linear\"", "either `model` or `kind`", ""),
    ("r/s/study.toml", "model = \"../../m\"", "model = \"../../n\"", "there is no file `n/model.toml`", "relative"),
    ("r/s/study.toml", "decide = \"linear\"", "decide = \"liner\"", "no candidate `liner`", "did you mean `linear`?"),
    ("r/s/study.toml", "current = \"floor\"", "current = \"flor\"", "no candidate `flor`", "did you mean `floor`?"),
    ("r/s/study.toml", "decide = \"linear\"", "decide = \"floor\"", "a floor is never recommended", ""),
    ("r/s/study.toml", "path = \"p.csv\"", "path = \"q.csv\"", "there is no file `r/s/q.csv`", ""),
    ("r/s/study.toml", "path = \"p.csv\"", "path = \"p.xlsx\"", "neither CSV nor Parquet", ""),
    ("r/s/study.toml", "path = \"p.csv\"", "path = \"https://example.org/p.csv\"", "is a web address", "nothing is read over a network"),
    ("r/s/study.toml", "path = \"p.csv\"", "path = \"/p.csv\"", "is an absolute path", ""),
    ("r/s/study.toml", "[\"c1\", \"c2\"]", "[\"c1\"]", "2 columns of codes and 1 of confidences", ""),
    ("r/s/study.toml", "dataset = \"../../d\"", "dataset = \"../../e\"", "there is no file `e/dataset.toml`", ""),
    ("r/s/study.toml", "annual_records = 1000", "annual_records = 1e3", "must be a whole number", ""),
    ("r/s/study.toml", "country = \"GB\"", "country = \"UK\"", "has no country `UK`", "write `GB`"),
    (
        "r/s/study.toml",
        "country = \"GB\"",
        "country = \"CH\"\ngrid_basis = \"generation\"",
        "no figure of `CH` on the basis `generation`",
        "leave `grid_basis` away",
    ),
    ("r/s/study.toml", "country = \"GB\"", "grid_basis = \"generation\"", "`grid_basis` needs `country`", "country ="),
    (
        "r/s/study.toml",
        "country = \"GB\"",
        "grid_intensity = { value = 0.131, basis = \"generation\", year = 2026, source = \"x\" }",
        "too little for any grid",
        "value = 131",
    ),
    ("r/s/study.toml", "country = \"GB\"", "grid_intensity = { value = 131, year = 2026, source = \"x\" }", "`basis` is missing", "life-cycle"),
    ("r/s/study.toml", "pue = 1.4", "pue = 0.9", "`pue` must be a number from 1", ""),
    ("r/s/study.toml", "share = 0.5", "share = 50", "`share` must be a number above 0", "0.5"),
    (
        "r/s/study.toml",
        "clerk_minute = 0.5, minutes_per_record = 1.5",
        "clerk_minute = 0.5",
        "`minutes_per_record` is missing",
        "the minutes that a record takes",
    ),
    ("r/s/study.toml", "clerk_minute = 0.5,", "clerk_minute = 0.5, clerk_record = 1,", "both the price", "keep"),
    ("r/s/study.toml", "currency = \"GBP\", ", "", "`currency` is missing", "name the currency"),
    ("r/s/study.toml", "title = \"T\"", "title = \" \"", "`title` is blank", ""),
    ("r/s/study.toml", "values = [\"north\"]", "within = [\"sx\"]", "`sx` is neither a column with the role `group`", "did you mean `sex`?"),
    ("r/s/study.toml", "values = [\"north\"]", "within = [\"minor group\"]", "nor an evaluated code level", "`major group`"),
    ("r/s/study.toml", "values = [\"north\"]", "within = [\"region\"]", "cannot be compared within `region`", "another"),
    ("r/s/study.toml", "values = [\"north\"]", "reference = \" \"", "`reference` is blank", ""),
    ("r/s/study.toml", "values = [\"north\"]", "referenc = \"north\"", "unknown key `referenc`", "did you mean `reference`?"),
    ("r/s/policy.toml", "metric = \"accuracy\"\ngroup", "metric = \"equal-opportunity-gap\"\ngroup", "is itself a comparison of groups", "leave `across` away"),
    (
        "r/s/policy.toml",
        "across = \"difference\"\nat_most = 0.1",
        "across = \"reference-difference\"\nat_least = -0.1",
        "names no reference group",
        "reference =",
    ),
    ("r/s/policy.toml", "metric = \"coded-accuracy\"\nthreshold = 0.65", "metric = \"gap-bias\"", "`group` is missing", "group ="),
    ("r/s/policy.toml", "[\"region\", \"sex\"]", "\"psu\"", "does not evaluate groups by `psu`", "add it to evaluate.groups"),
    ("r/s/policy.toml", "[\"region\", \"sex\"]", "\"regin\"", "does not evaluate groups by `regin`", "did you mean `region`?"),
    ("r/s/policy.toml", "at_most = 0.1", "at_least = 0.1", "smaller values are better", "write at_most = 0.1"),
    ("r/s/policy.toml", "at_most = 0.1", "at_most = 0.1\nat_least = 0.05", "either `at_least` or `at_most`", ""),
    ("r/s/policy.toml", "at_least = 0.7", "at_least = 70", "a number from 0 to 1", "write percentages as shares: 0.7"),
    ("r/s/policy.toml", "at_least = 0.7", "at_least = nan", "but is not a number", ""),
    ("r/s/policy.toml", "metric = \"accuracy\"", "metric = \"difference\"", "compares groups by a metric", "across = \"difference\""),
    ("r/s/policy.toml", "code = \"*\"", "", "`code` is missing", "code = \"*\""),
    ("r/s/policy.toml", "threshold = 0.65", "threshold = 1", "a number from 0 to below 1", ""),
    ("r/s/policy.toml", "metric = \"coded-accuracy\"", "metric = \"accuracy\"", "`threshold` is for metrics at a confidence threshold", ""),
    ("r/s/policy.toml", "severity = \"deny\"", "severity = \"dney\"", "cannot be `dney`", "did you mean `deny`?"),
    ("r/s/policy.toml", "valid_months = 12", "valid_months = 0", "a whole number from 1 to 120", ""),
    ("d/dataset.toml", "role = \"psu\"", "role = \"weight\"", "which column `weight` has already", ""),
    ("d/dataset.toml", "role = \"code\" }", "roles = [\"code\", \"category\"] }", "cannot be both code and category", "shown the code"),
    ("d/dataset.toml", "id = { role = \"id\" }", "id = { role = \"split\" }", "no column has the role `id`", ""),
    ("d/dataset.toml", "role = \"group\" }", "role = \"group\", empty = \"allow\" }", "`empty` is for texts", ""),
    ("d/dataset.toml", "digits = 3", "digits = 1", "ascending order", ""),
    ("d/dataset.toml", "\"b.csv\"", "\"c.csv\"", "there is no file `d/c.csv`", ""),
    ("d/dataset.toml", "delimiter = \";\"", "delimiter = \";;\"", "`delimiter` cannot be `;;`", ""),
    ("r/s/study.toml", "profile = \"insee\"", "profile = \"acor\"", "`profile` cannot be `acor`", "did you mean `acro`?"),
    ("r/s/study.toml", "minimum = 5", "minimum = 2", "`minimum` must be a whole number from 3 to 1000", ""),
    ("r/s/study.toml", "zeros = true", "zeros = \"yes\"", "`zeros` must be true or false", ""),
    ("r/s/study.toml", "zeros = true", "zeroes = true", "unknown key `zeroes`", "did you mean `zeros`?"),
    ("m/model.toml", "c = 0.5", "alpha = 0.5", "`alpha` is not a setting of kind `linear`", "belongs to kind complement-nb; the settings of linear are: words"),
];

#[test]
fn wrong_values_are_refused_with_place_and_remedy() {
    for &(file, from, to, message, remedy) in WRONG {
        let problems = base().but(file, from, to).problems();
        let Some(problem) = problems.iter().find(|p| p.message.contains(message)) else { panic!("{file}: {to:?}: {problems:#?}") };
        let place = problem.place.as_ref().unwrap();
        assert!(place.file == file && place.line.is_some() && place.source.is_some(), "{problem}");
        assert!(problem.remedy.as_deref().unwrap_or_default().contains(remedy), "{to}: {problem}");
        assert!(problems.len() <= 4, "{to}: {problems:#?}");
    }
}

#[test]
fn no_text_makes_it_panic() {
    let mut stream = Stream::named(1, "mutations");
    for round in 0..3000 {
        let (file, text) = TEXTS[round % TEXTS.len()];
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..1 + stream.bits() % 3 {
            let at = (stream.bits() % bytes.len() as u64) as usize;
            match stream.bits() % 4 {
                0 => bytes[at] = b"[]{}=\"'.,#\n\r\t\\x0-_ "[(stream.bits() % 19) as usize],
                1 => drop(bytes.remove(at)),
                2 => bytes.truncate(at.max(1)),
                _ => bytes.insert(at, b"[]{}=\"\n.#"[(stream.bits() % 9) as usize]),
            }
        }
        let Ok(text) = String::from_utf8(bytes) else { continue };
        if let Err(failure) = base().with(file, &text).load() {
            assert!(failure.problems.iter().all(|p| p.class != Class::Internal), "{file}:\n{text}\n{failure}");
            let _ = failure.to_string();
        }
    }
}

#[test]
fn automatic_coding_is_fixed_or_promised_and_gates_may_name_the_chosen_threshold() {
    let policy = "r/s/policy.toml";
    let fixed = base().load().unwrap().policy;
    assert!(fixed.automatic_threshold.is_some() && fixed.automatic_promise.is_none());
    let line = base().text_of(policy).lines().skip_while(|l| *l != "[automatic_coding]").nth(1).unwrap().to_owned();
    let with = |text: &str| base().but(policy, &line, text);
    let study = with("error_at_most = 0.05\nconfidence = 0.9").load().unwrap_or_else(|f| panic!("{f}"));
    let promise = study.policy.automatic_promise.unwrap();
    assert_eq!((promise.error_at_most, promise.confidence, study.policy.automatic_threshold), (0.05, 0.9, None));
    assert_eq!(study.request.automation.promise, Some(promise));
    assert!(study.request.automation.keeps_records_apart() && !base().load().unwrap().request.automation.keeps_records_apart());
    assert_eq!(with("error_at_most = 0.05").load().unwrap().policy.automatic_promise.unwrap().confidence, 0.95);
    for (text, wanted) in [
        ("threshold = 0.7\nerror_at_most = 0.05", "exclude each other"),
        ("threshold = 0.7\nconfidence = 0.9", "`confidence` belongs to `error_at_most`"),
        ("error_at_most = 5", "above 0 and below 1"),
        ("error_at_most = 0.05\nconfidence = 95", "above 0.5 and below 1"),
        ("error_at_mots = 0.05", "unknown key `error_at_mots`"),
    ] {
        let problems = with(text).problems();
        assert!(problems.iter().any(|p| p.message.contains(wanted)), "{text}: {problems:#?}");
    }
    let gate = "\n[[gate]]\nid = \"automation\"\nmetric = \"coded-share\"\nthreshold = \"chosen\"\nat_least = 0.3\n";
    let files = base().with(policy, &format!("{}{gate}", base().text_of(policy)));
    let study = files.load().unwrap_or_else(|f| panic!("{f}"));
    let last = study.policy.gates.last().unwrap();
    assert!(last.at_chosen && last.threshold.is_none());
}

#[test]
fn confidence_and_suggestions_are_asked_for_in_evaluate() {
    use crate::measure::Surety;
    let with = |text: &str| base().but("r/s/study.toml", "[evaluate]\n", &format!("[evaluate]\n{text}\n"));
    let request = with("confidence = \"margin\"\nsuggestion_coverage = 0.8").load().unwrap_or_else(|f| panic!("{f}")).request;
    assert_eq!((request.automation.surety, request.automation.suggestion_coverage), (Surety::Margin, Some(0.8)));
    assert!(request.automation.keeps_records_apart());
    for (text, wanted) in
        [("confidence = \"best\"", "best"), ("suggestion_coverage = 90", "above 0.5 and below 1"), ("suggestion_covrage = 0.9", "unknown key")]
    {
        let problems = with(text).problems();
        assert!(problems.iter().any(|p| p.message.contains(wanted)), "{text}: {problems:#?}");
    }
}

#[test]
fn references_controls_and_gates_on_fairness_are_read() {
    let base = base().but("r/s/study.toml", "values = [\"north\"]", "reference = \"north\", within = [\"sex\", \"major group\"]");
    let gates = "[[gate]]\nid = \"equal\"\nmetric = \"equal-opportunity-gap\"\ngroup = \"region\"\nat_most = 0.1\n\n\
                 [[gate]]\nid = \"treated\"\nmetric = \"treatment-difference\"\ngroup = \"region\"\nacross = \"reference-difference\"\nat_least = -0.05\n\n\
                 [[gate]]\nid = \"standard\"\nmetric = \"standardised-accuracy\"\ngroup = \"sex\"\nacross = \"difference\"\nat_most = 0.1\n\n[[gate]]\nid = \"d\"";
    let study = base.but("r/s/policy.toml", "[[gate]]\nid = \"d\"", gates).load().unwrap();
    let region = &study.request.groupings[1];
    assert_eq!((region.reference.as_deref(), region.within.join(" ")), (Some("north"), "sex major group".to_owned()));
    let across: Vec<_> = study.policy.gates.iter().map(|g| (g.id.as_str(), g.across)).collect();
    assert_eq!(across[3..6], [("equal", None), ("treated", Some(Across::ReferenceDifference)), ("standard", Some(Across::Difference))]);
}

const ENSEMBLE: &str = "kind = \"ensemble\"\n\n[settings]\nfolds = 5\nweighted = true\n\n[[settings.member]]\nwords = [1, 3]\nc = 0.4\nloss = \"squared-hinge\"\n\n[[settings.member]]\ncharacters = [2, 4]\n";

#[test]
fn an_ensemble_has_members_with_settings_of_their_own() {
    use crate::model::{EnsembleRecipe, Loss, Recipe};
    let recipe = |text: &str| {
        let study = base().with("m/model.toml", text).load().unwrap_or_else(|f| panic!("{f}"));
        match &study.candidates.iter().find(|c| c.id == "linear").expect("there").recipe {
            Recipe::Ensemble(recipe) => recipe.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(recipe("kind = \"ensemble\"\n"), EnsembleRecipe::default());
    let read = recipe(ENSEMBLE);
    assert_eq!((read.folds, read.weighted, read.members.len()), (5, true, 2));
    assert!(read.members[0].weighted && read.members[0].loss == Loss::SquaredHinge && read.members[0].text.words == (1, 3));
    assert_eq!(read.members[1].text.characters, (2, 4));
}

#[test]
fn what_is_wrong_with_an_ensemble_is_said_where_it_is() {
    for (from, to, line, message) in [
        ("folds = 5", "folds = 1", 4, "a whole number from 2 to 20"),
        ("c = 0.4", "c = 0", 9, "a number above 0"),
        ("c = 0.4", "weighted = true", 9, "said once, for all members"),
        ("c = 0.4", "cc = 0.4", 9, "`cc`"),
        ("characters = [2, 4]", "words = [0, 0]\ncharacters = [0, 0]", 12, "nothing is left for this member"),
        ("\n[[settings.member]]\ncharacters = [2, 4]\n", "", 7, "from 2 to 8 members, and here are 1"),
        ("folds = 5", "words = [1, 2]", 4, "`words` is not a setting of kind `ensemble`"),
    ] {
        let failure = base().with("m/model.toml", &ENSEMBLE.replace(from, to)).load().expect_err(to);
        let problem = &failure.problems[0];
        assert!(problem.message.contains(message), "{failure}");
        let shown = failure.to_string();
        // A message that names the allowed numbers is its own remedy. A table of a list is shown at its head or its first key.
        let near = [line, line + 1].iter().any(|line| shown.contains(&format!("model.toml:{line}:")));
        assert!(near && (problem.remedy.is_some() || message.starts_with("a ")), "{shown}");
    }
}
