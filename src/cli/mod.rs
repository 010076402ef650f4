//! Arguments, progress, messages and exit codes: the only place that prints.

mod exit;
mod measure;
mod progress;

use crate::pipeline::{
    Asked, CompareOptions, Finished, Origin, Pages, RunOptions, brought, card_again, compare_again, export_card, index, init, judge_again, prepare, programs,
    run, why,
};
use crate::report::{EXPORTS, Words, brief, explain, summary_lines, why_lines};
use crate::value::{Class, Failure, Problem};
use clap::{Args, Parser, Subcommand};
use progress::{Reporter, Style};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;

/// Evaluates classification models that make official statistics, judges them against a policy written beforehand, and writes
/// a model card that ends in a decision.
#[derive(Debug, Parser)]
#[command(name = "proofmark", version, arg_required_else_help = true, after_help = exit::HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a study: train or load its candidates, measure, judge, and write cards and a comparison
    Run(RunArguments),
    /// Check a study, its data set and its policy without fitting anything; tells all problems at once
    Check {
        /// The study file (TOML) or its folder
        study: PathBuf,
    },
    /// Judge stored evidence again, under another policy, without data or model
    Judge {
        /// An evidence.json
        evidence: PathBuf,
        /// A policy file, or a study file with a [policy] table
        #[arg(long)]
        policy: PathBuf,
        /// Folder for verdict and card [default: the evidence's own]
        #[arg(long)]
        out: Option<PathBuf>,
        /// Replace a verdict that stands there under another policy
        #[arg(long)]
        replace: bool,
        #[command(flatten)]
        pages: PagesArguments,
    },
    /// Render the card of stored evidence and verdict again
    Card {
        /// An evidence.json
        evidence: PathBuf,
        /// The verdict.json made from it
        verdict: PathBuf,
        /// Folder for the card [default: the verdict's own]
        #[arg(long)]
        out: Option<PathBuf>,
        #[command(flatten)]
        pages: PagesArguments,
    },
    /// Export a card to another format: Markdown, CSV, JUnit, SARIF, annotations, model cards and registers of others
    #[command(after_help = exports())]
    Export {
        /// A card.json
        card: PathBuf,
        /// The format
        #[arg(long)]
        to: String,
        /// File to write [default: standard output]
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Print the messages of the pages in a language: a catalogue for a translator to start from
    Messages {
        /// A language that is built in
        #[arg(default_value = "en")]
        language: String,
    },
    /// Compare candidates of any runs that were tested on the same records; writes comparison.html
    Compare {
        /// Files evidence.json, or folders of results
        #[arg(required = true)]
        evidence: Vec<PathBuf>,
        /// Id of the candidate in production now: the others are shown to be no worse, or not
        #[arg(long, value_name = "CANDIDATE")]
        current: Option<String>,
        /// By how much accuracy may be worse than the current candidate's, e.g. 0.01 for one point [default: that of the policy's gate]
        #[arg(long, value_parser = margin)]
        margin: Option<f64>,
        /// Folder for the page [default: the one you are in]
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// List the studies below a folder on a page, so that the folder can be published; writes index.html
    Index {
        /// The folder that holds the results of studies
        folder: PathBuf,
        /// The page's heading
        #[arg(long)]
        title: Option<String>,
        /// Replace an index.html that this program did not write
        #[arg(long)]
        replace: bool,
    },
    /// Lay out a folder with commented files for your own study
    Init {
        /// The folder; made if it does not exist
        folder: PathBuf,
    },
    /// Run any program under the meter and write what it cost to a file that a candidate can cite
    #[command(after_help = exit::MEASURE_HELP)]
    Measure(measure::MeasureArguments),
    /// Code one answer with a saved model and say which words spoke for and against
    #[command(after_help = WHY_HELP)]
    Why(WhyArguments),
    /// Explain a metric: definition, formula, range, when undefined, how to read it, reference
    Explain {
        /// A metric's id; without one, all are listed
        metric: Option<String>,
    },
}

#[derive(Debug, Args)]
struct PagesArguments {
    /// Language of the card, such as fr; may be given again [default: those of the study]
    #[arg(long)]
    language: Vec<String>,
    /// A catalogue of messages for a language that is not built in; may be given again
    #[arg(long, value_name = "FILE")]
    messages: Vec<PathBuf>,
}

impl From<PagesArguments> for Pages {
    fn from(arguments: PagesArguments) -> Self {
        Self { languages: arguments.language, messages: arguments.messages }
    }
}

#[derive(Debug, Args)]
struct RunArguments {
    /// The study file (TOML) or its folder; without one, the demonstration study that is built in
    study: Option<PathBuf>,
    /// Folder for the results [default: the study's own; for the demonstration, proofmark-demonstration]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Threads to use; results do not depend on their number [default: all cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// A file in which another program keeps the reading of a meter of the whole computer, in kilowatt-hours: energy is measured by it
    #[arg(long, value_name = "FILE")]
    meter_file: Option<PathBuf>,
    /// Let candidates of kind "command" run their programs, with all the rights you have
    #[arg(long)]
    allow_commands: bool,
    /// Evidence of the approved model (an evidence.json of an earlier run on the same test records) to compare every candidate with
    #[arg(long, value_name = "EVIDENCE")]
    baseline: Option<PathBuf>,
    /// Print nothing but errors
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Debug, Args)]
struct WhyArguments {
    /// The folder of a saved model, e.g. private/linear/model of a run's results
    model: PathBuf,
    /// The answer, for a model that reads one text column
    #[arg(long)]
    text: Option<String>,
    /// What a column that the model reads holds; can be given for each of them
    #[arg(long, value_name = "COLUMN=VALUE")]
    set: Vec<String>,
    /// Codes to show, the likeliest first
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
    codes: u16,
    /// Words to show for each code
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    words: u16,
}

/// How to read what `why` prints.
const WHY_HELP: &str =
    "\u{d7}11 beside a word: it makes the odds of this code against the other eleven times as large; \u{f7}2: half as large. Odds and confidence differ a
little where the model was calibrated. Of an ensemble the figures are scores of its members; what a word does to the whole is seen by
taking it out. The answer stays on this machine, but a shell may keep what you type: for real answers, --text \"$(cat answer.txt)\".";

/// Runs the program; the exit code says how it ended.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::COULD_NOT_EVALUATE } else { exit::DEPLOY });
        }
    };
    // A panic is a defect of ours. Its text may hold a record's, so only the place is told.
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |l| format!(" at {}:{}", l.file(), l.line()));
        complain(&format!("error (internal): a defect of proofmark{place}\n  help: please report it with the command you ran and the version"));
    }));
    match catch_unwind(AssertUnwindSafe(|| act(arguments.command))) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(failure)) => {
            complain(&failure.to_string());
            let count = failure.problems.len();
            if count > 1 {
                complain(&format!("\n{count} problems are listed"));
            }
            ExitCode::from(exit::of_failure(&failure))
        }
        Err(_) => ExitCode::from(exit::COULD_NOT_EVALUATE),
    }
}

fn act(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Run(arguments) => study(&arguments),
        Command::Check { study } => {
            let prepared = prepare(&Origin::File(file_in(study)))?;
            brought(&prepared, &mut |_| ())?;
            let split = &prepared.split;
            say(&format!("{}: no problems", prepared.study.file));
            say(&format!(
                "{} records ({} training, {} tuning, {} test; {}), {} candidates, {} gates",
                prepared.table.rows,
                split.train.len(),
                split.tune.len(),
                split.test.len(),
                prepared.sample.words,
                prepared.study.candidates.len(),
                prepared.study.policy.gates.len()
            ));
            prepared.notes.iter().for_each(|n| say(&format!("note: {n}")));
            for (candidate, words) in programs(&prepared) {
                say(&format!("note: candidate `{}` runs a program, which was not run: {words}; `proofmark run` needs --allow-commands", candidate.id));
            }
            Ok(exit::DEPLOY)
        }
        Command::Judge { evidence, policy, out, replace, pages } => {
            let judged = judge_again(&evidence, &policy, out.as_deref(), replace, &pages.into())?;
            summary_lines(&judged.card).iter().for_each(|l| say(l));
            judged.files.iter().for_each(|f| say(&format!("wrote {}", f.display())));
            if judged.files.iter().any(|f| f.parent().and_then(|p| p.parent()).is_some_and(|p| p.join("comparison.html").exists())) {
                say("note: the comparison page beside it shows the earlier verdicts; `proofmark run` writes it anew.");
            }
            Ok(exit::of_decision(judged.verdict.decision))
        }
        Command::Card { evidence, verdict, out, pages } => {
            let judged = card_again(&evidence, &verdict, out.as_deref(), &pages.into())?;
            judged.files.iter().for_each(|f| say(&format!("wrote {}", f.display())));
            Ok(exit::DEPLOY)
        }
        Command::Export { card, to, out } => {
            let written = export_card(&card, &to, out.as_deref())?;
            match out {
                Some(out) => say(&format!("wrote {}", out.display())),
                None => say(written.text.trim_end_matches('\n')),
            }
            if !written.unfilled.is_empty() {
                complain(&format!("note: the card does not fill these fields of the format: {}", written.unfilled.join(", ")));
            }
            Ok(exit::DEPLOY)
        }
        Command::Messages { language } => {
            say(messages(&language)?.trim_end());
            Ok(exit::DEPLOY)
        }
        Command::Compare { evidence, current, margin, out } => {
            let compared = compare_again(&CompareOptions { evidence, current, margin, out })?;
            say(&format!("the most accurate first: {}", compared.candidates.join(", ")));
            compared.notes.iter().for_each(|n| say(&format!("note: {n}")));
            say(&format!("wrote {}", compared.page.display()));
            Ok(exit::DEPLOY)
        }
        Command::Index { folder, title, replace } => {
            let indexed = index(&folder, title.as_deref(), replace)?;
            indexed.skipped.iter().for_each(|p| complain(&format!("left out: {p}")));
            let of = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
            say(&format!("wrote {}: {}, {}", indexed.page.display(), of(indexed.studies, "study", "studies"), of(indexed.cards, "card", "cards")));
            Ok(exit::DEPLOY)
        }
        Command::Init { folder } => {
            let files = init(&folder)?;
            files.iter().for_each(|f| say(&format!("wrote {}", f.display())));
            let study = files.iter().find(|f| f.ends_with("study.toml")).map_or_else(String::new, |f| f.display().to_string());
            say(&format!("next: put your records in place of the example's, then\n  proofmark check {study}\n  proofmark run {study}"));
            Ok(exit::DEPLOY)
        }
        Command::Measure(arguments) => Ok(measure::run(arguments)),
        Command::Why(arguments) => {
            let asked = Asked { text: arguments.text, set: arguments.set, codes: usize::from(arguments.codes) };
            let told = why(&arguments.model, &asked)?;
            why_lines(&told, usize::from(arguments.words)).iter().for_each(|l| say(l));
            Ok(exit::DEPLOY)
        }
        Command::Explain { metric } => {
            say(explain(metric.as_deref())?.trim_end());
            Ok(exit::DEPLOY)
        }
    }
}

fn study(arguments: &RunArguments) -> Result<u8, Failure> {
    if let Some(threads) = arguments.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
        pool.map_err(|e| Problem::new(Class::Environment, format!("{threads} threads could not be started: {e}")).remedy("ask for fewer with --threads"))?;
    }
    let origin = arguments.study.clone().map_or(Origin::Demonstration, |study| Origin::File(file_in(study)));
    let mut reporter = Reporter::new(Style::choose(arguments.quiet));
    if origin == Origin::Demonstration {
        reporter.note("no study given: running the demonstration study, an invented survey (see `proofmark init` for your own)");
    }
    let options = RunOptions {
        origin,
        out: arguments.out.clone(),
        meter: arguments.meter_file.clone(),
        allow_commands: arguments.allow_commands,
        baseline: arguments.baseline.clone(),
    };
    let finished = run(&options, &mut reporter)?;
    reporter.finish();
    if !arguments.quiet {
        conclude(&finished);
    }
    Ok(exit::of_decision(finished.decision()))
}

/// The text of a built-in catalogue.
fn messages(language: &str) -> Result<String, Failure> {
    Words::catalogue(language).ok_or_else(|| {
        let known: Vec<&str> = Words::languages().collect();
        Problem::new(Class::Usage, format!("there are no messages in language `{language}`")).remedy(format!("built in are {}", known.join(", "))).into()
    })
}

/// A margin as a share.
fn margin(text: &str) -> Result<f64, String> {
    let known = text.parse::<f64>().ok().filter(|m| (0.0..1.0).contains(m));
    known.ok_or_else(|| "a share from 0 up and below 1 is needed, e.g. 0.01 for one percentage point".to_owned())
}

/// The formats of `export`, one a line.
fn exports() -> String {
    let lines: Vec<String> = EXPORTS.iter().map(|e| format!("  {:17} {} ({})", e.id, e.what, e.reference)).collect();
    format!("Formats:\n{}", lines.join("\n"))
}

/// The study file: of a folder, the study.toml in it.
fn file_in(study: PathBuf) -> PathBuf {
    let inside = study.join("study.toml");
    if study.is_dir() && inside.exists() { inside } else { study }
}

/// What the user sees at the end of a run: a line for each candidate, then the one that decides in full, then where the results are.
fn conclude(finished: &Finished) {
    let decisive = &finished.results[finished.decisive];
    if finished.results.len() > 1 {
        let lines: Vec<[String; 4]> = finished.results.iter().map(|r| brief(&r.card)).collect();
        let width = |column: usize| lines.iter().map(|l| l[column].chars().count()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        for [name, decision, accuracy, cpu] in &lines {
            say(format!("{name:0$}  {decision:1$}  {accuracy:2$}  {cpu}", widths[0], widths[1], widths[2]).trim_end());
        }
        say("");
    }
    summary_lines(&decisive.card).iter().for_each(|l| say(l));
    say("");
    decisive.evidence.notes.iter().for_each(|n| say(&format!("note: {n}")));
    for folder in &finished.earlier {
        say(&format!("note: `{folder}` beside these results is of an earlier run; its candidate is not in the study any more."));
    }
    say(&format!("card:        {}", decisive.page.display()));
    say(&format!("comparison:  {}", finished.comparison.display()));
    say(&format!("predictions: {} (one row a record: personal data, not for publication)", finished.private.display()));
    let decision = finished.decision();
    say(&format!("decision: {} ({}), exit code {}", exit::words(decision), decisive.evidence.candidate.id, exit::of_decision(decision)));
}

/// Prints a line on standard output; a closed pipe is no error.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Prints on standard error.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
