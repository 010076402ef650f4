//! Progress on standard error: a bar on a terminal, plain lines elsewhere, nothing when quiet.

use crate::pipeline::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A bar that redraws itself.
    Bar,
    /// One line a step.
    Lines,
    /// Nothing.
    Quiet,
}

impl Style {
    /// A bar on a terminal that is not CI's.
    pub fn choose(quiet: bool) -> Self {
        let ci = std::env::var_os("CI").is_some();
        match (quiet, std::io::stderr().is_terminal() && !ci) {
            (true, _) => Self::Quiet,
            (false, true) => Self::Bar,
            (false, false) => Self::Lines,
        }
    }
}

/// Shows progress in a style.
pub struct Reporter {
    style: Style,
    bar: ProgressBar,
}

impl Reporter {
    /// A reporter in a style.
    pub fn new(style: Style) -> Self {
        let target = if style == Style::Bar { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(1), target);
        if let Ok(look) = ProgressStyle::with_template("{bar:28} {pos}/{len}  {msg}  {elapsed}") {
            bar.set_style(look.progress_chars("█▓░"));
        }
        if style == Style::Bar {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { style, bar }
    }

    /// A remark that stays on the screen.
    pub fn note(&self, text: &str) {
        match self.style {
            Style::Bar => self.bar.suspend(|| line(text)),
            Style::Lines => line(text),
            Style::Quiet => {}
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Reporter {
    fn step(&mut self, done: usize, all: usize, what: &str) {
        if self.style == Style::Lines {
            line(&format!("[{done}/{all}] {what}"));
        }
        self.bar.set_length(all.max(1) as u64);
        self.bar.set_position(done as u64);
        self.bar.set_message(what.to_owned());
    }
}

fn line(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
