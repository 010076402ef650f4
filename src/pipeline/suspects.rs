//! The private list of records whose true code looks wrong to a candidate, for people to look at again.

use super::prepare::Prepared;
use crate::measure::Suspect;
use crate::model::Predictions;

/// The list as CSV: id, true code, likelier code, the candidate's probability for each; most certain first.
pub fn suspects_file(prepared: &Prepared, predictions: &Predictions, suspects: &[Suspect]) -> Vec<u8> {
    let mut text = String::from("id,given_code,likelier_code,given_confidence,likelier_confidence\n");
    for s in suspects {
        let row = prepared.split.test[s.record as usize] as usize;
        let code = prepared.table.codes.get(prepared.table.truth[row] as usize).map_or("", String::as_str);
        let likelier = &predictions.codes[s.likelier as usize];
        let fields = [prepared.table.ids.get(row), code, likelier].map(field);
        text.push_str(&format!("{},{:.6},{:.6}\n", fields.join(","), s.given_confidence, s.likelier_confidence));
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
