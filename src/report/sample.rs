//! A small evidence and verdict for the tests of this module, with one of everything that a card has to show.

use crate::cost::{Energy, EnergyReading, Host, PhaseCost, Range, Source, Tier};
use crate::judge::{Bound, Condition, Decision, Finding, Policy, Severity, Status, VERDICT_FORMAT, Verdict};
use crate::measure::{
    Area, CandidateFacts, CodeFigures, CodeTokens, Confusion, Contrast, DataFacts, EVIDENCE_FORMAT, ErrorRates, Evidence, FileFacts, GroupCell, GroupTokens,
    LevelConfusions, Measure, ProxyToken, Published, ReliabilityBin, RunFacts, StrongToken, StudyFacts, TargetFacts, Tested, Tokens,
};
use crate::value::{Estimate, Interval, Method, Outcome, Reason};

/// An estimate with an interval of that half-width.
pub fn estimate(value: f64, half: f64, n: u64, method: Method) -> Outcome {
    let interval = Some(Interval { lower: value - half, upper: value + half, level: 0.95, method });
    Outcome::Estimate(Estimate {
        value,
        se: Some(half / 2.0),
        interval,
        n,
        n_effective: Some(n as f64 / 1.5),
        psus: None,
        df: Some(120.0),
        design_effect: Some(1.5),
    })
}

/// A measure of the whole test part.
pub fn measure(metric: &str, outcome: Outcome) -> Measure {
    Measure { metric: metric.into(), code_level: None, code: None, threshold: None, group: None, contrast: None, versus: None, outcome }
}

/// A measure of one group of a variable.
pub fn group(metric: &str, variable: &str, value: &str, outcome: Outcome) -> Measure {
    Measure { group: Some(GroupCell { variables: vec![variable.into()], values: vec![value.into()] }), ..measure(metric, outcome) }
}

fn code(metric: &str, code: &str, outcome: Outcome) -> Measure {
    Measure { code: Some(code.into()), ..measure(metric, outcome) }
}

fn at(metric: &str, threshold: f64, outcome: Outcome) -> Measure {
    Measure { threshold: Some(threshold), ..measure(metric, outcome) }
}

fn pairs(items: &[(&str, &str)]) -> Vec<(String, String)> {
    items.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect()
}

/// Words of two columns: for codes, and for regions "a" and "c", of which nothing of the second may be shown.
pub fn tokens() -> Tokens {
    let strong = |word: &str, confidence: f64| StrongToken { column: "title".into(), word: word.into(), records: 41, confidence };
    let proxy = |word: &str, region: &str| ProxyToken {
        column: "tasks".into(),
        word: word.into(),
        group: GroupCell { variables: vec!["region".into()], values: vec![region.into()] },
        odds_ratio: estimate(3.4321, 1.1, 1000, Method::LogT),
        p: 0.0123,
        speaks_for: Some(("0120".into(), Some(0.7123))),
        changed: estimate(0.2352, 0.1, 57, Method::Wilson),
    };
    Tokens {
        columns: vec!["tasks".into(), "title".into()],
        fewest: 10,
        words: 1234,
        used: 1201,
        records: 3997,
        codes: vec![
            CodeTokens { code: "0110".into(), words: vec![strong("officer", 0.9876), strong("army", 0.8772)] },
            CodeTokens { code: "0140".into(), words: vec![strong("nobody", 0.5)] },
        ],
        groupings: vec![
            GroupTokens { variables: vec!["region".into()], tested: 321, too_few: 12, found: 3, words: vec![proxy("valley", "a"), proxy("hidden", "c")] },
            GroupTokens { variables: vec!["sex".into()], tested: 300, too_few: 0, found: 0, words: vec![] },
            GroupTokens { variables: vec!["age".into()], tested: 0, too_few: 1, found: 0, words: vec![] },
        ],
    }
}

/// Figures of 2,000 records without a true code, like the test part: codes with 600, 380, 13 and 7 test records; region "a" with its own.
pub fn published() -> Published {
    let t = Method::StudentT;
    let codes = |scale: f64, sizes: [(&str, u64, f64); 4]| -> Vec<CodeFigures> {
        let figure = |value: f64, n: u64| Some(estimate(value, 0.02 * scale, n, t));
        sizes
            .iter()
            .map(|&(code, truly, share)| CodeFigures {
                code: code.into(),
                truly,
                given: truly + 1,
                target: 2 * truly,
                counted: figure(share + 0.0277, 2000),
                calibrated: figure(share, 1000),
                misclassification: figure(share + 0.001, 1000),
                difference: figure(share - 0.001, 1000),
                bias: estimate(0.0277, 0.02 * scale, 1000, t),
                coverage: Some(estimate(0.71, 0.2, 1000, t)),
            })
            .collect()
    };
    let all = [("0110", 600, 0.6), ("0120", 380, 0.38), ("0130", 13, 0.013), ("0140", 7, 0.007)];
    let area = |group: Option<GroupCell>, codes: Vec<CodeFigures>| Area {
        group,
        variable: None,
        test: 1000,
        target: 2000,
        undefined: None,
        condition: Some(2.5),
        refused: None,
        pooled_codes: 1,
        pooled_true_codes: 0,
        codes,
    };
    let region = |name: &str| Some(GroupCell { variables: vec!["region".into()], values: vec![name.into()] });
    Published {
        code_level: None,
        target: Some(TargetFacts { records: 2000, weight_sum: 2000.0, census: false, uncoded: 3, left_out: 40 }),
        missing: None,
        shift: Some(Tested::F { statistic: 1.1, df: 3.0, denominator_df: 117.0, p: 0.35, distance: 0.012 }),
        counting_distance: estimate(0.0321, 0.01, 1000, t),
        error_rates: vec![ErrorRates {
            variables: vec!["region".into()],
            test: Tested::F { statistic: 0.9, df: 1.0, denominator_df: 119.0, p: 0.34, distance: 0.01 },
            pooled: true,
        }],
        areas: vec![
            area(None, codes(1.0, all)),
            area(region("a"), codes(1.4, [("0110", 300, 0.6), ("0120", 190, 0.38), ("0130", 9, 0.013), ("0140", 1, 0.002)])),
            area(region("b"), codes(1.4, [("0110", 280, 0.6), ("0120", 170, 0.37), ("0130", 12, 0.02), ("0140", 4, 0.008)])),
        ],
    }
}

/// Accuracy 0.7714 over 1,000 records; groups "a" to "d" with 500, 460, 33 and 7 records; codes with 600, 380, 13 and 7.
pub fn evidence() -> Evidence {
    let w = Method::Wilson;
    let mut measures = vec![
        measure("accuracy", estimate(0.7714, 0.026, 1000, w)),
        Measure { code_level: Some("major group".into()), ..measure("accuracy", estimate(0.8669, 0.021, 1000, w)) },
        measure("top-5-accuracy", Outcome::undefined(Reason::RankingTooShort, "the candidate ranks one code only", 1000)),
        measure("macro-f1", estimate(0.4974, 0.03, 1000, Method::StudentT)),
        measure("log-loss", estimate(0.831, 0.04, 1000, Method::StudentT)),
        measure("ece", estimate(0.0181, 0.006, 1000, Method::StudentT)),
    ];
    for (name, value, n) in [("a", 0.802, 500), ("b", 0.741, 460)] {
        measures.push(group("accuracy", "region", name, estimate(value, 0.04, n, w)));
    }
    measures.push(group("accuracy", "region", "c", estimate(0.6789, 0.1234, 33, w)));
    measures.push(group("accuracy", "region", "d", Outcome::undefined(Reason::TooFewRecords, "7 records, fewer than 30", 7)));
    let contrast = |kind: &str| {
        let noise = (kind == "difference").then_some(0.031);
        Contrast {
            kind: kind.into(),
            variables: vec!["region".into()],
            high: vec!["a".into()],
            low: vec!["b".into()],
            groups: 3,
            expected_from_noise: noise,
            detail: None,
        }
    };
    measures.push(Measure { contrast: Some(contrast("difference")), ..measure("accuracy", estimate(0.061, 0.07, 1000, Method::Simultaneous)) });
    measures.push(Measure { contrast: Some(contrast("ratio")), ..measure("accuracy", estimate(0.924, 0.09, 1000, Method::Simultaneous)) });
    for (name, n, share, error) in [("0110", 600, 0.6, 0.0277), ("0120", 380, 0.38, -0.0215), ("0130", 13, 0.0131313, 0.0041), ("0140", 7, 0.0070707, -0.0031)]
    {
        measures.push(code("share-true", name, estimate(share, 0.005, 1000, w)));
        measures.push(code("precision", name, estimate(0.8123, 0.03, n + 4, w)));
        measures.push(code("recall", name, estimate(if n < 20 { 0.5 } else { 0.7321 }, 0.03, n, w)));
        measures.push(code("f1", name, estimate(0.7701, 0.03, n, Method::StudentT)));
        measures.push(code("share-error", name, estimate(error, 0.005, 1000, Method::StudentT)));
    }
    for (threshold, share, right, n) in [(0.0, 1.0, 0.7714, 1000), (0.5, 0.8557, 0.8402, 856), (0.7, 0.7157, 0.9027, 716), (0.9, 0.4211, 0.9698, 421)] {
        measures.push(at("coded-share", threshold, estimate(share, 0.0, 1000, w)));
        measures.push(at("coded-accuracy", threshold, estimate(right, 0.02, n, w)));
    }
    let bin = |lower: f64, mean: f64, share: f64, right: f64, n: u64| ReliabilityBin {
        lower,
        upper: lower + 0.25,
        mean_confidence: Some(mean),
        share,
        accuracy: estimate(right, 0.05, n, w),
    };
    let reliability = vec![bin(0.0, 0.2, 0.1, 0.25, 100), bin(0.25, 0.41, 0.2, 0.38, 200), bin(0.5, 0.66, 0.3, 0.64, 300), bin(0.75, 0.9, 0.4, 0.91, 400)];
    Evidence {
        format: EVIDENCE_FORMAT.into(),
        program: "proofmark 0.1.0".into(),
        study: StudyFacts {
            languages: vec!["en".into()],
            title: "Coding of occupations".into(),
            purpose: pairs(&[("better_off", "Clerks, who code fewer easy records")]),
            collection: pairs(&[("trust", "Some respondents hide a second job")]),
            people: pairs(&[("owner", "Head of labour statistics"), ("ethics", "Ethics board")]),
            digest: "0".repeat(64),
            level: 0.95,
            minimum_group: 30,
            seed: 7,
            current: None,
            annual_records: Some(600_000),
            retrainings_per_year: Some(4.0),
            terms: None,
            protection: crate::measure::Protection::default(),
            command: "proofmark run study.toml".into(),
        },
        candidate: CandidateFacts {
            id: "linear".into(),
            name: "Linear model".into(),
            kind: "linear".into(),
            floor: false,
            owner: Some("Methods unit".into()),
            intended_use: None,
            out_of_scope: None,
            settings: pairs(&[("epochs", "5")]),
            facts: pairs(&[("parameters", "1,048,576")]),
            digest: "1".repeat(64),
            saved: None,
        },
        data: DataFacts {
            variable_labels: Vec::new(),
            title: "Household survey".into(),
            description: pairs(&[("licence", "CC BY 4.0")]),
            files: vec![FileFacts { name: "records.csv".into(), bytes: 123_456, digest: "2".repeat(64) }],
            records: 5000,
            unlabelled: 3,
            train: 3997,
            tune: 0,
            test: 1000,
            test_digest: Some("4".repeat(64)),
            split: "by date".into(),
            design: "stratified, with clusters".into(),
            strata: Some(7),
            psus: Some(240),
            weight_sum: Some(1_234_567.8),
            codes_trained: 4,
            codes_in_frame: Some(5),
            code_levels: vec!["major group".into(), "unit group".into()],
            code_labels: pairs(&[("0110", "Farmers"), ("0120", "Clerks")]),
        },
        measures,
        spreads: Vec::new(),
        reliability,
        confusions: vec![confusion("0110", "0120", 41, 600, 0.0683), confusion("0120", "0140", 77, 380, 0.2026), confusion("0120", "0110", 6, 380, 0.0158)],
        confused: vec![LevelConfusions {
            level: "major group".into(),
            codes: vec!["0".into(), "9".into()],
            counts: vec![vec![500, 30, 20], vec![40, 400, 30]],
            frequent: Vec::new(),
        }],
        published: Some(published()),
        surety: crate::measure::Surety::Top,
        automatic: None,
        suggestions: None,
        remaining: None,
        steps: Vec::new(),
        slices: None,
        tokens: Some(tokens()),
        tuning: None,
        withheld: crate::measure::Withheld::default(),
        notes: vec!["Two true codes were never seen in training.".into()],
        run: run(),
    }
}

/// A confusion whose row and column are not known further.
fn confusion(truth: &str, predicted: &str, n: u64, n_truth: u64, share_of_truth: f64) -> Confusion {
    Confusion { truth: truth.into(), predicted: predicted.into(), n, n_truth, share_of_truth, n_right: None, n_given: None, n_given_right: None }
}

fn run() -> RunFacts {
    let energy = |low, central, high| {
        EnergyReading::Known(Energy {
            tier: Tier::EstimateCpuKnown,
            active: Range::new(low, central, high),
            idle: None,
            memory: None,
            lost_s: 0.0,
            lost_why: None,
        })
    };
    let phase = |name: &str, cpu: f64, energy: EnergyReading| PhaseCost {
        phase: name.into(),
        wall_s: cpu * 0.6,
        asleep_s: 0.0,
        group_cpu_s: None,
        mean_children_bytes: None,
        cpu_user_s: cpu,
        cpu_system_s: 0.0,
        machine_share: None,
        host_busy: None,
        host_steal: None,
        peak_rss_bytes: Some(222_298_112),
        mean_rss_bytes: None,
        peak_children_bytes: None,
        read_bytes: None,
        written_bytes: None,
        threads: Some(2),
        records_in: Some(1000),
        records_out: Some(1000),
        energy,
        modelled: None,
    };
    let source = Source { tier: Tier::EstimateCpuKnown, basis: "a processor".into(), obstacle: Some("a virtual machine".into()), remedy: None, notes: vec![] };
    let host = Host {
        cpu_model: "Processor".into(),
        logical_cpus: 2,
        memory_bytes: Some(25_232_932_864),
        os: "Linux".into(),
        virtual_machine: true,
        load: None,
        source,
    };
    let range = estimate(5.7, 3.0, 0, Method::PlausibleRange);
    let measured = |value| Outcome::Estimate(Estimate { value, se: None, interval: None, n: 0, n_effective: None, psus: None, df: None, design_effect: None });
    RunFacts {
        started: "2026-03-01T09:00:00Z".into(),
        host,
        threads: 2,
        phases: vec![phase("fit", 3.61, energy(2.0, 5.7, 18.0)), phase("predict", 0.41, energy(0.3, 0.8, 2.0))],
        shared: vec![phase("read", 0.12, EnergyReading::Unknown(crate::value::Undefined { reason: Reason::TooShort, why: "too short to state".into(), n: 0 }))],
        cost: vec![
            measure("train-cpu-seconds", measured(3.61)),
            measure("train-energy", range),
            measure("predict-cpu-seconds-per-1000", measured(0.41)),
            measure("peak-memory", measured(222_298_112.0)),
        ],
        cited: None,
        gains: vec![],
        trials: vec![],
    }
}

/// A finding on a measure.
pub fn finding(gate: &str, severity: Severity, bound: Bound, status: Status, measure: Measure) -> Finding {
    Finding {
        gate: gate.into(),
        severity,
        bound,
        why: Some("set by the board".into()),
        status,
        measure,
        shared: None,
        p: None,
        psus_needed: None,
        detectable: None,
        records_needed: (status == Status::Undecided).then_some(12_400),
    }
}

/// A verdict of that decision with a finding of every status.
pub fn verdict(evidence: &Evidence, decision: Decision) -> Verdict {
    let overall = evidence.measures[0].clone();
    let named = |name: &str| evidence.measures.iter().find(|m| m.group.as_ref().is_some_and(|g| g.values == [name])).unwrap().clone();
    Verdict {
        format: VERDICT_FORMAT.into(),
        program: "proofmark 0.1.0".into(),
        candidate: "linear".into(),
        evidence_digest: "e".repeat(64),
        policy: Policy {
            title: "Policy for coding".into(),
            owner: None,
            valid_months: Some(24),
            automatic_threshold: Some(0.7),
            automatic_promise: None,
            families: vec![],
            gates: vec![],
            digest: "3".repeat(64),
        },
        findings: vec![
            finding("accurate", Severity::Deny, Bound::AtLeast(0.7), Status::Met, overall.clone()),
            finding("more-accurate", Severity::Deny, Bound::AtLeast(0.77), Status::Undecided, overall),
            finding("each-region", Severity::Warn, Bound::AtLeast(0.85), Status::NotMet, named("b")),
            finding("each-region", Severity::Warn, Bound::AtLeast(0.65), Status::Undecided, named("c")),
            finding("each-region", Severity::Warn, Bound::AtLeast(0.65), Status::Undecided, named("d")),
        ],
        decision,
        conditions: vec![
            Condition::ConfidenceAtLeast(0.7),
            Condition::ClerkForGroup { variables: vec!["region".into()], values: vec!["b".into()], gate: "each-region".into() },
            Condition::ClerkForCode { code: "0120".into(), gate: "each-code".into() },
            Condition::Accept { gate: "cost".into() },
            Condition::ExpiresAfterMonths(24),
        ],
    }
}
