//! Reads `[cost]`: what projections of cost, carbon and money need.

use super::sink::Sink;
use super::source::quote;
use super::table::Table;
use super::value::{Limits, Value, suggestion};
use crate::cost::{Embodied, Intensity, Prices, Terms, countries, intensity, letters};

/// What projections of cost need.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CostSettings {
    /// Records coded in a year.
    pub annual_records: Option<u64>,
    /// Trainings a year.
    pub retrainings_per_year: Option<f64>,
    /// Factors and prices.
    pub terms: Terms,
}

/// More grams a kilowatt-hour than this no grid has.
const MOST_GRAMS: f64 = 2_000.0;
/// Any amount of money.
const MONEY: Limits = Limits::FromTo(0.0, 1e9);

/// Reads `[cost]`, all of it optional.
pub(super) fn cost(value: Option<&Value<'_>>, out: &mut Sink) -> Option<CostSettings> {
    let Some(value) = value else { return Some(CostSettings::default()) };
    let mut table: Table<'_> = value.table(out)?;
    let annual_records = table.take("annual_records").map_or(Some(None), |v| v.whole(1, 1_000_000_000_000, out).map(Some));
    let retrainings = table.take("retrainings_per_year").map_or(Some(None), |v| v.number(Limits::FromTo(0.0, 100_000.0), out).map(Some));
    let (country, basis, own) = (table.take("country"), table.take("grid_basis"), table.take("grid_intensity"));
    let pue = table.take("pue").map_or(Some(None), |v| v.number(Limits::FromTo(1.0, 10.0), out).map(Some));
    let made = table.take("embodied").map_or(Some(None), |v| embodied(&v, out).map(Some));
    let prices = table.take("prices").map_or(Some(None), |v| prices(&v, out).map(Some));
    table.finish(out);
    let factor = match (&country, &own) {
        (Some(_), Some(own)) => {
            out.push(own.problem("both `country` and `grid_intensity` are given").remedy("keep the one that the office reports by"));
            None
        }
        (None, Some(own)) => {
            if let Some(basis) = &basis {
                out.push(basis.problem("`grid_basis` chooses among figures of a country").remedy("leave it away: `grid_intensity` has a `basis` of its own"));
            }
            given(own, out).map(Some)
        }
        (Some(country), None) => of_country(country, basis.as_ref(), out).map(Some),
        (None, None) => {
            if let Some(basis) = &basis {
                out.push(basis.problem("`grid_basis` needs `country`").remedy("name the country whose electricity is used: country = \"GB\""));
            }
            Some(None)
        }
    };
    let terms = Terms { intensity: factor?, pue: pue?, embodied: made?, prices: prices? };
    Some(CostSettings { annual_records: annual_records?, retrainings_per_year: retrainings?, terms })
}

fn of_country(country: &Value<'_>, basis: Option<&Value<'_>>, out: &mut Sink) -> Option<Intensity> {
    let written = country.filled(out)?;
    let basis = match basis {
        None => None,
        Some(v) => Some((v.choice(&[("generation", "generation"), ("life-cycle", "life-cycle")], out)?, v)),
    };
    if let Some(found) = intensity(&written, basis.as_ref().map(|(b, _)| *b)) {
        return Some(found);
    }
    if let Some((basis, v)) = basis.filter(|_| intensity(&written, None).is_some()) {
        let problem = v.problem(format!("the table has no figure of {} on the basis {}", quote(&written), quote(basis)));
        out.push(problem.remedy("leave `grid_basis` away, or give your own: grid_intensity = { value, basis, year, source }"));
        return None;
    }
    let remedy = match letters(&written) {
        Some(letters) => format!("write {}", quote(letters)),
        None => format!("{}; or give your own: grid_intensity = {{ value, basis, year, source }}", suggestion(&written, &countries()).trim_end_matches('?')),
    };
    out.push(country.problem(format!("the table of carbon intensities has no country {}", quote(&written))).remedy(remedy));
    None
}

fn given(value: &Value<'_>, out: &mut Sink) -> Option<Intensity> {
    let mut table = value.table(out)?;
    let grams = table.need("value", "give grams of CO₂ equivalents a kilowatt-hour: value = 131");
    let basis = table.need("basis", "say what it covers: basis = \"generation\" or \"life-cycle\"").and_then(|v| v.filled(out));
    let year = table.need("year", "say of which year it is: year = 2026").and_then(|v| v.whole(1990, 2100, out));
    let source = table.need("source", "say where it is from: source = \"…\"").and_then(|v| v.filled(out));
    table.finish(out);
    let grams = grams.and_then(|v| {
        let grams = v.number(Limits::FromTo(0.0, MOST_GRAMS), out)?;
        if grams > 0.0 && grams < 2.0 {
            let problem = v.problem("less than 2 grams a kilowatt-hour is too little for any grid");
            out.push(problem.remedy(format!("write grams, not kilograms: value = {}", (grams * 1e6).round() / 1e3)));
            return None;
        }
        Some(grams)
    });
    Some(Intensity { place: None, grams_per_kwh: grams?, basis: basis?, year: year? as u32, source: source? })
}

fn embodied(value: &Value<'_>, out: &mut Sink) -> Option<Embodied> {
    let mut table = value.table(out)?;
    let kg =
        table.need("kg", "give the kilograms of CO₂ equivalents from making the machine: kg = 1000").and_then(|v| v.number(Limits::AboveTo(0.0, 1e6), out));
    let years = table.need("years", "give the years it serves: years = 4").and_then(|v| v.number(Limits::AboveTo(0.0, 50.0), out));
    let share = table.need("share", "give the share of the machine that is reserved: share = 1").and_then(|v| v.number(Limits::AboveTo(0.0, 1.0), out));
    table.finish(out);
    Some(Embodied { kg: kg?, years: years?, share: share? })
}

fn prices(value: &Value<'_>, out: &mut Sink) -> Option<Prices> {
    let mut table = value.table(out)?;
    let currency = table.need("currency", "name the currency: currency = \"GBP\"").and_then(|v| v.filled(out));
    let mut amount = |key| table.take(key).map_or(Some(None), |v| v.number(MONEY, out).map(Some));
    let (record, minute, minutes) = (amount("clerk_record"), amount("clerk_minute"), amount("minutes_per_record"));
    let (kwh, cpu_hour) = (amount("kwh"), amount("cpu_hour"));
    if let (Some(Some(_)), Some(Some(_)), Some(v)) = (record, minute, table.take("clerk_minute")) {
        out.push(
            v.problem("both the price of a clerk's minute and of a record are given")
                .remedy("keep `clerk_record`, or `clerk_minute` with `minutes_per_record`"),
        );
        return None;
    }
    if matches!(minute, Some(Some(_))) && matches!(minutes, Some(None)) {
        // Nothing is taken: the remedy is told, unless a misspelt key stands for it.
        table.need("minutes_per_record", "a clerk's minute needs the minutes that a record takes: minutes_per_record = 1.5");
    }
    table.finish(out);
    let (record, minute, minutes) = (record?, minute?, minutes?);
    let clerk_record = record.or_else(|| Some(minute? * minutes?));
    Some(Prices { currency: currency?, clerk_record, minutes_per_record: minutes, kwh: kwh?, cpu_hour: cpu_hour? })
}
