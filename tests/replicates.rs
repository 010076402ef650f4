//! Variances from replicates through the program's measuring: its own and those that come with the data.
//!
//! Reference values: R survey 4.1-1 on a toy design of eight records; numpy and scikit-learn 1.9.1 with each replicate's weights.

mod common;

use common::evaluation::{Found, PSU, STRATUM, WEIGHT, close, contrast, districts, of_group, paired, replicates, small, toy, with_replicates, with_roles};
use proofmark::data::{ReplicateDesign, ReplicateKind, Role};
use proofmark::measure::{LonelyPsu, Variance};
use proofmark::stats::Centre;
use proofmark::value::{Method, Outcome};

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
