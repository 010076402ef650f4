//! Cards and comparisons in every language of a study.

use crate::judge::Verdict;
use crate::measure::Evidence;
use crate::report::{Alternate, Card, Comparing, Current, Entry, Words, card_html_in, card_in, card_json, comparison_page};
use crate::spec::Language;
use crate::store::Batch;
use crate::value::{Class, Failure, Problem};
use std::path::Path;

/// The messages of a language.
pub enum Spoken {
    /// Those that are built in.
    BuiltIn(&'static Words),
    /// Those of a catalogue.
    Own(Box<Words>),
}

impl Spoken {
    /// The messages.
    pub fn words(&self) -> &Words {
        match self {
            Self::BuiltIn(words) => words,
            Self::Own(words) => words,
        }
    }
}

/// The messages of a study's languages.
pub fn spoken(languages: &[Language]) -> Result<Vec<Spoken>, Failure> {
    let one = |l: &Language| match &l.catalogue {
        Some((file, text)) => Words::from_catalogue(text.trim_start_matches('\u{feff}'), file).map(|w| Spoken::Own(Box::new(w))),
        None => built_in(&l.tag),
    };
    languages.iter().map(one).collect()
}

/// The messages of languages by tag, from catalogues in files or built in.
pub fn spoken_of(tags: &[String], catalogues: &[(String, String)]) -> Result<Vec<Spoken>, Failure> {
    let mut own: Vec<Words> =
        catalogues.iter().map(|(file, text)| Words::from_catalogue(text.trim_start_matches('\u{feff}'), file)).collect::<Result<_, _>>()?;
    tags.iter()
        .map(|tag| match own.iter().position(|w| w.tag() == tag) {
            Some(at) => Ok(Spoken::Own(Box::new(own.swap_remove(at)))),
            None => built_in(tag),
        })
        .collect()
}

fn built_in(tag: &str) -> Result<Spoken, Failure> {
    Words::built_in(tag).map(Spoken::BuiltIn).ok_or_else(|| {
        let known: Vec<&str> = Words::languages().collect();
        let problem = Problem::new(Class::Usage, format!("there are no messages in language `{tag}`"));
        problem.remedy(format!("built in are {}; for any other, name its catalogue with --messages FILE", known.join(", "))).into()
    })
}

/// A page's file name: `card.html` in the study's first language, `card.fr.html` in another.
pub fn named(stem: &str, tag: &str, first: &str, ending: &str) -> String {
    if tag == first { format!("{stem}.{ending}") } else { format!("{stem}.{tag}.{ending}") }
}

/// The same page in the other languages.
fn alternates(stem: &str, of: &Words, all: &[Spoken], first: &str) -> Vec<Alternate> {
    let other = |w: &Words| Alternate { language: w.tag().to_owned(), name: w.name().to_owned(), href: named(stem, w.tag(), first, "html") };
    all.iter().map(Spoken::words).filter(|w| w.tag() != of.tag()).map(other).collect()
}

/// Adds a candidate's cards in all languages to what is written into its folder; gives them back in the same order.
pub fn add_cards(
    batch: &mut Batch,
    folder: &Path,
    languages: &[Spoken],
    (evidence, evidence_digest): (&Evidence, &str),
    (verdict, verdict_digest): (&Verdict, &str),
) -> Result<Vec<Card>, Failure> {
    let first = evidence.study.languages.first().map_or("en", String::as_str);
    let mut cards = Vec::new();
    for w in languages.iter().map(Spoken::words) {
        let mut card = card_in(w, evidence, verdict, evidence_digest, verdict_digest);
        card.alternates = alternates("card", w, languages, first);
        batch.add(folder.join(named("card", w.tag(), first, "json")), card_json(&card).into_bytes());
        batch.add(folder.join(named("card", w.tag(), first, "html")), card_html_in(w, &card)?.into_bytes());
        cards.push(card);
    }
    Ok(cards)
}

/// Adds the comparison in all languages; `cards` has each candidate's cards in the order of the languages.
pub fn add_comparisons(batch: &mut Batch, title: &str, languages: &[Spoken], cards: &[&[Card]], current: Option<&Current>) -> Result<(), Failure> {
    let Some(first) = languages.first().map(|l| l.words().tag()) else { return Ok(()) };
    for (i, w) in languages.iter().map(Spoken::words).enumerate() {
        let cards: Vec<&Card> = cards.iter().filter_map(|c| c.get(i)).collect();
        let links: Vec<String> = cards.iter().map(|c| format!("{}/{}", c.candidate, named("card", w.tag(), first, "html"))).collect();
        let entries: Vec<Entry<'_>> = cards.iter().zip(&links).map(|(card, href)| Entry { card, href }).collect();
        let alternates = alternates("comparison", w, languages, first);
        let page = comparison_page(w, &Comparing { current, alternates: &alternates, ..Comparing::of(title, &entries) })?;
        batch.add(named("comparison", w.tag(), first, "html"), page.into_bytes());
    }
    Ok(())
}
