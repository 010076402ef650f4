//! The program's measuring of given predictions, without files of a study: table, sample, estimates.

use proofmark::data::{
    CodeFrame, CodeLevel, ColumnDescription, DatasetDescription, Dialect, Encoding, ReplicateColumns, ReplicateDesign, ReplicateKind, Role, Strings,
    SurveyDesign, Table, assemble, read, read_numbers,
};
use proofmark::measure::{Grouping, Kind, Measure, Measured, Request, Sample, measure};
use proofmark::model::from_predictions;
use proofmark::stats::Centre;
use proofmark::value::{Estimate, Failure, Outcome};
use std::collections::BTreeSet;

/// Records with columns `id`, `truth`, `predicted`, perhaps `confidence`, and what is asked of them.
#[derive(Clone)]
pub struct Evaluation {
    pub csv: String,
    pub roles: Vec<(String, Role)>,
    pub design: SurveyDesign,
    pub request: Request,
}

/// What was found, with what is needed to ask more.
pub struct Found {
    pub table: Table,
    pub rows: Vec<u32>,
    pub sample: Sample,
    pub measured: Measured,
}

impl Evaluation {
    pub fn new(csv: impl Into<String>, roles: &[(&str, Role)]) -> Self {
        let request = Request { minimum_group: 2, replicates: 200, ..Request::default() };
        let mut this = Self { csv: csv.into(), roles: Vec::new(), design: SurveyDesign::default(), request };
        this = this.role("id", Role::Id).role("truth", Role::Code);
        for (name, role) in roles {
            this = this.role(name, *role);
        }
        this
    }

    pub fn role(mut self, name: &str, role: Role) -> Self {
        self.roles.push((name.to_owned(), role));
        self
    }

    pub fn groups(mut self, names: &[&str]) -> Self {
        self.request.groupings = names.iter().map(|n| Grouping { variables: vec![(*n).to_owned()], ..Grouping::default() }).collect();
        names.iter().fold(self, |e, n| e.role(n, Role::Group))
    }

    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn described(&self) -> DatasetDescription {
        let mut columns: Vec<ColumnDescription> = Vec::new();
        for (name, role) in &self.roles {
            match columns.iter_mut().find(|c| c.name == *name) {
                Some(column) => column.roles.push(*role),
                None => columns.push(ColumnDescription { name: name.clone(), roles: vec![*role], label: None, allow_empty: false, missing: Vec::new() }),
            }
        }
        let level = |name: &str| CodeLevel { name: name.to_owned(), digits: if name == "first" { 1 } else { 2 } };
        let levels = self.request.code_levels.iter().map(|n| level(n)).collect();
        DatasetDescription {
            file: "dataset.toml".into(),
            folder: ".".into(),
            title: "reference".into(),
            about: Vec::new(),
            files: vec!["records.csv".into()],
            joins: Vec::new(),
            encoding: Encoding::Utf8,
            delimiter: b',',
            columns,
            frame: CodeFrame { levels, full: "full".into(), ..CodeFrame::default() },
            design: self.design.clone(),
        }
    }

    pub fn try_run(&self) -> Result<Found, Failure> {
        let about = self.described();
        let bytes = self.csv.as_bytes();
        let mut raw = read("records.csv", bytes, Dialect::default(), &[])?;
        if let Some(replicates) = &self.design.replicates {
            let names = match &replicates.columns {
                ReplicateColumns::Listed(names) => names.clone(),
                ReplicateColumns::Prefixed(_) => replicates.among(raw.headers.iter().map(String::as_str)),
            };
            raw.numbers = read_numbers("records.csv", bytes, Dialect::default(), &names)?;
        }
        let confidence: Vec<Vec<f64>> = raw.column("confidence").iter().map(|c| c.iter().map(|v| v.parse().unwrap()).collect()).collect();
        let codes: Strings = raw.column("predicted").unwrap().clone();
        let ids = raw.column("id").unwrap().clone();
        let table = assemble(&about, vec![raw], Vec::new(), None)?;
        let rows = table.labelled();
        let predictions = from_predictions(&ids, &[&codes], &confidence, &table.ids, &rows)?.predictions;
        let sample = Sample::of(&table, &about, &rows, &self.request, 1)?;
        let trained: BTreeSet<u32> = (0..table.codes.len() as u32).collect();
        let measured = measure(&table, &rows, &trained, &sample, &predictions, &self.request)?;
        Ok(Found { table, rows, sample, measured })
    }

    #[track_caller]
    pub fn run(&self) -> Found {
        self.try_run().unwrap_or_else(|f| panic!("{:?}", f.problems))
    }

    /// The messages with places and remedies of what is refused.
    #[track_caller]
    pub fn refused(&self) -> String {
        match self.try_run() {
            Ok(_) => panic!("not refused"),
            Err(failure) => failure.problems.iter().map(|p| format!("{p:?}\n")).collect(),
        }
    }
}

impl Found {
    #[track_caller]
    pub fn find(&self, metric: &str, pick: impl Fn(&Measure) -> bool) -> &Estimate {
        self.outcome(metric, pick).estimate().unwrap_or_else(|| panic!("{metric} is undefined"))
    }

    #[track_caller]
    pub fn outcome(&self, metric: &str, pick: impl Fn(&Measure) -> bool) -> &Outcome {
        &self.measured.measures.iter().find(|m| m.metric == metric && pick(m)).unwrap_or_else(|| panic!("no {metric}")).outcome
    }

    #[track_caller]
    pub fn plain(&self, metric: &str) -> &Estimate {
        self.find(metric, plain)
    }
}

pub fn plain(m: &Measure) -> bool {
    m.code.is_none() && m.group.is_none() && m.code_level.is_none() && m.threshold.is_none() && m.contrast.is_none()
}

/// The cell of a single variable.
pub fn of_group<'a>(variable: &'a str, value: &'a str) -> impl Fn(&Measure) -> bool + 'a {
    move |m| m.code_level.is_none() && m.threshold.is_none() && m.group.as_ref().is_some_and(|g| g.variables == [variable] && g.values == [value])
}

/// The contrast between the groups of a variable.
pub fn contrast<'a>(kind: &'a str, variable: &'a str) -> impl Fn(&Measure) -> bool + 'a {
    move |m| m.code_level.is_none() && m.threshold.is_none() && m.contrast.as_ref().is_some_and(|c| c.kind == kind && c.variables == [variable])
}

/// Within a relative tolerance.
#[track_caller]
pub fn close(found: f64, wanted: f64, tolerance: f64, what: &str) {
    assert!((found - wanted).abs() <= tolerance * wanted.abs().max(1e-12), "{what}: {found} is not {wanted}");
}

pub const STRATUM: (&str, Role) = ("stratum", Role::Stratum);
pub const PSU: (&str, Role) = ("psu", Role::Psu);
pub const WEIGHT: (&str, Role) = ("weight", Role::Weight);

/// Eight records: strata 1111 2222, PSUs 1 1 2 2 3 3 4 4; replicate weights of the jackknife (jk) and of half-samples (hs).
pub fn toy() -> Evaluation {
    let mut csv = "id,stratum,psu,weight,correct,side,truth,predicted,jk_1,jk_2,jk_3,jk_4,hs_1,hs_2,hs_3,hs_4\n".to_owned();
    let (weight, right, side) = ([2.0, 3.0, 1.0, 4.0, 5.0, 2.0, 3.0, 1.0], [1, 0, 1, 1, 0, 1, 1, 1], ["a", "b", "a", "b", "a", "a", "b", "b"]);
    for i in 0..8 {
        let (psu, stratum) = (i / 2 + 1, i / 4 + 1);
        let partner = (psu - 1) ^ 1;
        let factor = |out: usize| {
            if out == psu - 1 {
                0.0
            } else if out == partner {
                2.0
            } else {
                1.0
            }
        };
        let jack: Vec<String> = (0..4).map(|out| (weight[i] * factor(out)).to_string()).collect();
        // The first or second PSU of each stratum in turn.
        let half: Vec<String> =
            (0..4).map(|r| if (psu - 1) % 2 == (r >> (stratum - 1)) & 1 { (2.0 * weight[i]).to_string() } else { "0".to_owned() }).collect();
        let predicted = if right[i] == 1 { "yes" } else { "no" };
        csv += &format!("{i},{stratum},{psu},{},{},{},yes,{predicted},{},{}\n", weight[i], right[i], side[i], jack.join(","), half.join(","));
    }
    Evaluation::new(csv, &[]).groups(&["side"])
}

pub fn replicates(prefix: &str, kind: ReplicateKind) -> ReplicateDesign {
    let columns = ReplicateColumns::Prefixed(prefix.to_owned());
    ReplicateDesign { columns, kind, rho: 0.0, scale: None, rscales: None, centre: Centre::Mean, df: None, combined: true }
}

pub fn with_replicates(evaluation: Evaluation, design: ReplicateDesign) -> Evaluation {
    evaluation.with(|e| e.design = SurveyDesign { psu_within_stratum: false, replicates: Some(design) })
}

pub fn with_roles(evaluation: Evaluation, roles: &[(&str, Role)]) -> Evaluation {
    roles.iter().fold(evaluation, |e, (name, role)| e.role(name, *role))
}

/// `dclus1` of R's `api` data: right of all by district for schools E, H and M; 15 of 757 districts.
pub fn districts() -> Evaluation {
    let text = "61 0/10 0/0 2/1;135 3/31 0/0 0/0;178 0/2 0/1 1/0;197 1/9 0/0 2/1;255 1/12 0/0 0/3;406 0/2 0/0 0/0;413 0/1 0/0 0/0;437 0/2 0/1 0/1;\
                448 0/9 0/1 0/2;510 1/15 1/1 1/2;568 1/3 1/3 0/1;637 0/8 0/1 0/2;716 5/25 0/3 0/4;778 0/1 0/0 1/0;815 0/2 1/0 1/0";
    let mut csv = "id,psu,size,share,side,truth,predicted\n".to_owned();
    let mut id = 0;
    for line in text.split(';') {
        let mut parts = line.split_whitespace();
        let psu = parts.next().unwrap();
        for (side, counts) in ["E", "H", "M"].iter().zip(parts) {
            for (count, predicted) in counts.split('/').zip(["no", "yes"]) {
                for _ in 0..count.parse::<u32>().unwrap() {
                    id += 1;
                    csv += &format!("{id},{psu},757,{},{side},yes,{predicted}\n", 15.0 / 757.0);
                }
            }
        }
    }
    assert_eq!(id, 183);
    Evaluation::new(csv, &[PSU]).groups(&["side"])
}

/// Thirty-six records of three codes in six PSUs of three strata, with half-samples (brr) and Fay's with ρ 0.5 (fay).
pub fn small() -> Evaluation {
    Evaluation::new(include_str!("../studies/design/records.csv"), &[WEIGHT]).groups(&["side"]).with(|e| e.request.thresholds = vec![0.5])
}

/// The difference in accuracy of two candidates on the same records, by who is right on each.
pub fn paired(sample: &Sample, this: &[bool], other: &[bool]) -> Outcome {
    let both = this.iter().zip(other).enumerate().map(|(i, (a, b))| (i, f64::from(*a) - f64::from(*b), 1.0));
    let linear = sample.ratio_of(both).expect("records of positive weight");
    sample.sampling.estimate(&linear, Kind::Signed)
}
