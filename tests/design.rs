//! The survey design through the program's measuring: finite populations, intervals, lonely PSUs, faults.
//!
//! Reference values: R survey 4.1-1 on a toy design of eight records and on `dclus1` of its `api` data.

mod common;

use common::evaluation::{Evaluation, Found, PSU, STRATUM, WEIGHT, close, contrast, districts, of_group, replicates, small, toy, with_replicates, with_roles};
use proofmark::data::{ReplicateKind, Role};
use proofmark::measure::{LonelyPsu, Proportions, Variance, at_level};
use proofmark::value::{Method, Outcome};

#[track_caller]
fn interval(found: &Found, (lower, upper): (f64, f64), method: Method, tolerance: f64) {
    let interval = found.plain("accuracy").interval.unwrap();
    assert_eq!(interval.method, method);
    close(interval.lower, lower, tolerance, "lower");
    close(interval.upper, upper, tolerance, "upper");
}

#[test]
fn the_toy_design_equals_r_survey() {
    let designed = with_roles(toy(), &[WEIGHT, STRATUM, PSU]);
    let found = designed.run();
    let accuracy = found.plain("accuracy");
    close(accuracy.value, 0.619_047_619_048, 1e-11, "accuracy");
    close(accuracy.se.unwrap(), 0.232_688_862_265, 1e-11, "SE");
    assert_eq!(accuracy.df, Some(2.0));
    interval(&found, (0.007_019_284_2, 0.999_684_550_9), Method::KornGraubard, 1e-8);
    let of = |value, estimate: f64, se: f64| {
        let e = found.find("accuracy", of_group("side", value));
        close(e.value, estimate, 1e-11, value);
        close(e.se.unwrap(), se, 1e-11, value);
    };
    of("a", 0.5, 0.158_113_883_008);
    // Leaving out the other group's records first would leave one PSU in stratum 2 and give .297520661.
    of("b", 0.727_272_727_273, 0.313_614_313_405);
    let gap = found.find("accuracy", contrast("difference", "side"));
    close(gap.value, 0.227_272_727_273, 1e-11, "gap");
    close(gap.se.unwrap(), 0.351_217_792_221, 1e-11, "gap SE");
    let logit = designed.clone().with(|e| e.request.interval = Proportions::Logit).run();
    interval(&logit, (0.022_756_661_4, 0.991_258_498_8), Method::LogitT, 1e-8);
}

#[test]
fn a_finite_population_of_clusters_equals_r_survey() {
    for (column, fpc) in [("size", true), ("share", true), ("size", false)] {
        let evaluation = if fpc { districts().role(column, Role::Fpc) } else { districts() };
        let found = evaluation.run();
        let accuracy = found.plain("accuracy");
        close(accuracy.value, 0.874_316_939_9, 1e-9, "accuracy");
        close(accuracy.se.unwrap(), if fpc { 0.020_359_477_2 } else { 0.020_564_237_4 }, 5e-9, "SE");
        assert_eq!(accuracy.df, Some(14.0));
        if !fpc {
            continue;
        }
        assert!(found.sample.words.ends_with("the share of the population's primary sampling units in the sample, 2.0 %"), "{}", found.sample.words);
        interval(&found, (0.823_702_210_8, 0.914_704_492_1), Method::KornGraubard, 1e-8);
        let other = |choice| evaluation.clone().with(|e| e.request.interval = choice).run();
        interval(&other(Proportions::Logit), (0.823_798_892_4, 0.911_900_077_0), Method::LogitT, 1e-8);
        interval(&other(Proportions::Student), (0.830_650_204_1, 0.917_983_675_7), Method::StudentT, 1e-8);
        for (side, value, se) in [("E", 0.916_666_666_7, 0.020_984_279_0), ("H", 0.785_714_285_7, 0.091_461_910_0), ("M", 0.68, 0.109_502_248_4)] {
            let e = found.find("accuracy", of_group("side", side));
            close(e.value, value, 1e-9, side);
            close(e.se.unwrap(), se, 1e-8, side);
        }
        let largest = found.find("accuracy", contrast("difference", "side"));
        close(largest.value, 0.236_666_666_7, 1e-9, "E − M");
        close(largest.se.unwrap(), 0.119_972_484_6, 1e-8, "E − M");
        // The other pairs by the scores that the program makes.
        let sides = found.table.factor("side").unwrap();
        let predicted: Vec<bool> = evaluation.csv.lines().skip(1).map(|l| l.ends_with("yes,yes")).collect();
        let scores = |side: &str| {
            let label = sides.labels.iter().position(|l| l == side).unwrap() as u32;
            let members = (0..183).filter(move |&i| sides.index[i] == label);
            found.sample.ratio_of(members.map(|i| (i, f64::from(u8::from(predicted[i])), 1.0))).unwrap()
        };
        let units = &found.sample.sampling.units;
        for (a, b, value, se) in [("E", "H", 0.130_952_381_0, 0.101_61), ("H", "M", 0.105_714_285_7, 0.105_67), ("E", "M", 0.236_666_666_7, 0.119_972_5)] {
            let (x, y) = (scores(a), scores(b));
            close(x.value - y.value, value, 1e-9, a);
            let variance = units.variance(&x.scores) + units.variance(&y.scores) - 2.0 * units.covariance_of_disjoint(&x.scores, &y.scores);
            assert!((variance.sqrt() - se).abs() < 6e-6, "{a} − {b}: {}", variance.sqrt());
        }
    }
}

#[test]
fn a_test_part_counts_by_its_own_share_of_the_population() {
    let evaluation = districts().role("size", Role::Fpc);
    // Records without a true code are of the sample, but not of the test part: here those of seven of the 15 districts.
    let lines: Vec<String> = evaluation
        .csv
        .lines()
        .map(
            |l| if ["406", "413", "437", "637", "716", "778", "815"].contains(&l.split(',').nth(1).unwrap()) { l.replace(",yes,", ",,") } else { l.to_owned() },
        )
        .collect();
    let part = evaluation.clone().with(|e| e.csv = lines.join("\n") + "\n");
    let (found, infinite) = (part.run(), part.clone().with(|e| e.roles.retain(|(_, r)| *r != Role::Fpc)).run());
    assert!(found.sample.words.contains("1.1 % (the whole sample holds 2.0 %)"), "{}", found.sample.words);
    let ratio = found.plain("accuracy").se.unwrap() / infinite.plain("accuracy").se.unwrap();
    close(ratio, (1.0_f64 - 8.0 / 757.0).sqrt(), 1e-12, "√(1 − f)");
}

/// Six units in strata 1 1 1 2 2 3, as PSUs or as records.
fn lonely(roles: &[(&str, Role)], policy: LonelyPsu) -> Evaluation {
    let mut csv = "id,stratum,psu,weight,size,truth,predicted\n".to_owned();
    let rows = [(1, 10.0, "yes"), (1, 12.0, "no"), (1, 8.0, "yes"), (2, 20.0, "yes"), (2, 22.0, "no"), (3, 15.0, "yes")];
    for (i, (stratum, weight, predicted)) in rows.iter().enumerate() {
        csv += &format!("{i},{stratum},{i},{weight},{},yes,{predicted}\n", if *stratum == 3 { 1 } else { 1_000_000_000 });
    }
    Evaluation::new(csv, roles).with(|e| e.request.lonely_psu = policy)
}

#[test]
fn lonely_units_are_treated_as_r_survey_does() {
    for roles in [&[WEIGHT, STRATUM, PSU][..], &[WEIGHT, STRATUM]] {
        for (policy, se) in [(LonelyPsu::Remove, 0.273_919_143_5), (LonelyPsu::Adjust, 0.282_084_695_6), (LonelyPsu::Average, 0.335_481_066_2)] {
            let found = lonely(roles, policy).run();
            close(found.plain("accuracy").value, 0.609_195_402_3, 1e-9, "accuracy");
            close(found.plain("accuracy").se.unwrap(), se, 1e-9, "SE");
        }
        let refusal = lonely(roles, LonelyPsu::Fail).refused();
        assert!(refusal.contains("stratum `3` has one") && refusal.contains("lonely_psu"), "{refusal}");
        // A stratum that was sampled completely has no sampling error, and its one unit is not lonely.
        let census = lonely(&[roles, &[("size", Role::Fpc)]].concat(), LonelyPsu::Fail).run();
        close(census.plain("accuracy").se.unwrap(), 0.273_919_143_5, 1e-8, "census");
    }
}

#[test]
fn judging_at_another_level_is_measuring_at_it() {
    let designs: [&[(&str, Role)]; 3] = [&[], &[WEIGHT], &[WEIGHT, STRATUM, PSU]];
    for roles in designs {
        for choice in [Proportions::ByDesign, Proportions::Logit, Proportions::ClopperPearson, Proportions::Student] {
            if choice == Proportions::ClopperPearson && !roles.is_empty() {
                continue;
            }
            let bare = small().with(|e| e.roles.retain(|(n, _)| n != "weight"));
            let at = |level: f64| with_roles(bare.clone(), roles).with(|e| (e.request.level, e.request.interval) = (level, choice));
            let (low, high) = (at(0.8).run(), at(0.95).run());
            for metric in ["accuracy", "kappa", "macro-f1"] {
                let (wanted, found) = (low.plain(metric).interval.unwrap(), at_level(high.plain(metric), 0.8, None).interval.unwrap());
                assert_eq!(wanted.method, found.method, "{metric} {choice:?}");
                close(found.lower, wanted.lower, 1e-10, metric);
                close(found.upper, wanted.upper, 1e-10, metric);
            }
        }
    }
}

#[test]
fn what_the_data_cannot_give_is_said_in_words() {
    let designed = with_roles(toy(), &[WEIGHT, STRATUM, PSU]);
    let edited = |from: &str, to: &str| {
        assert!(designed.csv.contains(from), "{from}");
        designed.clone().with(|e| e.csv = e.csv.replacen(from, to, 1))
    };
    // A PSU in two strata, unless PSUs are numbered by stratum.
    let nested = edited("\n4,2,3,", "\n4,2,2,");
    let told = nested.refused();
    assert!(told.contains("PSU `2` is in the strata `1` and `2`") && told.contains("psu_within_stratum = true") && told.contains("line: Some(6)"), "{told}");
    let found = nested.with(|e| e.design.psu_within_stratum = true).run();
    assert_eq!(found.sample.psus, Some(5));
    // Not two PSUs a stratum.
    let told = edited("\n1,1,1,", "\n1,1,9,").with(|e| e.request.variance = Variance::HalfSamples).refused();
    assert!(told.contains("half-samples need two PSUs in every stratum, and stratum `1` has 3"), "{told}");
    // A domain whose records all weigh nothing.
    let weightless = designed.clone().with(|e| {
        e.csv = e
            .csv
            .lines()
            .map(|l| {
                let mut c: Vec<&str> = l.split(',').collect();
                if c[5] == "b" {
                    c[3] = "0"
                };
                c.join(",") + "\n"
            })
            .collect();
    });
    let found = weightless.run();
    let Outcome::Undefined(why) = found.outcome("accuracy", of_group("side", "b")) else { panic!("defined") };
    assert_eq!((why.why.as_str(), why.n), ("all 4 records have weight 0", 4));
    close(found.plain("accuracy").value, 0.5, 1e-12, "the others");
    let Outcome::Undefined(why) = found.outcome("accuracy", contrast("difference", "side")) else { panic!("defined") };
    assert!(why.why.contains("fewer than two groups"), "{}", why.why);
    // Replicate weights of a record without weight.
    let told = with_replicates(
        with_roles(weightless.with(|e| e.roles.retain(|(n, _)| !["weight", "stratum", "psu"].contains(&n.as_str()))), &[WEIGHT]),
        replicates("jk_", ReplicateKind::Jackknife),
    )
    .refused();
    assert!(told.contains("a replicate weight above 0 of a record whose weight is 0"), "{told}");
    // Every record has weight 0.
    let told = designed
        .clone()
        .with(|e| {
            e.csv = e
                .csv
                .lines()
                .enumerate()
                .map(|(n, l)| {
                    let mut c: Vec<&str> = l.split(',').collect();
                    if n > 0 {
                        c[3] = "0"
                    };
                    c.join(",") + "\n"
                })
                .collect()
        })
        .refused();
    assert!(told.contains("all test records have weight 0"), "{told}");
}
