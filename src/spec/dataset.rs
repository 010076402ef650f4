//! Reads `dataset.toml`: files, columns with their roles, code frame.

use super::path::{relative, table as table_path};
use super::sink::Sink;
use super::source::quote;
use super::table::Table;
use super::value::Value;
use super::{Files, path, survey};
use crate::data::{CodeFrame, CodeLevel, ColumnDescription, DatasetDescription, Encoding, Join, Role, SurveyDesign};
use crate::value::{Class, Problem};
use std::path::Path;

/// A description, as far as it can be read: enough to check the study against it even when it has mistakes of its own.
pub(super) struct Described {
    /// The description; a column with a mistake has every role, so that nothing else is said of it.
    pub data: DatasetDescription,
    /// False when the code frame has a mistake, so that names of levels go unchecked.
    pub frame_read: bool,
}

/// Reads the description from the table of its file; nothing when it describes no columns.
pub(super) fn read(mut top: Table<'_>, at: &Path, files: &dyn Files, out: &mut Sink) -> Option<Described> {
    let folder = path::folder(at);
    let title = top.need("title", "say what data these are: title = \"…\"").and_then(|v| v.filled(out));
    let about = top.take("about").map_or(Some(Vec::new()), |v| texts(&v, out));
    let names = top.need("files", "list the data files: files = [\"records.csv\"]").and_then(|v| data_files(&v, &folder, files, out));
    let encoding = top
        .take("encoding")
        .map_or(Some(Encoding::Utf8), |v| v.choice(&[("utf-8", Encoding::Utf8), ("utf-16", Encoding::Utf16), ("latin-1", Encoding::Latin1)], out));
    let delimiter = top.take("delimiter").map_or(Some(b','), |v| delimiter(&v, out));
    let joins = top.take("join").map_or(Some(Vec::new()), |v| joins(&v, &folder, files, out));
    let columns = top
        .need("columns", "describe the columns that matter: [columns], then one line each, e.g. answer = { role = \"text\" }")
        .and_then(|v| columns(&v, out));
    let frame = top.take("code_frame").map_or_else(|| Some(CodeFrame { full: "code".into(), ..CodeFrame::default() }), |v| frame(&v, &folder, files, out));
    let design = top.take("design").map_or_else(|| Some(SurveyDesign::default()), |v| survey::read(&v, columns.as_deref(), out));
    top.finish(out);
    let data = DatasetDescription {
        file: path::name(at),
        folder,
        title: title.unwrap_or_default(),
        about: about.unwrap_or_default(),
        files: names.unwrap_or_default(),
        joins: joins.unwrap_or_default(),
        encoding: encoding.unwrap_or_default(),
        delimiter: delimiter.unwrap_or_default(),
        columns: columns?,
        frame: frame.clone().unwrap_or_default(),
        design: design.unwrap_or_default(),
    };
    Some(Described { data, frame_read: frame.is_some() })
}

/// A table whose keys are free and whose values are texts, in the order of the file; blank ones are left out.
fn texts(value: &Value<'_>, out: &mut Sink) -> Option<Vec<(String, String)>> {
    let all = value.table(out)?.all();
    let wanted = all.len();
    let texts: Vec<(String, String)> = all.into_iter().filter_map(|(key, value, _)| Some((key.to_owned(), value.text(out)?))).collect();
    (texts.len() == wanted).then(|| texts.into_iter().filter(|(_, t)| !t.trim().is_empty()).collect())
}

fn data_files(value: &Value<'_>, folder: &Path, files: &dyn Files, out: &mut Sink) -> Option<Vec<String>> {
    let listed = value.texts(out)?;
    if listed.is_empty() {
        out.push(value.problem("`files` is empty").remedy("list at least one file of records"));
        return None;
    }
    let mut names = Vec::new();
    for (_, item) in &listed {
        if let Some(name) = table_path(item, out) {
            path::present(files, &folder.join(&name), item, out);
            names.push(name);
        }
    }
    (names.len() == listed.len()).then_some(names)
}

fn delimiter(value: &Value<'_>, out: &mut Sink) -> Option<u8> {
    let text = value.text(out)?;
    match text.as_bytes() {
        [b] if (b.is_ascii_punctuation() && !matches!(b, b'"' | b'\'' | b'.' | b'-' | b'_')) || matches!(b, b'\t' | b' ') => Some(*b),
        _ => {
            out.push(
                value
                    .problem(format!("`delimiter` cannot be {}", quote(&text)))
                    .remedy("give one character that parts fields, e.g. \",\", \";\", \"|\" or \"\\t\""),
            );
            None
        }
    }
}

fn joins(value: &Value<'_>, folder: &Path, files: &dyn Files, out: &mut Sink) -> Option<Vec<Join>> {
    let items = value.list(out)?;
    let wanted = items.len();
    let mut joins: Vec<Join> = Vec::new();
    for item in items {
        let Some(mut table) = item.table(out) else { continue };
        let written = table.need("path", "name the file that is joined: path = \"truth.csv\"");
        let path = written.as_ref().and_then(|v| table_path(v, out));
        if let (Some(path), Some(written)) = (&path, &written) {
            path::present(files, &folder.join(path), written, out);
        }
        let on = table.need("on", "name the column that both files share: on = \"id\"").and_then(|v| v.filled(out));
        table.finish(out);
        if let (Some(path), Some(on)) = (path, on) {
            joins.push(Join { path, on });
        }
    }
    (joins.len() == wanted).then_some(joins)
}

fn columns(value: &Value<'_>, out: &mut Sink) -> Option<Vec<ColumnDescription>> {
    let table = value.table(out)?;
    let mut columns: Vec<ColumnDescription> = Vec::new();
    let mut whole = true;
    for (name, value, place) in table.all() {
        if name.trim().is_empty() {
            out.push(Problem::new(Class::Study, "a column has a blank name").at(place).remedy("write the name that stands at the head of the file"));
            whole = false;
            continue;
        }
        match column(name, &value, out) {
            Some(column) => columns.push(column),
            None => {
                whole = false;
                let roles = Role::NAMES.map(|(_, role)| role).to_vec();
                columns.push(ColumnDescription { name: name.to_owned(), roles, label: None, allow_empty: false, missing: Vec::new() });
            }
        }
    }
    if whole {
        count_roles(&table, &columns, out);
    }
    Some(columns)
}

fn column(name: &str, value: &Value<'_>, out: &mut Sink) -> Option<ColumnDescription> {
    let mut table = value.table(out)?;
    let one = table.take("role");
    let several = table.take("roles");
    let roles = match (&one, &several) {
        (Some(_), Some(several)) => {
            out.push(several.problem(format!("column {} has both `role` and `roles`", quote(name))).remedy("keep one of the two"));
            None
        }
        (Some(role), None) => role.choice(&Role::NAMES, out).map(|r| vec![r]),
        (None, Some(several)) => several.texts(out).and_then(|listed| {
            let roles: Vec<Role> = listed.iter().filter_map(|(_, v)| v.choice(&Role::NAMES, out)).collect();
            if listed.is_empty() {
                out.push(several.problem("`roles` is empty").remedy("give at least one role, or leave the column away"));
            }
            (roles.len() == listed.len() && !roles.is_empty()).then_some(roles)
        }),
        (None, None) => {
            // As a missing key, so that a misspelt one gets one problem and not two.
            table.need("role", "say what the column is for: role = \"text\", or roles = [\"category\", \"group\"]");
            None
        }
    };
    let label = table.optional("label", out);
    let empty = table.take("empty");
    let allow_empty = empty.as_ref().map_or(Some(false), |v| v.choice(&[("allow", true), ("refuse", false)], out));
    let missing = table.take("missing").map_or(Some(Vec::new()), |v| v.texts(out).map(|t| t.into_iter().map(|(t, _)| t).collect()));
    table.finish(out);
    let roles = roles?;
    let mut fits = true;
    if let Some(empty) = empty.filter(|_| !roles.contains(&Role::Text)) {
        out.push(empty.problem(format!("`empty` is for texts, and column {} is none", quote(name))).remedy("leave `empty` away"));
        fits = false;
    }
    let place = several.or(one).map(|v| v.place).unwrap_or_default();
    for (a, b) in conflicts(&roles) {
        let problem = Problem::new(Class::Study, format!("column {} cannot be both {} and {}", quote(name), a.name(), b.name()));
        let secret = [Role::Code, Role::Coder].contains(&a);
        let remedy =
            if secret { "a model would be shown the code that it is to find: keep one of the two" } else { "keep the one that says how a model is to read it" };
        out.push(problem.at(place.clone()).remedy(remedy));
        fits = false;
    }
    fits.then_some(ColumnDescription { name: name.to_owned(), roles, label, allow_empty: allow_empty?, missing: missing? })
}

/// Pairs of roles that exclude each other: the true code must not reach a coder, an id says nothing, and a column is read in one way.
fn conflicts(roles: &[Role]) -> Vec<(Role, Role)> {
    use Role::{Category, Code, Coder, Fpc, Id, Number, Text, Weight};
    const PAIRS: [(Role, Role); 18] = [
        (Code, Text),
        (Code, Category),
        (Code, Number),
        (Coder, Text),
        (Coder, Category),
        (Coder, Number),
        (Code, Coder),
        (Id, Text),
        (Id, Category),
        (Id, Number),
        (Id, Code),
        (Id, Weight),
        (Id, Fpc),
        (Fpc, Weight),
        (Fpc, Text),
        (Text, Category),
        (Text, Number),
        (Category, Number),
    ];
    PAIRS.into_iter().filter(|(a, b)| roles.contains(a) && roles.contains(b)).collect()
}

/// One id, one code, something to code from, and at most one of each part of the design.
fn count_roles(table: &Table<'_>, columns: &[ColumnDescription], out: &mut Sink) {
    let place = |name: &str| table.all().into_iter().find(|(n, ..)| *n == name).map(|(_, _, p)| p).unwrap_or_default();
    for (role, required) in [(Role::Id, true), (Role::Code, true), (Role::Weight, false), (Role::Stratum, false), (Role::Psu, false), (Role::Fpc, false)] {
        let names: Vec<&str> = columns.iter().filter(|c| c.roles.contains(&role)).map(|c| c.name.as_str()).collect();
        if required && names.is_empty() {
            out.push(table.problem(format!("no column has the role {}", quote(role.name()))).remedy(format!("give one column role = \"{}\"", role.name())));
        }
        for name in names.iter().skip(1) {
            let problem =
                Problem::new(Class::Study, format!("column {} has the role {}, which column {} has already", quote(name), quote(role.name()), quote(names[0])));
            out.push(problem.at(place(name)).remedy("only one column can have it"));
        }
    }
    if !columns.iter().any(|c| c.roles.iter().any(|r| matches!(r, Role::Text | Role::Category | Role::Number))) {
        out.push(table.problem("there is no column to code from").remedy("give at least one column the role \"text\", \"category\" or \"number\""));
    }
}

fn frame(value: &Value<'_>, folder: &Path, files: &dyn Files, out: &mut Sink) -> Option<CodeFrame> {
    let mut table = value.table(out)?;
    let written = table.take("file");
    let path = match &written {
        None => Some(None),
        Some(v) => relative(v, out).map(Some),
    };
    if let (Some(Some(path)), Some(written)) = (&path, &written) {
        if path.to_lowercase().ends_with(".csv") {
            path::present(files, &folder.join(path), written, out);
        } else {
            out.push(written.problem(format!("the code frame must be a .csv file, but is {}", quote(path))).remedy("save the list of codes as CSV"));
        }
    }
    let mut names = |key: &'static str, default: &str, out: &mut Sink| match table.take(key) {
        None => Some(default.to_owned()),
        Some(v) => v.filled(out),
    };
    let code = names("code", "code", out);
    let full = names("full", "code", out);
    let label = table.take("label").map_or(Some(None), |v| v.filled(out).map(Some));
    let levels = table.take("levels").map_or(Some(Vec::new()), |v| levels(&v, full.as_deref(), out));
    table.finish(out);
    Some(CodeFrame { path: path?, code: code?, label: label?, levels: levels?, full: full? })
}

fn levels(value: &Value<'_>, full: Option<&str>, out: &mut Sink) -> Option<Vec<CodeLevel>> {
    let items = value.list(out)?;
    let wanted = items.len();
    let mut levels: Vec<CodeLevel> = Vec::new();
    for item in items {
        let Some(mut table) = item.table(out) else { continue };
        let named = table.need("name", "name the level: { name = \"major group\", digits = 1 }");
        let name = named.as_ref().and_then(|v| v.filled(out));
        let counted = table.need("digits", "say how many characters of a code name the level: { name = \"major group\", digits = 1 }");
        let digits = counted.as_ref().and_then(|v| v.whole(1, 64, out));
        table.finish(out);
        let (Some(name), Some(digits), Some(named), Some(counted)) = (name, digits, named, counted) else { continue };
        let digits = digits as usize;
        if levels.iter().any(|l| l.name == name) || full == Some(name.as_str()) {
            out.push(named.problem(format!("two levels are named {}", quote(&name))).remedy("give each level its own name; the full code is named by `full`"));
        } else if levels.last().is_some_and(|l| l.digits >= digits) {
            out.push(counted.problem("the levels are not in ascending order of `digits`").remedy("list the coarsest level first; the full code is not listed"));
        } else {
            levels.push(CodeLevel { name, digits });
        }
    }
    (levels.len() == wanted).then_some(levels)
}
