//! Reads many columns of numbers from a file without holding them as texts: replicate weights.

use super::read::{Dialect, guarded, is_parquet, parse_csv};
use super::scan::{decode, scan};
use crate::value::{Class, Failure, Problem};
use polars::prelude::{Column, DataFrame, DataType, ParquetReader, SerReader};
use std::io::Cursor;

/// Columns read at once: bounds what the parser holds beside the numbers.
const AT_ONCE: usize = 64;

/// The columns among `names` that a CSV or Parquet file has, as numbers, in the order of the names; NaN for what is none.
///
/// # Errors
/// Damaged files.
pub fn read_numbers(file: &str, bytes: &[u8], dialect: Dialect, names: &[String]) -> Result<Vec<(String, Vec<f64>)>, Failure> {
    if names.is_empty() {
        Ok(Vec::new())
    } else if is_parquet(file) {
        of_parquet(file, bytes, names)
    } else {
        of_csv(file, bytes, dialect, names)
    }
}

fn of_csv(file: &str, bytes: &[u8], dialect: Dialect, names: &[String]) -> Result<Vec<(String, Vec<f64>)>, Failure> {
    let text = decode(file, bytes, dialect.encoding)?;
    let structure = scan(file, &text, dialect.delimiter).map_err(Failure::of)?;
    if let Some(twice) = names.iter().find(|n| structure.headers.iter().filter(|h| h == n).count() > 1) {
        return Err(Problem::new(Class::Data, format!("two columns are called `{twice}`")).file(file).line(1).remedy("rename one of them").into());
    }
    let present: Vec<(usize, &String)> = names.iter().filter_map(|n| Some((structure.headers.iter().position(|h| h == n)?, n))).collect();
    let mut columns = Vec::with_capacity(present.len());
    for some in present.chunks(AT_ONCE) {
        if structure.lines.is_empty() {
            columns.extend(some.iter().map(|(_, n)| ((*n).clone(), Vec::new())));
            continue;
        }
        let mut chosen: Vec<usize> = some.iter().map(|(at, _)| *at).collect();
        chosen.sort_unstable();
        let frame = parse_csv(file, &text, &structure, chosen, dialect)?;
        for (_, name) in some {
            columns.push(((*name).clone(), numbers(file, &frame, name)?));
        }
    }
    Ok(columns)
}

fn of_parquet(file: &str, bytes: &[u8], names: &[String]) -> Result<Vec<(String, Vec<f64>)>, Failure> {
    let headers = super::read::headers(file, bytes, Dialect::default())?;
    let present: Vec<String> = names.iter().filter(|n| headers.contains(n)).cloned().collect();
    let mut columns = Vec::with_capacity(present.len());
    for some in present.chunks(AT_ONCE) {
        let frame = guarded(file, || ParquetReader::new(Cursor::new(bytes)).with_columns(Some(some.to_vec())).finish().map_err(|e| e.to_string()))?;
        for name in some {
            columns.push((name.clone(), numbers(file, &frame, name)?));
        }
    }
    Ok(columns)
}

/// A column as numbers: texts are parsed as exactly as elsewhere, other types are cast.
fn numbers(file: &str, frame: &DataFrame, name: &str) -> Result<Vec<f64>, Failure> {
    guarded(file, || {
        let column: &Column = frame.column(name).map_err(|e| e.to_string())?;
        if column.dtype() == &DataType::String {
            let text = column.str().map_err(|e| e.to_string())?;
            let number = |v: &str| v.trim().parse::<f64>().ok().filter(|x| x.is_finite()).unwrap_or(f64::NAN);
            return Ok(text.iter().map(|v| v.map_or(f64::NAN, number)).collect());
        }
        let cast = column.cast(&DataType::Float64).map_err(|e| e.to_string())?;
        let cast = cast.f64().map_err(|e| e.to_string())?;
        Ok(cast.iter().map(|v| v.filter(|x| x.is_finite()).unwrap_or(f64::NAN)).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{OutputColumn, parquet_bytes};

    #[test]
    fn numbers_come_back_in_the_order_asked() {
        let names: Vec<String> = ["b", "a", "absent"].map(str::to_owned).to_vec();
        let same = |found: &[(String, Vec<f64>)]| {
            assert_eq!(found.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["b", "a"]);
            assert_eq!(found[0].1[0], 0.1);
            assert!(found[0].1[1].is_nan() && found[1].1[1] == 2.0);
        };
        same(&read_numbers("f.csv", b"a,x,b\n1,q, 0.1 \n2,r,\n", Dialect::default(), &names).unwrap());
        assert!(read_numbers("f.csv", b"a,x,b\n1,q,heavy\n", Dialect::default(), &names).unwrap()[0].1[0].is_nan());
        assert!(read_numbers("f.csv", b"a,b,b\n1,2,3\n", Dialect::default(), &names).is_err());
        let bytes = parquet_bytes(vec![OutputColumn::Number("a", vec![Some(1.0), Some(2.0)]), OutputColumn::Number("b", vec![Some(0.1), None])]).unwrap();
        same(&read_numbers("f.parquet", &bytes, Dialect::default(), &names).unwrap());
    }

    #[test]
    fn many_columns_are_read_in_parts() {
        let names: Vec<String> = (0..150).map(|i| format!("rw{i}")).collect();
        let line: Vec<String> = (0..150).map(|i| format!("{}.25", 149 - i)).collect();
        let found = read_numbers("f.csv", format!("{}\n{}\n", names.join(","), line.join(",")).as_bytes(), Dialect::default(), &names).unwrap();
        assert!(found.len() == 150 && found.iter().enumerate().all(|(i, (n, v))| *n == names[i] && v[0] == 149.25 - i as f64));
    }
}
