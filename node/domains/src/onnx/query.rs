//! Questions to a model and its answers, in JSON: `{"x":[[1,2],[3,4]]}` is answered by `{"y":[[0.5],[0.25]]}`.

use doin_onnx::{ElementType, Values};
use serde_json::{Map, Value};

use super::Configuration;
use crate::DomainError;

/// Most rows of a question.
pub const MOST_QUERY_ROWS: usize = 4096;

/// Reads the rows of all inputs: how many there are, and their values.
pub(super) fn read(input: &[u8], configuration: &Configuration) -> Result<(usize, Vec<Values>), DomainError> {
    let bad = |problem: String| DomainError::BadInput(problem);
    let mut query: Map<String, Value> = serde_json::from_slice(input).map_err(|error| bad(error.to_string()))?;
    let mut rows = None;
    let mut inputs = Vec::new();
    for input in &configuration.inputs {
        let name = &input.name;
        let Some(Value::Array(given)) = query.remove(name) else {
            return Err(bad(format!(
                "{name:?} must be there, a list of rows of the shape {:?}",
                input.shape
            )));
        };
        let most = MOST_QUERY_ROWS.min(configuration.samples as usize);
        if given.is_empty() || given.len() > most {
            return Err(bad(format!(
                "{name:?} has {} rows, 1 to {most} are allowed",
                given.len()
            )));
        }
        if *rows.get_or_insert(given.len()) != given.len() {
            return Err(bad(format!("{name:?} has another number of rows than the others")));
        }
        let mut numbers = Vec::new();
        for row in &given {
            flatten(row, &input.shape, &mut numbers)
                .ok_or_else(|| bad(format!("a row of {name:?} is not of the shape {:?}", input.shape)))?;
        }
        let allowed = |number: &f64| {
            let is_whole = input.element == ElementType::Float32
                || number.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(number);
            input.allows(*number) && is_whole && number.abs() <= f64::from(f32::MAX)
        };
        if let Some(number) = numbers.iter().find(|number| !allowed(number)) {
            return Err(bad(format!("{name:?} has {number}, which is out of its range or type")));
        }
        inputs.push(match input.element {
            ElementType::Float32 => Values::Float32(numbers.iter().map(|number| *number as f32).collect()),
            _ => Values::Integer(numbers.iter().map(|number| *number as i32).collect()),
        });
    }
    match query.keys().next() {
        Some(unknown) => Err(bad(format!("{unknown:?} is no input"))),
        None => Ok((rows.unwrap_or(0), inputs)),
    }
}

/// Adds the numbers of nested lists; `None` when they have another shape. As deep as the shape, at most.
fn flatten(value: &Value, shape: &[u32], numbers: &mut Vec<f64>) -> Option<()> {
    match (value, shape.split_first()) {
        (Value::Number(number), None) => numbers.push(number.as_f64()?),
        (Value::Array(items), Some((size, inner))) if items.len() as u64 == u64::from(*size) => {
            items.iter().try_for_each(|item| flatten(item, inner, numbers))?
        }
        _ => return None,
    }
    Some(())
}

/// Fills up the rows to a multiple of `batch`, with copies of the last one.
pub(super) fn pad(values: Values, rows: usize, padded: usize) -> Values {
    fn fill<T: Copy>(mut values: Vec<T>, rows: usize, padded: usize) -> Vec<T> {
        let width = values.len() / rows;
        let last = values[values.len() - width..].to_vec();
        (rows..padded).for_each(|_| values.extend(&last));
        values
    }
    match values {
        Values::Float32(values) => Values::Float32(fill(values, rows, padded)),
        Values::Integer(values) => Values::Integer(fill(values, rows, padded)),
    }
}

/// The answer, in the shape of the output. All numbers must be finite.
pub(super) fn write(name: &str, answers: &[f32], shape: &[u32]) -> Vec<u8> {
    let name = Value::from(name);
    let mut text = format!("{{{name}:[");
    let width: u32 = shape.iter().product();
    let rows = answers.chunks_exact(width.max(1) as usize);
    for (place, row) in rows.enumerate() {
        text.push_str(if place > 0 { "," } else { "" });
        nest(row, shape, &mut text);
    }
    text.push_str("]}");
    text.into_bytes()
}

fn nest(values: &[f32], shape: &[u32], text: &mut String) {
    let Some((size, inner)) = shape.split_first() else {
        // The shortest decimal that is read as the same number again.
        values.iter().for_each(|value| text.push_str(&value.to_string()));
        return;
    };
    text.push('[');
    for (place, part) in values.chunks_exact(values.len() / *size as usize).enumerate() {
        text.push_str(if place > 0 { "," } else { "" });
        nest(part, inner, text);
    }
    text.push(']');
}
