//! The private list of the coded answers most like each test record's, as a clerk would read it beside the code.

use super::prepare::Prepared;
use crate::model::Neighbour;
use std::collections::HashMap;

/// The list as CSV: test record, rank, and the training record with its code, similarity and texts; without texts where the model was not `taught`
/// by the training records at hand, among which the same id is of another record.
pub fn neighbours_file(prepared: &Prepared, found: &[Vec<Neighbour>], taught: bool) -> Vec<u8> {
    let table = &prepared.table;
    let rows: HashMap<&str, usize> = prepared.split.train.iter().filter(|_| taught).map(|&row| (table.ids.get(row as usize), row as usize)).collect();
    let mut text = String::from("id,rank,neighbour,code,similarity");
    for (name, _) in &table.texts {
        text.push(',');
        text.push_str(&field(name));
    }
    text.push('\n');
    for (&record, neighbours) in prepared.split.test.iter().zip(found) {
        for (rank, neighbour) in neighbours.iter().enumerate() {
            let names = [table.ids.get(record as usize), &neighbour.id, &neighbour.code].map(field);
            text.push_str(&format!("{},{},{},{},{:.6}", names[0], rank + 1, names[1], names[2], neighbour.similarity));
            for (_, texts) in &table.texts {
                text.push(',');
                text.push_str(&field(rows.get(neighbour.id.as_str()).map_or("", |&row| texts.get(row))));
            }
            text.push('\n');
        }
    }
    text.into_bytes()
}

/// A field in quotes where it needs them.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        assert_eq!((field("a 1"), field("a,1"), field("say \"x\"")), ("a 1".into(), "\"a,1\"".into(), "\"say \"\"x\"\"\"".into()));
    }
}
