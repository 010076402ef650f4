//! One answer and a saved model: its likeliest codes, and what spoke for and against them.

use crate::data::{Factor, Strings};
use crate::model::{Coder, Input, ReadColumns, SavedModel, UNCODED, without};
use crate::report::{Told, ToldCode};
use crate::store::read_model;
use crate::value::{Class, Failure, Problem, nearest};
use std::collections::BTreeMap;
use std::path::Path;

/// An answer as it is given on a command line.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// What the model's only text column holds.
    pub text: Option<String>,
    /// COLUMN=VALUE for any column.
    pub set: Vec<String>,
    /// How many codes are asked for.
    pub codes: usize,
}

/// Codes an answer with a saved model, and says why.
///
/// # Errors
/// A model that cannot be loaded; columns that it does not read, or values that they cannot have.
pub fn why(model: &Path, asked: &Asked) -> Result<Told, Failure> {
    let model = read_model(model)?;
    let record = Record::of(asked, &model)?;
    let (ids, texts, categories, numbers) = record.columns(&model.head.columns);
    let input = Input {
        ids: &ids,
        texts: texts.iter().map(|(name, strings)| (name.as_str(), strings)).collect(),
        categories: categories.iter().map(|(name, factor)| (name.as_str(), factor)).collect(),
        numbers: numbers.iter().map(|(name, values)| (name.as_str(), values.as_slice())).collect(),
        rows: &[0],
    };
    let predictions = model.predict(&input, usize::MAX)?;
    let ranking: Vec<u32> = if predictions.is_empty() { Vec::new() } else { predictions.ranking(0).iter().copied().filter(|c| *c != UNCODED).collect() };
    let mut codes = Vec::new();
    for (place, &code) in ranking.iter().take(asked.codes).enumerate() {
        // The first is told from the second, the others from the first.
        let versus = ranking.get(usize::from(place == 0)).copied();
        let why = versus.map_or(Ok(None), |versus| model.explain(&input, 0, code, versus))?;
        let name = &predictions.codes[code as usize];
        let label = model.head.labels.get(name).cloned().unwrap_or_default();
        codes.push(ToldCode { code: name.clone(), label, confidence: predictions.confidences(0).get(place).copied(), why });
    }
    let trace = model.trace(&input)?;
    let step = trace.step.first().copied().flatten().and_then(|step| trace.steps.get(step as usize)).cloned();
    let without = if record.says_words(&model.head.columns) { without(&model, &input, 0)? } else { Vec::new() };
    let neighbours = trace.neighbours.into_iter().next().unwrap_or_default();
    Ok(Told { kind: model.head.kind.clone(), codes, step, neighbours, without, left_out: record.left_out(&model.head.columns) })
}

/// Ids, text, category and numeric columns by name.
type Columns = (Strings, Vec<(String, Strings)>, Vec<(String, Factor)>, Vec<(String, Vec<f64>)>);

/// The values of an answer by column.
struct Record {
    values: BTreeMap<String, String>,
}

impl Record {
    fn of(asked: &Asked, model: &SavedModel) -> Result<Self, Failure> {
        let columns = &model.head.columns;
        let all: Vec<&str> = columns.texts.iter().chain(&columns.categories).chain(&columns.numbers).map(String::as_str).collect();
        let usage = |message: String| Problem::new(Class::Usage, message);
        let listed = || if all.is_empty() { "this model reads no column".to_owned() } else { format!("it reads: {}", all.join(", ")) };
        let (mut values, mut problems) = (BTreeMap::new(), Vec::new());
        let mut set: Vec<(String, String)> = Vec::new();
        for pair in &asked.set {
            match pair.split_once('=') {
                Some((column, value)) => set.push((column.trim().to_owned(), value.to_owned())),
                None => problems.push(usage(format!("--set {pair} has no =")).remedy("write --set COLUMN=VALUE, in quotes where the value has blanks")),
            }
        }
        if let Some(text) = &asked.text {
            let mut texts = columns.texts.iter();
            match (texts.next(), texts.next()) {
                (Some(only), None) => set.push((only.clone(), text.clone())),
                (None, _) => problems.push(usage("the model reads no text".to_owned()).remedy(format!("use --set; {}", listed()))),
                _ => {
                    let names = columns.texts.iter().map(|name| format!("--set {name}=…")).collect::<Vec<_>>().join(" ");
                    problems.push(usage("the model reads several texts, so --text does not say which".to_owned()).remedy(format!("write {names}")));
                }
            }
        }
        for (column, value) in set {
            let number = columns.numbers.contains(&column) && !value.trim().is_empty();
            if !all.contains(&column.as_str()) {
                let problem = usage(format!("the model reads no column `{column}`"));
                problems.push(match nearest(&column, all.iter().copied()) {
                    Some(near) => problem.remedy(format!("did you mean `{near}`? {}", listed())),
                    None => problem.remedy(listed()),
                });
            } else if number && !value.trim().parse::<f64>().is_ok_and(f64::is_finite) {
                problems.push(usage(format!("column `{column}` holds numbers")).remedy("write the number with a point and nothing else: 37.5"));
            } else if values.insert(column.clone(), value).is_some() {
                problems.push(usage(format!("column `{column}` is given twice")).remedy("give each column once"));
            }
        }
        if problems.is_empty() && values.is_empty() && !all.is_empty() {
            let how = if columns.texts.len() == 1 { "--text \"…\"" } else { "--set COLUMN=VALUE" };
            problems.push(usage("no answer is given".to_owned()).remedy(format!("write {how}; {}", listed())));
        }
        if problems.is_empty() { Ok(Self { values }) } else { Err(Failure::of(problems)) }
    }

    /// The columns of a table with this answer alone.
    fn columns(&self, columns: &ReadColumns) -> Columns {
        let value = |name: &String| self.values.get(name).map_or("", String::as_str);
        (
            std::iter::once("answer").collect(),
            columns.texts.iter().map(|name| (name.clone(), std::iter::once(value(name)).collect())).collect(),
            columns.categories.iter().map(|name| (name.clone(), Factor::from_strings(std::iter::once(value(name))))).collect(),
            columns.numbers.iter().map(|name| (name.clone(), vec![value(name).trim().parse().unwrap_or(f64::NAN)])).collect(),
        )
    }

    fn says_words(&self, columns: &ReadColumns) -> bool {
        columns.texts.iter().any(|name| self.values.get(name).is_some_and(|v| !v.trim().is_empty()))
    }

    fn left_out(&self, columns: &ReadColumns) -> Vec<String> {
        columns.texts.iter().chain(&columns.categories).chain(&columns.numbers).filter(|name| !self.values.contains_key(*name)).cloned().collect()
    }
}
