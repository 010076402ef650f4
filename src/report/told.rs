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

    /// What stands in the gaps, if the text fits. A gap never reaches beyond its sentence, and one whose name begins with `n` holds a number.
    fn fit<'t>(&self, text: &'t str) -> Option<Vec<(&str, &'t str)>> {
        let mut found: Vec<(&str, &'t str)> = Vec::new();
        let mut rest = text;
        let mut gap: Option<&str> = None;
        for (i, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Gap(name) => gap = Some(name),
                Piece::Text(given) => match gap.take() {
                    None => rest = rest.strip_prefix(given.as_str())?,
                    Some(name) => {
                        // The last text ends the sentence; any other is looked for from the left.
                        let last = i + 1 == self.pieces.len();
                        let at = if last { rest.strip_suffix(given.as_str())?.len() } else { rest.find(given.as_str())? };
                        found.push((name, &rest[..at]));
                        rest = &rest[at + given.len()..];
                    }
                },
            }
        }
        match gap {
            Some(name) => found.push((name, rest)),
            None if rest.is_empty() => {}
            None => return None,
        }
        let good = |(name, text): &(&str, &str)| !text.is_empty() && !text.contains(". ") && (!is_number_gap(name) || is_number(text));
        found.iter().all(good).then_some(found)
    }
}

/// "n", "n2": a gap for a number.
fn is_number_gap(name: &str) -> bool {
    name.strip_prefix('n').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
}

impl Words {
    /// A text of the evidence in this language; marked as English where no pattern knows it.
    pub(crate) fn told(&self, text: &str) -> String {
        if self.is_source() || is_number(text) {
            return if self.is_source() { text.to_owned() } else { self.digits(text) };
        }
        self.known(text, 0).unwrap_or_else(|| english(text))
    }

    fn known(&self, text: &str, depth: usize) -> Option<String> {
        if depth > 8 {
            return None;
        }
        let best = Self::english().patterns.iter().filter_map(|p| Some((p, p.fit(text)?))).max_by_key(|(p, _)| p.given);
        if let Some((pattern, gaps)) = best {
            let values: Vec<(&str, String, Option<u64>)> = gaps.into_iter().map(|(name, gap)| self.gap(name, gap, depth)).collect();
            let args: Vec<(&str, FluentValue<'_>)> =
                values.iter().map(|(name, text, number)| (*name, number.map_or_else(|| FluentValue::from(text.as_str()), FluentValue::from))).collect();
            return self.optional(&pattern.id, &args);
        }
        // Several sentences, each known by itself.
        if let Some((first, rest)) = text.split_once(". ") {
            let first = self.known(&format!("{first}."), depth + 1)?;
            return Some(format!("{first} {}", self.known(rest, depth + 1).unwrap_or_else(|| english(rest))));
        }
        // A list of things that are all known.
        let parts: Vec<String> = text.split(", ").map(|part| self.known(part, depth + 1)).collect::<Option<_>>().filter(|p: &Vec<String>| p.len() > 1)?;
        Some(parts.join(&super::locale::say!(self, "list-comma")))
    }

    /// What stands in a gap: a number as the language prints it, another known text, or a name.
    fn gap<'n>(&self, name: &'n str, text: &str, depth: usize) -> (&'n str, String, Option<u64>) {
        let whole = text.chars().all(|c| c.is_ascii_digit() || c == ',').then(|| text.replace(',', "").parse().ok()).flatten();
        if whole.is_some() {
            return (name, text.to_owned(), whole);
        }
        if is_number(text) {
            return (name, self.digits(text), None);
        }
        (name, self.known(text, depth + 1).unwrap_or_else(|| marks::without(text)), None)
    }
}

/// A text marked as English.
fn english(text: &str) -> String {
    let text = marks::without(text);
    if text.chars().any(char::is_alphabetic) { marks::in_language(Words::english().tag(), &text) } else { text }
}

/// "12.5", "2.0–18 J", "−3 %", "3.6 CPU-s".
fn is_number(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit()) && text.split([' ', '–']).all(number_or_unit)
}

/// "12.5", "−3", "kWh", "%".
fn number_or_unit(word: &str) -> bool {
    let number = word.trim_start_matches(['−', '+']).chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',');
    number || ["J", "Wh", "kWh", "W", "s", "%", "MiB", "GiB", "CPU-s", "CO₂e", "g", "kg"].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn french(text: &str) -> String {
        Words::built_in("fr").unwrap().told(text)
    }

    #[test]
    fn sentences_of_the_evidence_are_told_in_french() {
        assert_eq!(french("no record reaches the threshold"), "aucun enregistrement n’atteint le seuil");
        assert_eq!(
            french("1,240 records coded wrong, fewer than the study's minimum of 2,000"),
            "1\u{202f}240 enregistrements mal codés, moins que le minimum de l’étude (2\u{202f}000)"
        );
        assert_eq!(french("survey weights, 14 strata, 540 primary sampling units"), "poids de sondage, 14 strates, 540 unités primaires d’échantillonnage");
        assert_eq!(french("190 J (plausible range 66–570 J)"), "190 J (fourchette plausible 66–570 J)");
        assert_eq!(french("8,749"), "8\u{202f}749");
        let two = french("Reproducible quantity: 3.6 CPU-s. Virtual machine: who else uses the processors cannot be seen.");
        assert_eq!(two, "Quantité reproductible\u{a0}: 3,6 CPU-s. Machine virtuelle\u{a0}: on ne peut pas voir qui d’autre utilise les processeurs.");
    }

    #[test]
    fn what_no_pattern_knows_stays_english_and_is_marked() {
        assert_eq!(french("the moon was in the way"), marks::in_language("en", "the moon was in the way"));
        assert_eq!(Words::english().told("the moon"), "the moon");
    }
}
