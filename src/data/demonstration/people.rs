//! Who is in the demonstration survey: strata, clusters, persons, weights, and which job each holds.

use super::lexicon::{Lexicon, People};
use crate::value::Stream;

/// Regions, all invented; the first letter names the strata and PSUs.
pub const REGIONS: [&str; 7] = ["Alder", "Brune", "Corva", "Dunmere", "Estwick", "Fallow", "Garrow"];
/// Relative number of PSUs and mean design weight of each region, urban then rural; rural strata are sampled more densely.
const STRATA: [[(f64, f64); 2]; 7] = [
    [(1.5, 165.0), (0.5, 62.0)],
    [(1.2, 140.0), (0.6, 70.0)],
    [(1.1, 118.0), (0.7, 58.0)],
    [(0.9, 96.0), (0.7, 66.0)],
    [(0.8, 88.0), (0.7, 52.0)],
    [(0.6, 74.0), (0.6, 41.0)],
    [(0.5, 60.0), (0.5, 36.0)],
];
/// Age bands.
pub const AGES: [&str; 5] = ["15-24", "25-34", "35-49", "50-64", "65+"];
/// Share of each age band among persons in work, and the factor of its weights (younger people answer less often).
const AGE: [(f64, f64); 5] = [(0.12, 1.40), (0.21, 1.18), (0.36, 1.0), (0.27, 0.86), (0.04, 0.80)];
/// Countries of birth.
pub const COUNTRIES: [&str; 3] = ["here", "EU", "other"];
/// Languages of the interview.
pub const LANGUAGES: [&str; 4] = ["english", "french", "polish", "arabic"];
/// Chance of each language by country of birth.
const LANGUAGE: [[f64; 4]; 3] = [[0.961, 0.015, 0.004, 0.020], [0.48, 0.20, 0.32, 0.0], [0.37, 0.08, 0.0, 0.55]];
/// Months of the survey, January 2024 to December 2025.
pub const MONTHS: usize = 24;
/// Persons interviewed in one PSU over the two years, on average.
const PERSONS_PER_PSU: usize = 26;

/// A primary sampling unit: a neighbourhood visited in one month of every quarter.
#[derive(Debug, Clone)]
pub struct Psu {
    /// Name, unique in the survey.
    pub name: String,
    /// Index of the region.
    pub region: usize,
    /// Whether it is urban.
    pub urban: bool,
    /// Factor on the noise of its answers: interviewers differ.
    pub noise: f64,
    /// Log of how much more common each sub-major group is here, by its number 0–99.
    tilt: Vec<f64>,
    /// Size measure, which its share of persons follows.
    size: f64,
    /// Share born abroad in the EU and elsewhere.
    abroad: [f64; 2],
    /// Month of the quarter when it is visited, 0 to 2.
    slot: usize,
}

impl Psu {
    /// The name of its stratum.
    pub fn stratum(&self) -> String {
        format!("{}-{}", &REGIONS[self.region][..1], if self.urban { "urban" } else { "rural" })
    }
}

/// A person in work, before anything is asked.
#[derive(Debug, Clone)]
pub struct Person {
    /// Household and place in it.
    pub id: String,
    /// Months since January 2024.
    pub month: usize,
    /// Index of the PSU.
    pub psu: usize,
    /// Design weight.
    pub weight: f64,
    /// Whether a woman.
    pub woman: bool,
    /// Index of the age band.
    pub age: usize,
    /// Index of the country of birth.
    pub country: usize,
    /// Index of the language of the interview.
    pub language: usize,
}

/// Draws an index with chances in proportion to `weights`.
pub fn pick(stream: &mut Stream, weights: impl Iterator<Item = f64> + Clone) -> usize {
    let mut left = stream.unit() * weights.clone().sum::<f64>();
    let mut last = 0;
    for (i, weight) in weights.enumerate() {
        last = i;
        left -= weight;
        if left < 0.0 {
            break;
        }
    }
    last
}

/// Draws the PSUs: at least two in every stratum.
pub fn psus(seed: u64, records: usize) -> Vec<Psu> {
    let wanted = (records / PERSONS_PER_PSU) as f64;
    let total: f64 = STRATA.iter().flatten().map(|s| s.0).sum();
    let mut stream = Stream::named(seed, "demonstration psus");
    // A region's industries are known well before the neighbourhood's.
    let regions: Vec<Vec<f64>> = (0..REGIONS.len()).map(|_| (0..100).map(|_| 0.25 * stream.normal()).collect()).collect();
    let mut psus = Vec::new();
    for (region, places) in STRATA.iter().enumerate() {
        let mut number = 0;
        for (place, (share, _)) in places.iter().enumerate() {
            for _ in 0..((wanted * share / total).round() as usize).max(2) {
                number += 1;
                let majors: Vec<f64> = (0..10).map(|_| 0.6 * stream.normal()).collect();
                let abroad = (0.6 * stream.normal() - 0.18).exp();
                psus.push(Psu {
                    name: format!("{}{number:03}", &REGIONS[region][..1]),
                    region,
                    urban: place == 0,
                    noise: (0.6 * stream.normal() - 0.18).exp(),
                    tilt: regions[region].iter().enumerate().map(|(sub, r)| r + majors[sub / 10] + 0.6 * stream.normal()).collect(),
                    size: 0.5 + stream.unit(),
                    abroad: if place == 0 { [0.075 * abroad, 0.165 * abroad] } else { [0.045 * abroad, 0.085 * abroad] },
                    slot: stream.below(3) as usize,
                });
            }
        }
    }
    psus
}

/// Draws exactly `records` persons, in order of month, PSU and household.
pub fn persons(seed: u64, records: usize, psus: &[Psu]) -> Vec<Person> {
    let mut stream = Stream::named(seed, "demonstration persons");
    let visits = (0..MONTHS).flat_map(|month| psus.iter().enumerate().filter(move |(_, p)| p.slot == month % 3).map(move |(i, p)| (month, i, p)));
    let total: f64 = visits.clone().map(|(_, _, p)| p.size).sum();
    let (mut reached, mut household) = (0.0, 0);
    let mut persons = Vec::with_capacity(records);
    let last = visits.clone().count().saturating_sub(1);
    for (at, (month, psu, place)) in visits.enumerate() {
        reached += place.size;
        let until = if at == last { records } else { ((reached / total) * records as f64) as usize };
        while persons.len() < until {
            household += 1;
            let members = (1 + pick(&mut stream, [0.58, 0.35, 0.07].into_iter())).min(until - persons.len());
            let weight = STRATA[place.region][usize::from(!place.urban)].1 * (0.18 * stream.normal()).exp();
            let country = pick(&mut stream, [(1.0 - place.abroad[0] - place.abroad[1]).max(0.3), place.abroad[0], place.abroad[1]].into_iter());
            // A household is interviewed in one language.
            let language = pick(&mut stream, LANGUAGE[country].into_iter());
            for member in 1..=members {
                let age = pick(&mut stream, AGE.iter().map(|a| a.0));
                persons.push(Person {
                    id: format!("H{household:06}-{member}"),
                    month,
                    psu,
                    weight: (weight * AGE[age].1).clamp(20.0, 400.0),
                    woman: stream.unit() < 0.48,
                    age,
                    country,
                    language,
                });
            }
        }
    }
    persons
}

/// How much more common a unit group is for a person's sex, age, country of birth and place.
fn liking(people: &People, person: &Person, psu: &Psu, digits: &str) -> f64 {
    let sex = if person.woman { people.women } else { 1.0 - people.women };
    let age = match people.age {
        'y' => [2.6, 1.3, 0.85, 0.65, 0.5],
        'p' => [0.12, 1.15, 1.15, 1.0, 0.7],
        'o' => [0.12, 0.6, 1.15, 1.4, 1.7],
        _ => [0.8, 1.05, 1.05, 1.0, 0.8],
    }[person.age];
    let place = match (people.place, psu.urban) {
        ('u', true) => 1.3,
        ('u', false) => 0.6,
        ('r', true) => 0.12,
        ('r', false) => 3.0,
        _ => 1.0,
    };
    let born = match (person.country, &digits[..1]) {
        (0, _) => 1.0,
        (_, "0") => 0.2,
        (_, "9" | "8") => 1.4,
        (_, "1" | "2" | "4") => 0.85,
        _ => 1.0,
    };
    let tilt = digits[..2].parse::<usize>().map_or(0.0, |sub| psu.tilt[sub]);
    people.share * sex * age * place * born * tilt.exp()
}

/// The unit group in which a person works, as an index into the lexicon.
pub fn job(lexicon: &Lexicon, person: &Person, psu: &Psu, stream: &mut Stream) -> usize {
    let chances: Vec<f64> = lexicon.units.iter().map(|u| liking(&u.people, person, psu, u.digits)).collect();
    pick(stream, chances.iter().copied())
}

/// Usual hours a week (empty when not given) and the size band of the workplace (likewise).
pub fn workplace(digits: &str, person: &Person, stream: &mut Stream) -> (String, &'static str) {
    let service = matches!(&digits[..1], "5" | "9");
    let part = match (person.woman, service) {
        (true, true) => 0.45,
        (true, false) => 0.28,
        (false, true) => 0.18,
        _ => 0.07,
    } + if matches!(person.age, 0 | 4) { 0.25 } else { 0.0 };
    let mean = match &digits[..2] {
        "61" | "14" | "11" => 48.0,
        _ => 39.0,
    };
    let hours = if stream.unit() < part { 20.0 + 6.0 * stream.normal() } else { mean + 3.5 * stream.normal() };
    let half = stream.unit() < 0.08;
    let hours = hours.round().clamp(3.0, 84.0) + if half { 0.5 } else { 0.0 };
    let hours = if stream.unit() < 0.04 { String::new() } else { hours.to_string() };
    let alone = match &digits[..2] {
        "61" | "62" => 0.55,
        "71" | "14" | "26" => 0.2,
        _ => 0.06,
    };
    let bands = ["", "0", "1-9", "10-49", "50-249", "250+"];
    (hours, bands[pick(stream, [0.025, alone, 0.24, 0.28, 0.24, 0.2].into_iter())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strata_have_psus_and_every_person_counts_once() {
        let psus = psus(3, 4000);
        let people = persons(3, 4000, &psus);
        assert_eq!(people.len(), 4000);
        for region in 0..REGIONS.len() {
            for urban in [true, false] {
                assert!(psus.iter().filter(|p| p.region == region && p.urban == urban).count() >= 2);
            }
        }
        assert!((0..MONTHS).all(|month| people.iter().any(|p| p.month == month)));
        assert!(people.iter().all(|p| (20.0..=400.0).contains(&p.weight)));
        let mean = |age: usize| {
            let of: Vec<f64> = people.iter().filter(|p| p.age == age).map(|p| p.weight).collect();
            of.iter().sum::<f64>() / of.len() as f64
        };
        assert!(mean(0) > 1.2 * mean(3), "weights follow age");
    }

    #[test]
    fn jobs_follow_the_chances() {
        let lexicon = Lexicon::embedded();
        let psus = psus(5, 3000);
        let mut stream = Stream::named(5, "jobs");
        let people = persons(5, 3000, &psus);
        let jobs: Vec<(bool, &str)> = people.iter().map(|p| (p.woman, lexicon.units[job(&lexicon, p, &psus[p.psu], &mut stream)].digits)).collect();
        let count = |woman: bool, digits: &str| jobs.iter().filter(|j| **j == (woman, digits)).count();
        assert!(count(true, "2221") > 3 * count(false, "2221"), "nurses are mostly women");
        assert!(count(false, "8332") > 3 * count(true, "8332"), "lorry drivers are mostly men");
        assert!(count(true, "5223") + count(false, "5223") > 60, "shop assistants are many");
    }

    #[test]
    fn picks_in_proportion() {
        let mut stream = Stream::named(1, "pick");
        let mut seen = [0u32; 3];
        (0..30_000).for_each(|_| seen[pick(&mut stream, [1.0, 0.0, 3.0].into_iter())] += 1);
        assert_eq!(seen[1], 0);
        assert!((f64::from(seen[2]) / f64::from(seen[0]) - 3.0).abs() < 0.2, "{seen:?}");
    }
}
