//! The words of the demonstration survey: reads the embedded lexicon into occupations with their shared vocabularies.

/// The embedded lexicon; the format is described at its head.
const TEXT: &str = include_str!("lexicon.txt");

/// One code of the frame, of one to four digits, with the words that are its own.
#[derive(Debug, Clone, Default)]
pub struct Code {
    /// Digits; the first may be a zero, so it is text.
    pub digits: &'static str,
    /// What the code is called.
    pub label: &'static str,
    /// Job titles, the usual ones first.
    pub titles: Vec<&'static str>,
    /// Phrases about tasks.
    pub tasks: Vec<&'static str>,
    /// Workplaces.
    pub places: Vec<&'static str>,
    /// Unit groups elsewhere in the frame that are told in similar words.
    pub linked: Vec<&'static str>,
    /// Who works here and how many; on unit groups only.
    pub people: Option<People>,
}

/// Who works in a unit group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct People {
    /// Relative frequency; only ratios matter.
    pub share: f64,
    /// Share of women, 0 to 1.
    pub women: f64,
    /// Age profile: `y` young, `m` any age, `p` after studies, `o` older.
    pub age: char,
    /// Place: `u` urban, `r` rural, `-` anywhere.
    pub place: char,
}

/// The code frame and, for each unit group, everything an answer can be made of.
#[derive(Debug, Clone)]
pub struct Lexicon {
    /// Every code of every level, in the order of the file.
    pub codes: Vec<Code>,
    /// The unit groups, in the order of the file.
    pub units: Vec<Unit>,
}

/// A unit group with the words it shares with its neighbours.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Four digits.
    pub digits: &'static str,
    /// Who works here.
    pub people: People,
    /// Own job titles.
    pub titles: Vec<&'static str>,
    /// Own phrases.
    pub tasks: Vec<&'static str>,
    /// Titles shared with the minor, sub-major and major group, in that order; never all empty.
    pub vague_titles: [Vec<&'static str>; 3],
    /// Phrases shared likewise.
    pub vague_tasks: [Vec<&'static str>; 3],
    /// Workplaces of the nearest level that names any.
    pub places: Vec<&'static str>,
    /// Unit groups of the same minor, sub-major and major group (each excludes the one before), by index.
    pub siblings: [Vec<usize>; 3],
    /// Unit groups elsewhere in the frame whose work is told in similar words, by index.
    pub linked: Vec<usize>,
}

impl Unit {
    /// Unit groups that are easily taken for this one: its siblings and links, or else its sub-major group.
    pub fn near(&self) -> Vec<usize> {
        let close: Vec<usize> = self.siblings[0].iter().chain(&self.linked).copied().collect();
        if close.is_empty() { self.siblings[1].clone() } else { close }
    }
}

impl Lexicon {
    /// The lexicon that is compiled in.
    ///
    /// # Panics
    /// Never with the committed file: a test reads it.
    #[must_use]
    pub fn embedded() -> Self {
        parse(TEXT).unwrap_or_else(|line| panic!("the embedded lexicon does not hold together at line {line}"))
    }
}

/// Reads a lexicon; the error is the number of the first line that cannot be used, or 0 when the whole does not fit together.
fn parse(text: &'static str) -> Result<Lexicon, usize> {
    let mut codes: Vec<Code> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.is_empty() && !l.starts_with('#')) {
        let bad = number + 1;
        let (head, rest) = line.split_once(' ').ok_or(bad)?;
        let list = || rest.split("; ").map(str::trim).filter(|w| !w.is_empty());
        if head.bytes().all(|b| b.is_ascii_digit()) {
            // Parents come first, so that a prefix is always known.
            let known = (1..head.len()).all(|n| codes.iter().any(|c| c.digits == &head[..n]));
            if head.len() > 4 || !known || codes.iter().any(|c| c.digits == head) {
                return Err(bad);
            }
            codes.push(Code { digits: head, label: rest, ..Code::default() });
            continue;
        }
        let code = codes.last_mut().ok_or(bad)?;
        match head {
            "t" => code.titles.extend(list()),
            "d" => code.tasks.extend(list()),
            "w" => code.places.extend(list()),
            "n" if code.digits.len() == 4 => code.linked.extend(list()),
            ":" if code.digits.len() == 4 => code.people = Some(people(rest).ok_or(bad)?),
            _ => return Err(bad),
        }
    }
    let units = units(&codes).ok_or(0usize)?;
    Ok(Lexicon { codes, units })
}

/// Reads `SHARE WOMEN AGE PLACE`.
fn people(text: &str) -> Option<People> {
    let mut words = text.split(' ');
    let share = words.next()?.parse::<f64>().ok().filter(|s| *s > 0.0)?;
    let women = words.next()?.parse::<f64>().ok().filter(|w| (0.0..=100.0).contains(w))? / 100.0;
    let age = words.next()?.chars().next().filter(|c| "ympo".contains(*c))?;
    let place = words.next()?.chars().next().filter(|c| "ur-".contains(*c))?;
    words.next().is_none().then_some(People { share, women, age, place })
}

/// Joins every unit group with the words of the levels above it; `None` when one has no words or no people.
fn units(codes: &[Code]) -> Option<Vec<Unit>> {
    let of = |digits: &str| codes.iter().find(|c| c.digits == digits);
    let four: Vec<&Code> = codes.iter().filter(|c| c.digits.len() == 4).collect();
    if four.iter().flat_map(|c| &c.linked).any(|digits| digits.len() != 4 || of(digits).is_none()) {
        return None;
    }
    four.iter()
        .map(|c| {
            let (minor, sub, major) = (of(&c.digits[..3])?, of(&c.digits[..2])?, of(&c.digits[..1])?);
            let near = |length: usize| {
                let inside = |other: &Code, n: usize| other.digits[..n] == c.digits[..n];
                let at = four.iter().enumerate();
                at.filter(|(_, o)| inside(o, length) && !inside(o, length + 1)).map(|(i, _)| i).collect::<Vec<_>>()
            };
            let unit = Unit {
                digits: c.digits,
                people: c.people?,
                titles: c.titles.clone(),
                tasks: c.tasks.clone(),
                vague_titles: [minor.titles.clone(), sub.titles.clone(), major.titles.clone()],
                vague_tasks: [minor.tasks.clone(), sub.tasks.clone(), major.tasks.clone()],
                places: [*c, minor, sub, major].iter().find(|l| !l.places.is_empty()).map(|l| l.places.clone()).unwrap_or_default(),
                siblings: [near(3), near(2), near(1)],
                // A link is written once and holds both ways; those inside the minor group are siblings already.
                linked: (0..four.len())
                    .filter(|&i| four[i].digits[..3] != c.digits[..3] && (c.linked.contains(&four[i].digits) || four[i].linked.contains(&c.digits)))
                    .collect(),
            };
            let full = !unit.titles.is_empty() && !unit.tasks.is_empty() && !major.titles.is_empty() && !major.tasks.is_empty();
            full.then_some(unit)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_lexicon_is_rich() {
        let lexicon = Lexicon::embedded();
        assert!(lexicon.units.len() >= 64);
        for unit in &lexicon.units {
            assert!(unit.titles.len() >= 6 && unit.tasks.len() >= 8, "{}", unit.digits);
            assert!(unit.siblings.iter().flatten().all(|&s| lexicon.units[s].digits[..1] == unit.digits[..1]), "{}", unit.digits);
        }
        let cleaner = lexicon.units.iter().find(|u| u.digits == "9111").unwrap();
        assert_eq!(cleaner.siblings[0].iter().map(|&s| lexicon.units[s].digits).collect::<Vec<_>>(), ["9112"]);
        assert_eq!(cleaner.siblings[1].iter().map(|&s| lexicon.units[s].digits).collect::<Vec<_>>(), ["9122", "9123"]);
        assert_eq!(cleaner.linked.iter().map(|&s| lexicon.units[s].digits).collect::<Vec<_>>(), ["5322"], "links hold both ways");
    }

    #[test]
    fn refuses_a_lexicon_that_does_not_hold_together() {
        assert_eq!(parse("1 Managers\n12 Some\n1211 Orphan").unwrap_err(), 3);
        assert_eq!(parse("1 Managers\n1 Managers").unwrap_err(), 2);
        assert_eq!(parse("1 Managers\n: 10 50 m u").unwrap_err(), 2);
        assert_eq!(parse("1 A\n12 B\n123 C\n1234 D\n: 1 1 m u\nn 9999").unwrap_err(), 0);
        assert_eq!(parse("# note\nt early").unwrap_err(), 2);
        let fields = ["0 50 m u", "10 101 m u", "10 50 x u", "10 50 m x", "10 50 m", "10 50 m u u"];
        assert!(fields.iter().all(|f| people(f).is_none()));
        assert_eq!(people("10 50 m u"), Some(People { share: 10.0, women: 0.5, age: 'm', place: 'u' }));
    }
}
