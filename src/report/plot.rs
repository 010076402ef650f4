//! Draws plot data as SVG: pixels from numbers, nothing else.
//!
//! Colours are fixed here for light pages and replaced by the style sheet on dark ones; no meaning hangs on colour alone.

mod matrix;
mod trade;

use super::card::{Plot, Point, Row};
use super::format::Marks;
use super::marks;
use crate::value::{Class, Failure, Problem};
use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::{Circle, DrawingArea, DrawingAreaErrorKind, IntoDrawingArea, IntoFont, PathElement, RGBColor, Rectangle, SVGBackend, Text, TextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, ShapeStyle};

/// Text and axes. The style sheet knows the four colours by these values.
const INK: RGBColor = RGBColor(0x1B, 0x27, 0x33);
/// Grid lines.
const GRID: RGBColor = RGBColor(0xD5, 0xDB, 0xE1);
/// Points and intervals.
const DATA: RGBColor = RGBColor(0x0B, 0x5C, 0xAD);
/// References and marked points.
const MARK: RGBColor = RGBColor(0xB4, 0x3C, 0x08);

/// How a plot is drawn; the page shows one of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For wide windows: names stand left of their rows.
    Wide,
    /// For narrow ones: names stand above their rows, so that text stays readable.
    Narrow,
}

impl Format {
    /// Width in pixels; the page scales it.
    fn width(self) -> i32 {
        match self {
            Self::Wide => 680,
            Self::Narrow => 330,
        }
    }

    /// Steps between ticks, about.
    fn steps(self) -> f64 {
        match self {
            Self::Wide => 5.0,
            Self::Narrow => 3.0,
        }
    }

    /// Pixels that a row needs more for the name above it.
    fn above(self) -> i32 {
        match self {
            Self::Wide => 0,
            Self::Narrow => 18,
        }
    }
}

/// Width of a character of a name, about: there is no font to ask.
const CHARACTER: f64 = 7.1;
/// Height of a text line, as plotters counts it.
const TEXT: i32 = 15;
/// Row names longer than this are cut; the table has them in full.
const NAME_CHARACTERS: usize = 32;
/// The same where the name has the plot's whole width.
const NARROW_CHARACTERS: usize = 38;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// The plot as an `svg` element without role, title or namespace; text in it is escaped.
///
/// # Errors
/// A defect of the drawing library.
pub fn svg(plot: &Plot, format: Format, number_marks: &Marks) -> Result<String, Failure> {
    let mut out = String::new();
    let height = match plot {
        Plot::Intervals { rows, .. } => 76 + format.above() + (row_height(rows.len()) + format.above()) * rows.len() as i32,
        Plot::Points { .. } if format == Format::Narrow => 330,
        Plot::Points { .. } => 400,
        Plot::Bars { bars, .. } => 66 + format.above() + (28 + format.above()) * bars.len() as i32,
        Plot::Matrix { rows, columns, .. } => matrix::height(format, rows, columns.len()),
        Plot::Trade { .. } => trade::height(format),
    };
    let drawn = {
        let area = SVGBackend::with_string(&mut out, (format.width() as u32, height as u32)).into_drawing_area();
        match plot {
            Plot::Intervals { axis, reference, rows } => intervals(&area, format, number_marks, height, axis, reference.as_ref(), rows),
            Plot::Points { x_axis, y_axis, log_x, joined, diagonal, points } => {
                scatter(&area, (format, number_marks), height, (x_axis, y_axis), (*log_x, *joined), diagonal.as_deref(), points)
            }
            Plot::Bars { axis, bars } => draw_bars(&area, format, number_marks, height, axis, bars),
            Plot::Matrix { axis, rows, columns, cells } => matrix::draw(&area, format, axis, rows, columns, cells),
            Plot::Trade { x_axis, y_axis, legend, points } => trade::draw(&area, (format, number_marks), (x_axis, y_axis), legend, points),
        }
        .and_then(|()| area.present())
    };
    drawn.map_err(|e| Failure::from(Problem::new(Class::Internal, format!("a plot could not be drawn: {e}"))))?;
    Ok(out)
}

/// Pixels between rows: closer when there are many.
fn row_height(rows: usize) -> i32 {
    if rows > 15 { 20 } else { 27 }
}

/// A linear map from values to pixels, with its ticks.
struct Scale {
    from: f64,
    to: f64,
    start: i32,
    end: i32,
    ticks: Vec<f64>,
}

impl Scale {
    /// A scale over values with round ticks around them.
    fn over(values: impl Iterator<Item = f64>, steps: f64, start: i32, end: i32) -> Self {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let (low, high) = if low.is_finite() && high > low { (low, high) } else { (low.clamp(-1e12, 0.0), low.clamp(1.0, 1e12)) };
        let rough = (high - low) / steps;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| *s >= rough).unwrap_or(rough);
        let (first, last) = ((low / step).floor() as i64, (high / step).ceil() as i64);
        let ticks: Vec<f64> = (first..=last).map(|i| i as f64 * step).collect();
        Self { from: first as f64 * step, to: last as f64 * step, start, end, ticks }
    }

    /// A scale over logarithms to base 10, with ticks at 1, 2 and 5 or only at powers of ten.
    fn over_logarithms(values: impl Iterator<Item = f64>, steps: f64, start: i32, end: i32) -> Self {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        // Room on both sides, so that no point lies on the frame.
        let (from, to) = (low - 0.25, high + 0.25);
        let fine: &[f64] = if to - from < 0.5 * steps { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let ticks = (from.floor() as i32..=to.ceil() as i32)
            .flat_map(|decade| fine.iter().map(move |m| f64::from(decade) + m.log10()))
            .filter(|t| (from..=to).contains(t))
            .collect();
        Self { from, to, start, end, ticks }
    }

    fn pixel(&self, value: f64) -> i32 {
        let share = (value - self.from) / (self.to - self.from);
        self.start + (share.clamp(-0.5, 1.5) * f64::from(self.end - self.start)).round() as i32
    }

    /// A tick's label: as many decimals as the step needs.
    fn label(&self, tick: f64, number_marks: &Marks) -> String {
        let step = self.ticks.get(1).map_or(1.0, |second| second - self.ticks[0]);
        number_marks.fixed(tick, (-step.log10().floor()).clamp(0.0, 6.0) as usize)
    }
}

fn style(color: RGBColor, width: u32) -> ShapeStyle {
    color.stroke_width(width)
}

/// A text style: anchored where it stands.
fn text(size: i32, color: RGBColor, h: HPos, v: VPos) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&color).pos(Pos::new(h, v))
}

fn line(area: &Area<'_>, from: (i32, i32), to: (i32, i32), style: ShapeStyle) -> Drawn {
    area.draw(&PathElement::new([from, to], style))
}

fn dashed(area: &Area<'_>, from: (i32, i32), to: (i32, i32)) -> Drawn {
    area.draw(&DashedPathElement::new([from, to], 6, 4, style(MARK, 2)))
}

fn write(area: &Area<'_>, words: &str, at: (i32, i32), style: TextStyle<'static>) -> Drawn {
    area.draw(&Text::new(marks::plain(words), at, style))
}

/// A name cut to what fits beside the plot.
fn cut(name: &str) -> String {
    cut_to(name, NAME_CHARACTERS)
}

fn cut_to(name: &str, characters: usize) -> String {
    let name = marks::plain(name);
    if name.chars().count() <= characters {
        return name;
    }
    name.chars().take(characters - 1).chain(['…']).collect()
}

/// Where names that stand left of a plot end: as far left as the longest allows.
fn names_end<'n>(names: impl Iterator<Item = &'n String>) -> i32 {
    let longest = names.map(|n| marks::plain(n).chars().count().min(NAME_CHARACTERS)).max().unwrap_or(0);
    ((longest as f64 * CHARACTER) as i32 + 6).max(48)
}

/// The name of a row: left of it, or above it.
fn label(area: &Area<'_>, format: Format, name: &str, (x, y): (i32, i32)) -> Drawn {
    match format {
        Format::Wide => write(area, &cut(name), (x, y), text(TEXT, INK, HPos::Right, VPos::Center)),
        Format::Narrow => write(area, &cut_to(name, NARROW_CHARACTERS), (4, y - 10), text(TEXT, INK, HPos::Left, VPos::Bottom)),
    }
}

/// A horizontal axis at the bottom with grid lines up to `top`.
fn x_axis(area: &Area<'_>, scale: &Scale, (top, bottom): (i32, i32), name: &str, label: impl Fn(f64) -> String) -> Drawn {
    for &tick in &scale.ticks {
        let x = scale.pixel(tick);
        line(area, (x, top), (x, bottom), style(GRID, 1))?;
        write(area, &label(tick), (x, bottom + 6), text(TEXT, INK, HPos::Center, VPos::Top))?;
    }
    line(area, (scale.start, bottom), (scale.end, bottom), style(INK, 1))?;
    let middle = (scale.start + scale.end) / 2;
    // A name too long for a narrow plot goes on two lines.
    let room = (f64::from(scale.end) / CHARACTER) as usize;
    let long = name.chars().count() > room;
    let at = if long { name.char_indices().take(room).filter(|(_, c)| *c == ' ').map(|(i, _)| i).last() } else { None };
    let (first, second) = at.map_or((name, ""), |i| (&name[..i], name[i..].trim_start()));
    write(area, first, (middle, bottom + 27), text(TEXT, INK, HPos::Center, VPos::Top))?;
    if second.is_empty() { Ok(()) } else { write(area, second, (middle, bottom + 44), text(TEXT, INK, HPos::Center, VPos::Top)) }
}

fn intervals(area: &Area<'_>, format: Format, number_marks: &Marks, height: i32, axis: &str, reference: Option<&(f64, String)>, rows: &[Row]) -> Drawn {
    let values = rows.iter().flat_map(|r| [Some(r.value), r.interval.map(|i| i.0), r.interval.map(|i| i.1)]).flatten().chain(reference.map(|r| r.0));
    let narrow = format == Format::Narrow;
    let names = if narrow { 0 } else { names_end(rows.iter().map(|r| &r.label)) };
    let scale = Scale::over(values, format.steps(), names + 14, format.width() - 24);
    let (top, bottom) = (24, height - 48 - format.above());
    x_axis(area, &scale, (top, bottom), axis, |t| scale.label(t, number_marks))?;
    if let Some((value, name)) = reference {
        let x = scale.pixel(*value);
        dashed(area, (x, top), (x, bottom))?;
        // The name stays inside the frame, however close to its edge the line is.
        let half = (name.chars().count() as f64 * CHARACTER / 2.0) as i32;
        let at = x.min(format.width() - half).max(half);
        write(area, name, (at, top - 5), text(TEXT - 1, MARK, HPos::Center, VPos::Bottom))?;
    }
    let step = row_height(rows.len()) + format.above();
    for (i, row) in rows.iter().enumerate() {
        let y = top + (step + format.above()) / 2 + step * i as i32 + 2;
        label(area, format, &row.label, (names, y))?;
        if let Some((lower, upper)) = row.interval {
            let (from, to) = (scale.pixel(lower), scale.pixel(upper));
            line(area, (from, y), (to, y), style(DATA, 2))?;
            line(area, (from, y - 4), (from, y + 4), style(DATA, 2))?;
            line(area, (to, y - 4), (to, y + 4), style(DATA, 2))?;
        }
        area.draw(&Circle::new((scale.pixel(row.value), y), 4, DATA.filled()))?;
    }
    Ok(())
}

fn scatter(
    area: &Area<'_>,
    (format, number_marks): (Format, &Marks),
    height: i32,
    (x_name, y_name): (&str, &str),
    (log_x, joined): (bool, bool),
    diagonal: Option<&str>,
    points: &[Point],
) -> Drawn {
    let width = format.width();
    let (left, right, top, bottom) = (if format == Format::Narrow { 48 } else { 62 }, width - 24, 34 + format.above() / 2, height - 48 - format.above());
    let x_of = |p: &Point| if log_x { p.x.max(f64::MIN_POSITIVE).log10() } else { p.x };
    let ys = points.iter().flat_map(|p| [Some(p.y), p.interval.map(|i| i.0), p.interval.map(|i| i.1)]).flatten();
    let xs = points.iter().map(x_of);
    let x = if log_x { Scale::over_logarithms(xs, format.steps(), left, right) } else { Scale::over(xs, format.steps(), left, right) };
    let y = Scale::over(ys, 5.0, bottom, top);
    for &tick in &y.ticks {
        line(area, (left, y.pixel(tick)), (right, y.pixel(tick)), style(GRID, 1))?;
        write(area, &y.label(tick, number_marks), (left - 8, y.pixel(tick)), text(TEXT, INK, HPos::Right, VPos::Center))?;
    }
    x_axis(area, &x, (top, bottom), x_name, |t| if log_x { number_marks.significant(10f64.powf(t), 1) } else { x.label(t, number_marks) })?;
    write(area, y_name, (4, 4), text(TEXT, INK, HPos::Left, VPos::Top))?;
    if let Some(name) = diagonal {
        let (from, to) = (x.from.max(y.from), x.to.min(y.to));
        if to > from {
            dashed(area, (x.pixel(from), y.pixel(from)), (x.pixel(to), y.pixel(to)))?;
            // Above the frame, where no point can be.
            write(area, name, (x.pixel(to), top - 6), text(TEXT - 1, MARK, HPos::Right, VPos::Bottom))?;
        }
    }
    if joined {
        let path: Vec<(i32, i32)> = points.iter().map(|p| (x.pixel(x_of(p)), y.pixel(p.y))).collect();
        area.draw(&PathElement::new(path, style(DATA, 1)))?;
    }
    for p in points {
        let (px, py) = (x.pixel(x_of(p)), y.pixel(p.y));
        let color = if p.marked { MARK } else { DATA };
        if let Some((lower, upper)) = p.interval {
            let (low, high) = (y.pixel(lower), y.pixel(upper));
            line(area, (px, low), (px, high), style(color, 2))?;
            line(area, (px - 4, low), (px + 4, low), style(color, 2))?;
            line(area, (px - 4, high), (px + 4, high), style(color, 2))?;
        }
        if p.marked {
            // A square, larger: the marked point differs by shape as well as by colour.
            area.draw(&Rectangle::new([(px - 6, py - 6), (px + 6, py + 6)], color.filled()))?;
        } else {
            area.draw(&Circle::new((px, py), 4, color.filled()))?;
        }
        if let Some(label) = &p.label {
            // Labels stand on the side of the point where there is room.
            let label = cut(label);
            let room = px + 10 + (label.chars().count() as f64 * CHARACTER) as i32 <= width;
            let (h, offset) = if room { (HPos::Left, 10) } else { (HPos::Right, -10) };
            write(area, &label, (px + offset, py - 4), text(TEXT - 1, if p.marked { MARK } else { INK }, h, VPos::Bottom))?;
        }
    }
    Ok(())
}

fn draw_bars(area: &Area<'_>, format: Format, number_marks: &Marks, height: i32, axis: &str, bars: &[(String, f64, String)]) -> Drawn {
    let names = if format == Format::Narrow { 0 } else { names_end(bars.iter().map(|b| &b.0)) };
    let scale = Scale::over(bars.iter().map(|b| b.1).chain([0.0]), format.steps(), names + 10, format.width() - 90);
    let (top, bottom) = (10, height - 48 - format.above());
    x_axis(area, &scale, (top, bottom), axis, |t| scale.label(t, number_marks))?;
    for (i, (name, length, words)) in bars.iter().enumerate() {
        let y = top + 14 + format.above() + (28 + format.above()) * i as i32;
        label(area, format, name, (names, y))?;
        // A bar is never thinner than a pixel: nothing measured looks like nothing.
        let end = scale.pixel(*length).max(scale.start + 1);
        area.draw(&Rectangle::new([(scale.start, y - 8), (end, y + 8)], DATA.filled()))?;
        write(area, words, (end + 6, y), text(TEXT, INK, HPos::Left, VPos::Center))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
