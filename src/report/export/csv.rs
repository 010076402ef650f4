//! Every cell of every table of the card, one a row: section, table, row, column, id of the metric, text of the cell.

use super::line;
use crate::report::card::{Block, Card, Table};

/// The cells, with a head.
pub fn cells(card: &Card) -> String {
    let mut out = String::from("section,table,row,column,metric,cell\r\n");
    for tile in &card.glance {
        row(&mut out, ["glance", "", &tile.label, "value", &tile.metric, &tile.value]);
        row(&mut out, ["glance", "", &tile.label, "range", &tile.metric, &tile.range]);
        row(&mut out, ["glance", "", &tile.label, "note", &tile.metric, &tile.note]);
    }
    for section in &card.sections {
        for block in &section.blocks {
            match block {
                Block::Table(table) => self::table(&mut out, &section.id, table),
                Block::Figure(figure) => self::table(&mut out, &section.id, &figure.table),
                _ => {}
            }
        }
    }
    out
}

fn table(out: &mut String, section: &str, table: &Table) {
    for cells in &table.rows {
        let name = cells.first().map_or("", String::as_str);
        for (column, cell) in table.columns.iter().zip(cells).skip(1) {
            row(out, [section, &table.caption, name, &column.label, column.metric.as_deref().unwrap_or(""), cell]);
        }
    }
}

fn row(out: &mut String, cells: [&str; 6]) {
    let cells: Vec<String> = cells.into_iter().map(safe).collect();
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

/// A cell that a spreadsheet reads as text: one that it would run as a formula begins with an apostrophe
/// (OWASP Application Security Verification Standard 4.0, 5.3.10); a signed number is none.
pub fn safe(raw: &str) -> String {
    let cell = line(raw);
    let mut rest = cell.trim_start().chars();
    let starts = rest.next();
    let number = matches!(starts, Some('+' | '-')) && rest.all(|c| c.is_alphanumeric() || matches!(c, ' ' | '.' | ',' | '%' | '\u{a0}' | '\u{202f}'));
    let formula = matches!(starts, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')) && !number;
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}
