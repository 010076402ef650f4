//! The program's measuring of given predictions, without files of a study: table, sample, estimates.

use proofmark::data::{
    CodeFrame, CodeLevel, ColumnDescription, DatasetDescription, Dialect, Encoding, ReplicateColumns, Role, Strings, SurveyDesign, Table, assemble, read,
    read_numbers,
};
use proofmark::measure::{Grouping, LonelyPsu, Measure, Measured, Proportions, Request, Sample, Variance, measure};
use proofmark::model::from_predictions;
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
        let request = Request {
            level: 0.95,
            groupings: Vec::new(),
            code_levels: Vec::new(),
            minimum_group: 2,
            replicates: 200,
            thresholds: Vec::new(),
            lonely_psu: LonelyPsu::Fail,
            variance: Variance::default(),
            interval: Proportions::default(),
        };
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
        self.request.groupings = names.iter().map(|n| Grouping { variables: vec![(*n).to_owned()], values: Vec::new() }).collect();
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
