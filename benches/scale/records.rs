//! Invented survey answers in any number: 600 codes of three digits under 60 groups and 10 sections, the same bytes each time.
//!
//! Codes have shares from about one in 90 to one in 4,000. An answer has two to seven words: of its code, its group, its section, and of
//! everyone; some words are misspelt, and some records have a neighbour's code or any other, so that nothing can be right always.

use super::Stream;
use std::fmt::Write;

/// Number of codes.
pub const CODES: usize = 600;

/// Words that codes, groups and sections draw theirs from, and words that anyone uses.
const CONTENT: u64 = 9_000;
const COMMON: u64 = 30_000;

/// What answers are made of.
struct Lexicon {
    /// Cumulative shares of codes.
    shares: Vec<f64>,
    /// Word numbers of each code, group and section.
    own: Vec<Vec<u64>>,
    group: Vec<Vec<u64>>,
    section: Vec<Vec<u64>>,
}

/// A code from its number: section digit, group letter or digit within it, last digit.
pub fn code(number: usize) -> String {
    format!("{}{}{}", number / 60, number / 10 % 6 + 1, number % 10)
}

/// A word from its number: syllables, so that character n-grams have something to hold on to.
fn word(number: u64, text: &mut String) {
    const FIRST: [&str; 20] = ["b", "br", "d", "f", "fl", "g", "h", "k", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "tr", "v", "w"];
    const SECOND: [&str; 10] = ["a", "e", "i", "o", "u", "ai", "ee", "or", "an", "er"];
    let mut rest = number.wrapping_mul(0x9e37_79b9).wrapping_add(77) % 64_000_000;
    // Three syllables of 200 kinds; a bijection up to 8 million, so that numbers stay apart.
    rest %= 8_000_000;
    for _ in 0..3 {
        text.push_str(FIRST[(rest % 20) as usize]);
        text.push_str(SECOND[(rest / 20 % 10) as usize]);
        rest /= 200;
    }
}

/// A rank from 0 to n − 1, low ones far more often (about as 1 / (rank + 1)).
fn ranked(n: usize, stream: &mut Stream) -> usize {
    (((n as f64 + 1.0).powf(stream.unit()) - 1.0) as usize).min(n - 1)
}

impl Lexicon {
    fn new(stream: &mut Stream) -> Self {
        let mut order: Vec<usize> = (0..CODES).collect();
        stream.shuffle(&mut order);
        let mut shares = vec![0.0; CODES];
        for (rank, code) in order.into_iter().enumerate() {
            shares[code] = 1.0 / (rank as f64 + 12.0);
        }
        let sum: f64 = shares.iter().sum();
        let mut before = 0.0;
        for share in &mut shares {
            before += *share / sum;
            *share = before;
        }
        let mut some = |lists: usize, words: usize| (0..lists).map(|_| (0..words).map(|_| stream.below(CONTENT)).collect()).collect();
        Self { shares, own: some(CODES, 14), group: some(60, 30), section: some(10, 60) }
    }

    fn answer(&self, number: usize, stream: &mut Stream, text: &mut String) {
        text.clear();
        for place in 0..2 + stream.below(6) {
            if place > 0 {
                text.push(' ');
            }
            let kind = stream.unit();
            let of = |list: &[u64], stream: &mut Stream| list[ranked(list.len(), stream)];
            let chosen = if kind < 0.42 {
                of(&self.own[number], stream)
            } else if kind < 0.62 {
                of(&self.group[number / 10], stream)
            } else if kind < 0.72 {
                of(&self.section[number / 60], stream)
            } else {
                CONTENT + ranked(COMMON as usize, stream) as u64
            };
            let start = text.len();
            word(chosen, text);
            if stream.unit() < 0.05 {
                // A letter is left out.
                let at = start + stream.below((text.len() - start) as u64) as usize;
                text.remove(at);
            }
        }
    }
}

/// Writes records as CSV: id, answer, code, region, part (85 % train, 5 % tune, 10 % test).
pub fn csv(records: usize) -> String {
    let mut stream = Stream::named(600, "records of the benchmark");
    let lexicon = Lexicon::new(&mut stream);
    let (mut csv, mut answer) = (String::with_capacity(records * 64), String::new());
    csv.push_str("id,answer,code,region,part\n");
    for id in 0..records {
        let draw = stream.unit();
        let number = lexicon.shares.partition_point(|s| *s < draw).min(CODES - 1);
        lexicon.answer(number, &mut stream, &mut answer);
        let noise = stream.unit();
        let given = match noise {
            n if n < 0.04 => number / 10 * 10 + stream.below(10) as usize,
            n if n < 0.06 => stream.below(CODES as u64) as usize,
            _ => number,
        };
        let part = match stream.below(100) {
            0..85 => "train",
            85..90 => "tune",
            _ => "test",
        };
        let _ = writeln!(csv, "{id},{answer},{},r{},{part}", code(given), stream.below(12));
    }
    csv
}
