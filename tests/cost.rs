//! What a candidate costs, through the program: any program measured, its file cited, budgets judged on the high end, carbon with its source.

mod common;

use common::{Workspace, proofmark, records};

/// Some tenths of a processor-second of work for a shell.
const WORK: &str = "i=0; while [ $i -lt 600000 ]; do i=$((i+1)); done";

fn measured(w: &Workspace, phase: &str, records: &str) {
    let ran = proofmark(w.folder.path(), &["measure", "--out", "cost.json", "--phase", phase, "--records", records, "--", "sh", "-c", WORK]);
    ran.expect(0, &["wrote cost.json", "Reproducible quantity"]);
}

/// The small study with a third candidate whose codes were made elsewhere: right but for the fewest.
fn with_elsewhere(more: &str) -> Workspace {
    let w = Workspace::new();
    let lines: Vec<String> = records(600).iter().map(|r| format!("{},{}", r[0], r[6])).collect();
    w.write("p.csv", &format!("id,predicted\n{}\n", lines.join("\n")));
    let candidate = format!("[[candidate]]\nid = \"other\"\nkind = \"predictions\"\n{more}[candidate.settings]\npath = \"p.csv\"\n\n[evaluate]");
    w.edit("study.toml", "[evaluate]", &candidate);
    w
}

#[test]
fn the_exit_code_of_a_measured_program_is_passed_through() {
    let w = Workspace::new();
    let run = |arguments: &[&str]| proofmark(w.folder.path(), &[&["measure", "--out", "x.json"], arguments].concat());
    let ran = run(&["--", "sh", "-c", "echo out; echo err >&2; exit 7"]);
    ran.expect(7, &["out", "err", "no cost file was written"]);
    assert_eq!(ran.stdout, "out\n", "standard output is the program's alone");
    run(&["--", "sh", "-c", "kill -9 $$"]).expect(137, &["no cost file was written"]);
    run(&["--", "no-such-program-anywhere"]).expect(127, &["cannot be started", "help:"]);
    run(&["--", "./codes.csv"]).expect(126, &["cannot be started"]);
    run(&[]).expect(2, &["COMMAND"]);
    run(&["--phase", "fitt", "--", "true"]).expect(2, &["fit"]);
    proofmark(w.folder.path(), &["measure", "--out", "no/where.json", "--", "true"]).expect(125, &["there is no folder no", "help:"]);
    w.write("x.json", "{}");
    run(&["--", "true"]).expect(125, &["no cost file", "help:"]);
    assert_eq!(w.read("x.json"), "{}", "what is there is not written over");
}

#[test]
fn a_model_made_elsewhere_is_costed_by_the_file_it_cites() {
    let w = with_elsewhere("cost = \"cost.json\"\n");
    measured(&w, "fit", "300");
    measured(&w, "predict", "6000");
    let again = proofmark(w.folder.path(), &["measure", "--out", "cost.json", "--", "true"]);
    again.expect(125, &["has the phase `fit` already", "--replace"]);
    let file = w.json("cost.json");
    assert_eq!(file["format"], "proofmark-cost/1");
    let seconds = |i: usize| file["phases"][i]["cpu_user_s"].as_f64().unwrap() + file["phases"][i]["cpu_system_s"].as_f64().unwrap();
    assert!(!w.read("cost.json").contains("while"), "the command is nobody's business");
    w.edit("study.toml", "[evaluate]", "[cost]\nannual_records = 60000\nretrainings_per_year = 2\ncountry = \"GB\"\n\n[evaluate]");
    w.run().expect(0, &[]);
    let run = &w.json("out/other/evidence.json")["run"];
    let value = |metric: &str| {
        let list = run["cost"].as_array().unwrap();
        list.iter().find(|m| m["metric"] == metric).and_then(|m| m["outcome"]["estimate"]["value"].as_f64()).unwrap_or_else(|| panic!("{metric}: {list:?}"))
    };
    assert!((value("train-cpu-seconds") - seconds(0)).abs() < 1e-9);
    // 60,000 records are ten times what was coded.
    assert!((value("annual-cpu-seconds") - (10.0 * seconds(1) + 2.0 * seconds(0))).abs() < 1e-9);
    let energy = |i: usize| file["phases"][i]["energy"]["known"]["active"]["central"].as_f64().unwrap();
    assert!((value("annual-energy") / (10.0 * energy(1) + 2.0 * energy(0)) - 1.0).abs() < 1e-9);
    assert!((value("annual-carbon") / (value("annual-energy") / 3.6e6 * 130.96) - 1.0).abs() < 1e-9);
    assert_eq!(run["cited"]["file"], "cost.json");
    let card = w.read("out/other/card.html");
    for text in [
        "Measured elsewhere, on ",
        "130.96 g CO₂e a kilowatt-hour for United Kingdom",
        "DESNZ",
        "A year: 60,000 records and 2 trainings",
        "Not in these figures: disks",
    ] {
        assert!(card.contains(text), "no `{text}`");
    }
    assert!(w.read("out/comparison.html").contains("measured elsewhere"));
}

#[test]
fn a_cost_file_that_cannot_be_trusted_is_refused_with_a_remedy() {
    let w = with_elsewhere("cost = \"cost.json\"\n");
    w.run().expect(2, &["there is no file `cost.json`"]);
    measured(&w, "fit", "300");
    let good = w.read("cost.json");
    for (bad, told) in [
        (good.replace("\"records_in\": 300", "\"records_in\": 3"), "changed after it was measured"),
        (good.replace("cost/1", "cost/2"), "of the format `proofmark-cost/2`"),
        (good[..good.len() / 2].to_owned(), "is not JSON"),
        ("[[[[".repeat(200_000), "not JSON"),
        (good.replace("\"wall_s\": ", "\"wall_s\": 1e999"), "not JSON"),
        (good.replace("\"phase\": \"fit\"", "\"phase\": \"<script>\""), "there is no phase"),
    ] {
        w.write("cost.json", &bad);
        w.run().expect(2, &[told, "cost.json", "help:"]);
        w.expect_no_output();
    }
    w.write("cost.json", &good);
    w.run().expect(0, &[]);
    w.edit("study.toml", "kind = \"linear\"", "kind = \"linear\"\ncost = \"cost.json\"");
    w.run().expect(2, &["is for models made elsewhere", "study.toml", "leave `cost` away"]);
}

#[test]
fn budgets_are_judged_on_the_high_end_and_short_phases_cannot_be_told() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    let gate = |metric: &str, bound: f64| {
        w.write("budget.toml", &format!("title = \"B\"\n[[gate]]\nid = \"g\"\nmetric = \"{metric}\"\nat_most = {bound}\n"));
        proofmark(w.folder.path(), &["judge", "out/linear/evidence.json", "--policy", "budget.toml", "--out", "judged"]).code
    };
    let of = |metric: &str| {
        let run = w.json("out/linear/evidence.json")["run"]["cost"].clone();
        run.as_array().unwrap().iter().find(|m| m["metric"] == metric).cloned().expect("the metric")["outcome"].clone()
    };
    let cpu = of("train-cpu-seconds")["estimate"].clone();
    let (value, high, low) = (cpu["value"].as_f64().unwrap(), cpu["interval"]["upper"].as_f64().unwrap(), cpu["interval"]["lower"].as_f64().unwrap());
    assert_eq!(gate("train-cpu-seconds", high * 1.001), 0, "all of it is within the budget");
    assert_eq!(gate("train-cpu-seconds", f64::midpoint(value, high)), 3, "the value is within, the high end is not");
    assert_eq!(gate("train-cpu-seconds", low * 0.999), 1);
    let memory = of("peak-memory")["estimate"]["value"].as_f64().unwrap();
    assert_eq!((gate("peak-memory", memory + 1.0), gate("peak-memory", memory - 1.0)), (0, 1));
    // 300 short answers are coded in no time: neither energy nor time of a thousand can be told, and nothing is met by that.
    for metric in ["predict-energy-per-1000", "predict-cpu-seconds-per-1000"] {
        assert_eq!(of(metric)["undefined"]["reason"], "too-short", "{metric}");
        assert_eq!(gate(metric, 1e9), 3, "{metric}");
        assert!(w.read("judged/card.html").contains("too short to state"), "{metric}");
    }
    // A year was not asked for: there is nothing to judge.
    assert_eq!(gate("annual-energy", 1e9), 3);
}

#[test]
fn accuracy_has_its_price_beside_the_other_candidates() {
    let w = with_elsewhere("");
    w.run().expect(0, &[]);
    let gains = w.json("out/linear/evidence.json")["run"]["gains"].clone();
    let of = |id: &str| gains.as_array().unwrap().iter().find(|g| g["candidate"] == id).cloned().expect("a comparison");
    assert_eq!(gains.as_array().unwrap().len(), 2);
    // Whether training was long enough to be stated depends on the machine; what was made elsewhere has no cost here at all.
    assert_eq!(of("other")["finding"], "cannot-tell");
    assert!(["cannot-tell", "priced"].contains(&of("majority")["finding"].as_str().unwrap()));
    let card = w.read("out/linear/card.html");
    assert!(card.contains("What accuracy costs in energy") && card.contains("Carbon is not stated"));
    assert!(!card.contains("CO₂e a kilowatt-hour"), "no factor is assumed");
}
