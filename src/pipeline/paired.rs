//! Candidates of different runs on the same records: what a run leaves in its private folder for it, and the differences made of that.

use super::prepare::Prepared;
use crate::data::{Dialect, OutputColumn, RawTable, parquet_bytes, read};
use crate::measure::{Answers, Evidence, Measure, Proportions, Sample, Sampling, Scored, Versus, compare, reversed};
use crate::model::UNCODED;
use crate::stats::{Lonely, Units};
use crate::value::{Failure, Method};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// The file with the design of the test part, in the folder of private results.
pub const SAMPLE: &str = "sample.parquet";

const LONELY: [(&str, Lonely); 4] = [("fail", Lonely::Fail), ("remove", Lonely::Remove), ("adjust", Lonely::Adjust), ("average", Lonely::Average)];

/// The private file that later comparisons need: of each test record id, true code, weight, sampled unit and its stratum; nothing where
/// variances come from replicates, which the file does not hold.
pub(super) fn sample_file(prepared: &Prepared) -> Result<Option<Vec<u8>>, Failure> {
    let (sample, table, rows) = (&prepared.sample, &prepared.table, &prepared.split.test);
    let (sampling, units) = (&sample.sampling, &sample.sampling.units);
    if units.replicated() {
        return Ok(None);
    }
    let stratum = |i: usize| if units.clustered() { units.stratum_of(sample.unit[i] as usize) } else { sample.unit[i] as usize };
    let lonely = LONELY.iter().find(|(_, l)| *l == units.lonely()).map_or("fail", |(name, _)| name);
    let number = |of: &dyn Fn(usize) -> f64| (0..rows.len()).map(|i| Some(of(i))).collect::<Vec<_>>();
    let text = |of: &dyn Fn(usize) -> String| (0..rows.len()).map(|i| Some(of(i))).collect::<Vec<_>>();
    parquet_bytes(vec![
        OutputColumn::Text("id", text(&|i| table.ids.get(rows[i] as usize).to_owned())),
        OutputColumn::Text("truth", text(&|i| table.codes.get(table.truth[rows[i] as usize] as usize).cloned().unwrap_or_default())),
        OutputColumn::Number("weight", number(&|i| sample.weight[i])),
        OutputColumn::Number("unit", number(&|i| f64::from(sample.unit[i]))),
        OutputColumn::Number("stratum", number(&|i| stratum(i) as f64)),
        OutputColumn::Number("fraction", number(&|i| 1.0 - units.not_sampled(stratum(i)))),
        OutputColumn::Text("units", text(&|_| if units.clustered() { "psu" } else { "record" }.to_owned())),
        OutputColumn::Text("simple", text(&|_| sampling.simple.to_string())),
        OutputColumn::Text("lonely", text(&|_| lonely.to_owned())),
    ])
    .map(Some)
}

/// A candidate with where its evidence is.
pub(super) struct Stored<'a> {
    /// The folder of the evidence file.
    pub folder: &'a Path,
    /// The evidence as it was stored.
    pub evidence: &'a Evidence,
}

/// The differences of one candidate from another by what their runs left in their private folders, and the same from the other's side;
/// `names` are those under which they are compared, as (id, name).
///
/// # Errors
/// Why they cannot be compared record by record, in words.
pub(super) fn differences(this: &Stored<'_>, other: &Stored<'_>, names: [(&str, &str); 2]) -> Result<(Vec<Measure>, Vec<Measure>), String> {
    let design = Design::read(this)?;
    let mut codes: BTreeMap<String, u32> = BTreeMap::new();
    let first = design.answers(this, &mut codes)?;
    let second = design.answers(other, &mut codes)?;
    let versus = |(id, name): (&str, &str)| Versus { candidate: id.to_owned(), name: name.to_owned(), test: None };
    let scored = |answers| Scored::of_answers(answers, codes.len());
    let found = compare(&design.sample, &scored(first), &scored(second), &versus(names[1]), this.evidence.study.minimum_group);
    // Log loss needs every code's probability, which the private file does not hold.
    let found: Vec<Measure> = found.into_iter().filter(|m| m.metric != "log-loss-difference").collect();
    let turned = reversed(&found, &versus(names[0]));
    Ok((found, turned))
}

/// The design of a test part, from the private file.
struct Design {
    sample: Sample,
    /// Place of each record.
    place: HashMap<String, usize>,
    truth: Vec<String>,
}

/// A private file of the run that a candidate's folder belongs to.
fn private(of: &Stored<'_>, name: &Path) -> Result<RawTable, String> {
    let run = of.folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A folder named without another above it lies in the current one.
    let run = if of.folder.file_name().is_none() { &of.folder.join("..") } else { run };
    let shown = Path::new("private").join(name).display().to_string();
    let bytes = crate::store::read(&run.join("private").join(name)).map_err(|_| format!("its run left no readable `{shown}`"))?;
    read(&shown, &bytes, Dialect::default(), &[]).map_err(|_| format!("`{shown}` is damaged"))
}

fn numbers(raw: &RawTable, name: &str) -> Result<Vec<f64>, String> {
    let column = raw.column(name).ok_or_else(|| format!("`{}` has no column `{name}`", raw.file))?;
    let values: Option<Vec<f64>> = column.iter().map(|v| v.parse().ok().filter(|x: &f64| x.is_finite())).collect();
    values.ok_or_else(|| format!("`{}` has something other than numbers in `{name}`", raw.file))
}

fn texts(raw: &RawTable, name: &str) -> Result<Vec<String>, String> {
    raw.column(name).map(|c| c.iter().map(str::to_owned).collect()).ok_or_else(|| format!("`{}` has no column `{name}`", raw.file))
}

impl Design {
    fn read(of: &Stored<'_>) -> Result<Self, String> {
        let raw = private(of, Path::new(SAMPLE))?;
        let broken = || format!("`{}` does not hold a sampling design", raw.file);
        let (weight, unit, stratum, fraction) = (numbers(&raw, "weight")?, numbers(&raw, "unit")?, numbers(&raw, "stratum")?, numbers(&raw, "fraction")?);
        let first = |name: &str| Ok::<String, String>(texts(&raw, name)?.into_iter().next().unwrap_or_default());
        let n = weight.len();
        let whole = |v: &[f64]| v.iter().map(|x| (*x >= 0.0 && *x < n as f64 && x.fract() == 0.0).then_some(*x as u32)).collect::<Option<Vec<u32>>>();
        let (unit, stratum) = (whole(&unit).ok_or_else(broken)?, whole(&stratum).ok_or_else(broken)?);
        let lonely = first("lonely")?;
        let lonely = LONELY.iter().find(|(name, _)| *name == lonely).ok_or_else(broken)?.1;
        let clustered = first("units")? == "psu";
        let strata = stratum.iter().max().map_or(0, |m| *m as usize + 1);
        let mut fractions = vec![0.0; strata];
        stratum.iter().zip(&fraction).for_each(|(h, f)| fractions[*h as usize] = f.clamp(0.0, 1.0));
        let finite = fractions.iter().any(|f| *f > 0.0);
        let units = if clustered {
            let mut of_unit = vec![0u32; unit.iter().max().map_or(0, |m| *m as usize + 1)];
            unit.iter().zip(&stratum).for_each(|(u, h)| of_unit[*u as usize] = *h);
            if finite { Units::clusters_of_finite(of_unit, fractions, lonely).ok() } else { Units::clusters(of_unit, strata, lonely).ok() }
        } else {
            let mut counts = vec![0u64; strata];
            stratum.iter().for_each(|h| counts[*h as usize] += 1);
            if finite { Units::records_of_finite(counts, fractions, lonely).ok() } else { Units::records(counts, lonely).ok() }
        };
        let sampling = Sampling {
            units: units.ok_or_else(broken)?,
            simple: first("simple")? == "true",
            clustered,
            level: of.evidence.study.level,
            interval: Proportions::ByDesign,
            method: Method::StudentT,
        };
        let ids = texts(&raw, "id")?;
        let place: HashMap<String, usize> = ids.into_iter().enumerate().map(|(i, id)| (id, i)).collect();
        if place.len() != n {
            return Err(broken());
        }
        Ok(Self { sample: Sample::without_groups(sampling, unit, weight), place, truth: texts(&raw, "truth")? })
    }

    /// A candidate's answers in the order of this design; its own evidence must come out of them.
    fn answers(&self, of: &Stored<'_>, codes: &mut BTreeMap<String, u32>) -> Result<Answers, String> {
        let id = &of.evidence.candidate.id;
        // Nothing but the name of a folder: evidence from elsewhere leads nowhere else.
        if id.contains(['/', '\\', ':']) || id.starts_with('.') {
            return Err("its id is no name of a folder".to_owned());
        }
        let raw = private(of, &Path::new(id).join("predictions.parquet"))?;
        let (ids, truth) = (texts(&raw, "id")?, texts(&raw, "truth")?);
        let given = texts(&raw, "code_1")?;
        let other = || "the private files are of other records".to_owned();
        if ids.len() != self.truth.len() {
            return Err(other());
        }
        let mut number = |code: &str| {
            let next = codes.len() as u32;
            if code.is_empty() { UNCODED } else { *codes.entry(code.to_owned()).or_insert(next) }
        };
        let n = ids.len();
        let mut answers = Answers { truth: vec![UNCODED; n], first: vec![UNCODED; n], right: vec![false; n], confidence: Vec::new() };
        let mut seen = vec![false; n];
        for (row, id) in ids.iter().enumerate() {
            let at = *self.place.get(id).ok_or_else(other)?;
            if seen[at] || self.truth[at] != truth[row] {
                return Err(other());
            }
            seen[at] = true;
            (answers.truth[at], answers.first[at]) = (number(&truth[row]), number(&given[row]));
            answers.right[at] = !truth[row].is_empty() && truth[row] == given[row];
        }
        self.checked(of, &answers).then_some(answers).ok_or_else(|| "its private files give another accuracy than its evidence".to_owned())
    }

    /// True when the evidence's accuracy and its standard error come out of the answers under this design.
    fn checked(&self, of: &Stored<'_>, answers: &Answers) -> bool {
        let Some(stored) = of.evidence.overall("accuracy").and_then(|m| m.outcome.estimate()) else { return false };
        let parts = answers.right.iter().enumerate().map(|(i, right)| (i, f64::from(*right), 1.0));
        let Some(linear) = self.sample.ratio_of(parts) else { return false };
        let se = self.sample.sampling.units.variance(&linear.scores).max(0.0).sqrt();
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        close(linear.value, stored.value) && stored.se.is_none_or(|stored| close(se, stored))
    }
}
