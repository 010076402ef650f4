//! A page that lists the studies in a folder of reports, from the cards stored below it.

use super::again::stored_text;
use crate::report::{CARD_FORMAT, Card, Listed, site_html};
use crate::spec::Files;
use crate::store::{Batch, Disk, cards_below, encoded};
use crate::value::{Class, Failure, Problem};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What tells our own pages from others.
const OWN: &str = "<meta name=\"generator\" content=\"proofmark\">";

/// A page that was written.
#[derive(Debug, Clone)]
pub struct Indexed {
    /// The page.
    pub page: PathBuf,
    /// Studies listed.
    pub studies: usize,
    /// Cards listed.
    pub cards: usize,
    /// Cards that could not be read, and why; they are not on the page.
    pub skipped: Vec<Problem>,
}

/// Writes `index.html` into a folder: every study whose cards lie below it.
///
/// # Errors
/// A folder without cards; a page in the way that is not ours, unless it is to be replaced.
pub fn index(folder: &Path, title: Option<&str>, replace: bool) -> Result<Indexed, Failure> {
    if !folder.is_dir() {
        let problem = Problem::new(Class::Usage, "is not a folder").file(folder.display().to_string());
        return Err(problem.remedy("name the folder that holds the results of one or more studies").into());
    }
    let page = folder.join("index.html");
    let in_the_way = page.exists() && !Disk.text(&page).is_ok_and(|text| text.contains(OWN));
    if in_the_way && !replace {
        let problem = Problem::new(Class::Usage, "a page that this program did not write stands here").file(page.display().to_string());
        return Err(problem.remedy("move it away, or say --replace").into());
    }
    let (files, more) = cards_below(folder);
    let (mut studies, mut skipped): (BTreeMap<(PathBuf, String), Listed>, Vec<Problem>) = (BTreeMap::new(), Vec::new());
    for file in &files {
        match Disk.text(file).map_err(Failure::from).and_then(|text| stored_text::<Card>(file, text.as_bytes(), CARD_FORMAT, "card")) {
            Ok(card) => {
                let own = file.parent().unwrap_or(folder);
                // The folder of the study: that of the candidate's folder, or its own where that is the one asked for.
                let run = if own == folder { folder } else { own.parent().unwrap_or(folder) };
                let listed = studies.entry((run.to_owned(), card.study.clone())).or_insert_with(|| Listed {
                    title: card.study.clone(),
                    comparison: link(folder, &run.join("comparison.html")),
                    cards: Vec::new(),
                });
                listed.cards.push((card, link(folder, &own.join("card.html"))));
            }
            Err(failure) => skipped.extend(failure.problems),
        }
    }
    if more {
        skipped.push(Problem::new(Class::Usage, format!("more than {} cards; the rest is not listed", files.len())).file(folder.display().to_string()));
    }
    if studies.is_empty() {
        let problem = Problem::new(Class::Usage, "no card.json that can be read, in this folder or below it").file(folder.display().to_string());
        return Err(problem.remedy("name the folder that holds the results of one or more studies, as `proofmark run` writes them").into());
    }
    let listed: Vec<Listed> = studies.into_values().collect();
    let mut batch = Batch::prepare(folder)?;
    batch.add("index.html", site_html(title, &super::facts::program(), &listed)?.into_bytes());
    batch.write()?;
    Ok(Indexed { page, studies: listed.len(), cards: listed.iter().map(|s| s.cards.len()).sum(), skipped })
}

/// The link from the folder's page to a file below it; empty where there is no such file.
fn link(folder: &Path, file: &Path) -> String {
    let below = file.strip_prefix(folder).ok().filter(|_| file.is_file());
    below.map_or_else(String::new, |below| below.components().map(|c| encoded(&c.as_os_str().to_string_lossy())).collect::<Vec<_>>().join("/"))
}
