//! Sentences that the evidence holds in English – reasons, designs, notes, how energy was known – in the page's language.
//!
//! Evidence is written once, in English, and rendered in any language. Messages whose id starts with `told-` are patterns: the English one says what
//! the evidence writes, with placeholders for what varies, and the page's catalogue says the same in its language. What no pattern knows stays
//! English and is marked as such.

use super::locale::Words;
use super::marks;
use fluent_bundle::FluentValue;
use fluent_syntax::ast::{Expression, InlineExpression, Pattern as Message, PatternElement};

/// A text with gaps.
#[derive(Debug, Clone)]
pub struct Pattern {
    id: String,
    pieces: Vec<Piece>,
    /// Letters that are given: of patterns that fit, the one with the most says most.
    given: usize,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Gap(String),
}

/// A message of text only.
pub fn plain(message: &Message<&str>) -> String {
    message
        .elements
        .iter()
        .map(|e| match e {
            PatternElement::TextElement { value } => (*value).to_owned(),
            PatternElement::Placeable { expression: Expression::Inline(InlineExpression::StringLiteral { value }) } => (*value).to_owned(),
            PatternElement::Placeable { .. } => String::new(),
        })
        .collect()
}

impl Pattern {
    /// The pattern of a message of the family `told`; nothing of others.
    pub fn of(id: &str, message: &Message<&str>) -> Option<Self> {
        if !id.starts_with("told-") {
            return None;
        }
        let mut pieces: Vec<Piece> = Vec::new();
        for element in &message.elements {
            let text = match element {
                PatternElement::TextElement { value } => *value,
                PatternElement::Placeable { expression: Expression::Inline(InlineExpression::StringLiteral { value }) } => value,
                PatternElement::Placeable { expression: Expression::Inline(InlineExpression::VariableReference { id }) } => {
                    pieces.push(Piece::Gap(id.name.to_owned()));
                    continue;
                }
                PatternElement::Placeable { .. } => return None,
            };
            match pieces.last_mut() {
                Some(Piece::Text(before)) => before.push_str(text),
                _ => pieces.push(Piece::Text(text.to_owned())),
            }
        }
        let given = pieces.iter().map(|p| if let Piece::Text(t) = p { t.len() } else { 0 }).sum();
        Some(Self { id: id.to_owned(), pieces, given })
    }

    /// What stands in the gaps, if the text fits.
    fn fit<'t>(&self, text: &'t str) -> Option<Vec<(&str, &'t str)>> {
        let mut found = Vec::new();
        let mut rest = text;
        let mut gap: Option<&str> = None;
        for (i, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Gap(name) => gap = Some(name),
                Piece::Text(given) => match gap.take() {
                    None => rest = rest.strip_prefix(given.as_str())?,
                    Some(name) => {
                        // The last text ends the sentence; any other is looked for from the left.
                        let at = if i + 1 == self.pieces.len() {
                            rest.len().checked_sub(given.len()).filter(|at| rest.is_char_boundary(*at) && rest[*at..] == **given)?
                        } else {
                            rest.find(given.as_str())?
                        };
                        if at == 0 {
                            return None;
                        }
                        found.push((name, &rest[..at]));
                        rest = &rest[at + given.len()..];
                    }
                },
            }
        }
        match gap {
            Some(name) if !rest.is_empty() => found.push((name, rest)),
            _ if !rest.is_empty() => return None,
            Some(_) => return None,
            None => {}
        }
        Some(found)
    }
}

impl Words {
    /// A text of the evidence in this language; marked as English where no pattern knows it.
    pub(crate) fn told(&self, text: &str) -> String {
        if self.is_source() {
            return text.to_owned();
        }
        self.known(text, 0).unwrap_or_else(|| marks::in_language(Self::english().tag(), &marks::without(text)))
    }

    /// The same with a large first letter where the text has one only because it begins a sentence.
    fn known(&self, text: &str, depth: usize) -> Option<String> {
        let english = Self::english();
        let best = english.patterns.iter().filter_map(|p| Some((p, p.fit(text)?))).max_by_key(|(p, _)| p.given);
        if let Some((pattern, gaps)) = best {
            let values: Vec<(&str, String, Option<u64>)> = gaps.into_iter().map(|(name, gap)| self.gap(name, gap, depth)).collect();
            let args: Vec<(&str, FluentValue<'_>)> =
                values.iter().map(|(name, text, number)| (*name, number.map_or_else(|| FluentValue::from(text.as_str()), FluentValue::from))).collect();
            return self.optional(&pattern.id, &args);
        }
        // Several sentences, each known by itself.
        let (first, rest) = text.split_once(". ")?;
        if depth > 8 {
            return None;
        }
        let first = self.known(&format!("{first}."), depth + 1)?;
        Some(format!("{first} {}", self.known(rest, depth + 1).unwrap_or_else(|| marks::in_language(english.tag(), &marks::without(rest)))))
    }

    /// What stands in a gap: a number as the language prints it, another known text, or a name.
    fn gap<'n>(&self, name: &'n str, text: &str, depth: usize) -> (&'n str, String, Option<u64>) {
        let whole = text.chars().all(|c| c.is_ascii_digit() || c == ',').then(|| text.replace(',', "").parse().ok()).flatten();
        if whole.is_some() || depth > 8 {
            return (name, text.to_owned(), whole);
        }
        if text.chars().any(|c| c.is_ascii_digit()) && text.split([' ', '–', '-']).all(number_or_unit) {
            return (name, self.digits(text), None);
        }
        (name, self.known(text, depth + 1).unwrap_or_else(|| marks::without(text)), None)
    }
}

/// "12.5", "−3", "kWh", "%".
fn number_or_unit(word: &str) -> bool {
    let number = word.trim_start_matches(['−', '+']).chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',');
    number || ["J", "Wh", "kWh", "W", "s", "%", "MiB", "GiB", "CPU", "CO₂e", "g", "kg"].contains(&word)
}
