//! Series from CSV files.

use csv_core::{ReadRecordResult, Reader};

use super::{
    configuration::{MOST_CSV_BYTES, MOST_LENGTH},
    series::Series,
};

/// Reads some columns of a CSV file: RFC 4180, UTF-8, a heading line, one row a step in the order of time, the oldest
/// first, numbers with a decimal point.
///
/// # Errors
///
/// What is wrong, with its row, and what would be right.
pub fn read(bytes: &[u8], columns: &[String]) -> Result<Series, String> {
    if bytes.len() > MOST_CSV_BYTES as usize {
        return Err(format!(
            "the file has {} bytes; {MOST_CSV_BYTES} are allowed",
            bytes.len()
        ));
    }
    let mut records = Records::new(bytes);
    let headings = records.next()?.unwrap_or_default();
    let places = columns
        .iter()
        .map(|column| {
            headings
                .iter()
                .position(|heading| heading == column)
                .ok_or_else(|| format!("there is no column {column:?}; the file has: {}", headings.join(", ")))
        })
        .collect::<Result<Vec<usize>, String>>()?;
    let width = headings.len();
    let mut values = vec![];
    while let Some(record) = records.next()? {
        let number = records.number;
        if record.len() != width {
            return Err(format!(
                "row {number} has {} columns, the heading {width}",
                record.len()
            ));
        }
        if values.len() >= MOST_LENGTH * columns.len() {
            return Err(format!("row {number}: more than {MOST_LENGTH} rows"));
        }
        for (place, column) in places.iter().zip(columns) {
            let text = &record[*place];
            let value = text
                .parse::<f64>()
                .ok()
                .filter(|value| value.is_finite() && value.abs() <= MOST_VALUE);
            values.push(value.ok_or_else(|| {
                format!(
                    "row {number}, column {column:?}: {text:?} is not a number of magnitude {MOST_VALUE:e} at most (rows \
                     with gaps have to be filled or left out before)"
                )
            })?);
        }
    }
    let series = Series::new(columns.len(), values).ok_or("there is no row")?;
    for (place, column) in columns.iter().enumerate() {
        let (_, deviation) = series.moments(place, 0);
        if deviation < LEAST_DEVIATION {
            return Err(format!(
                "column {column:?} has a standard deviation below {LEAST_DEVIATION}: if it is not constant, multiply it"
            ));
        }
    }
    Ok(series)
}

/// The records of a file, one after another; empty lines count for nothing.
struct Records<'b> {
    reader: Reader,
    rest: &'b [u8],
    /// The number of the last record: the heading is 1.
    number: usize,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl<'b> Records<'b> {
    fn new(rest: &'b [u8]) -> Self {
        Self {
            reader: Reader::new(),
            rest,
            number: 0,
            text: vec![0; MOST_ROW_BYTES],
            ends: vec![0; MOST_FIELDS],
        }
    }

    /// The fields of the next record, without the space around them.
    fn next(&mut self) -> Result<Option<Vec<String>>, String> {
        self.number += 1;
        let (mut bytes, mut fields) = (0, 0);
        loop {
            let (text, ends) = (&mut self.text[bytes..], &mut self.ends[fields..]);
            let (result, read, written, ended) = self.reader.read_record(self.rest, text, ends);
            self.rest = &self.rest[read..];
            bytes += written;
            fields += ended;
            match result {
                // Asked again with nothing to read, it ends the last record.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(format!(
                        "row {} has more than {MOST_ROW_BYTES} bytes or {MOST_FIELDS} columns",
                        self.number
                    ))
                }
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
            }
        }
        let mut first = 0;
        let mut record = Vec::with_capacity(fields);
        for end in &self.ends[..fields] {
            let field = std::str::from_utf8(&self.text[first..*end])
                .map_err(|_| format!("row {} is not UTF-8", self.number))?;
            record.push(field.trim().to_owned());
            first = *end;
        }
        Ok(Some(record))
    }
}

/// Most bytes and columns of a row.
const MOST_ROW_BYTES: usize = 1 << 16;
const MOST_FIELDS: usize = 1 << 10;
/// Largest magnitude of a value: so that sums of squares stay finite, and a model's single-precision means near.
const MOST_VALUE: f64 = 1e6;
/// Least standard deviation of a column: what a model's scales can hold.
const LEAST_DEVIATION: f64 = 1e-5;

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn columns_are_read_by_their_headings_in_the_order_asked_for() {
        let file = b"time,\"price, last\",volume\r\n2020-01-01, 1.5 ,10\r\n2020-01-02,-2e-1,11\r\n";
        let series = read(file, &columns(&["volume", "price, last"])).unwrap();
        assert_eq!(series.values(), [10.0, 1.5, 11.0, -0.2]);
    }

    #[test]
    fn whatever_is_wrong_is_named_with_its_line() {
        for (file, named) in [
            ("a,b\n1,2\n3,\n", "row 3, column \"b\": \"\" is not a number"),
            ("a,b\n1,2\n3,n/a\n", "row 3, column \"b\": \"n/a\""),
            ("a,b\n1,NaN\n", "row 2, column \"b\": \"NaN\""),
            ("a,b\n1,inf\n", "row 2, column \"b\": \"inf\""),
            ("a,b\n1,1e300\n", "row 2, column \"b\": \"1e300\""),
            ("a,b\n1,\"2,5\"\n", "\"2,5\" is not a number"),
            ("a,b\n1,2\n3\n", "row 3 has 1 columns, the heading 2"),
            ("a,c\n1,2\n", "there is no column \"b\"; the file has: a, c"),
            ("a,b\n1,5\n2,5\n3,5\n", "column \"b\" has a standard deviation below"),
            ("a,b\n", "standard deviation"),
            ("", "there is no column \"a\""),
        ] {
            let error = read(file.as_bytes(), &columns(&["a", "b"])).unwrap_err();
            assert!(error.contains(named), "{file:?}: {error}");
        }
        let error = read(b"a,b\n1,\xff\n", &columns(&["a", "b"])).unwrap_err();
        assert!(error.contains("row 2 is not UTF-8"), "{error}");
    }

    #[test]
    fn files_that_are_too_large_are_refused_unread() {
        let error = read(&vec![b'1'; MOST_CSV_BYTES as usize + 1], &columns(&["a"])).unwrap_err();
        assert!(error.contains("16777216 are allowed"), "{error}");
        let wide = format!("a{}\n", ",b".repeat(MOST_FIELDS));
        let error = read(wide.as_bytes(), &columns(&["a"])).unwrap_err();
        assert!(error.contains("row 1 has more than"), "{error}");
        let long = format!("a\n{}", "1\n2\n".repeat(MOST_LENGTH / 2 + 1));
        let error = read(long.as_bytes(), &columns(&["a"])).unwrap_err();
        assert!(error.contains("more than 200000 rows"), "{error}");
    }
}
