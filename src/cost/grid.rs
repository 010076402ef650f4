//! The dated table of the carbon intensity of electricity by country, built into the program.
//!
//! Figures are of two bases that must not be compared: emissions of generation alone, and of the whole life cycle. All were taken from secondary
//! pages; an office that reports by its own factor gives it in the study.

use super::terms::Intensity;

/// The table: `country,name,value,basis,year,source`, the source last because it may hold commas.
const TABLE: &str = include_str!("grid.csv");

/// A row of the table.
#[derive(Clone, Copy)]
struct Row {
    country: &'static str,
    name: &'static str,
    value: f64,
    basis: &'static str,
    year: u32,
    source: &'static str,
}

fn rows() -> impl Iterator<Item = Row> {
    TABLE.lines().skip(1).filter_map(|line| {
        let mut fields = line.splitn(6, ',');
        let mut next = || fields.next();
        let (country, name, value, basis, year, source) = (next()?, next()?, next()?, next()?, next()?, next()?);
        Some(Row { country, name, value: value.parse().ok()?, basis, year: year.parse().ok()?, source: source.trim_matches('"') })
    })
}

/// The newest figure of a country (ISO 3166 letters, or "WORLD"), of one basis where it is named; of two of the same year the one of
/// generation, because offices report by it.
#[must_use]
pub fn intensity(country: &str, basis: Option<&str>) -> Option<Intensity> {
    let of = rows().filter(|r| r.country == country && basis.is_none_or(|b| b == r.basis));
    of.max_by_key(|r| (r.year, r.basis == "generation")).map(|r| Intensity {
        place: Some(r.name.to_owned()),
        grams_per_kwh: r.value,
        basis: r.basis.to_owned(),
        year: r.year,
        source: r.source.to_owned(),
    })
}

/// The countries of the table, in its order, each once.
#[must_use]
pub fn countries() -> Vec<&'static str> {
    let mut all: Vec<&'static str> = rows().map(|r| r.country).collect();
    all.dedup();
    all
}

/// The letters of the country of a name, for those who write it out.
#[must_use]
pub fn letters(name: &str) -> Option<&'static str> {
    let alias = [("UK", "GB"), ("ENGLAND", "GB"), ("USA", "US"), ("GREAT BRITAIN", "GB")];
    let upper = name.trim().to_uppercase();
    let by_name = rows().find(|r| r.name.to_uppercase() == upper || r.country == upper).map(|r| r.country);
    by_name.or_else(|| alias.iter().find(|(other, _)| *other == upper).map(|(_, letters)| *letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_whole_and_plausible() {
        let all: Vec<Row> = rows().collect();
        assert_eq!(all.len(), TABLE.lines().count() - 1, "a row that cannot be read is a row that is lost");
        for r in all {
            assert!((5.0..1_000.0).contains(&r.value) && (2019..2027).contains(&r.year) && !r.source.is_empty(), "{} {}", r.country, r.value);
            assert!(["generation", "life-cycle", "not stated"].contains(&r.basis), "{}", r.basis);
        }
    }

    #[test]
    fn gives_the_newest_of_the_basis_asked() {
        let of = |country, basis| intensity(country, basis).map(|i| (i.grams_per_kwh, i.year, i.basis));
        assert_eq!(of("GB", None), Some((130.96, 2026, "generation".into())));
        assert_eq!(of("GB", Some("life-cycle")), Some((237.6, 2023, "life-cycle".into())));
        assert_eq!(of("SE", None), Some((8.0, 2023, "generation".into())));
        assert_eq!(of("FR", None), Some((41.0, 2025, "life-cycle".into())));
        assert_eq!(of("CH", Some("generation")), None);
        assert_eq!(of("XX", None), None);
        assert_eq!((letters("uk"), letters("Germany"), letters("Atlantis")), (Some("GB"), Some("DE"), None));
        assert!(countries().len() > 30 && countries()[0] == "GB");
        assert_eq!(intensity("GB", None).unwrap().source, "DESNZ conversion factors 2026, UK electricity: generation");
    }
}
