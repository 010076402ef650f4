//! What a person says about a job and how it is taken down: phrases, vague words, shortened answers and typing errors.

use super::lexicon::{Lexicon, Unit};
use super::people::pick;
use crate::value::Stream;

/// How noisy an answer is, as chances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// That title or tasks are told in words that many occupations share; drawn once for each of the two.
    pub vague: f64,
    /// That the tasks are cut down to a word or two.
    pub short: f64,
    /// That a word of four letters or more is misspelt.
    pub typo: f64,
}

/// The noise of every answer, before the factor of the PSU.
pub const NOISE: Noise = Noise { vague: 0.21, short: 0.12, typo: 0.04 };
/// Chance that the title is left empty.
const NO_TITLE: f64 = 0.005;
/// Chance that the tasks are left empty, and when the title is empty too.
const NO_TASKS: (f64, f64) = (0.02, 0.25);
/// Chance that a person really does two jobs of the same group, so that the text fits both codes.
const TWO_JOBS: f64 = 0.04;
/// Chance that a title or a phrase is one that people use more often for a neighbouring unit group.
const BORROWED: f64 = 0.09;
/// Chance that a phrase is one that the whole group shares, in an answer that is not vague and in one that is.
const SHARED: (f64, f64) = (0.34, 0.88);
/// Chance that a word with a usual abbreviation is abbreviated.
const ABBREVIATED: f64 = 0.10;

/// A taken-down answer, with what was done to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Job title as typed; may be empty.
    pub title: String,
    /// Description of tasks as typed; may be empty.
    pub tasks: String,
    /// Whether title or tasks were made vague.
    pub vague: bool,
    /// Whether the tasks were cut down.
    pub short: bool,
    /// Number of misspelt words.
    pub misspelt: usize,
}

/// Titles that say nearly nothing, whatever the work.
const EMPTY_TITLES: [&str; 12] = [
    "self employed",
    "own business",
    "worker",
    "supervisor",
    "temp",
    "freelance",
    "employee",
    "manager",
    "assistant",
    "trainee",
    "family business",
    "various jobs",
];
/// Tasks that say nearly nothing.
const EMPTY_TASKS: [&str; 12] = [
    "various tasks",
    "everything that comes up",
    "general duties",
    "see job title",
    "as above",
    "it depends on the day",
    "all kinds of things",
    "what the boss says",
    "normal work",
    "helping out",
    "working with people",
    "team work",
];
/// Words put before a title.
const BEFORE: [&str; 8] = ["senior", "trainee", "part time", "junior", "experienced", "assistant", "freelance", "apprentice"];
/// Openings of a description; all go with a phrase that starts with a verb in -ing or a noun.
const OPENINGS: [&str; 10] = ["I do", "mainly", "responsible for", "my job is", "mostly", "I am", "every day", "my work:", "involved in", "usually"];
/// Usual abbreviations.
const SHORT_FORMS: [(&str, &str); 24] = [
    ("manager", "mgr"),
    ("assistant", "asst"),
    ("engineer", "eng."),
    ("technician", "tech."),
    ("operator", "op."),
    ("administration", "admin"),
    ("administrative", "admin."),
    ("department", "dept"),
    ("customers", "cust."),
    ("customer", "cust."),
    ("management", "mgmt"),
    ("supervisor", "supv"),
    ("maintenance", "maint."),
    ("hospital", "hosp."),
    ("teacher", "tchr"),
    ("secretary", "sec."),
    ("machines", "machs"),
    ("machine", "mach."),
    ("equipment", "equip."),
    ("and", "&"),
    ("with", "w/"),
    ("construction", "constr."),
    ("electrical", "elec."),
    ("representative", "rep"),
];
/// Rows of the keyboard, for slips to a neighbouring key.
const KEYS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// One of `words`; the first ones are the usual ones.
fn usual<'a>(words: &[&'a str], stream: &mut Stream) -> &'a str {
    words[pick(stream, (0..words.len()).map(|i| 1.0 / (i as f64 + 1.6)))]
}

/// One of `words`, all alike.
fn any<'a>(words: &[&'a str], stream: &mut Stream) -> &'a str {
    words[stream.below(words.len() as u64) as usize]
}

/// A word shared by the minor, sub-major or major group (whichever has any), or by everybody.
fn shared(levels: &[Vec<&'static str>; 3], everybody: &[&'static str], stream: &mut Stream) -> &'static str {
    let chances = [0.48, 0.30, 0.12].into_iter().zip(levels).map(|(chance, words)| if words.is_empty() { 0.0 } else { chance });
    match pick(stream, chances.chain([0.10])) {
        3 => any(everybody, stream),
        level => usual(&levels[level], stream),
    }
}

/// Answers for a person in unit group `job`.
pub fn answer(lexicon: &Lexicon, job: usize, noise: Noise, stream: &mut Stream) -> Answer {
    let unit = &lexicon.units[job];
    let near = unit.near();
    let neighbour = (!near.is_empty()).then(|| &lexicon.units[near[stream.below(near.len() as u64) as usize]]);
    let second = neighbour.filter(|_| stream.unit() < TWO_JOBS);
    let words = Words { unit, neighbour, second };
    let vague_title = stream.unit() < noise.vague;
    let vague_tasks = stream.unit() < noise.vague;
    let no_title = stream.unit() < NO_TITLE;
    let no_tasks = stream.unit() < if no_title { NO_TASKS.1 } else { NO_TASKS.0 };
    let short = stream.unit() < noise.short;
    let title = if no_title { String::new() } else { words.title(vague_title, stream) };
    let tasks = if no_tasks { String::new() } else { words.tasks(vague_tasks, short, stream) };
    let mut misspelt = 0;
    let case = pick(stream, [0.72, 0.16, 0.07, 0.05].into_iter());
    let mut typed = |text: &str| cased(&slips(&abbreviated(text, stream), noise.typo, &mut misspelt, stream), case);
    let (title, tasks) = (typed(&title), typed(&tasks));
    Answer { title, tasks, vague: (vague_title && !no_title) || (vague_tasks && !no_tasks), short: short && !no_tasks, misspelt }
}

/// Where the words of one answer come from.
struct Words<'a> {
    /// The unit group of the person.
    unit: &'a Unit,
    /// A neighbouring one, whose words are sometimes used.
    neighbour: Option<&'a Unit>,
    /// The neighbouring one again, when the person works in both.
    second: Option<&'a Unit>,
}

impl Words<'_> {
    /// The unit group itself, or now and then the neighbouring one.
    fn source(&self, stream: &mut Stream) -> &Unit {
        self.neighbour.filter(|_| stream.unit() < BORROWED).unwrap_or(self.unit)
    }

    /// A job title in full words.
    fn title(&self, vague: bool, stream: &mut Stream) -> String {
        if vague {
            return shared(&self.unit.vague_titles, &EMPTY_TITLES, stream).to_owned();
        }
        let own = usual(&self.source(stream).titles, stream);
        match self.second {
            Some(other) if stream.unit() < 0.5 => format!("{own} / {}", usual(&other.titles, stream)),
            _ if stream.unit() < 0.07 => format!("{} {own}", usual(&BEFORE, stream)),
            _ => own.to_owned(),
        }
    }

    /// A description of tasks in full words.
    fn tasks(&self, vague: bool, short: bool, stream: &mut Stream) -> String {
        let count = if short { 1 } else { 1 + pick(stream, [0.48, 0.38, 0.14].into_iter()) };
        let share = if vague { SHARED.1 } else { SHARED.0 };
        let mut phrases: Vec<&str> = Vec::new();
        for i in 0..count {
            // The second job takes over from the second phrase, or half of the time from the first.
            let source = self.second.filter(|_| i > 0 || stream.unit() < 0.5).unwrap_or_else(|| self.source(stream));
            let phrase = if stream.unit() < share { shared(&source.vague_tasks, &EMPTY_TASKS, stream) } else { any(&source.tasks, stream) };
            if !phrases.contains(&phrase) {
                phrases.push(phrase);
            }
        }
        if short {
            // What is left of a phrase on a bad line: its first word, or its longest.
            let longest = stream.unit() < 0.4;
            let chosen = if longest { phrases[0].split(' ').max_by_key(|w| w.len()) } else { phrases[0].split(' ').next() };
            return chosen.unwrap_or_default().to_owned();
        }
        let joiners = [" and ", ", ", "; ", " + ", ", ", " / ", ". ", "\n"];
        let usual_ones = joiners.len() - usize::from(stream.unit() >= 0.1);
        let mut text = phrases.join(any(&joiners[..usual_ones], stream));
        if stream.unit() < 0.2 {
            text = format!("{} {text}", any(&OPENINGS, stream));
        }
        if stream.unit() < 0.15 && !self.unit.places.is_empty() {
            text = format!("{text} {}", usual(&self.unit.places, stream));
        }
        if stream.unit() < 0.008 {
            text = format!("\"{text}\"");
        }
        text
    }
}

/// Applies `change` to the words between single spaces and line ends.
fn words(text: &str, mut change: impl FnMut(&str) -> String) -> String {
    text.split(' ').map(&mut change).collect::<Vec<_>>().join(" ")
}

/// Abbreviates some words that have a usual short form.
fn abbreviated(text: &str, stream: &mut Stream) -> String {
    words(text, |word| {
        let short = SHORT_FORMS.iter().find(|(long, _)| *long == word).filter(|_| stream.unit() < ABBREVIATED);
        short.map_or(word, |(_, short)| short).to_owned()
    })
}

/// Misspells words of four letters or more with chance `typo`, and counts them.
fn slips(text: &str, typo: f64, misspelt: &mut usize, stream: &mut Stream) -> String {
    words(text, |word| {
        let letters: Vec<char> = word.chars().collect();
        if letters.len() < 4 || stream.unit() >= typo {
            return word.to_owned();
        }
        let wrong = slip(letters, stream);
        *misspelt += usize::from(wrong != word);
        wrong
    })
}

/// One slip in a word: a neighbouring key, a letter dropped, doubled, or two swapped; rarely a second one.
fn slip(mut letters: Vec<char>, stream: &mut Stream) -> String {
    for _ in 0..1 + usize::from(stream.unit() < 0.15) {
        let at = 1 + stream.below(letters.len() as u64 - 2) as usize;
        match stream.below(4) {
            0 => letters[at] = beside(letters[at], stream),
            1 => drop(letters.remove(at)),
            2 => letters.insert(at, letters[at]),
            _ => letters.swap(at, at + 1),
        }
    }
    letters.into_iter().collect()
}

/// The letter on the key beside, in the same row; itself when it is on no row.
fn beside(letter: char, stream: &mut Stream) -> char {
    let row = KEYS.iter().find(|row| row.contains(letter));
    row.map_or(letter, |row| {
        let keys: Vec<char> = row.chars().collect();
        let at = keys.iter().position(|k| *k == letter).unwrap_or(0);
        let next = if stream.below(2) == 0 { at.checked_sub(1).unwrap_or(1) } else { (at + 1).min(keys.len() - 1) };
        if next == at { keys[at - 1] } else { keys[next] }
    })
}

/// Writes a text as typed (0), with a capital at its start (1), all in capitals (2), or each word with one (3).
fn cased(text: &str, case: usize) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    match case {
        1 => capital(text),
        2 => text.to_uppercase(),
        3 => words(text, capital),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_repeat_and_follow_the_noise() {
        let lexicon = Lexicon::embedded();
        let many = |noise: Noise| -> Vec<Answer> {
            let draw = |i: usize| answer(&lexicon, i % lexicon.units.len(), noise, &mut Stream::named(11, &format!("answer {i}")));
            (0..4000).map(draw).collect()
        };
        let (calm, loud) = (many(Noise { vague: 0.0, short: 0.0, typo: 0.0 }), many(Noise { vague: 0.5, short: 0.5, typo: 0.5 }));
        assert_eq!(calm, many(Noise { vague: 0.0, short: 0.0, typo: 0.0 }));
        assert!(calm.iter().all(|a| !a.vague && !a.short && a.misspelt == 0));
        let share = |count: usize| count as f64 / 4000.0;
        assert!((share(loud.iter().filter(|a| a.vague).count()) - 0.75).abs() < 0.03);
        assert!((share(loud.iter().filter(|a| a.short).count()) - 0.49).abs() < 0.03);
        let length = |of: &[Answer]| of.iter().map(|a| a.tasks.len()).sum::<usize>();
        assert!(10 * length(&loud) < 8 * length(&calm));
        let empty = share(calm.iter().filter(|a| a.title.is_empty()).count());
        assert!((0.001..0.012).contains(&empty), "{empty}");
    }

    #[test]
    fn slips_change_one_word_a_little() {
        let mut stream = Stream::named(2, "slips");
        for _ in 0..500 {
            let wrong = slip("carpenter".chars().collect(), &mut stream);
            assert!(wrong.starts_with('c') && (7..=11).contains(&wrong.len()), "{wrong}");
        }
        for letter in "qpalzm".chars() {
            assert_ne!(beside(letter, &mut stream), letter);
        }
        assert_eq!(beside('é', &mut stream), 'é');
    }

    #[test]
    fn cases() {
        assert_eq!(cased("shop asst", 1), "Shop asst");
        assert_eq!(cased("café owner", 2), "CAFÉ OWNER");
        assert_eq!(cased("shop asst", 3), "Shop Asst");
        assert_eq!(cased("", 1), "");
    }
}
