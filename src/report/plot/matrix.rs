//! True against given codes: each pair's cell is filled from below by its share, so that nothing hangs on colour.

use super::{Area, CHARACTER, DATA, Drawn, Format, GRID, INK, MARK, TEXT, cut_to, line, names_end, style, text, write};
use crate::report::card::Pair;
use plotters::prelude::Rectangle;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

/// Pixels above the first row: the axis' name and the codes given.
const TOP: i32 = 44;
/// The widest a column is.
const WIDEST: i32 = 44;

/// Where rows begin, the width of a column and the height of a row.
fn measures(format: Format, rows: &[(String, String)], columns: usize) -> (i32, i32, i32) {
    let left = match format {
        Format::Wide => names_end(rows.iter().map(|r| &r.1)) + 8,
        Format::Narrow => 52,
    };
    let step = ((format.width() - 12 - left) / columns.max(1) as i32).clamp(8, WIDEST);
    (left, step, if format == Format::Wide { 30 } else { step.max(18) })
}

/// Height of the drawing.
pub fn height(format: Format, rows: &[(String, String)], columns: usize) -> i32 {
    TOP + measures(format, rows, columns).2 * rows.len() as i32 + 8
}

/// Draws the table; narrow drawings have no figures, because they would not fit.
pub fn draw(area: &Area<'_>, format: Format, axis: &str, rows: &[(String, String)], columns: &[String], cells: &[Vec<Option<Pair>>]) -> Drawn {
    let (left, wide, high) = measures(format, rows, columns.len());
    let fits = |width: i32| ((f64::from(width) / CHARACTER) as usize).max(2);
    write(area, axis, (left, 4), text(TEXT, INK, HPos::Left, VPos::Top))?;
    for (c, name) in columns.iter().enumerate() {
        let x = left + wide * c as i32 + wide / 2;
        write(area, &cut_to(name, fits(wide)), (x, TOP - 6), text(TEXT - 1, INK, HPos::Center, VPos::Bottom))?;
    }
    let (right, bottom) = (left + wide * columns.len() as i32, TOP + high * rows.len() as i32);
    for r in 0..=rows.len() as i32 {
        line(area, (left, TOP + high * r), (right, TOP + high * r), style(GRID, 1))?;
    }
    for c in 0..=columns.len() as i32 {
        line(area, (left + wide * c, TOP), (left + wide * c, bottom), style(GRID, 1))?;
    }
    for (r, ((code, name), row)) in rows.iter().zip(cells).enumerate() {
        let middle = TOP + high * r as i32 + high / 2;
        let shown = if format == Format::Wide { super::cut(name) } else { cut_to(code, fits(left - 6)) };
        write(area, &shown, (left - 8, middle), text(TEXT, INK, HPos::Right, VPos::Center))?;
        for (c, cell) in row.iter().enumerate() {
            let Some(Pair { count, share, same }) = cell else { continue };
            let x = left + wide * c as i32 + wide / 2;
            // The smallest share that is shown can still be seen.
            let (foot, filled) = (middle + high / 2 - 1, (f64::from(high - 3) * share.clamp(0.0, 1.0)).round().max(2.0) as i32);
            area.draw(&Rectangle::new([(x - wide / 2 + 2, foot - filled), (x + wide / 2 - 2, foot)], DATA.mix(0.35).filled()))?;
            if *same {
                area.draw(&Rectangle::new([(x - wide / 2 + 1, middle - high / 2 + 1), (x + wide / 2 - 1, middle + high / 2 - 1)], style(MARK, 2)))?;
            }
            if format == Format::Wide {
                write(area, count, (x, middle), text(TEXT - 2, INK, HPos::Center, VPos::Center))?;
            }
        }
    }
    Ok(())
}
