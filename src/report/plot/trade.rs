//! Candidates by accuracy, accuracy in the worst group, and energy: a circle and a triangle each, hollow where another is as good in all.

use super::{Area, CHARACTER, DATA, Drawn, Format, GRID, INK, Scale, TEXT, cut, line, style, text, write, x_axis};
use crate::report::card::Trade;
use crate::report::format::Marks;
use crate::report::marks;
use plotters::prelude::{Circle, PathElement, Polygon};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, ShapeStyle};

/// How far right of the circle the triangle stands, so that their intervals do not cover each other.
const ASIDE: i32 = 10;

/// Height of the drawing.
pub fn height(format: Format) -> i32 {
    if format == Format::Narrow { 400 } else { 430 }
}

/// Draws the candidates.
pub fn draw(area: &Area<'_>, (format, number_marks): (Format, &Marks), (x_name, y_name): (&str, &str), legend: &[String; 3], points: &[Trade]) -> Drawn {
    let narrow = format == Format::Narrow;
    let width = format.width();
    let (left, right, top) = (if narrow { 44 } else { 62 }, width - 24, if narrow { 116 } else { 74 });
    let bottom = height(format) - 48 - format.above();
    let (log, bounds) = (|e: f64| e.max(f64::MIN_POSITIVE).log10(), |v: &(f64, Option<(f64, f64)>)| [Some(v.0), v.1.map(|i| i.0), v.1.map(|i| i.1)]);
    let ys = points.iter().flat_map(|p| bounds(&p.accuracy).into_iter().chain(p.worst.iter().flat_map(bounds))).flatten();
    let x = Scale::over_logarithms(points.iter().map(|p| log(p.energy)), format.steps(), left, right);
    let y = Scale::over(ys, 5.0, bottom, top);
    for &tick in &y.ticks {
        line(area, (left, y.pixel(tick)), (right, y.pixel(tick)), style(GRID, 1))?;
        write(area, &y.label(tick, number_marks), (left - 8, y.pixel(tick)), text(TEXT, INK, HPos::Right, VPos::Center))?;
    }
    x_axis(area, &x, (top, bottom), x_name, |t| number_marks.significant(10f64.powf(t), 1))?;
    signs(area, narrow, legend)?;
    write(area, y_name, (4, top - 28), text(TEXT, INK, HPos::Left, VPos::Top))?;
    for p in points {
        let px = x.pixel(log(p.energy));
        let mark = sign(p.dominated);
        if let Some(worst) = &p.worst {
            interval(area, px + ASIDE, worst.1.map(|(l, u)| (y.pixel(l), y.pixel(u))))?;
            triangle(area, (px + ASIDE, y.pixel(worst.0)), mark)?;
        }
        interval(area, px, p.accuracy.1.map(|(l, u)| (y.pixel(l), y.pixel(u))))?;
        area.draw(&Circle::new((px, y.pixel(p.accuracy.0)), 5, mark))?;
        let label = cut(&p.label);
        // With room for wider letters.
        let half = (label.chars().count() as f64 * (CHARACTER + 1.0) / 2.0) as i32;
        let above = y.pixel(p.accuracy.1.map_or(p.accuracy.0, |i| i.1)) - 7;
        write(area, &label, (px.min(width - half).max(half), above), text(TEXT - 1, INK, HPos::Center, VPos::Bottom))?;
    }
    Ok(())
}

/// Filled, or hollow.
fn sign(dominated: bool) -> ShapeStyle {
    if dominated { style(DATA, 2) } else { DATA.filled() }
}

fn interval(area: &Area<'_>, x: i32, bounds: Option<(i32, i32)>) -> Drawn {
    let Some((low, high)) = bounds else { return Ok(()) };
    line(area, (x, low), (x, high), style(DATA, 1))?;
    line(area, (x - 3, low), (x + 3, low), style(DATA, 1))?;
    line(area, (x - 3, high), (x + 3, high), style(DATA, 1))
}

fn triangle(area: &Area<'_>, (x, y): (i32, i32), style: ShapeStyle) -> Drawn {
    let corners = [(x - 6, y - 5), (x + 6, y - 5), (x, y + 6)];
    if style.filled { area.draw(&Polygon::new(corners, style)) } else { area.draw(&PathElement::new([corners[0], corners[1], corners[2], corners[0]], style)) }
}

/// What the signs are: beside each other, or one below the other.
fn signs(area: &Area<'_>, narrow: bool, legend: &[String; 3]) -> Drawn {
    let mut at = (12, 14);
    for (i, words) in legend.iter().enumerate() {
        match i {
            0 => area.draw(&Circle::new(at, 5, sign(false)))?,
            1 => triangle(area, at, sign(false))?,
            _ => {
                area.draw(&Circle::new(at, 5, sign(true)))?;
                triangle(area, (at.0 + 14, at.1), sign(true))?;
            }
        }
        let begins = at.0 + if i == 2 { 26 } else { 12 };
        write(area, words, (begins, at.1), text(TEXT - 1, INK, HPos::Left, VPos::Center))?;
        at = if narrow { (12, at.1 + 24) } else { (begins + (marks::plain(words).chars().count() as f64 * CHARACTER) as i32 + 24, at.1) };
    }
    Ok(())
}
