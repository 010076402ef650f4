//! The language of a page: messages from a catalogue in Fluent's syntax, English behind what it lacks, and its marks in numbers.
//!
//! A catalogue is data. English and French are built in; any other language is a file that a study or the command line names.

use super::format::Marks;
use super::marks;
use crate::metric::METRICS;
use crate::value::{Class, Failure, Problem};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::{Entry, Pattern};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The catalogues that are built in; the first is the one behind all others.
const EMBEDDED: [(&str, &str); 2] = [("en", include_str!("messages/en.ftl")), ("fr", include_str!("messages/fr.ftl"))];

static BUILT_IN: LazyLock<Vec<Words>> = LazyLock::new(|| {
    let read = |(tag, source): &(&str, &str)| Words::read(source, tag, *tag == "en").ok();
    EMBEDDED.iter().filter_map(read).collect()
});

/// A language with its messages and its marks in numbers.
pub struct Words {
    tag: String,
    name: String,
    right_to_left: bool,
    marks: Marks,
    bundle: FluentBundle<FluentResource>,
    /// Messages and attributes that the catalogue has: "metric-accuracy.reading".
    ids: BTreeSet<String>,
    /// True for English, which the messages of the program were written in.
    source: bool,
    pub(super) patterns: Vec<super::told::Pattern>,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Words").field("tag", &self.tag).finish_non_exhaustive()
    }
}

/// A value for a placeholder: texts as they are; whole numbers choose the plural and are printed as the language prints them.
pub(crate) trait Arg {
    /// The value as Fluent takes it.
    fn arg(&self) -> FluentValue<'_>;
}

impl Arg for str {
    fn arg(&self) -> FluentValue<'_> {
        FluentValue::from(self)
    }
}

impl Arg for String {
    fn arg(&self) -> FluentValue<'_> {
        FluentValue::from(self.as_str())
    }
}

impl<T: Arg + ?Sized> Arg for &T {
    fn arg(&self) -> FluentValue<'_> {
        (**self).arg()
    }
}

macro_rules! whole_numbers {
    ($($t:ty),+) => {
        $(impl Arg for $t {
            fn arg(&self) -> FluentValue<'_> {
                FluentValue::from(*self)
            }
        })+
    };
}
whole_numbers!(u64, usize, u32, u16, f64);

/// A message with its placeholders filled: `say!(w, "records", n = 12u64)`.
macro_rules! say {
    ($w:expr, $id:expr $(,)?) => {
        $w.say($id, &[])
    };
    ($w:expr, $id:expr, $($name:ident = $value:expr),+ $(,)?) => {
        $w.say($id, &[$((stringify!($name), $crate::report::locale::Arg::arg(&$value))),+])
    };
}
pub(crate) use say;

impl Words {
    /// English.
    ///
    /// # Panics
    /// Never in a released program: the built-in catalogues are read by the tests.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the built-in catalogues are part of the program, and a test reads them")]
    pub fn english() -> &'static Self {
        BUILT_IN.first().expect("the English catalogue is well-formed")
    }

    /// A language that is built in.
    #[must_use]
    pub fn built_in(tag: &str) -> Option<&'static Self> {
        BUILT_IN.iter().find(|w| w.tag == tag)
    }

    /// The tags of the languages that are built in, English first.
    pub fn languages() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|w| w.tag.as_str())
    }

    /// The text of a built-in catalogue, for a translator to start from; that of English has the registry's texts too.
    #[must_use]
    pub fn catalogue(tag: &str) -> Option<String> {
        let (_, source) = EMBEDDED.iter().find(|(t, _)| *t == tag)?;
        Some(if tag == "en" { format!("{source}\n{}", super::measured::registry()) } else { (*source).to_owned() })
    }

    /// A language from the text of its catalogue; `file` is named in problems.
    ///
    /// # Errors
    /// Text that is not in Fluent's syntax, with its line; a catalogue without its language's tag.
    pub fn from_catalogue(source: &str, file: &str) -> Result<Self, Failure> {
        let known = Self::english();
        let words = Self::read(source, file, false)?;
        let strange: Vec<Problem> = words
            .ids
            .difference(&known.ids)
            .filter(|id| !id.starts_with("metric-"))
            .map(|id| {
                let problem = Problem::new(Class::Study, format!("the catalogue has a message `{id}` that no page uses")).file(file);
                problem.remedy("compare with the English catalogue: proofmark messages en")
            })
            .collect();
        if strange.is_empty() { Ok(words) } else { Err(Failure { problems: strange }) }
    }

    fn read(source: &str, file: &str, source_language: bool) -> Result<Self, Failure> {
        let problem = |what: String, line: usize| -> Failure {
            let problem = Problem::new(Class::Study, what).file(file).line(line);
            problem.remedy("a catalogue is a text in Fluent's syntax, UTF-8: `id = text`, one message after the other").into()
        };
        let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| {
            let first = errors.first();
            let line = first.map_or(1, |e| source.bytes().take(e.pos.start).filter(|b| *b == b'\n').count() + 1);
            problem(first.map_or_else(|| "the catalogue cannot be read".to_owned(), |e| format!("the catalogue cannot be read: {e}")), line)
        })?;
        let mut ids = BTreeSet::new();
        let mut patterns = Vec::new();
        for entry in resource.entries() {
            let Entry::Message(message) = entry else { continue };
            let id = message.id.name;
            if let Some(value) = &message.value {
                ids.insert(id.to_owned());
                patterns.extend(super::told::Pattern::of(id, value));
            }
            ids.extend(message.attributes.iter().map(|a| format!("{id}.{}", a.id.name)));
        }
        let mut bundle = FluentBundle::new_concurrent(vec![tag_of(&resource).and_then(|t| t.parse().ok()).unwrap_or_default()]);
        // Texts that are put into a sentence are marked by language, not by direction.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(marks::number));
        bundle.add_resource(resource).map_err(|errors| {
            let what = errors.first().map_or_else(String::new, |e| format!(": {e}"));
            problem(format!("the catalogue has a message twice{what}"), 1)
        })?;
        let mut words =
            Self { tag: String::new(), name: String::new(), right_to_left: false, marks: Marks::default(), bundle, ids, source: source_language, patterns };
        let own = |id: &str| words.own(id, &FluentArgs::new());
        let Some(tag) = own("language") else {
            return Err(problem("the catalogue does not say its language: the message `language` is missing".into(), 1));
        };
        let well_formed = tag.len() < 36 && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && !tag.starts_with('-');
        if !well_formed || tag.is_empty() {
            return Err(problem(format!("`{tag}` is no language tag, such as `de` or `pt-BR`"), 1));
        }
        let name = own("language-name").unwrap_or_else(|| tag.clone());
        let (decimal, thousands) = (own("decimal-mark"), own("thousands-mark"));
        let right_to_left = own("direction").as_deref() == Some("rtl");
        (words.tag, words.name, words.right_to_left) = (tag, name, right_to_left);
        words.marks = Marks { decimal: decimal.unwrap_or(words.marks.decimal), thousands: thousands.unwrap_or(words.marks.thousands) };
        Ok(words)
    }

    /// The language's tag, as in BCP 47.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The language's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// True for the language that the program's own messages were written in.
    pub(super) fn is_source(&self) -> bool {
        self.source
    }

    /// Whether the language is written from right to left.
    #[must_use]
    pub fn right_to_left(&self) -> bool {
        self.right_to_left
    }

    /// The marks in numbers.
    pub(super) fn marks(&self) -> &Marks {
        &self.marks
    }

    /// How many messages there are in English, and how many of them this catalogue lacks.
    #[must_use]
    pub fn lacking(&self) -> (usize, usize) {
        let measures = METRICS.iter().flat_map(|m| ["", ".definition", ".reading", ".range", ".undefined"].map(|part| format!("metric-{}{part}", m.id)));
        let all: Vec<String> = Self::english().ids.iter().cloned().chain(measures).collect();
        let lacking = if self.source { 0 } else { all.iter().filter(|id| !self.ids.contains(*id)).count() };
        (all.len(), lacking)
    }

    /// A message with its placeholders filled; English, marked as such, where the catalogue lacks it or cannot fill it.
    pub(crate) fn say(&self, id: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        self.optional(id, args).unwrap_or_else(|| id.to_owned())
    }

    /// The message of a family: `of("status", "met")` is `status-met`.
    pub(crate) fn of(&self, family: &str, one: &str) -> String {
        self.say(&format!("{family}-{one}"), &[])
    }

    /// A message if any catalogue has it.
    pub(crate) fn optional(&self, id: &str, args: &[(&str, FluentValue<'_>)]) -> Option<String> {
        let mut fluent = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            fluent.set(*name, value.clone());
        }
        self.own(id, &fluent).or_else(|| {
            let english = Self::english();
            if self.source { None } else { english.own(id, &fluent).map(|text| marks::in_language(&english.tag, &text)) }
        })
    }

    /// A message of this catalogue, if it has one and the placeholders can be filled.
    fn own(&self, id: &str, args: &FluentArgs<'_>) -> Option<String> {
        let (message, attribute) = id.split_once('.').map_or((id, None), |(m, a)| (m, Some(a)));
        let found = self.bundle.get_message(message)?;
        let pattern: &Pattern<&str> = match attribute {
            Some(attribute) => found.get_attribute(attribute)?.value(),
            None => found.value()?,
        };
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(args), &mut errors);
        errors.is_empty().then(|| marks::numbers(&text, |n| self.count(n)))
    }

    /// A list in a sentence: "a, b and c".
    pub(crate) fn list(&self, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [most @ .., last] => say!(self, "list-and", most = most.join(&say!(self, "list-comma")), last = last),
        }
    }

    /// A day: the part before the "T" of a time as it is stored, "2026-11-25"; anything else as it is.
    pub(crate) fn day(&self, time: &str) -> String {
        let day = time.split('T').next().unwrap_or_default();
        let parts: Vec<Option<u32>> = day.split('-').map(|p| p.parse().ok()).collect();
        match parts[..] {
            [Some(year), Some(month), Some(date)] => say!(self, "date", year = year.to_string(), month = month, day = date),
            _ => day.to_owned(),
        }
    }
}

impl Words {
    /// A moment as it is stored, "2026-11-25T14:29:46Z": its day, hour and minute; anything else as it is.
    pub(crate) fn moment(&self, time: &str) -> String {
        match time.split_once('T').and_then(|(_, clock)| clock.strip_suffix('Z')).and_then(|clock| clock.get(..5)) {
            Some(clock) => say!(self, "moment", day = self.day(time), time = clock),
            None => super::marks::without(time),
        }
    }
}

/// The tag in the message `language` of a catalogue.
fn tag_of(resource: &FluentResource) -> Option<String> {
    resource.entries().find_map(|entry| match entry {
        Entry::Message(m) if m.id.name == "language" => m.value.as_ref().map(super::told::plain),
        _ => None,
    })
}
