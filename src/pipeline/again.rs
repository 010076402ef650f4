//! Later stages again from stored results: judge under another policy without data, render without model.

use super::render::{add_cards, spoken_of};
use super::run::json;
use crate::judge::{VERDICT_FORMAT, Verdict, judge};
use crate::measure::{EVIDENCE_FORMAT, Evidence};
use crate::report::{CARD_FORMAT, Card, Written, export};
use crate::spec;
use crate::store::{Batch, Disk, digest, read};
use crate::value::{Class, Failure, Problem};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// A candidate judged again.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// The card, in the first of the languages it was written in.
    pub card: Card,
    /// The files written.
    pub files: Vec<PathBuf>,
}

/// In which languages cards are written: those of the study unless some are named; with catalogues for languages that are not built in.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    /// The languages' tags; empty for those of the study.
    pub languages: Vec<String>,
    /// Files of catalogues.
    pub messages: Vec<PathBuf>,
}

/// Judges stored evidence under a policy; writes `verdict.json`, and the card anew, into `out` (beside the evidence by default, where a
/// verdict under another policy stays unless `replace` is given: what was decided must not change by trying something out).
///
/// # Errors
/// Files that are missing, damaged or of another version; a policy with problems; a verdict under another policy in the way.
pub fn judge_again(evidence_file: &Path, policy_file: &Path, out: Option<&Path>, replace: bool, pages: &Pages) -> Result<Judged, Failure> {
    let policy = spec::policy(policy_file, &Disk)?;
    let (evidence, evidence_digest) = stored::<Evidence>(evidence_file, EVIDENCE_FORMAT, "evidence")?;
    let beside_it = beside(evidence_file).join("verdict.json");
    if out.is_none() && !replace && beside_it.exists() {
        let (standing, _) = stored::<Verdict>(&beside_it, VERDICT_FORMAT, "verdict")?;
        if standing.policy.digest != policy.digest {
            let problem =
                Problem::new(Class::Usage, "a verdict under another policy stands here and is not replaced unasked").file(beside_it.display().to_string());
            return Err(problem.remedy("write the new one elsewhere with --out FOLDER, or say --replace").into());
        }
    }
    let verdict = judge(&evidence, &policy, &evidence_digest);
    let (card, files) = write(&evidence, &verdict, &evidence_digest, out.unwrap_or_else(|| beside(evidence_file)), true, pages)?;
    Ok(Judged { verdict, card, files })
}

/// Renders the card of stored evidence and verdict into `out` (beside the verdict by default).
///
/// # Errors
/// Files that are missing, damaged or of another version; a verdict made from other evidence (not in force).
pub fn card_again(evidence_file: &Path, verdict_file: &Path, out: Option<&Path>, pages: &Pages) -> Result<Judged, Failure> {
    let (evidence, evidence_digest) = stored::<Evidence>(evidence_file, EVIDENCE_FORMAT, "evidence")?;
    let (verdict, _) = stored::<Verdict>(verdict_file, VERDICT_FORMAT, "verdict")?;
    if verdict.evidence_digest != evidence_digest {
        let problem = Problem::new(Class::NotInForce, "the verdict was made from other evidence than this file").file(verdict_file.display().to_string());
        return Err(problem.remedy(format!("judge this evidence again: proofmark judge {} --policy FILE", evidence_file.display())).into());
    }
    let (card, files) = write(&evidence, &verdict, &evidence_digest, out.unwrap_or_else(|| beside(verdict_file)), false, pages)?;
    Ok(Judged { verdict, card, files })
}

/// A stored card in another format, written to `out` if that is given.
///
/// # Errors
/// A format that there is not; a card that is missing, damaged or of another version; a file that cannot be written.
pub fn export_card(card_file: &Path, format: &str, out: Option<&Path>) -> Result<Written, Failure> {
    let (card, _) = stored::<Card>(card_file, CARD_FORMAT, "card")?;
    let written = export(&card, format)?;
    if let Some(out) = out {
        let Some(name) = out.file_name() else {
            let problem = Problem::new(Class::Usage, "names no file").file(out.display().to_string());
            return Err(problem.remedy("name the file to write: --out summary.md").into());
        };
        let mut batch = Batch::prepare(beside(out))?;
        batch.add(name, written.text.clone().into_bytes());
        batch.write()?;
    }
    Ok(written)
}

fn write(
    evidence: &Evidence,
    verdict: &Verdict,
    evidence_digest: &str,
    out: &Path,
    with_verdict: bool,
    pages: &Pages,
) -> Result<(Card, Vec<PathBuf>), Failure> {
    let catalogues: Vec<(String, String)> = pages.messages.iter().map(|file| catalogue(file)).collect::<Result<_, _>>()?;
    let tags = if pages.languages.is_empty() { &evidence.study.languages } else { &pages.languages };
    let languages = spoken_of(tags, &catalogues)?;
    let verdict_bytes = json(verdict)?;
    let verdict_digest = digest(&verdict_bytes);
    let mut batch = Batch::prepare(out)?;
    let mut cards = add_cards(&mut batch, Path::new(""), &languages, (evidence, evidence_digest), (verdict, &verdict_digest))?;
    if with_verdict {
        batch.add("verdict.json", verdict_bytes);
    }
    if cards.is_empty() {
        return Err(Problem::new(Class::Data, "the evidence names no language for its card").remedy("name one with --language").into());
    }
    Ok((cards.swap_remove(0), batch.write()?))
}

/// Name and text of a catalogue.
fn catalogue(file: &Path) -> Result<(String, String), Failure> {
    let name = file.display().to_string();
    match String::from_utf8(read(file)?) {
        Ok(text) => Ok((name, text)),
        Err(_) => Err(Problem::new(Class::Study, "the catalogue is not UTF-8").file(name).remedy("save it as UTF-8").into()),
    }
}

fn beside(file: &Path) -> &Path {
    file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Reads a stored layer and its digest; the format is looked at before anything else.
pub(super) fn stored<T: DeserializeOwned>(path: &Path, format: &str, what: &str) -> Result<(T, String), Failure> {
    let bytes = read(path)?;
    Ok((stored_text(path, &bytes, format, what)?, digest(&bytes)))
}

/// A stored layer from its bytes.
pub(super) fn stored_text<T: DeserializeOwned>(path: &Path, bytes: &[u8], format: &str, what: &str) -> Result<T, Failure> {
    #[derive(serde::Deserialize)]
    struct Head {
        format: Option<String>,
    }
    let file = path.display().to_string();
    let broken = |e: &serde_json::Error| {
        let problem = Problem::new(Class::Data, format!("not {what} as this program writes it: {e}")).file(&file).line(e.line());
        problem.remedy(format!("use the {what} file as it was written, or make it again with `proofmark run`"))
    };
    let head: Head = serde_json::from_slice(bytes).map_err(|e| broken(&e))?;
    match head.format.as_deref() {
        Some(found) if found == format => {}
        found => {
            let found = found.map_or_else(|| "no format".to_owned(), |f| format!("format `{f}`"));
            let problem = Problem::new(Class::Data, format!("the file has {found} where {what} has `{format}`")).file(&file);
            return Err(problem.remedy(format!("name the {what} file, or use the version of proofmark that wrote it")).into());
        }
    }
    serde_json::from_slice(bytes).map_err(|e| broken(&e).into())
}
