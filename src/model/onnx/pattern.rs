//! The patterns by which exported tokenizers find words: sets of characters in a row, each with a number of repetitions.
//!
//! Groups, alternatives and anchors do not occur in exports of scikit-learn's vectorizers and are not read; a tokenizer with such a pattern is
//! refused by name. As in RE2, `\w`, `\d` and `\s` know ASCII only, the match that begins first counts, and of those the longest.

/// Most sets in a pattern.
const MOST_PIECES: usize = 16;

/// A set of characters.
#[derive(Debug, Clone, Default, PartialEq)]
struct Set {
    ranges: Vec<(char, char)>,
    negated: bool,
}

impl Set {
    fn has(&self, c: char) -> bool {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != self.negated
    }
}

/// A set and how often its characters may follow each other.
#[derive(Debug, Clone, PartialEq)]
struct Piece {
    set: Set,
    least: usize,
    most: usize,
}

/// A pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern(Vec<Piece>);

impl Pattern {
    /// Reads a pattern; none when it has more than sets and repetitions.
    pub fn parse(text: &str) -> Option<Self> {
        let mut chars = text.chars().peekable();
        let mut pieces: Vec<Piece> = Vec::new();
        while let Some(c) = chars.next() {
            let set = match c {
                '[' => set(&mut chars)?,
                '\\' => escape(chars.next()?)?,
                // Every character but the end of a line.
                '.' => Set { ranges: vec![('\n', '\n')], negated: true },
                '(' | ')' | '|' | '^' | '$' | '*' | '+' | '?' | '{' => return None,
                c => Set { ranges: vec![(c, c)], negated: false },
            };
            let (least, most) = repetitions(&mut chars)?;
            pieces.push(Piece { set, least, most });
            if pieces.len() > MOST_PIECES {
                return None;
            }
        }
        (!pieces.is_empty()).then_some(Self(pieces))
    }

    /// Calls `found` with the bytes of each match that is not empty, from left to right.
    pub fn matches(&self, text: &str, mut found: impl FnMut(usize, usize)) {
        if let [Piece { set, least: 1, most }] = self.0.as_slice() {
            let mut begun: Option<(usize, usize)> = None;
            for (at, c) in text.char_indices() {
                let inside = set.has(c);
                if let Some((start, count)) = begun.filter(|(_, count)| !inside || count == most) {
                    debug_assert!(count > 0);
                    found(start, at);
                    begun = None;
                }
                if inside {
                    begun = Some(begun.map_or((at, 1), |(start, count)| (start, count + 1)));
                }
            }
            if let Some((start, _)) = begun {
                found(start, text.len());
            }
            return;
        }
        let chars: Vec<(usize, char)> = text.char_indices().collect();
        let byte = |at: usize| chars.get(at).map_or(text.len(), |(byte, _)| *byte);
        let mut at = 0;
        while at < chars.len() {
            match self.longest(&chars, at).filter(|end| *end > at) {
                Some(end) => {
                    found(byte(at), byte(end));
                    at = end;
                }
                None => at += 1,
            }
        }
    }

    /// Where the longest match from a character on ends.
    fn longest(&self, chars: &[(usize, char)], from: usize) -> Option<usize> {
        let mut ends = vec![from];
        for piece in &self.0 {
            let mut next = Vec::new();
            // Ends ascend, and so does what can be reached from them but for overlaps.
            let mut reached = None;
            for &end in &ends {
                let (mut at, mut count) = (end, 0);
                loop {
                    if count >= piece.least && reached.is_none_or(|r| at > r) {
                        next.push(at);
                        reached = Some(at);
                    }
                    if count == piece.most || !chars.get(at).is_some_and(|(_, c)| piece.set.has(*c)) {
                        break;
                    }
                    at += 1;
                    count += 1;
                }
            }
            if next.is_empty() {
                return None;
            }
            ends = next;
        }
        ends.last().copied()
    }
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// What stands between square brackets.
fn set(chars: &mut Chars<'_>) -> Option<Set> {
    let mut set = Set { ranges: Vec::new(), negated: chars.next_if_eq(&'^').is_some() };
    let mut first = true;
    loop {
        let c = chars.next()?;
        if c == ']' && !first {
            return Some(set);
        }
        // Named classes, e.g. [:alpha:].
        if c == '[' && chars.peek() == Some(&':') {
            return None;
        }
        first = false;
        let from = if c == '\\' {
            let inner = escape(chars.next()?)?;
            match inner.ranges.as_slice() {
                [(from, to)] if from == to && !inner.negated => *from,
                _ if inner.negated => return None,
                ranges => {
                    set.ranges.extend_from_slice(ranges);
                    continue;
                }
            }
        } else {
            c
        };
        let mut ahead = chars.clone();
        if ahead.next() == Some('-') && ahead.peek().is_some_and(|c| *c != ']') {
            chars.next();
            let to = match chars.next()? {
                '\\' => match escape(chars.next()?)?.ranges.as_slice() {
                    [(from, to)] if from == to => *from,
                    _ => return None,
                },
                c => c,
            };
            if to < from {
                return None;
            }
            set.ranges.push((from, to));
        } else {
            set.ranges.push((from, from));
        }
    }
}

/// What a character after a backslash stands for.
fn escape(c: char) -> Option<Set> {
    let word = vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
    let space = vec![('\t', '\n'), ('\x0c', '\r'), (' ', ' ')];
    let (ranges, negated) = match c {
        'w' => (word, false),
        'W' => (word, true),
        'd' => (vec![('0', '9')], false),
        'D' => (vec![('0', '9')], true),
        's' => (space, false),
        'S' => (space, true),
        'n' => (vec![('\n', '\n')], false),
        'r' => (vec![('\r', '\r')], false),
        't' => (vec![('\t', '\t')], false),
        c if c.is_ascii_punctuation() || c == ' ' => (vec![(c, c)], false),
        _ => return None,
    };
    Some(Set { ranges, negated })
}

/// How often; once when nothing is said.
fn repetitions(chars: &mut Chars<'_>) -> Option<(usize, usize)> {
    let times = match chars.peek() {
        Some('+') => (1, usize::MAX),
        Some('*') => (0, usize::MAX),
        Some('?') => (0, 1),
        Some('{') => {
            let inside: String = chars.clone().skip(1).take_while(|c| *c != '}').collect();
            let number = |text: &str| text.parse::<usize>().ok().filter(|n| *n <= 1000);
            let times = match inside.split_once(',') {
                None => number(&inside).map(|n| (n, n))?,
                Some((least, "")) => (number(least)?, usize::MAX),
                Some((least, most)) => (number(least)?, number(most)?),
            };
            if chars.clone().nth(inside.chars().count() + 1) != Some('}') || times.0 > times.1 {
                return None;
            }
            for _ in 0..=inside.chars().count() {
                chars.next();
            }
            times
        }
        _ => return Some((1, 1)),
    };
    chars.next();
    // Lazy and possessive repetitions.
    if matches!(chars.peek(), Some('?' | '+' | '*')) { None } else { Some(times) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> Vec<String> {
        let mut list = Vec::new();
        Pattern::parse(pattern).unwrap_or_else(|| panic!("{pattern}")).matches(text, |from, to| list.push(text[from..to].to_owned()));
        list
    }

    // google-re2 1.1.20251105 for Python, with longest_match, on the same patterns and texts.
    #[test]
    fn finds_what_re2_finds() {
        assert_eq!(found("[a-zA-Z0-9_]+", "Night-nurse, 2nd ward (é_à)"), ["Night", "nurse", "2nd", "ward", "_"]);
        assert_eq!(found(r"\w\w+", "a bc d2 e"), ["bc", "d2"]);
        assert_eq!(found(".", "ab\né"), ["a", "b", "é"]);
        assert_eq!(found(r"[^\s,]+", "a,b  c"), ["a", "b", "c"]);
        assert_eq!(found(r"[a-z]{2,3}", "abcdefg h"), ["abc", "def"]);
        assert_eq!(found(r"\d+[a-z]?", "12ab 3"), ["12a", "3"]);
        assert_eq!(found("a*ab", "aaab ab"), ["aaab", "ab"]);
        assert_eq!(found(r"[\]x-]+\.", "]x-. x"), ["]x-."]);
        assert_eq!(found("x*", "yxxy"), ["xx"]);
    }

    #[test]
    fn what_is_more_than_sets_is_not_read() {
        for pattern in ["", r"\b\w+\b", "(a|b)+", "a|b", "^a", "a$", "[a", "a{2", "a{3,1}", "a+?", r"\p{L}+", "[[:alpha:]]+", "[b-a]", r"[\W]"] {
            assert_eq!(Pattern::parse(pattern), None, "{pattern}");
        }
    }
}
