//! The page that lists studies with their candidates, decisions and dates, so that a folder of reports can be published.

use super::card::{Banner, Card};
use super::html::{Page, render};
use super::locale::{Words, say};
use super::marks;
use super::words::site::{self, SiteFrame};
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
    language: String,
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

/// The page, in the language of its cards if they share one that is built in; candidates by accuracy, floors last.
///
/// # Errors
/// A defect of the page's template.
pub fn site_html(title: Option<&str>, program: &str, studies: &[Listed]) -> Result<String, Failure> {
    let languages: Vec<&str> = studies.iter().flat_map(|s| &s.cards).map(|(card, _)| card.language.as_str()).collect();
    let one = languages.first().filter(|first| languages.iter().all(|l| l == *first)).and_then(|l| Words::built_in(l));
    site_html_in(one.unwrap_or_else(Words::english), title, program, studies)
}

/// The same in a language.
///
/// # Errors
/// A defect of the page's template.
pub fn site_html_in(w: &Words, title: Option<&str>, program: &str, studies: &[Listed]) -> Result<String, Failure> {
    let accuracy = |c: &Card| c.headline.accuracy.as_ref().map_or(f64::NEG_INFINITY, |p| p.y);
    let study = |s: &Listed| {
        let mut cards: Vec<&(Card, String)> = s.cards.iter().collect();
        cards.sort_by(|(a, _), (b, _)| a.headline.floor.cmp(&b.headline.floor).then(accuracy(b).total_cmp(&accuracy(a))));
        Study { title: s.title.clone(), comparison: s.comparison.clone(), candidates: cards.into_iter().map(|(card, href)| candidate(w, card, href)).collect() }
    };
    let page = Site {
        language: w.tag().to_owned(),
        title: title.map_or_else(|| say!(w, "site-title"), marks::without),
        sum: site::sum(w, studies.len(), studies.iter().map(|s| s.cards.len()).sum()),
        program: program.to_owned(),
        words: SiteFrame::of(w),
        studies: studies.iter().map(study).collect(),
    };
    render(w, Page::Site, &page, Vec::new())
}

fn candidate(w: &Words, card: &Card, href: &str) -> Candidate {
    // A card in another language than the page says so.
    let own = |text: &str| if card.language == w.tag() { text.to_owned() } else { marks::in_language(&card.language, &marks::plain(text)) };
    let review = if ["deploy", "deploy-with-conditions"].contains(&card.banner.kind.as_str()) { site::review(w, card.valid_months) } else { String::new() };
    Candidate {
        name: card.title.clone(),
        href: href.to_owned(),
        floor: card.headline.floor,
        banner: Banner { words: own(&card.banner.words), ..card.banner.clone() },
        // The second of the comparison's columns.
        accuracy: card.headline.cells.get(1).map(|cell| own(cell)).unwrap_or_else(|| say!(w, "cannot-tell")),
        evaluated: w.day(&card.evaluated),
        review,
    }
}
