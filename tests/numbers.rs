//! Every number on the demonstration's pages is in its evidence, verdict or study at the printed precision, with interval, n and definition.

mod common;

use common::proofmark;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What a quantity can be multiplied with before it is printed: per cent, kilo, milli, micro, hours, kilowatt-hours, MiB, GiB.
const SCALES: [f64; 11] = [1.0, 100.0, 1e3, 1e6, 1e-3, 1e-6, 1.0 / 60.0, 1.0 / 3_600.0, 1.0 / 3_600_000.0, 1.0 / 1_048_576.0, 1.0 / 1_073_741_824.0];

/// A number as it is printed.
#[derive(Debug, Clone)]
struct Printed {
    text: String,
    value: f64,
    decimals: usize,
    /// Where it begins and ends in its text.
    at: (usize, usize),
}

/// The numbers of a text: digits with thousands separators and decimals, not part of a word or of a longer code such as "10.1080/0162".
fn numbers(text: &str) -> Vec<Printed> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if !bytes[i].is_ascii_digit() || i > 0 && word(bytes[i - 1]) {
            i += 1;
            continue;
        }
        let start = i;
        while i < bytes.len() && bytes[i].is_ascii_digit() {
            i += 1;
        }
        let digits = |from: usize, n: usize| (from..from + n).all(|k| bytes.get(k).is_some_and(u8::is_ascii_digit));
        while bytes.get(i) == Some(&b',') && digits(i + 1, 3) && !digits(i + 1, 4) {
            i += 4;
        }
        let whole = i;
        if bytes.get(i) == Some(&b'.') && digits(i + 1, 1) {
            i += 1;
            while i < bytes.len() && bytes[i].is_ascii_digit() {
                i += 1;
            }
        }
        if i < bytes.len() && word(bytes[i]) {
            // Part of a word such as a digest.
            while i < bytes.len() && word(bytes[i]) {
                i += 1;
            }
            continue;
        }
        let negative = text[..start].ends_with('−');
        let plain = text[start..i].replace(',', "");
        let value: f64 = plain.parse().expect("a number");
        found.push(Printed { text: plain, value: if negative { -value } else { value }, decimals: i - whole - usize::from(i > whole), at: (start, i) });
    }
    found
}

/// Everything that a page may tell: numbers of JSON, estimates with their bounds, numbers in texts.
#[derive(Default)]
struct Known {
    whole: BTreeSet<u64>,
    all: Vec<f64>,
    /// Value, lower and upper bound.
    estimates: Vec<[f64; 3]>,
    texts: BTreeSet<String>,
    printed: BTreeMap<(u64, usize), BTreeSet<String>>,
    rounded: BTreeSet<u64>,
    by_text: BTreeMap<usize, BTreeMap<String, Vec<usize>>>,
    by_figures: BTreeMap<u64, Vec<usize>>,
}

impl Known {
    fn of(parts: &[Value], texts: &[String]) -> Self {
        let mut known = Self::default();
        parts.iter().for_each(|v| known.add(v, ""));
        texts.iter().for_each(|t| known.texts.extend(numbers(t).into_iter().map(|n| n.text)));
        known.derive(parts);
        for scale in SCALES {
            for x in known.all.clone() {
                for digits in [1, 2] {
                    known.rounded.insert(significant(x.abs() * scale, digits).to_bits());
                }
            }
        }
        known
    }

    fn add(&mut self, value: &Value, key: &str) {
        match value {
            Value::Number(n) => {
                self.whole.extend(n.as_u64());
                self.all.extend(n.as_f64());
                // Effective records, degrees of freedom and sums of weights are told as whole numbers; what would settle a finding to two figures, up.
                let x = n.as_f64().unwrap_or(0.0).abs();
                if ["n_effective", "df", "denominator_df", "weight_sum"].contains(&key) {
                    self.whole.insert(x.round() as u64);
                }
                // Memory is told in whole MiB.
                if x >= 1e6 {
                    self.whole.insert((x / 1_048_576.0).round() as u64);
                }
                if ["records_needed", "psus_needed"].contains(&key) {
                    let unit = 10f64.powf((x.max(1.0).log10().floor() - 1.0).max(0.0));
                    self.whole.insert(((x / unit).ceil() * unit) as u64);
                }
            }
            Value::String(text) => self.texts.extend(numbers(text).into_iter().map(|n| n.text)),
            Value::Array(items) => {
                let triple: Vec<f64> = items.iter().filter_map(Value::as_f64).collect();
                if let ([low, middle, high], 3) = (&triple[..], items.len()) {
                    self.estimates.push([*middle, *low, *high]);
                }
                items.iter().for_each(|v| self.add(v, key));
            }
            Value::Object(fields) => {
                let number = |name: &str| fields.get(name).and_then(Value::as_f64);
                if let (Some(value), Some(interval)) = (number("value"), fields.get("interval").and_then(Value::as_object)) {
                    let bound = |name: &str| interval.get(name).and_then(Value::as_f64).expect("a bound");
                    self.estimates.push([value, bound("lower"), bound("upper")]);
                }
                if let (Some(central), Some(low), Some(high)) = (number("central"), number("low"), number("high")) {
                    self.estimates.push([central, low, high]);
                }
                if let (Some(raw), Some(interval)) = (number("corrected_sd"), fields.get("interval").and_then(Value::as_object)) {
                    let bound = |name: &str| interval.get(name).and_then(Value::as_f64).expect("a bound");
                    self.estimates.push([raw, bound("lower"), bound("upper")]);
                }
                fields.iter().for_each(|(k, v)| self.add(v, k));
            }
            _ => {}
        }
    }

    /// What the report works out of the evidence: projections to a year, and how many of a kind there are.
    fn derive(&mut self, parts: &[Value]) {
        for e in parts.iter().filter(|e| e.get("measures").is_some()) {
            let measures = e["measures"].as_array().expect("measures");
            let year = e["study"]["annual_records"].as_f64().unwrap_or(0.0);
            let prices = &e["study"]["terms"]["prices"];
            let price = |name: &str| prices[name].as_f64().unwrap_or(0.0);
            let mut projected = Vec::new();
            let coded = measures.iter().filter(|m| m["metric"] == "coded-share").map(|m| &m["outcome"]);
            for outcome in coded.chain([&e["remaining"]["coded_share"]]) {
                let Some(o) = outcome["estimate"].as_object() else { continue };
                let triple = [o["value"].as_f64(), o["interval"]["lower"].as_f64(), o["interval"]["upper"].as_f64()].map(|x| x.unwrap_or(0.0) * year);
                projected.push(triple);
                projected.push(triple.map(|r| r * price("minutes_per_record") / 60.0));
                projected.push(triple.map(|r| r * price("clerk_record")));
            }
            self.all.extend(projected.iter().flatten());
            self.estimates.extend(projected);
            self.all.push(year / 12.0);
            self.whole.insert((year / 12.0).round() as u64);
            for phase in e["run"]["phases"].as_array().into_iter().flatten() {
                if let (Some(records), Some(wall)) = (phase["records_out"].as_f64(), phase["wall_s"].as_f64()) {
                    self.all.extend([records / wall, year / 12.0 * wall / records]);
                }
            }
            self.all.push(e["run"]["phases"].as_array().into_iter().flatten().filter(|p| p["phase"] != "predict").filter_map(|p| p["wall_s"].as_f64()).sum());
        }
    }

    /// True where some known number, in some unit, is printed so.
    fn has(&mut self, n: &Printed) -> bool {
        if self.texts.contains(&n.text) || self.texts.contains(&n.text.replace(',', "")) {
            return true;
        }
        if n.decimals == 0 && self.whole.contains(&(n.value.abs() as u64)) {
            return true;
        }
        if self.rounded.contains(&n.value.abs().to_bits()) {
            return true;
        }
        if n.decimals == 0 {
            return false;
        }
        [1.0_f64, 100.0].iter().any(|scale| {
            let all = &self.all;
            let set = self
                .printed
                .entry((scale.to_bits(), n.decimals))
                .or_insert_with(|| all.iter().map(|x| format!("{:.*}", n.decimals, (x * scale).abs())).collect());
            set.contains(&n.text)
        })
    }

    /// Estimates whose value is printed so in some unit.
    fn candidates(&mut self, value: &Printed) -> Vec<usize> {
        if self.by_figures.is_empty() {
            for (i, e) in self.estimates.iter().enumerate() {
                for scale in SCALES {
                    for digits in [1, 2] {
                        self.by_figures.entry(significant((e[0] * scale).abs(), digits).to_bits()).or_default().push(i);
                    }
                }
            }
        }
        let estimates = &self.estimates;
        let by_text = self.by_text.entry(value.decimals).or_insert_with(|| {
            let mut map: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (i, e) in estimates.iter().enumerate() {
                for scale in SCALES {
                    map.entry(format!("{:.*}", value.decimals, (e[0] * scale).abs())).or_default().push(i);
                }
            }
            map
        });
        let found: BTreeSet<usize> = by_text.get(&value.text).into_iter().chain(self.by_figures.get(&value.value.abs().to_bits())).flatten().copied().collect();
        found.into_iter().collect()
    }

    /// True where value and bounds are those of one estimate.
    fn has_estimate(&mut self, printed: &[&Printed; 3]) -> bool {
        let same = |x: f64, n: &Printed, scale: f64| {
            let signed = x * scale;
            let text = format!("{:.*}", n.decimals, signed.abs());
            let figures = |d| significant(signed.abs(), d) == n.value.abs();
            // Clocks know nothing shorter than a hundredth of a second: a range that reaches below is told from 0.00.
            let short = n.text == "0.00" && scale == 1.0 && (0.0..0.01).contains(&x);
            (text == n.text || short || figures(1) || figures(2)) && (n.value == 0.0 || (signed < 0.0) == (n.value < 0.0))
        };
        self.candidates(printed[0]).into_iter().map(|i| self.estimates[i]).any(|e| {
            let together = SCALES.iter().any(|s| (0..3).all(|i| same(e[i], printed[i], *s)));
            // Energy and carbon choose a unit for each figure.
            together || e[1] >= 0.0 && large(&e) && (0..3).all(|i| SCALES.iter().any(|s| same(e[i], printed[i], *s)) && e[i].abs() > 0.0)
        })
    }
}

/// Ranges that span units: the bounds are far apart.
fn large(e: &[f64; 3]) -> bool {
    e[2] > 2.0 * e[1]
}

/// A number to one figure more than `digits`.
fn significant(x: f64, digits: usize) -> f64 {
    format!("{x:.digits$e}").parse().unwrap_or(x)
}

/// The elements that hold text, outside of drawings and of the glossary's own words (which are the registry's).
fn lines(page: &Html) -> Vec<String> {
    let selector = Selector::parse("p, li, td, th, dd, dt, figcaption, caption, h1, h2, h3, summary, pre").unwrap();
    let skipped =
        |e: &ElementRef<'_>| e.ancestors().filter_map(ElementRef::wrap).any(|a| a.value().classes().any(|c| c == "term") || a.value().name() == "svg");
    page.select(&selector)
        .filter(|e| !skipped(e))
        .map(|e| e.text().collect::<String>().replace('\u{a0}', " ").split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

/// Each estimate with its interval in a text, as value, lower and upper bound: "79.0 % (95 % interval 77.4 to 80.6)".
fn triples(text: &str) -> Vec<[Printed; 3]> {
    let all = numbers(text);
    let between = |a: &Printed, b: &Printed| text[a.at.1..b.at.0].to_owned();
    let mut found = Vec::new();
    for pair in all.windows(2) {
        let middle = between(&pair[0], &pair[1]);
        let bounds = middle.trim_end_matches('−').ends_with(" to ") && middle.len() < 16;
        let Some(open) = text[..pair[0].at.0].rfind('(').filter(|_| bounds) else { continue };
        // What stands before the bracket is the value, with nothing but its unit between.
        let Some(value) = all.iter().rev().find(|n| n.at.1 <= open) else { continue };
        let unit = text[value.at.1..open].trim();
        if !text[open..pair[0].at.0].contains(')') && unit.len() < 28 && !unit.contains([',', '.', ';', ':']) {
            found.push([value.clone(), pair[0].clone(), pair[1].clone()]);
        }
    }
    found
}

/// What of a page is not in what is known: single numbers, and estimates with their bounds.
fn unknown(html: &str, known: &mut Known) -> (usize, Vec<String>) {
    let page = Html::parse_document(html);
    let (mut seen, mut wrong) = (0, Vec::new());
    for line in lines(&page) {
        for n in numbers(&line) {
            seen += 1;
            if !known.has(&n) && !exempt(&line) {
                wrong.push(format!("{} in “{line}”", n.text));
            }
        }
        for t in triples(&line) {
            if !known.has_estimate(&[&t[0], &t[1], &t[2]]) && !exempt(&line) {
                wrong.push(format!("{} ({} to {}) in “{line}”", t[0].text, t[1].text, t[2].text));
            }
        }
    }
    (seen, wrong)
}

/// Sentences with numbers that are not figures of the study, or counts of what is shown, listed one by one.
const EXEMPT: [&str; 9] = [
    // Publications and physical constants.
    "Yung et al. 2022",
    "watt-hours (1 Wh = 3,600 J)",
    // Counts of what the page itself shows.
    "with a figure",
    "groups of",
    "Show the other",
    "counts are suppressed",
    "findings in all",
    "other findings of gate",
    "gates are met in full",
];

fn exempt(line: &str) -> bool {
    EXEMPT.iter().any(|e| line.contains(e))
}

struct Demonstration {
    folder: tempfile::TempDir,
}

impl Demonstration {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        proofmark(folder.path(), &["run", "--out", "out"]).expect(0, &[]);
        Self { folder }
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join("out").join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    fn known(&self, candidates: &[&str]) -> Known {
        let parts: Vec<Value> =
            candidates.iter().flat_map(|c| ["evidence.json", "verdict.json"].map(|f| serde_json::from_str(&self.read(&format!("{c}/{f}"))).unwrap())).collect();
        // Words that the program itself puts on every card: how to read it.
        let card: Value = serde_json::from_str(&self.read(&format!("{}/card.json", candidates[0]))).unwrap();
        let readings = card["sections"].as_array().unwrap().iter().filter_map(|s| s["reading"].as_str().map(str::to_owned)).collect::<Vec<_>>();
        Known::of(&parts, &readings)
    }
}

const ALL: [&str; 5] = ["linear", "complement-nb", "tabular", "prior", "majority"];

#[test]
fn every_number_of_the_demonstration_is_known_and_a_changed_one_is_not() {
    let demonstration = Demonstration::new();
    let mut linear = demonstration.known(&["linear"]);
    let card = demonstration.read("linear/card.html");
    let (seen, wrong) = unknown(&card, &mut linear);
    assert!(seen > 3_000, "{seen}");
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong.join("\n"));
    let mut all = demonstration.known(&ALL);
    let (seen, wrong) = unknown(&demonstration.read("comparison.html"), &mut all);
    assert!(seen > 100, "{seen}");
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong.join("\n"));

    // Any bound of any interval that is changed in its last digit is found, in most places: by chance alone another estimate may have the same.
    let page = Html::parse_document(&card);
    let printed: BTreeSet<String> = lines(&page).iter().flat_map(|l| triples(l)).map(|t| t.map(|n| n.text).join(" ")).collect();
    assert!(printed.len() > 500, "{}", printed.len());
    let (mut changed, mut found) = (0, 0);
    for line in lines(&page).iter().filter(|l| !exempt(l)) {
        for t in triples(line) {
            let mut other = t.clone();
            let step = 10f64.powi(-(other[2].decimals as i32));
            other[2].value += step;
            other[2].text = format!("{:.*}", other[2].decimals, other[2].value.abs());
            changed += 1;
            found += usize::from(!linear.has_estimate(&[&other[0], &other[1], &other[2]]));
        }
    }
    assert!(found * 10 > changed * 8, "{found} of {changed} changed bounds were found");
    // And through the whole page.
    let accuracy = triples(&lines(&page).into_iter().find(|l| l.starts_with("Accuracy is ")).expect("a finding"))[0].clone();
    let from = format!("{} to {}", accuracy[1].text, accuracy[2].text);
    let spoilt = card.replacen(&from, &format!("{} to {}", accuracy[1].text, "80.9"), 1);
    assert_ne!(spoilt, card);
    assert!(!unknown(&spoilt, &mut linear).1.is_empty());
}

/// In place of an interval: why there is none.
const REASONS: [&str; 10] =
    ["cannot tell", "suppressed", "not measured", "no interval", "measured once", "less than", "not told", "none", "no record", "by the study"];

#[test]
fn every_estimate_has_an_interval_or_a_reason_its_records_and_its_definition() {
    let demonstration = Demonstration::new();
    let select = |text: &str| Selector::parse(text).unwrap();
    let text = |e: ElementRef<'_>| e.text().collect::<String>().replace('\u{a0}', " ");
    for name in ["linear/card.html", "majority/card.html", "comparison.html"] {
        let page = Html::parse_document(&demonstration.read(name));
        let ids: BTreeSet<String> = page.select(&select("[id]")).filter_map(|e| e.value().attr("id").map(str::to_owned)).collect();
        let mut estimates = 0;
        for table in page.select(&select("table")) {
            let caption = table.select(&select("caption")).next().map(text).unwrap_or_default();
            let heads: Vec<(String, Option<String>)> = table
                .select(&select("thead th"))
                .map(|th| (text(th), th.select(&select("a")).next().and_then(|a| a.value().attr("href")).map(str::to_owned)))
                .collect();
            let counted = heads.iter().any(|(h, _)| h.contains("ecords")) || caption.contains("n = ");
            for row in table.select(&select("tbody tr")) {
                let cells: Vec<String> = row.select(&select("th, td")).map(text).collect();
                let figures: Vec<bool> = row.select(&select("th, td")).map(|e| e.value().classes().any(|c| c == "figures")).collect();
                let own = row.select(&select("th a")).next().and_then(|a| a.value().attr("href")).map(str::to_owned);
                for ((cell, (head, link)), _) in cells.iter().zip(&heads).zip(&figures).skip(1).filter(|(_, figures)| **figures) {
                    let interval = triples(cell);
                    if link.is_none() && interval.is_empty() {
                        continue;
                    }
                    estimates += 1;
                    assert!(!interval.is_empty() || cell.contains(" to ") || REASONS.iter().any(|r| cell.contains(r)), "{name}, {caption}, {head}: {cell}");
                    let cost = ["CPU time", "nergy", "emory", "Central", "work", "idle"].iter().any(|c| head.contains(c));
                    assert!(
                        counted || cells.iter().any(|c| c.contains("n = ")) || cost || REASONS.iter().any(|r| cell.contains(r)),
                        "{name}, {caption}, {head}: no n"
                    );
                    // Phases and exchange of accuracy for energy are not metrics of the registry.
                    let target = link.clone().or(own.clone()).filter(|_| !cost);
                    assert!(cost || target.is_some(), "{name}, {caption}, {head}: no definition");
                    if let Some(target) = target {
                        assert!(ids.contains(target.trim_start_matches('#')), "{name}: {target} leads nowhere");
                    }
                }
            }
        }
        assert!(estimates > if name == "comparison.html" { 30 } else { 300 }, "{name}: {estimates}");
        for tile in page.select(&select(".glance > div")) {
            let range = text(tile.select(&select(".range")).next().unwrap());
            assert!(range.contains(" to ") || REASONS.iter().chain(&["too short", "to protect", "too few"]).any(|r| range.contains(r)), "{range}");
            let target = tile.select(&select("dt a")).next().and_then(|a| a.value().attr("href")).expect("a link").to_owned();
            assert!(ids.contains(target.trim_start_matches('#')), "{target}");
        }
    }
}
