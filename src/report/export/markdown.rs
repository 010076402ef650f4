//! The card as Markdown: whole, or the part that fits a comment. Texts of the study can hold anything and stay text.

use super::{line, words};
use crate::measure::BASELINE;
use crate::report::card::{Block, Card, Reason, Table};
use crate::report::locale::say;
use std::fmt::Write as _;

/// Findings listed in a summary at most.
const LISTED: usize = 12;

/// The whole card.
pub fn card(card: &Card) -> String {
    let mut out = head(card, 1);
    reasons(&mut out, &card.banner.reasons);
    if let Some(more) = &card.banner.more {
        let _ = writeln!(out, "\n{}", text(more));
    }
    conditions(&mut out, card);
    glance(&mut out, card);
    for section in &card.sections {
        let _ = writeln!(out, "\n## {}", text(&section.heading));
        for block in &section.blocks {
            self::block(&mut out, block);
        }
        if let Some(reading) = &section.reading {
            let _ = writeln!(out, "\n{}", text(reading));
        }
    }
    out
}

/// Decision, reasons, conditions and headline figures.
pub fn summary(card: &Card) -> String {
    let w = words(card);
    let mut out = head(card, 3);
    let open: Vec<Reason> = card.findings.iter().filter(|f| f.kind == "not-met" || f.kind == "undecided").cloned().collect();
    let suppressed = card.findings.iter().filter(|f| f.kind == "suppressed").count();
    if open.is_empty() {
        let _ = writeln!(out, "\n{}", say!(w, "export-none-open"));
    }
    reasons(&mut out, &open[..open.len().min(LISTED)]);
    if open.len() > LISTED {
        let _ = writeln!(out, "\n{}", say!(w, "export-more-open", n = open.len() - LISTED));
    }
    if suppressed > 0 {
        let _ = writeln!(out, "\n{}", say!(w, "export-suppressed", n = suppressed));
    }
    conditions(&mut out, card);
    glance(&mut out, card);
    for against in card.headline.versus.iter().filter(|a| a.candidate == BASELINE) {
        let _ = writeln!(out, "\n{}: {}, {}.", text(&say!(words(card), "baseline-against")), text(&against.cell), text(&against.shows));
    }
    let _ = writeln!(out, "\n{}", text(&format!("{} {}", card.banner.dated, card.program)));
    out
}

fn head(card: &Card, depth: usize) -> String {
    let (title, words) = (text(&card.title), text(&card.banner.words));
    format!("{} {title}: {words}\n\n{}\n\n{}\n", "#".repeat(depth), text(&card.study), text(&card.banner.meaning))
}

fn reasons(out: &mut String, reasons: &[Reason]) {
    if reasons.is_empty() {
        return;
    }
    out.push('\n');
    for reason in reasons {
        let _ = writeln!(out, "- **{}** {}", text(&reason.status), text(&reason.text));
    }
}

fn conditions(out: &mut String, card: &Card) {
    if card.banner.conditions.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}\n", say!(words(card), "export-conditions"));
    card.banner.conditions.iter().for_each(|c| {
        let _ = writeln!(out, "- {}", text(c));
    });
}

fn glance(out: &mut String, card: &Card) {
    let _ = writeln!(out, "\n{}\n|---|---|---|---|", say!(words(card), "export-glance"));
    for tile in &card.glance {
        let _ = writeln!(out, "| {} | {} | {} | {} |", text(&tile.label), text(&tile.value), text(&tile.range), text(&tile.note));
    }
}

fn block(out: &mut String, block: &Block) {
    match block {
        Block::Heading(heading) => {
            let _ = writeln!(out, "\n### {}", text(heading));
        }
        Block::Text(paragraph) | Block::Note(paragraph) => {
            let _ = writeln!(out, "\n{}", text(paragraph));
        }
        Block::List(items) => {
            out.push('\n');
            items.iter().for_each(|item| {
                let _ = writeln!(out, "- {}", text(item));
            });
        }
        Block::Findings(findings) => reasons(out, findings),
        Block::Facts(facts) => {
            out.push('\n');
            facts.iter().for_each(|(name, value)| {
                let _ = writeln!(out, "- {}: {}", text(name), text(value));
            });
        }
        Block::Glossary(terms) => {
            for term in terms {
                let _ = writeln!(out, "\n### {}\n\n{}\n", text(&term.name), text(&term.definition));
                term.facts.iter().for_each(|(name, value)| {
                    let _ = writeln!(out, "- {}: {}", text(name), text(value));
                });
            }
        }
        Block::Code(code) => {
            // A fence longer than any run of backticks inside.
            let runs = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
            let fence = "`".repeat(runs.max(2) + 1);
            let _ = writeln!(out, "\n{fence}\n{code}\n{fence}");
        }
        Block::Table(table) => self::table(out, table),
        Block::Figure(figure) => {
            let _ = writeln!(out, "\n{}: {}", text(&figure.title), text(&figure.description));
            table(out, &figure.table);
        }
    }
}

fn table(out: &mut String, table: &Table) {
    let _ = writeln!(out, "\n{}\n", text(&table.caption));
    let heads: Vec<String> = table.columns.iter().map(|c| text(&c.label)).collect();
    let rule: Vec<&str> = table.columns.iter().map(|c| if c.figures { "---:" } else { "---" }).collect();
    let _ = writeln!(out, "| {} |\n| {} |", heads.join(" | "), rule.join(" | "));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(|c| text(c)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
}

/// Text that Markdown shows as it is: every character that could mean something is escaped (CommonMark 0.31, section 2.4), and a comment
/// that readers do not see keeps "@name" from calling anybody.
pub fn text(raw: &str) -> String {
    let one = line(raw);
    let mut out = String::with_capacity(one.len() + one.len() / 8);
    let mut rest = one.trim().chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied().unwrap_or(' ');
        // Only at the start of a line could these begin a list or underline a heading.
        let leads = match c {
            '-' | '+' | '=' => out.is_empty(),
            '.' | ')' => next == ' ' && out.bytes().all(|d| d.is_ascii_digit()),
            _ => false,
        };
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("@<!-- -->"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // A bare address would become a link.
            ':' if next == '/' => out.push_str("\\:"),
            _ if leads => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out.replace("www.", "www\\.")
}
