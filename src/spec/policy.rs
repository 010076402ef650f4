//! Reads a policy: its terms and its gates, written before the results.

use super::Files;
use super::gate::gate;
use super::path;
use super::request::{LEVEL, THRESHOLD};
use super::sink::Sink;
use super::source::Source;
use super::table::Table;
use super::value::{Limits, Value};
use crate::judge::{Gate, Policy};
use crate::measure::{Grouping, Promise};
use crate::value::Failure;
use sha2::{Digest, Sha256};
use std::path::Path;
use toml::de::DeValue;

/// What a study says that gates must agree with; what is absent could not be read and goes unchecked.
#[derive(Clone, Copy, Default)]
pub(super) struct Context<'a> {
    /// The groupings.
    pub groupings: Option<&'a [Grouping]>,
    /// Names of the code levels evaluated, and of the full code's.
    pub levels: Option<(&'a [String], &'a str)>,
}

/// Reads a policy file, or the policy of a study file: what `judge --policy` takes.
/// Groups and code levels go unchecked, because only the evidence knows them.
///
/// # Errors
/// All problems of the files, each with its place.
pub fn policy(at: &Path, files: &dyn Files) -> Result<Policy, Failure> {
    let text = files.text(at)?;
    let mut out = Sink::default();
    let source = Source::new(path::name(at), &text);
    out.sources.push((source.file.clone(), text.clone()));
    let (tree, errors, whole) = source.parse();
    out.syntax(&source.file, errors, whole);
    let mut table = Table::root(&source, &tree);
    let study = ["policy", "dataset", "candidate", "split", "evaluate"].iter().any(|key| table.has(key));
    let policy = if study {
        let value = table.take("policy");
        if value.is_none() {
            out.push(table.problem("`policy` is missing").remedy("this is a study file: add policy = \"policy.toml\" or a table [policy]"));
        }
        value.and_then(|v| named_or_inline(&v, &path::folder(at), &text, "Policy", Context::default(), files, &mut out))
    } else {
        read(table, &text, None, Context::default(), &mut out)
    };
    match policy {
        Some(policy) if out.clean() => Ok(policy),
        _ => Err(out.failure()),
    }
}

/// The policy of a study: the name of a file, or a table; `title` is the title of an inline policy that has none.
pub(super) fn named_or_inline(
    value: &Value<'_>,
    folder: &Path,
    study: &str,
    title: &str,
    context: Context<'_>,
    files: &dyn Files,
    out: &mut Sink,
) -> Option<Policy> {
    match value.raw() {
        DeValue::Table(_) => read(value.table(out)?, study, Some(title), context, out),
        DeValue::String(_) => {
            let written = path::relative(value, out)?;
            let at = path::description(folder, &written, "policy.toml");
            let text = path::text(files, &at, value, out)?;
            let source = Source::new(path::name(&at), &text);
            let (tree, errors, whole) = source.parse();
            out.syntax(&source.file, errors, whole);
            out.record(&source, "policy.", tree.get_ref());
            read(Table::root(&source, &tree), &text, None, context, out)
        }
        _ => {
            out.push(value.problem("`policy` must be the path of a policy file, or a table").remedy("policy = \"policy.toml\""));
            None
        }
    }
}

fn read(mut table: Table<'_>, text: &str, title: Option<&str>, context: Context<'_>, out: &mut Sink) -> Option<Policy> {
    let title = match title {
        None => table.need("title", "name the policy: title = \"…\"").and_then(|v| v.filled(out)),
        Some(title) => table.take("title").map_or_else(|| Some(title.to_owned()), |v| v.filled(out)),
    };
    let owner = table.optional("owner", out);
    let valid_months = table.take("valid_months").map_or(Some(None), |v| v.whole(1, 120, out).map(|n| Some(n as u32)));
    let automatic = table.take("automatic_coding").map_or(Some((None, None)), |v| automatic_coding(&v, out));
    let families = table.take("family");
    let list = table.need("gate", "a policy has at least one gate: [[gate]] with `id`, `metric` and `at_least` or `at_most`");
    let gates = list.and_then(|list| {
        let items = list.list(out)?;
        if items.is_empty() {
            out.push(list.problem("the policy has no gate").remedy("add at least one: [[gate]] with `id`, `metric` and `at_least` or `at_most`"));
        }
        let mut ids = Vec::new();
        let gates: Vec<Gate> = items.iter().filter_map(|item| gate(item.table(out)?, &mut ids, context, out)).collect();
        (gates.len() == items.len() && !items.is_empty()).then_some(gates)
    });
    let families = families.map_or(Some(Vec::new()), |v| super::family::families(&v, gates.as_deref(), out));
    table.finish(out);
    let (automatic_threshold, automatic_promise) = automatic?;
    Some(Policy {
        title: title?,
        owner,
        valid_months: valid_months?,
        automatic_threshold,
        automatic_promise,
        families: families?,
        gates: gates?,
        digest: Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect(),
    })
}

/// Reads `[automatic_coding]`: a fixed threshold, or what a threshold chosen on the tuning part must promise.
fn automatic_coding(value: &Value<'_>, out: &mut Sink) -> Option<(Option<f64>, Option<Promise>)> {
    let mut table = value.table(out)?;
    let error = table.take("error_at_most");
    let confidence = table.take("confidence");
    let Some(error) = error else {
        if let Some(confidence) = confidence {
            out.push(confidence.problem("`confidence` belongs to `error_at_most`").remedy("add error_at_most = 0.05, or leave `confidence` away"));
        }
        let threshold = table
            .need("threshold", "from which confidence on records are coded without a clerk: threshold = 0.7; or what is promised of them: error_at_most = 0.05")
            .and_then(|v| v.number(THRESHOLD, out));
        table.finish(out);
        return threshold.map(|t| (Some(t), None));
    };
    let fixed = table.take("threshold");
    if let Some(fixed) = &fixed {
        let problem = fixed.problem("`threshold` and `error_at_most` exclude each other: a threshold is either fixed or chosen");
        out.push(problem.remedy("leave one of the two away"));
    }
    let error_at_most = error.number(Limits::Between(0.0, 1.0), out);
    let confidence = confidence.map_or(Some(0.95), |v| v.number(LEVEL, out));
    table.finish(out);
    let promise = Promise { error_at_most: error_at_most?, confidence: confidence? };
    fixed.is_none().then_some((None, Some(promise)))
}
