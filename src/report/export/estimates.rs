//! Every estimate as tidy CSV: one row an estimate, with its interval and records or the reason why there is none.

use super::csv::safe;
use crate::report::card::Card;

/// The columns.
const HEAD: &str = "id,scope,group,code,level,threshold,compared,status,value,lower,upper,confidence_level,method,n,n_effective,reason\r\n";

/// The estimates, with a head.
pub fn tidy(card: &Card) -> String {
    let mut out = String::from(HEAD);
    for f in &card.facts.estimates {
        let number = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
        let whole = |x: Option<u64>| x.map_or_else(String::new, |x| x.to_string());
        let group = f.group.iter().map(|(variable, value)| format!("{variable} = {value}")).collect::<Vec<_>>().join("; ");
        let texts = |list: [&str; 5]| list.map(safe).join(",");
        let numbers = [number(f.value), number(f.bounds.map(|b| b.0)), number(f.bounds.map(|b| b.1)), number(f.confidence)];
        out.push_str(&texts([&f.metric, &f.scope, &group, &f.code, &f.level]));
        out.push_str(&format!(",{},{},{},{}", number(f.threshold), safe(&f.compared), safe(&f.status), numbers.join(",")));
        out.push_str(&format!(",{},{},{},{}\r\n", safe(&f.method), whole(f.n), number(f.n_effective), safe(&f.reason)));
    }
    out
}
