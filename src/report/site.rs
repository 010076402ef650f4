//! The page that lists studies with their candidates, decisions and dates, so that a folder of reports can be published.

use super::card::{Banner, Card};
use super::html::{Page, render};
use super::words::site::{self, SITE, SiteFrame};
use crate::value::Failure;
use serde::Serialize;

/// A study that is listed.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its title.
    pub title: String,
    /// Its comparison page, relative to this one; empty where there is none.
    pub comparison: String,
    /// Its cards, each with its page relative to this one, or an empty text where there is none.
    pub cards: Vec<(Card, String)>,
}

/// What the template needs.
#[derive(Debug, Serialize)]
struct Site {
    title: String,
    sum: String,
    program: String,
    words: SiteFrame,
    studies: Vec<Study>,
}

#[derive(Debug, Serialize)]
struct Study {
    title: String,
    comparison: String,
    candidates: Vec<Candidate>,
}

#[derive(Debug, Serialize)]
struct Candidate {
    name: String,
    href: String,
    floor: bool,
    banner: Banner,
    accuracy: String,
    evaluated: String,
    review: String,
}

/// The page; candidates by accuracy, floors last.
///
/// # Errors
/// A defect of the page's template.
pub fn site_html(title: Option<&str>, program: &str, studies: &[Listed]) -> Result<String, Failure> {
    let accuracy = |c: &Card| c.headline.accuracy.as_ref().map_or(f64::NEG_INFINITY, |p| p.y);
    let study = |s: &Listed| {
        let mut cards: Vec<&(Card, String)> = s.cards.iter().collect();
        cards.sort_by(|(a, _), (b, _)| a.headline.floor.cmp(&b.headline.floor).then(accuracy(b).total_cmp(&accuracy(a))));
        Study { title: s.title.clone(), comparison: s.comparison.clone(), candidates: cards.into_iter().map(|(card, href)| candidate(card, href)).collect() }
    };
    let page = Site {
        title: title.unwrap_or(site::TITLE).to_owned(),
        sum: site::sum(studies.len(), studies.iter().map(|s| s.cards.len()).sum()),
        program: program.to_owned(),
        words: SITE,
        studies: studies.iter().map(study).collect(),
    };
    render(Page::Site, &page, Vec::new())
}

fn candidate(card: &Card, href: &str) -> Candidate {
    let review = if ["deploy", "deploy-with-conditions"].contains(&card.banner.kind.as_str()) { site::review(card.valid_months) } else { String::new() };
    Candidate {
        name: card.title.clone(),
        href: href.to_owned(),
        floor: card.headline.floor,
        banner: card.banner.clone(),
        // The second of the comparison's columns.
        accuracy: card.headline.cells.get(1).cloned().unwrap_or_else(|| site::NO_ACCURACY.into()),
        evaluated: card.evaluated.chars().take(10).collect(),
        review,
    }
}
