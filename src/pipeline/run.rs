//! Runs a study: trains or loads every candidate, measures, judges, and writes cards and comparison.

use super::baseline::Baseline;
use super::brought::{Brought, allowed, brought};
use super::conditions::under_conditions;
use super::current::current;
use super::elsewhere::ReadPredictions;
use super::facts::{candidate_facts, data_facts, program, study_facts};
use super::neighbours::neighbours_file;
use super::paired::{SAMPLE, sample_file};
use super::prepare::{Origin, Prepared, prepare};
use super::price::{add_gains, cited, plan};
use super::publish::published;
use super::render::{add_cards, add_comparisons, spoken};
use super::saved::{Kept, Saver, keep};
use super::suspects::suspects_file;
use super::tokens::looked_at;
use super::trials::{Tried, tried};
use super::tuning::{self, TuningRows};
use crate::cost::{Meter, PhaseCost, Sources, own_cpu_s};
use crate::data::{OutputColumn, Table, parquet_bytes};
use crate::judge::{Decision, Verdict, automatic_threshold, judge};
use crate::measure::{
    EVIDENCE_FORMAT, Evidence, Measure, Measured, Published, RunFacts, SavedFacts, Scored, Settlement, SliceSearch, StepFacts, Tokens, Tuned, Versus, Withheld,
    compare, cost_measures, counting_measures, double_coding, measure, reversed, settle, step_facts, suspect_labels,
};
use crate::model::{Input, Predictions, Recipe, Target, Trace, UNCODED, fit};
use crate::report::{Card, withhold};
use crate::spec::Candidate;
use crate::store::{Batch, digest, now};
use crate::value::{Class, Failure, Place, Problem};
use std::path::PathBuf;

/// Most probabilities held for one candidate; with more records × codes only the best [`KEPT`] codes a record are kept.
const MOST_PROBABILITIES: usize = 100_000_000;
/// Codes kept a record when not all are.
const KEPT: usize = 100;
/// Ranked codes written to the private file.
const WRITTEN: usize = 10;
/// Processor-seconds of coding that are enough to be stated, with some room.
const STATED_CPU_S: f64 = 0.35;
/// Most often that the test part is coded to get there.
const MOST_CODINGS: usize = 200;
/// Name under which phases that all candidates share are metered.
const SHARED: &str = "";

/// Hears what the run is doing.
pub trait Progress {
    /// A step begins; `done` of `all` steps are over.
    fn step(&mut self, done: usize, all: usize, what: &str);
}

/// How to run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The study.
    pub origin: Origin,
    /// Folder of results; none for the study's own folder, or the default one of the demonstration.
    pub out: Option<PathBuf>,
    /// A file with the reading of an external meter in kilowatt-hours, kept up to date by another program.
    pub meter: Option<PathBuf>,
    /// Candidates may run programs of their own.
    pub allow_commands: bool,
    /// Evidence of the approved model that the candidates are compared with.
    pub baseline: Option<PathBuf>,
}

/// One candidate's results.
#[derive(Debug, Clone)]
pub struct Result1 {
    /// The evidence.
    pub evidence: Evidence,
    /// The verdict.
    pub verdict: Verdict,
    /// The card.
    pub card: Card,
    /// Where its page is.
    pub page: PathBuf,
}

/// A finished run.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The candidates' results, in the order of the study.
    pub results: Vec<Result1>,
    /// Position of the candidate whose decision is the run's.
    pub decisive: usize,
    /// The comparison page.
    pub comparison: PathBuf,
    /// The folder with per-record predictions.
    pub private: PathBuf,
    /// Folders with cards of other candidates, left by earlier runs.
    pub earlier: Vec<String>,
}

impl Finished {
    /// The run's decision.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.results[self.decisive].verdict.decision
    }
}

/// What is known of a candidate before costs are.
struct Draft {
    facts: Vec<(String, String)>,
    digest: String,
    /// What the evidence says of its saved model, or why there is none.
    saved: Result<Option<SavedFacts>, String>,
    tokens: Option<Tokens>,
    tried: Option<Tried>,
    steps: Vec<StepFacts>,
    measured: Measured,
    settled: Settlement,
    published: Published,
}

/// Runs a study from file to cards.
///
/// # Errors
/// All problems found before the first expensive step, or the first one after; no result is written then.
pub fn run(options: &RunOptions, progress: &mut dyn Progress) -> Result<Finished, Failure> {
    let started = now();
    let mut meter = Meter::start(Sources { meter: options.meter.clone(), ..Sources::default() });
    meter.phase(SHARED, "read");
    progress.step(0, 0, "reading and checking study and data");
    let prepared = prepare(&options.origin)?;
    meter.records(prepared.table.rows as u64, prepared.table.rows as u64);
    meter.pause();
    let out = options.out.clone().unwrap_or_else(|| match &options.origin {
        Origin::File(_) => prepared.study.folder.clone(),
        Origin::Demonstration => PathBuf::from("proofmark-demonstration"),
    });
    let out = if out.as_os_str().is_empty() { PathBuf::from(".") } else { out };
    allowed(&prepared, options.allow_commands)?;
    let baseline = options.baseline.as_deref().map(|file| Baseline::read(file, &prepared)).transpose()?;
    let mut batch = Batch::prepare(&out)?;
    let brought = brought(&prepared, &mut |candidate| meter.phase(&candidate.id, "load"))?;
    meter.pause();
    meter.phase(SHARED, "evaluate");
    let coders = double_coding(&prepared.table, &prepared.study.dataset, &prepared.split.test, &prepared.sample, &prepared.study.request);
    meter.pause();
    let tuning = tuning::rows(&prepared);
    let saver = Saver::of(&prepared);
    let mut drafts = Vec::new();
    let steps = prepared.study.candidates.len() * 3;
    for (number, candidate) in prepared.study.candidates.iter().enumerate() {
        let mut step = |part: usize, what: &str| progress.step(number * 3 + part, steps, &format!("{}: {what}", candidate.id));
        let coded = code(&prepared, number, candidate, brought[number].as_ref(), (&tuning, &saver), &mut meter, &mut step)?;
        let saved = keep(coded.saved, &candidate.id, &mut batch)?;
        step(2, "evaluating");
        meter.phase(&candidate.id, "evaluate");
        let tuned = coded.tuned.as_ref().map_err(Clone::clone).map(|t| Tuned { rows: &t.rows, predictions: &t.predictions, apart: t.apart });
        let settled = settle(&prepared.table, &prepared.study.dataset, tuned, &prepared.study.request, prepared.study.seed)
            .map_err(|failure| placed(&prepared, candidate, failure))?;
        let mut measured = measure(&prepared.table, &prepared.split.test, &prepared.trained, &prepared.sample, &coded.predictions, &settled.request)
            .map_err(|failure| placed(&prepared, candidate, failure))?;
        measured.measures.extend(coders.beside(&prepared.sample, &measured.right));
        meter.records(prepared.split.test.len() as u64, prepared.split.test.len() as u64);
        meter.pause();
        let bytes = predictions_file(&prepared, &coded.predictions)?;
        batch.add_private(format!("private/{}/predictions.parquet", candidate.id), bytes);
        if !coded.trace.neighbours.is_empty() {
            batch.add_private(
                format!("private/{}/neighbours.csv", candidate.id),
                neighbours_file(&prepared, &coded.trace.neighbours, saver.taught(brought[number].as_ref())),
            );
        }
        let taken = step_facts(&prepared.sample, &coded.trace, &measured.right);
        meter.phase(&candidate.id, "evaluate");
        let (suspects, labels) = suspect_labels(&prepared.table, &prepared.split.test, &prepared.sample, &coded.predictions, &prepared.study.request)
            .map_err(|failure| placed(&prepared, candidate, failure))?;
        if coded.predictions.complete && !candidate.floor {
            batch.add_private(format!("private/{}/suspect_labels.csv", candidate.id), suspects_file(&prepared, &coded.predictions, &suspects));
        }
        measured.measures.extend(labels.into_iter().filter(|_| !candidate.floor));
        let published = published(&prepared, number, &coded.predictions, coded.target.as_ref()).map_err(|failure| placed(&prepared, candidate, failure))?;
        meter.pause();
        measured.measures.extend(counting_measures(&published));
        measured.codes.extend(published.areas.iter().flat_map(|a| &a.codes).map(|c| c.code.clone()));
        let Coded { facts, digest, tokens, tried, .. } = coded;
        drafts.push(Draft { facts, digest, saved, tokens, tried, steps: taken, measured, settled, published });
    }
    progress.step(steps, steps, "judging and writing cards");
    let costs = meter.finish();
    let program = program();
    let (mut gathered, mut results) = (Vec::new(), Vec::new());
    let search = prepared
        .study
        .slices
        .as_ref()
        .and_then(|settings| SliceSearch::of(&prepared.table, &prepared.split.test, &prepared.sample, settings, prepared.study.seed));
    let differences = differences(&prepared, &drafts.iter().map(|d| &d.measured.scored).collect::<Vec<_>>());
    for (number, ((candidate, draft), differences)) in prepared.study.candidates.iter().zip(drafts).zip(differences).enumerate() {
        let Draft { facts, digest: model_digest, saved, tokens, tried, steps, mut measured, settled, published } = draft;
        measured.measures.extend(differences);
        if let Some(baseline) = &baseline {
            let (found, how) = baseline.differences(&prepared, &measured.scored, &measured.measures);
            measured.measures.extend(found);
            measured.notes.push(how);
        }
        let phases: Vec<PhaseCost> = costs.phases(&candidate.id).to_vec();
        let mut notes = prepared.notes.clone();
        notes.extend(prepared.read_predictions[number].iter().flat_map(|r| r.notes.clone()));
        notes.extend(measured.notes);
        notes.extend(saved.as_ref().err().cloned());
        let mut evidence = Evidence {
            format: EVIDENCE_FORMAT.to_owned(),
            program: program.clone(),
            study: study_facts(&prepared, &options.origin),
            candidate: candidate_facts(
                candidate,
                tried.as_ref().map_or(&candidate.recipe, |t| &t.recipe),
                facts,
                model_digest,
                saved.as_ref().ok().cloned().flatten(),
            ),
            data: data_facts(&prepared, &measured.codes),
            measures: measured.measures,
            spreads: measured.spreads,
            reliability: measured.reliability,
            confusions: measured.confusions,
            confused: measured.confused,
            published: Some(published),
            surety: prepared.study.request.automation.surety,
            automatic: settled.automatic,
            suggestions: settled.suggestions,
            remaining: None,
            tokens,
            steps,
            slices: search.as_ref().map(|s| s.find(&measured.right)),
            tuning: tried.as_ref().map(|t| t.trials.clone()),
            withheld: Withheld::default(),
            notes,
            run: RunFacts {
                trials: tried.as_ref().map(|t| t.costs(&phases)).unwrap_or_default(),
                started: started.clone(),
                host: costs.host.clone(),
                threads: rayon::current_num_threads() as u64,
                cost: Vec::new(),
                phases,
                shared: costs.phases(SHARED).to_vec(),
                cited: cited(candidate),
                gains: Vec::new(),
            },
        };
        evidence.run.cost = cost_measures(evidence.run.metered().1, plan(&prepared), prepared.study.request.level);
        under_conditions(&prepared, &mut evidence, &measured.answers, &measured.universe);
        gathered.push(evidence);
    }
    add_gains(&mut gathered);
    let languages = spoken(&prepared.study.languages)?;
    let mut pages = Vec::new();
    withhold(&mut gathered, |evidence| automatic_threshold(&prepared.study.policy, evidence));
    for (candidate, evidence) in prepared.study.candidates.iter().zip(gathered) {
        let evidence_bytes = json(&evidence)?;
        let evidence_digest = digest(&evidence_bytes);
        let verdict = judge(&evidence, &prepared.study.policy, &evidence_digest);
        let verdict_bytes = json(&verdict)?;
        let folder = PathBuf::from(&candidate.id);
        let cards = add_cards(&mut batch, &folder, &languages, (&evidence, &evidence_digest), (&verdict, &digest(&verdict_bytes)))?;
        batch.add(folder.join("evidence.json"), evidence_bytes);
        batch.add(folder.join("verdict.json"), verdict_bytes);
        let card = cards[0].clone();
        pages.push(cards);
        results.push(Result1 { evidence, verdict, card, page: out.join(folder).join("card.html") });
    }
    let against = prepared.study.current.as_deref().map(|id| current(id, results.iter().map(|r| (&r.evidence, &r.verdict)), None));
    let cards: Vec<&[Card]> = pages.iter().map(Vec::as_slice).collect();
    add_comparisons(&mut batch, &prepared.study.title, &languages, &cards, against.as_ref())?;
    if let Some(bytes) = sample_file(&prepared)? {
        batch.add_private(PathBuf::from("private").join(SAMPLE), bytes);
    }
    batch.write()?;
    let earlier = crate::store::folders_with(&out, "card.html").into_iter().filter(|f| !results.iter().any(|r| r.evidence.candidate.id == *f)).collect();
    let decisive = decisive(&results, prepared.study.decide.as_deref());
    Ok(Finished { results, decisive, comparison: out.join("comparison.html"), private: out.join("private"), earlier })
}

/// For each candidate, its differences from every other one on the same records, in the order of the study.
fn differences(prepared: &Prepared, scored: &[&Scored]) -> Vec<Vec<Measure>> {
    let candidates = &prepared.study.candidates;
    let versus = |at: usize| Versus { candidate: candidates[at].id.clone(), name: candidates[at].name.clone(), test: None };
    let mut found = vec![Vec::new(); candidates.len()];
    // Each pair once: the second sees what the first sees, with the sign turned.
    for second in 1..candidates.len() {
        for first in 0..second {
            let measures = compare(&prepared.sample, scored[first], scored[second], &versus(second), prepared.study.request.minimum_group);
            found[second].push((first, reversed(&measures, &versus(first))));
            found[first].push((second, measures));
        }
    }
    found
        .into_iter()
        .map(|mut own| {
            own.sort_by_key(|(other, _)| *other);
            own.into_iter().flat_map(|(_, measures)| measures).collect()
        })
        .collect()
}

/// Predictions of tuning records.
struct TunedPredictions {
    rows: Vec<u32>,
    predictions: Predictions,
    apart: bool,
}

/// Predictions of the test part, with what is to be said of the model.
struct Coded {
    predictions: Predictions,
    /// Codes of the records without a true code, for a candidate that is trained here.
    target: Option<Predictions>,
    /// Of the tuning records on which thresholds and suggestions are settled, or why there are none.
    tuned: Result<TunedPredictions, String>,
    facts: Vec<(String, String)>,
    digest: String,
    /// The model as it is to be saved.
    saved: Kept,
    /// What it looks at in texts.
    tokens: Option<Tokens>,
    /// What was tried before it was trained.
    tried: Option<Tried>,
    /// How the test records came by their codes, for a candidate that can tell.
    trace: Trace,
}

/// Trains a candidate and codes the test part, or takes what was read from its predictions file.
#[allow(clippy::too_many_arguments, reason = "all of them differ in kind, and the function has one caller")]
fn code(
    prepared: &Prepared,
    number: usize,
    candidate: &Candidate,
    brought: Option<&Brought>,
    (tuning, saver): (&TuningRows, &Saver),
    meter: &mut Meter,
    step: &mut dyn FnMut(usize, &str),
) -> Result<Coded, Failure> {
    if let Some(ReadPredictions { test, tune, digest, .. }) = &prepared.read_predictions[number] {
        // Nothing is calibrated here, so the whole tuning part can choose; what the model saw of it elsewhere is not known.
        let tuned = tune.clone().map(|predictions| TunedPredictions { rows: prepared.split.tune.clone(), predictions, apart: false });
        return Ok(Coded {
            predictions: test.clone(),
            target: None,
            tuned,
            facts: Vec::new(),
            digest: digest.clone(),
            saved: Kept::None,
            tokens: None,
            tried: None,
            trace: Trace::default(),
        });
    }
    let table = &prepared.table;
    let part = |rows| input(prepared, &candidate.columns, rows);
    let (train, tune) = (part(&prepared.split.train), part(&tuning.calibrate));
    let all = || std::iter::once(&candidate.recipe).chain(candidate.tune.iter().flat_map(|plan| plan.trials.iter().map(|t| &t.recipe)));
    let weighted = all().any(Recipe::weighted);
    let psu = prepared.study.dataset.with_role(crate::data::Role::Psu).next();
    let clusters = psu.and_then(|c| table.factor(&c.name)).map(|f| f.index.as_slice());
    let target = Target { codes: &table.codes, index: &table.truth, weights: table.weights.as_deref().filter(|_| weighted), clusters };
    step(0, if candidate.recipe.learns() { "training" } else { "brought along" });
    let tried = match &candidate.tune {
        Some(plan) => {
            step(0, "tuning");
            meter.phase(&candidate.id, "tune");
            meter.records((train.rows.len() + tune.rows.len()) as u64, 0);
            let tried = tried(plan, prepared, &train, &tune, &target).map_err(|failure| placed(prepared, candidate, failure))?;
            meter.pause();
            Some(tried)
        }
        None => None,
    };
    let recipe = tried.as_ref().map_or(&candidate.recipe, |t| &t.recipe);
    let mut phase = |phase| {
        meter.phase(&candidate.id, phase);
        meter.records(train.rows.len() as u64, 0);
    };
    let fitted;
    let coder = match brought {
        Some(brought) => brought.coder(&train, &target, &mut phase),
        None => {
            fitted = fit(recipe, &train, &tune, &target, prepared.study.seed, &mut phase);
            fitted.as_deref().map_err(Clone::clone)
        }
    }
    .map_err(|failure| placed(prepared, candidate, failure))?;
    step(1, "coding the test part");
    meter.phase(&candidate.id, "predict");
    let test = part(&prepared.split.test);
    let keep_of = |rows: usize| if coder.codes().len() * rows <= MOST_PROBABILITIES { usize::MAX } else { KEPT };
    let keep = keep_of(test.rows.len());
    let began = own_cpu_s();
    let predictions = coder.predict(&test, keep).map_err(|failure| placed(prepared, candidate, failure))?;
    meter.records(test.rows.len() as u64, predictions.len() as u64);
    // Where a year is projected, coding goes on until it is long enough to be stated.
    if prepared.study.cost.annual_records.is_some()
        && let Some(began) = began
    {
        for _ in 1..MOST_CODINGS {
            if own_cpu_s().is_none_or(|now| now - began >= STATED_CPU_S) {
                break;
            }
            let again = coder.predict(&test, keep).map_err(|failure| placed(prepared, candidate, failure))?;
            meter.records(test.rows.len() as u64, again.len() as u64);
        }
    }
    meter.pause();
    // What is told of how records were coded is no part of the cost either.
    let trace = coder.trace(&test).map_err(|failure| placed(prepared, candidate, failure))?;
    // What is coded for publication is no part of the cost of coding the test part.
    let target = if prepared.target.is_empty() {
        None
    } else {
        Some(coder.predict(&part(&prepared.target), 1).map_err(|failure| placed(prepared, candidate, failure))?)
    };
    let tuned = if tuning.settle.is_empty() {
        Err("there is no tuning part to choose on".to_owned())
    } else {
        // Nothing that was brought along is calibrated here, so all of the tuning part can choose; what the model saw of it elsewhere is not known.
        let (rows, apart) = if brought.is_some() { (&prepared.split.tune, false) } else { (&tuning.settle, tuning.apart) };
        meter.phase(&candidate.id, "settle");
        let predictions = coder.predict(&part(rows), keep_of(rows.len())).map_err(|failure| placed(prepared, candidate, failure))?;
        meter.records(rows.len() as u64, predictions.len() as u64);
        meter.pause();
        Ok(TunedPredictions { rows: rows.clone(), predictions, apart })
    };
    let digest = brought.map_or_else(|| digest(candidate.text.as_bytes()), Brought::digest);
    let saved = saver.save(coder, tried.as_ref().map_or(&candidate.recipe, |t| &t.recipe), brought);
    meter.phase(&candidate.id, "evaluate");
    let tokens = looked_at(prepared, coder, brought, &test).map_err(|failure| placed(prepared, candidate, failure))?;
    meter.pause();
    Ok(Coded { predictions, target, tuned, facts: coder.facts(), digest, saved, tokens, tried, trace })
}

/// The columns that a coder may look at: roles text, category and number, or those of them that the candidate names.
pub(super) fn input<'a>(prepared: &'a Prepared, only: &[String], rows: &'a [u32]) -> Input<'a> {
    use crate::data::Role;
    let table = &prepared.table;
    let categories: Vec<&str> = prepared.study.dataset.with_role(Role::Category).map(|c| c.name.as_str()).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|o| o == name);
    Input {
        ids: &table.ids,
        texts: table.texts.iter().filter(|(n, _)| wanted(n)).map(|(n, t)| (n.as_str(), t)).collect(),
        categories: table.factors.iter().filter(|(n, _)| wanted(n) && categories.contains(&n.as_str())).map(|(n, f)| (n.as_str(), f)).collect(),
        numbers: table.numbers.iter().filter(|(n, _)| wanted(n)).map(|(n, v)| (n.as_str(), v.as_slice())).collect(),
        rows,
    }
}

/// Adds the candidate's place in the study to problems that have none.
fn placed(prepared: &Prepared, candidate: &Candidate, failure: Failure) -> Failure {
    let place = prepared.study.place(&format!("{}.id", candidate.key));
    let add = |mut problem: Problem| {
        // A record of the data is no file, so that the candidate's place is added to it.
        if problem.place.as_ref().is_none_or(|p| p.file.is_empty())
            && let Some(place) = &place
        {
            let within = problem.place.as_ref().and_then(|p| p.within.clone());
            problem.place = Some(Box::new(Place { within, ..place.clone() }));
        }
        problem
    };
    Failure::of(failure.problems.into_iter().map(add).collect())
}

/// The private file: id, truth, ranked codes and confidences of every test record.
fn predictions_file(prepared: &Prepared, predictions: &Predictions) -> Result<Vec<u8>, Failure> {
    let table: &Table = &prepared.table;
    let rows = &prepared.split.test;
    let names: Vec<(String, String)> = (1..=predictions.kept.min(WRITTEN)).map(|k| (format!("code_{k}"), format!("confidence_{k}"))).collect();
    let mut columns = vec![
        OutputColumn::Text("id", rows.iter().map(|&r| Some(table.ids.get(r as usize).to_owned())).collect()),
        OutputColumn::Text("truth", rows.iter().map(|&r| table.codes.get(table.truth[r as usize] as usize).cloned()).collect()),
    ];
    for (k, (code, confidence)) in names.iter().enumerate() {
        let ranked = |i: usize| predictions.ranking(i)[k];
        columns
            .push(OutputColumn::Text(code, (0..rows.len()).map(|i| (ranked(i) != UNCODED).then(|| predictions.codes[ranked(i) as usize].clone())).collect()));
        if !predictions.confidence.is_empty() {
            columns.push(OutputColumn::Number(confidence, (0..rows.len()).map(|i| (ranked(i) != UNCODED).then(|| predictions.confidences(i)[k])).collect()));
        }
    }
    parquet_bytes(columns)
}

/// Pretty JSON with a line end.
pub fn json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, Failure> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|e| Problem::new(Class::Internal, format!("results could not be written as JSON: {e}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The candidate whose decision counts: the one the study names, else the first with the best decision; floors only among themselves.
fn decisive(results: &[Result1], decide: Option<&str>) -> usize {
    if let Some(position) = decide.and_then(|id| results.iter().position(|r| r.evidence.candidate.id == id)) {
        return position;
    }
    let rank = |r: &Result1| {
        let decision = match r.verdict.decision {
            Decision::Deploy => 0,
            Decision::DeployWithConditions => 1,
            Decision::Undecided => 2,
            Decision::Reject => 3,
        };
        (r.evidence.candidate.floor, decision)
    };
    (0..results.len()).min_by_key(|&i| rank(&results[i])).unwrap_or(0)
}
