//! Normalises answers and splits them into words and pieces.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Brings answers into Unicode NFKC (Unicode Standard Annex #15), lower case and, when asked, without accents.
#[derive(Debug, Clone, Copy, Default)]
pub struct Normal {
    /// Fold accents: é to e, ł to l, ß to ss.
    pub fold_accents: bool,
}

impl Normal {
    /// Writes the normalised answer into `text`.
    pub fn write(self, answer: &str, text: &mut String) {
        text.clear();
        if answer.is_ascii() {
            // Most answers: no table look-ups, and the same result as below.
            text.push_str(answer);
            text.make_ascii_lowercase();
        } else if self.fold_accents {
            for c in answer.nfkd().flat_map(char::to_lowercase).filter(|&c| !is_combining_mark(c)) {
                match fold(c) {
                    Some(plain) => text.push_str(plain),
                    None => text.push(c),
                }
            }
        } else {
            text.extend(answer.nfkc().flat_map(char::to_lowercase));
        }
    }
}

/// The words of a normalised answer: maximal runs of letters, digits and their combining marks.
pub fn words<'a>(text: &'a str, word: impl FnMut(&'a str)) {
    if text.is_ascii() {
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).for_each(word);
    } else {
        text.split(|c: char| !(c.is_alphanumeric() || is_combining_mark(c))).filter(|w| !w.is_empty()).for_each(word);
    }
}

/// The pieces of a normalised answer between white space, with their punctuation.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
}

/// Lower-case letters whose stroke or ligature is not a combining mark in Unicode.
fn fold(c: char) -> Option<&'static str> {
    Some(match c {
        'ł' => "l",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'þ' => "th",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ı' => "i",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(answer: &str, fold_accents: bool) -> Vec<String> {
        let (mut text, mut found) = (String::new(), Vec::new());
        Normal { fold_accents }.write(answer, &mut text);
        super::words(&text, |w| found.push(w.to_owned()));
        found
    }

    #[test]
    fn splits_at_everything_that_is_no_letter_or_digit() {
        assert_eq!(words("Hit HEAD, on_pipe (2nd)...", false), ["hit", "head", "on", "pipe", "2nd"]);
        assert_eq!(words(" \t-", false), Vec::<String>::new());
        assert_eq!(pieces(" hit\thead, (2nd)... ").collect::<Vec<_>>(), ["hit", "head,", "(2nd)..."]);
    }

    #[test]
    fn brings_compatible_forms_together_and_keeps_marks_with_their_letter() {
        // Full-width letters, a ligature, and e with a combining acute.
        assert_eq!(words("ＡＢＣ ﬁn cafe\u{301}", false), ["abc", "fin", "café"]);
        // Devanagari vowel signs and virama are marks inside a word.
        assert_eq!(words("हिन्दी", false), ["हिन्दी"]);
    }

    #[test]
    fn folds_accents_when_asked() {
        assert_eq!(words("Café SŁOŃCE Straße İz", true), ["cafe", "slonce", "strasse", "iz"]);
        assert_eq!(words("Café", false), ["café"]);
    }
}
