//! Evidence and verdict become a card: strings and plot data, then HTML or JSON. Nothing is measured or judged here.
//!
//! `build` makes a [`Card`] section by section; every estimate goes through `disclosure` on its way in, and all wording is in the catalogues in `messages/`, one a language.
//! `html` and `plot` only draw what the card holds.

mod build;
mod card;
#[cfg(test)]
mod catalogue_tests;
mod compare;
mod disclosure;
mod explain;
mod export;
mod facts;
mod format;
mod html;
mod locale;
mod marks;
mod measured;
mod plot;
#[cfg(test)]
mod sample;
mod site;
mod summary;
#[cfg(test)]
mod tests;
mod told;
mod why;
mod words;
mod words_published;

pub use build::{card, card_in};
pub use card::{
    Against, Alternate, Banner, Block, CARD_FORMAT, Card, Column, Figure, Headline, Pair, Plot, Point, Reason, Row, Section, Table, Term, Tile, Trade,
};
pub use compare::{Comparing, Current, Entry, NotWorse, comparison_html, comparison_page};
pub use disclosure::withhold;
pub use explain::explain;
pub use export::{EXPORTS, Export, Written, export};
pub use facts::{DataSheet, Facts, Figures, ModelFacts};
pub use html::{card_html, card_html_in, card_json};
pub use locale::Words;
pub use site::{Listed, site_html, site_html_in};
pub use summary::{brief, summary_lines};
pub use why::{Told, ToldCode, why_lines};
pub use words::compared;
