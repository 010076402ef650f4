//! The survey design through the program's measuring: finite populations, replicate weights, choices of variance and interval, lonely PSUs.
//!
//! Reference values: R survey 4.1-1 on a toy design of eight records and on `dclus1` of its `api` data; numpy and scikit-learn 1.9.1 under
//! replicate weights.

mod common;

use common::evaluation::{Evaluation, Found, close, contrast, of_group};
use proofmark::data::{ReplicateColumns, ReplicateDesign, ReplicateKind, Role, SurveyDesign};
use proofmark::measure::{LonelyPsu, Proportions, Variance, at_level, paired};
use proofmark::stats::Centre;
use proofmark::value::{Method, Outcome};

const STRATUM: (&str, Role) = ("stratum", Role::Stratum);
const PSU: (&str, Role) = ("psu", Role::Psu);
const WEIGHT: (&str, Role) = ("weight", Role::Weight);

/// Eight records: strata 1111 2222, PSUs 1 1 2 2 3 3 4 4; replicate weights of the jackknife (jk) and of half-samples (hs).
fn toy() -> Evaluation {
    let mut csv = "id,stratum,psu,weight,correct,side,truth,predicted,jk_1,jk_2,jk_3,jk_4,hs_1,hs_2,hs_3,hs_4\n".to_owned();
    let (weight, right, side) = ([2.0, 3.0, 1.0, 4.0, 5.0, 2.0, 3.0, 1.0], [1, 0, 1, 1, 0, 1, 1, 1], ["a", "b", "a", "b", "a", "a", "b", "b"]);
    for i in 0..8 {
        let (psu, stratum) = (i / 2 + 1, i / 4 + 1);
        let partner = (psu - 1) ^ 1;
        let factor = |out: usize| {
            if out == psu - 1 {
                0.0
            } else if out == partner {
                2.0
            } else {
                1.0
            }
        };
        let jack: Vec<String> = (0..4).map(|out| (weight[i] * factor(out)).to_string()).collect();
        // The first or second PSU of each stratum in turn.
        let half: Vec<String> =
            (0..4).map(|r| if (psu - 1) % 2 == (r >> (stratum - 1)) & 1 { (2.0 * weight[i]).to_string() } else { "0".to_owned() }).collect();
        let predicted = if right[i] == 1 { "yes" } else { "no" };
        csv += &format!("{i},{stratum},{psu},{},{},{},yes,{predicted},{},{}\n", weight[i], right[i], side[i], jack.join(","), half.join(","));
    }
    Evaluation::new(csv, &[]).groups(&["side"])
}

fn replicates(prefix: &str, kind: ReplicateKind) -> ReplicateDesign {
    let columns = ReplicateColumns::Prefixed(prefix.to_owned());
    ReplicateDesign { columns, kind, rho: 0.0, scale: None, rscales: None, centre: Centre::Mean, df: None, combined: true }
}

fn with_replicates(evaluation: Evaluation, design: ReplicateDesign) -> Evaluation {
    evaluation.with(|e| e.design = SurveyDesign { psu_within_stratum: false, replicates: Some(design) })
}

fn with_roles(evaluation: Evaluation, roles: &[(&str, Role)]) -> Evaluation {
    roles.iter().fold(evaluation, |e, (name, role)| e.role(name, *role))
}

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
fn replicates_of_the_toy_design_equal_r_survey() {
    let of = |variance| with_roles(toy(), &[WEIGHT, STRATUM, PSU]).with(|e| e.request.variance = variance).run();
    for (variance, method, se) in [(Variance::Jackknife, Method::Jackknife, 0.236_480_761_396), (Variance::HalfSamples, Method::HalfSamples, 0.238_448_398_797)]
    {
        let found = of(variance);
        let accuracy = found.plain("accuracy");
        close(accuracy.se.unwrap(), se, 1e-11, "own replicates");
        assert_eq!((accuracy.df, accuracy.interval.unwrap().method), (Some(2.0), Method::KornGraubard));
        assert_eq!(found.plain("macro-f1").interval.unwrap().method, method);
        assert!(found.sample.words.contains("every variance from 4"), "{}", found.sample.words);
    }
    // The same replicates as weights that came with the data, where nothing else says strata and PSUs.
    let supplied = |design| with_replicates(with_roles(toy(), &[WEIGHT]), design).run();
    let scaled = |centre| ReplicateDesign { rscales: Some(vec![0.5; 4]), centre, ..replicates("jk_", ReplicateKind::Jackknife) };
    for (design, se, df) in [
        (scaled(Centre::Mean), 0.236_480_761_396, 2.0),
        (scaled(Centre::Estimate), 0.237_238_040_272_4, 2.0),
        (replicates("hs_", ReplicateKind::HalfSamples), 0.238_448_398_797, 2.0),
    ] {
        let found = supplied(design);
        let accuracy = found.plain("accuracy");
        assert!((accuracy.se.unwrap() - se).abs() < 1e-10, "{:?} is not {se}", accuracy.se);
        assert_eq!(accuracy.df, Some(df));
        assert_eq!(found.plain("macro-f1").interval.unwrap().method, Method::ReplicateWeights);
        assert_eq!(accuracy.psus, None);
    }
    // Factors instead of weights, and degrees of freedom as stated.
    let mut factors = toy();
    let lines: Vec<String> = factors
        .csv
        .lines()
        .enumerate()
        .map(|(n, line)| {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            if n > 0 {
                let w: f64 = cells[3].parse().unwrap();
                (8..16).for_each(|c| cells[c] = (cells[c].parse::<f64>().unwrap() / w).to_string());
            }
            cells.join(",")
        })
        .collect();
    factors.csv = lines.join("\n") + "\n";
    let design = ReplicateDesign { combined: false, df: Some(1.0), ..replicates("hs_", ReplicateKind::HalfSamples) };
    let found = with_replicates(with_roles(factors, &[WEIGHT]), design).run();
    close(found.plain("accuracy").se.unwrap(), 0.238_448_398_797, 1e-11, "factors");
    assert_eq!(found.plain("accuracy").df, Some(1.0));
}

/// Value, and standard error under four half-samples (about the mean) and under Fay's with ρ 0.5 (about the estimate): scikit-learn and
/// numpy with each replicate's weights.
const REPLICATED: [(&str, Option<&str>, f64, f64, f64); 14] = [
    ("accuracy", None, 0.769_585_253_456_221, 0.085_502_152_279_743, 0.085_157_130_027_272),
    ("macro-f1", None, 0.757_274_770_670_069, 0.085_927_387_307_599, 0.087_702_657_710_512),
    ("balanced-accuracy", None, 0.760_931_150_586_323, 0.082_502_527_297_460, 0.082_780_239_986_522),
    ("kappa", None, 0.644_983_967_017_865, 0.126_597_795_872_703, 0.127_433_876_749_122),
    ("mcc", None, 0.645_590_692_871_016, 0.123_321_832_362_143, 0.124_578_292_627_136),
    ("ece", None, 0.403_617_511_520_737, 0.049_148_360_686_950, 0.054_946_447_835_094),
    ("confidence-gap", None, -0.263_248_847_926_267, 0.073_143_472_996_740, 0.072_848_311_913_355),
    ("precision", Some("B"), 0.687_5, 0.173_908_482_578_451, 0.181_025_823_584_461),
    ("recall", Some("C"), 0.741_379_310_344_828, 0.065_352_421_679_492, 0.070_388_710_633_045),
    ("f1", Some("A"), 0.833_333_333_333_333, 0.063_268_936_754_579, 0.063_503_086_906_990),
    ("share-error", Some("A"), -0.027_649_769_585_253, 0.086_601_155_173_818, 0.086_766_608_580_575),
    ("share-true", Some("A"), 0.456_221_198_156_682, 0.044_721_713_098_343, 0.045_002_384_928_733),
    ("coded-share", None, 0.520_737_327_188_940, 0.016_301_894_333_665, 0.016_210_342_714_471),
    ("coded-accuracy", None, 0.840_707_964_601_770, 0.089_184_581_793_337, 0.090_194_277_176_978),
];

fn small() -> Evaluation {
    Evaluation::new(include_str!("studies/design/records.csv"), &[WEIGHT]).groups(&["side"]).with(|e| e.request.thresholds = vec![0.5])
}

#[test]
fn every_metric_has_the_variance_of_the_replicate_weights() {
    let half = with_replicates(small(), replicates("brr_", ReplicateKind::HalfSamples));
    let fay = with_replicates(small(), ReplicateDesign { rho: 0.5, centre: Centre::Estimate, ..replicates("fay_", ReplicateKind::Fay) });
    let own = with_roles(small(), &[STRATUM, PSU]).with(|e| e.request.variance = Variance::HalfSamples);
    for (evaluation, fays) in [(half, false), (fay, true), (own, false)] {
        let found = evaluation.run();
        let se = |brr: f64, fay: f64| if fays { fay } else { brr };
        for (metric, code, value, brr, fay) in REPLICATED {
            let at = metric.starts_with("coded").then_some(0.5);
            let e =
                found.find(metric, |m| m.code.as_deref() == code && m.threshold == at && m.group.is_none() && m.contrast.is_none() && m.code_level.is_none());
            close(e.value, value, 1e-12, metric);
            close(e.se.unwrap(), se(brr, fay), 1e-11, metric);
            assert_eq!(e.df, Some(3.0), "{metric}");
        }
        for (side, value, brr, fay) in [
            ("x", 0.798_657_718_120_805, 0.090_838_903_889_123, 0.088_814_874_743_276),
            ("y", 0.705_882_352_941_177, 0.093_270_979_623_570, 0.096_166_194_444_415),
        ] {
            let e = found.find("accuracy", of_group("side", side));
            close(e.value, value, 1e-12, side);
            close(e.se.unwrap(), se(brr, fay), 1e-11, side);
        }
        let gap = found.find("accuracy", contrast("difference", "side"));
        close(gap.value, 0.092_775_365_179_629, 1e-12, "difference");
        close(gap.se.unwrap(), se(0.069_418_343_595_807, 0.069_162_569_447_265), 1e-10, "difference");
        let column = |at: usize| evaluation.csv.lines().skip(1).map(move |l| l.split(',').nth(at).unwrap().to_owned()).collect::<Vec<_>>();
        let (truth, first, other) = (column(1), column(2), column(3));
        let right = |codes: &[String]| codes.iter().zip(&truth).map(|(c, t)| c == t).collect::<Vec<bool>>();
        let Outcome::Estimate(difference) = paired(&found.sample, &right(&first), &right(&other)) else { panic!("paired") };
        close(difference.value, -0.064_516_129_032_258, 1e-12, "paired");
        close(difference.se.unwrap(), se(0.127_881_628_982_244, 0.127_402_736_970_295), 1e-11, "paired");
    }
}

/// `dclus1` of R's `api` data: right of all by district for schools E, H and M; 15 of 757 districts.
fn districts() -> Evaluation {
    let text = "61 0/10 0/0 2/1;135 3/31 0/0 0/0;178 0/2 0/1 1/0;197 1/9 0/0 2/1;255 1/12 0/0 0/3;406 0/2 0/0 0/0;413 0/1 0/0 0/0;437 0/2 0/1 0/1;\
                448 0/9 0/1 0/2;510 1/15 1/1 1/2;568 1/3 1/3 0/1;637 0/8 0/1 0/2;716 5/25 0/3 0/4;778 0/1 0/0 1/0;815 0/2 1/0 1/0";
    let mut csv = "id,psu,size,share,side,truth,predicted\n".to_owned();
    let mut id = 0;
    for line in text.split(';') {
        let mut parts = line.split_whitespace();
        let psu = parts.next().unwrap();
        for (side, counts) in ["E", "H", "M"].iter().zip(parts) {
            for (count, predicted) in counts.split('/').zip(["no", "yes"]) {
                for _ in 0..count.parse::<u32>().unwrap() {
                    id += 1;
                    csv += &format!("{id},{psu},757,{},{side},yes,{predicted}\n", 15.0 / 757.0);
                }
            }
        }
    }
    assert_eq!(id, 183);
    Evaluation::new(csv, &[PSU]).groups(&["side"])
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

/// The jackknife of macro-F1 at the cost of cells and the recomputation of every replicate are two computations of one number.
#[test]
fn two_ways_to_jackknife_macro_f1_agree() {
    let designs: [(&[(&str, Role)], LonelyPsu); 5] = [
        (&[WEIGHT, STRATUM, PSU], LonelyPsu::Fail),
        (&[WEIGHT, STRATUM, PSU, ("size", Role::Fpc)], LonelyPsu::Fail),
        (&[WEIGHT, ("region", Role::Stratum), PSU], LonelyPsu::Remove),
        (&[WEIGHT, ("region", Role::Stratum), PSU], LonelyPsu::Average),
        (&[WEIGHT, ("region", Role::Stratum), PSU], LonelyPsu::Adjust),
    ];
    for (roles, policy) in designs {
        let mut evaluation = small().with(|e| e.roles.retain(|(n, _)| n != "weight"));
        // A second stratification with a lonely PSU, and populations of 4, 8 and 3 PSUs.
        let lines: Vec<String> = evaluation
            .csv
            .lines()
            .enumerate()
            .map(|(n, l)| {
                let psu = l.split(',').nth(7).unwrap();
                let region = if psu == "5" { "b" } else { "a" };
                if n == 0 { format!("{l},region,size") } else { format!("{l},{region},{}", [4, 8, 3][psu.parse::<usize>().unwrap() / 2]) }
            })
            .collect();
        evaluation.csv = lines.join("\n") + "\n";
        let evaluation = with_roles(evaluation, roles).with(|e| e.request.lonely_psu = policy);
        let (cells, replicates) = (evaluation.run(), evaluation.clone().with(|e| e.request.variance = Variance::Jackknife).run());
        for pick in [None, Some("x"), Some("y")] {
            let se = |f: &Found| match pick {
                None => f.plain("macro-f1").se.unwrap(),
                Some(side) => f.find("macro-f1", of_group("side", side)).se.unwrap(),
            };
            close(se(&cells), se(&replicates), 1e-11, &format!("{roles:?} {policy:?} {pick:?}"));
        }
    }
}

// Two million replicates drawn by numpy's multinomial: Rao & Wu's bootstrap of this ratio, without and with the sampled fraction.
#[test]
fn the_bootstrap_of_clusters_has_the_variance_of_its_definition() {
    for (fpc, se) in [(None, 0.022_574), (Some("size"), 0.022_287)] {
        let evaluation = fpc.into_iter().fold(districts(), |e, column| e.role(column, Role::Fpc));
        let found = evaluation.with(|e| (e.request.variance, e.request.replicates) = (Variance::Bootstrap, 20_000)).run();
        // Three times the noise of 20,000 draws.
        assert!((found.plain("accuracy").se.unwrap() / se - 1.0).abs() < 0.015, "{:?}", found.plain("accuracy").se);
        assert_eq!((found.plain("macro-f1").interval.unwrap().method, found.plain("accuracy").df), (Method::Bootstrap, Some(14.0)));
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

#[test]
fn a_replicate_that_leaves_a_domain_empty_falls_back_to_its_linearised_scores() {
    // Group a in PSUs 1 and 3 only: half of the sample, PSUs 2 and 4, has no record of it. Balanced half-samples of a sum of scores
    // have its linearised variance exactly.
    let toy = toy().with(|e| e.csv = e.csv.replace("\n2,1,2,1,1,a,", "\n2,1,2,1,1,b,"));
    let linearised = with_roles(toy.clone(), &[WEIGHT, STRATUM, PSU]).run();
    let supplied = with_replicates(with_roles(toy, &[WEIGHT]), replicates("hs_", ReplicateKind::HalfSamples)).run();
    let group_a = linearised.sample.ratio_of([(0, 1.0, 1.0), (4, 0.0, 1.0), (5, 1.0, 1.0)].into_iter()).unwrap();
    let found = supplied.find("accuracy", of_group("side", "a"));
    close(found.se.unwrap(), linearised.sample.sampling.units.variance(&group_a.scores).sqrt(), 1e-12, "group a");
    assert_eq!(found.df, Some(1.0));
    // With the PSUs declared, one PSU a stratum leaves no degree of freedom: its precision is not told.
    assert_eq!(linearised.find("accuracy", of_group("side", "a")).se, None);
}
