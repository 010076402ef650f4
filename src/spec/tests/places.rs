//! Places for later problems, columns against the heads of files, policies alone, other splits.

use super::{STUDY, base};
use crate::data::SplitPlan;
use crate::spec::{check_columns, policy};
use std::path::Path;

#[test]
fn later_problems_find_their_place() {
    let study = base().load().unwrap();
    let line = |key: &str| study.place(key).map(|p| (p.file, p.line.unwrap(), p.column.unwrap(), p.width));
    assert_eq!(line("evaluate.groups[1]").map(|p| (p.1, p.2)), Some((56, 18)));
    assert_eq!(line("evaluate.groups[1].values[0]"), Some(("r/s/study.toml".into(), 56, 49, 7)));
    assert_eq!(line("dataset.columns.region"), Some(("d/dataset.toml".into(), 20, 1, 6)));
    assert_eq!(line("candidate[1].settings.c"), Some(("m/model.toml".into(), 15, 5, 3)));
    assert_eq!(line("candidate[0].settings.id"), Some(("r/s/study.toml".into(), 34, 1, 13)), "the nearest above");
    assert_eq!(line("policy.gate[3].code"), Some(("r/s/policy.toml".into(), 34, 8, 3)));
    assert_eq!(line("nothing"), None);
}

#[test]
fn misspelt_columns_point_into_the_toml() {
    let study = base().load().unwrap();
    let head = |columns: &str| columns.split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut headers = vec![
        ("dataset.files[0]".to_owned(), head("id,month,weight,psu,sex,regoin,answer,hours")),
        ("dataset.files[1]".to_owned(), head("id,month,weight,psu,sex,answer")),
        ("dataset.join[0].path".to_owned(), head("ID,code")),
        ("codes.csv".to_owned(), head("code,labels")),
        ("candidate[2].settings.path".to_owned(), head("id,first,secnd,c1,c2")),
    ];
    let found: Vec<(usize, String)> = check_columns(&study, &headers).into_iter().map(|p| (p.place.unwrap().line.unwrap(), p.remedy.unwrap())).collect();
    let mean = |name: &str| format!("did you mean `{name}`?");
    assert_eq!(found, [(20, mean("regoin")), (12, mean("ID")), (28, mean("labels")), (51, mean("secnd"))]);
    headers[0].1 = head("id,month,weight,psu,sex,region,answer,hours");
    headers[2].1 = head("id,code");
    headers[3].1 = head("code,label");
    headers[4].1 = head("c1,c2,first,second,id");
    assert_eq!(check_columns(&study, &headers), []);
    headers[1].1 = head("month,weight");
    assert_eq!(check_columns(&study, &headers).len(), 1, "a file without ids");
}

#[test]
fn a_policy_is_read_alone_and_out_of_a_study() {
    let files = base();
    let alone = policy(Path::new("r/s/policy.toml"), &files).unwrap();
    assert_eq!(alone, policy(Path::new("r/s/study.toml"), &files).unwrap());
    assert_eq!(alone.gates[2].groups, ["region", "sex"]);
    let inline = STUDY.replace("policy = \"policy.toml\"\n", "") + "[policy]\n[[policy.gate]]\nid = \"a\"\nmetric = \"accuracy\"\nat_least = 0.5\n";
    let files = files.with("r/s/study.toml", &inline);
    assert_eq!(policy(Path::new("r/s/study.toml"), &files).unwrap().gates.len(), 1);
    assert_eq!(files.load().unwrap().policy.title, "T");
    assert!(policy(Path::new("r/s/none.toml"), &files).is_err());
    let wrong = policy(Path::new("d/dataset.toml"), &files).unwrap_err();
    assert!(wrong.to_string().contains("unknown key `files`"), "{wrong}");
}

#[test]
fn other_splits_are_read() {
    let split = |text: &str| {
        let (before, after) = STUDY.split_once("[split]\n").unwrap();
        let (_, after) = after.split_once("\n\n").unwrap();
        base().with("r/s/study.toml", &format!("{before}[split]\n{text}\n\n{after}")).load()
    };
    assert_eq!(split("by = \"random\"\ntest_share = 0.2").unwrap().split, SplitPlan::Random { test_share: 0.2, tune_share: 0.1 });
    assert!(matches!(split("by = \"group\"\ncolumn = \"psu\"\ntest_share = 0.2\ntune_share = 0.2").unwrap().split, SplitPlan::Group { .. }));
    let plan = split("by = \"column\"\ncolumn = \"region\"\ntrain = [\"a\"]\ntest = [\"b\"]").unwrap().split;
    assert!(matches!(plan, SplitPlan::Column { tune, tune_share, .. } if tune.is_empty() && tune_share == 0.1));
    assert!(split("by = \"column\"\ncolumn = \"region\"\ntrain = [\"a\", \"b\"]\ntest = [\"b\"]").unwrap_err().to_string().contains("in two parts"));
    assert!(split("by = \"random\"\ntest_share = 0.9\ntune_share = 0.2").unwrap_err().to_string().contains("nothing is left for training"));
}
