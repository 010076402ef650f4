//! Compares candidates of any runs from what these stored: the same page as that of a study, if all were tested on the same records.

use super::again::stored;
use super::current::current;
use super::paired::{Stored, differences};
use super::price::add_gains;
use super::run::json;
use super::tested::same_tests;
use crate::judge::{VERDICT_FORMAT, Verdict};
use crate::measure::{EVIDENCE_FORMAT, Evidence, Versus};
use crate::report::{Comparing, Entry, Words, card_in, compared, comparison_page};
use crate::store::{Batch, digest, folders_with, relative};
use crate::value::{Class, Failure, Problem, nearest};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What to compare.
#[derive(Debug, Clone)]
pub struct CompareOptions {
    /// Files of evidence, folders with one, or folders of results.
    pub evidence: Vec<PathBuf>,
    /// Id of the candidate in production now.
    pub current: Option<String>,
    /// By how much a candidate's accuracy may be worse than the current one's.
    pub margin: Option<f64>,
    /// Folder for the page; none for the current one.
    pub out: Option<PathBuf>,
}

/// A comparison that was written.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The page.
    pub page: PathBuf,
    /// Names of the candidates, the most accurate first.
    pub candidates: Vec<String>,
    /// What the reader must know: which pairs are not compared record by record, and why.
    pub notes: Vec<String>,
}

/// A candidate as it is compared.
struct Candidate {
    folder: PathBuf,
    /// As stored.
    stored: Evidence,
    /// With the id and name under which it is compared, and its differences from the others.
    evidence: Evidence,
    evidence_digest: String,
    verdict: Verdict,
}

/// Compares stored candidates and writes `comparison.html`.
///
/// # Errors
/// Files that are missing, damaged or not of each other; fewer than two candidates; evidence of different test records.
pub fn compare_again(options: &CompareOptions) -> Result<Compared, Failure> {
    let files = evidence_files(&options.evidence)?;
    let mut all = read(&files)?;
    if all.len() < 2 {
        let problem = Problem::new(Class::Usage, format!("there is {} to compare", if all.is_empty() { "no evidence" } else { "only one candidate" }));
        return Err(problem.remedy("name at least two files evidence.json, or a folder of results with several candidates").into());
    }
    same_tests(&files.iter().cloned().zip(all.iter().map(|c| c.stored.clone())).collect::<Vec<_>>())?;
    let in_production = production(options, &all)?;
    name(&mut all);
    let w = all.first().and_then(|c| Words::built_in(c.stored.study.languages.first()?)).unwrap_or_else(Words::english);
    let mut notes = pair(w, &mut all);
    if all.iter().any(|c| c.verdict.policy.digest != all[0].verdict.policy.digest) {
        notes.push(compared::policies(w));
    }
    let mut evidence: Vec<Evidence> = all.iter().map(|c| c.evidence.clone()).collect();
    add_gains(&mut evidence);
    let out = options.out.clone().unwrap_or_else(|| PathBuf::from("."));
    let mut batch = Batch::prepare(&out)?;
    let mut cards = Vec::new();
    for (c, e) in all.iter().zip(&evidence) {
        cards.push(card_in(w, e, &c.verdict, &c.evidence_digest, &digest(&json(&c.verdict)?)));
    }
    let links: Vec<String> = all.iter().map(|c| relative(&out, &c.folder.join("card.html")).unwrap_or_default()).collect();
    let entries: Vec<Entry<'_>> = cards.iter().zip(&links).map(|(card, href)| Entry { card, href }).collect();
    let title = title(w, &evidence);
    let against = in_production.map(|at| current(&evidence[at].candidate.id, evidence.iter().zip(all.iter().map(|c| &c.verdict)), options.margin));
    let page = comparison_page(w, &Comparing { current: against.as_ref(), notes: &notes, ..Comparing::of(&title, &entries) })?;
    batch.add("comparison.html", page.into_bytes());
    batch.write()?;
    cards.sort_by(|a, b| accuracy(b).total_cmp(&accuracy(a)));
    Ok(Compared { page: out.join("comparison.html"), candidates: cards.into_iter().map(|c| c.title).collect(), notes })
}

fn accuracy(card: &crate::report::Card) -> f64 {
    card.headline.accuracy.as_ref().map_or(f64::NEG_INFINITY, |p| p.y)
}

/// The evidence files that paths stand for: themselves, the one in a folder, or those in the folders of a folder of results.
fn evidence_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let (mut files, mut problems): (Vec<PathBuf>, Vec<Problem>) = (Vec::new(), Vec::new());
    for path in paths {
        let inside = path.join("evidence.json");
        let below: Vec<PathBuf> = folders_with(path, "evidence.json").into_iter().map(|name| path.join(name).join("evidence.json")).collect();
        match (path.is_dir(), inside.is_file()) {
            (false, _) => files.push(path.clone()),
            (true, true) => files.push(inside),
            (true, false) if !below.is_empty() => files.extend(below),
            (true, false) => {
                let problem = Problem::new(Class::Usage, "no evidence.json in this folder, nor in the folders in it").file(path.display().to_string());
                problems.push(problem.remedy("name the folder that `proofmark run` wrote, or a file evidence.json"));
            }
        }
    }
    let mut seen = BTreeSet::new();
    files.retain(|f| seen.insert(f.clone()));
    if problems.is_empty() { Ok(files) } else { Err(Failure::of(problems)) }
}

/// Reads evidence and the verdict beside it; all that is wrong is told at once.
fn read(files: &[PathBuf]) -> Result<Vec<Candidate>, Failure> {
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for file in files {
        match read_one(file) {
            Ok(candidate) => all.push(candidate),
            Err(failure) => problems.extend(failure.problems),
        }
    }
    if problems.is_empty() { Ok(all) } else { Err(Failure::of(problems)) }
}

fn read_one(file: &Path) -> Result<Candidate, Failure> {
    let (evidence, evidence_digest) = stored::<Evidence>(file, EVIDENCE_FORMAT, "evidence")?;
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let beside = folder.join("verdict.json");
    let (verdict, _) = stored::<Verdict>(&beside, VERDICT_FORMAT, "verdict")?;
    if verdict.evidence_digest != evidence_digest {
        let problem = Problem::new(Class::NotInForce, "the verdict was made from other evidence than that beside it").file(beside.display().to_string());
        return Err(problem.remedy(format!("judge the evidence again: proofmark judge {} --policy FILE", file.display())).into());
    }
    Ok(Candidate { folder, stored: evidence.clone(), evidence, evidence_digest, verdict })
}

/// Which candidate is in production: the one that is asked for, else the one that a study names.
fn production(options: &CompareOptions, all: &[Candidate]) -> Result<Option<usize>, Failure> {
    let Some(wanted) = options.current.as_deref() else {
        return Ok(all.iter().position(|c| c.stored.study.current.as_ref() == Some(&c.stored.candidate.id)));
    };
    let found: Vec<usize> = (0..all.len()).filter(|i| all[*i].stored.candidate.id == wanted).collect();
    let ids = || all.iter().map(|c| c.stored.candidate.id.as_str());
    match found[..] {
        [one] => Ok(Some(one)),
        [] => {
            let problem = Problem::new(Class::Usage, format!("--current: no candidate `{wanted}` among these"));
            Err(match nearest(wanted, ids()) {
                Some(near) => problem.remedy(format!("did you mean `{near}`?")),
                None => problem.remedy(format!("the candidates are: {}", ids().collect::<Vec<_>>().join(", "))),
            }
            .into())
        }
        // Of two with the same id, the one named first: runs of one candidate are told apart by their order.
        [first, ..] => Ok(Some(first)),
    }
}

/// Gives candidates of the same id, or of the same name, a number, so that each can be told from the others.
fn name(all: &mut [Candidate]) {
    let (ids, names): (Vec<String>, Vec<String>) = all.iter().map(|c| (c.stored.candidate.id.clone(), c.stored.candidate.name.clone())).unzip();
    let number = |list: &[String], at: usize| {
        let same = |i: &usize| list[*i] == list[at];
        ((0..list.len()).filter(same).count() > 1).then(|| (0..=at).filter(same).count())
    };
    for (at, c) in all.iter_mut().enumerate() {
        if let Some(n) = number(&ids, at) {
            c.evidence.candidate.id = format!("{} ({n})", ids[at]);
        }
        if let Some(n) = number(&names, at) {
            c.evidence.candidate.name = compared::numbered(&names[at], n);
        }
    }
}

/// Whether two candidates are of the same run, which compared them itself.
fn same_run(a: &Candidate, b: &Candidate) -> bool {
    let of = |c: &Candidate| (c.stored.study.digest.clone(), c.stored.run.started.clone(), c.stored.data.test_digest.clone());
    of(a) == of(b) && a.stored.candidate.id != b.stored.candidate.id
}

/// Puts the differences of every pair into the evidence of both: those that their run stored, else those that the private folders give.
/// What pairs there are none of, and why, is returned.
fn pair(w: &Words, all: &mut [Candidate]) -> Vec<String> {
    let own = |c: &Candidate| (c.evidence.candidate.id.clone(), c.evidence.candidate.name.clone());
    let names: Vec<(String, String)> = all.iter().map(own).collect();
    for c in all.iter_mut() {
        c.evidence.measures.retain(|m| m.versus.is_none());
        c.evidence.run.gains.clear();
    }
    let mut notes = Vec::new();
    for second in 1..all.len() {
        for first in 0..second {
            if same_run(&all[first], &all[second]) {
                for (at, other) in [(first, second), (second, first)] {
                    let id = all[other].stored.candidate.id.clone();
                    let of_other = all[at].stored.measures.iter().filter(|m| m.versus.as_ref().is_some_and(|v| v.candidate == id)).cloned();
                    let renamed = of_other.map(|mut m| {
                        let test = m.versus.as_ref().and_then(|v| v.test);
                        m.versus = Some(Versus { candidate: names[other].0.clone(), name: names[other].1.clone(), test });
                        m
                    });
                    let renamed: Vec<_> = renamed.collect();
                    all[at].evidence.measures.extend(renamed);
                }
                continue;
            }
            let (a, b) =
                (Stored { folder: &all[first].folder, evidence: &all[first].stored }, Stored { folder: &all[second].folder, evidence: &all[second].stored });
            let pair = [(names[first].0.as_str(), names[first].1.as_str()), (names[second].0.as_str(), names[second].1.as_str())];
            match differences(&a, &b, pair) {
                Ok((found, turned)) => {
                    all[first].evidence.measures.extend(found);
                    all[second].evidence.measures.extend(turned);
                }
                Err(why) => notes.push(compared::not_paired(w, pair[0].1, pair[1].1, &why)),
            }
        }
    }
    notes
}

/// The study's title where all are of one, else the data set's.
fn title(w: &Words, all: &[Evidence]) -> String {
    let first = &all[0];
    if all.iter().all(|e| e.study.title == first.study.title) { first.study.title.clone() } else { compared::of_data(w, &first.data.title) }
}
