//! Forecasts of windows that a user gives.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    configuration::{Configuration, MOST_STEPS},
    encoding::Model,
    measurement::Forecaster,
    series::Series,
};
use crate::DomainError;

/// Most windows in a query, and most bytes of a query.
const MOST_WINDOWS: usize = 1_024;
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Largest magnitude of a value.
const MOST_VALUE: f64 = 1e6;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    /// A row is an array of all columns in the specification's order, or the number itself where there is but one.
    windows: Vec<Vec<Value>>,
}

#[derive(Serialize)]
struct Answer<'a> {
    horizons: &'a [usize],
    forecasts: Vec<Vec<f64>>,
}

/// Answers `{"windows":[[row, …], …]}`, each window's rows the oldest first, with
/// `{"horizons":[…],"forecasts":[[…], …]}`: for each window one forecast a horizon, in the series' own units. A window
/// that is longer than the model's is used by its latest rows.
pub fn infer(model: &Model, configuration: &Configuration, input: &[u8]) -> Result<Vec<u8>, DomainError> {
    let bad = DomainError::BadInput;
    if input.len() > MOST_BYTES {
        return Err(bad(format!("{} bytes; {MOST_BYTES} are allowed", input.len())));
    }
    let query: Query = serde_json::from_slice(input).map_err(|error| bad(error.to_string()))?;
    if !(1..=MOST_WINDOWS).contains(&query.windows.len()) {
        return Err(bad(format!(
            "windows must be 1 to {MOST_WINDOWS}, not {}",
            query.windows.len()
        )));
    }
    let mut forecaster = Forecaster::new(model, configuration.series);
    let mut forecasts = Vec::with_capacity(query.windows.len());
    for (place, window) in query.windows.into_iter().enumerate() {
        let series = series(window, model).map_err(|problem| bad(format!("window {place}: {problem}")))?;
        let answer: Vec<f64> = forecaster.forecasts(&series, series.len() - 1).collect();
        if let Some(value) = answer.iter().find(|value| !value.is_finite()) {
            return Err(DomainError::NonFiniteMetric(*value));
        }
        forecasts.push(answer);
    }
    let answer = Answer {
        horizons: &configuration.horizons,
        forecasts,
    };
    serde_json::to_vec(&answer).map_err(|error| bad(error.to_string()))
}

fn series(window: Vec<Value>, model: &Model) -> Result<Series, String> {
    let (columns, least) = (model.architecture.columns, model.architecture.window);
    if !(least..=MOST_STEPS).contains(&window.len()) {
        return Err(format!(
            "{} rows; this model takes {least} to {MOST_STEPS}",
            window.len()
        ));
    }
    let mut values = Vec::with_capacity(window.len() * columns);
    for (place, row) in window.into_iter().enumerate() {
        let row = match &row {
            Value::Array(row) => row.as_slice(),
            value => std::slice::from_ref(value),
        };
        if row.len() != columns {
            return Err(format!("row {place} has {} values, not {columns}", row.len()));
        }
        for value in row {
            let number = value.as_f64().filter(|number| number.abs() <= MOST_VALUE);
            values.push(
                number.ok_or_else(|| {
                    format!("row {place}: {value} is not a number of magnitude {MOST_VALUE:e} at most")
                })?,
            );
        }
    }
    Series::new(columns, values).ok_or_else(|| "a value is not a number".into())
}
