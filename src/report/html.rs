//! Draws a card as one HTML page without script or network, and writes it as JSON.

use super::card::{Block, Card, Figure, Term};
use super::format::Marks;
use super::locale::Words;
use super::marks;
use super::plot::Format;
use crate::value::{Class, Failure, Problem};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, ErrorKind, HtmlEscape, UndefinedBehavior, context, escape_formatter};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// A card.
    Card,
    /// The comparison of candidates.
    Comparison,
    /// The list of studies.
    Site,
}

/// The style of all pages, inline; the page's security policy names its digest.
const STYLE: &str = include_str!("templates/style.css");

/// The templates by name: the ending turns escaping on.
const TEMPLATES: [(&str, &str); 11] = [
    ("languages.html.j2", include_str!("templates/languages.html.j2")),
    ("page.html.j2", include_str!("templates/page.html.j2")),
    ("card.html.j2", include_str!("templates/card.html.j2")),
    ("comparison.html.j2", include_str!("templates/comparison.html.j2")),
    ("site.html.j2", include_str!("templates/site.html.j2")),
    ("terms.html.j2", include_str!("templates/terms.html.j2")),
    ("block.html.j2", include_str!("templates/block.html.j2")),
    ("mark.html.j2", include_str!("templates/mark.html.j2")),
    ("figure.html.j2", include_str!("templates/figure.html.j2")),
    ("findings.html.j2", include_str!("templates/findings.html.j2")),
    ("table.html.j2", include_str!("templates/table.html.j2")),
];

/// The words of the page's frame: `t.made_by` in a template is the message `frame-made-by`.
const FRAME: [&str; 18] = [
    "colon",
    "skip",
    "contents",
    "card",
    "decision",
    "why",
    "bound",
    "conditions",
    "glance",
    "reading",
    "made-by",
    "open",
    "comparison",
    "decisions",
    "ranking",
    "all-figures",
    "floor",
    "languages",
];

/// The card as a page, in the language it is in where that is built in.
///
/// # Errors
/// A defect of the template.
pub fn card_html(card: &Card) -> Result<String, Failure> {
    card_html_in(Words::built_in(&card.language).unwrap_or_else(Words::english), card)
}

/// The same with the words that the card was made with.
///
/// # Errors
/// A defect of the template.
pub fn card_html_in(w: &Words, card: &Card) -> Result<String, Failure> {
    let glossary = |block: &Block| match block {
        Block::Glossary(terms) => terms.clone(),
        _ => Vec::new(),
    };
    let terms: Vec<Term> = card.sections.iter().flat_map(|s| &s.blocks).flat_map(glossary).collect();
    let named = card.glance.iter().map(|t| (t.label.clone(), t.metric.clone()));
    render(w, Page::Card, card, terms.iter().map(|t| (t.name.clone(), t.id.clone())).chain(named).collect())
}

/// The card as JSON, indented, with a line feed at its end.
#[must_use]
pub fn card_json(card: &Card) -> String {
    // A card holds strings and finite numbers only, so this cannot fail.
    serde_json::to_string_pretty(card).map_or_else(|_| String::new(), |json| marks::plain(&json) + "\n")
}

/// Fills a page's template; `terms` are names with the id of the term in the page's glossary that they link to.
pub fn render(w: &Words, page: Page, model: &impl Serialize, terms: Vec<(String, String)>) -> Result<String, Failure> {
    let name = match page {
        Page::Card => "card.html.j2",
        Page::Comparison => "comparison.html.j2",
        Page::Site => "site.html.j2",
    };
    let mut t: BTreeMap<String, String> = FRAME.iter().map(|id| (id.replace('-', "_"), w.of("frame", id))).collect();
    // Cells that hold words in a column of figures.
    t.insert("semicolon".into(), w.say("list-semicolon", &[]));
    t.extend(["suppressed", "cannot-tell"].map(|id| (id.replace('-', "_"), w.say(id, &[]))));
    let direction = w.right_to_left().then_some("rtl");
    environment(w.marks().clone(), terms)
        .and_then(|env| env.get_template(name)?.render(context! { page => Value::from(Serde(model)), t => Value::from(Serde(t)), direction }))
        .map_err(|e| Problem::new(Class::Internal, format!("the page could not be made: {e:#}")).into())
}

/// Templates, functions and the rules they are filled by: what is missing is an error, what is text is escaped.
fn environment(number_marks: Marks, terms: Vec<(String, String)>) -> Result<Environment<'static>, minijinja::Error> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    env.set_formatter(|out, state, value| match value.as_str() {
        // A figure and its per cent sign stay on one line; texts in another language say so.
        Some(text) if !value.is_safe() && (text.contains(" %") || marks::any(text)) => {
            let escaped = HtmlEscape(&text.replace(" %", "\u{a0}%")).to_string();
            Ok(out.write_str(&marks::elements(&escaped))?)
        }
        _ => escape_formatter(out, state, value),
    });
    for (name, source) in TEMPLATES {
        env.add_template(name, source)?;
    }
    env.add_global("style", Value::from_safe_string(STYLE.to_owned()));
    env.add_global("policy", policy());
    env.add_filter("plain", |text: String| marks::plain(&text));
    env.add_function("definition", move |text: &str| definition(&terms, text));
    env.add_function("plot", move |figure: Serde<Figure>, id: String| plot(&figure, &id, &number_marks));
    Ok(env)
}

/// The term that a name is of: "Accuracy", "Accuracy, full code", "Accuracy at the level …"; empty where there is none.
fn definition(names: &[(String, String)], text: &str) -> String {
    let ends = |rest: &str| rest.is_empty() || [",", " (", " at ", " of ", " for ", " au ", " à ", " du ", " pour "].iter().any(|s| rest.starts_with(s));
    let found = names.iter().filter(|(name, _)| text.strip_prefix(name.as_str()).is_some_and(ends)).max_by_key(|(name, _)| name.len());
    found.map_or_else(String::new, |(_, id)| id.clone())
}

/// The page's security policy: nothing may be loaded, and only the one style sheet applies.
fn policy() -> String {
    format!("default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'", base64(&Sha256::digest(STYLE.as_bytes())))
}

/// Base64 with padding (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |g, b| g << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let sextet = (group >> (18 - 6 * i) & 63) as usize;
            out.push(if i <= chunk.len() { char::from(ALPHABET[sextet]) } else { '=' });
        }
    }
    out
}

/// The plot as inline SVG for wide and for narrow windows; the style sheet shows one of them. `id` is unique on the page.
fn plot(figure: &Figure, id: &str, number_marks: &Marks) -> Result<Value, minijinja::Error> {
    let wide = drawing(figure, &format!("{id}-wide"), "wide-plot", Format::Wide, number_marks)?;
    Ok(Value::from_safe_string(wide + &drawing(figure, &format!("{id}-narrow"), "narrow-plot", Format::Narrow, number_marks)?))
}

/// One drawing with a role, a title and a description.
fn drawing(figure: &Figure, id: &str, class: &str, format: Format, number_marks: &Marks) -> Result<String, minijinja::Error> {
    let svg = super::plot::svg(&figure.plot, format, number_marks).map_err(|e| minijinja::Error::new(ErrorKind::InvalidOperation, e.to_string()))?;
    let text = |s: &str| marks::plain(s).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let open = format!(
        "<svg class=\"{class}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\"><title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>",
        text(&figure.title),
        text(&figure.description)
    );
    let (start, rest) = svg.split_once('>').ok_or_else(|| minijinja::Error::new(ErrorKind::InvalidOperation, "a plot has no element"))?;
    // The library's own attributes stay, but for the namespace, which HTML does not need.
    let own = start.trim_start_matches("<svg").replace(" xmlns=\"http://www.w3.org/2000/svg\"", "");
    Ok(format!("{}{rest}", open.replacen("<svg", &format!("<svg{own}"), 1)))
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_follows_the_standard() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
