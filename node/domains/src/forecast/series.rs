//! Series, their parts, and what a network sees of them.

use std::ops::Range;

use codec::{Decode, Encode};

use super::{configuration::SeriesKind, encoding::MOST_MAGNITUDE};

/// A series: rows in the order of time, all of the same columns. The first column is forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    columns: usize,
    /// Row after row.
    values: Vec<f64>,
}

impl Series {
    /// A series of these values, row after row; `None` when the last row is broken, or a value is not finite.
    pub fn new(columns: usize, values: Vec<f64>) -> Option<Self> {
        let is_good =
            columns > 0 && values.len().is_multiple_of(columns) && values.iter().all(|value| value.is_finite());
        is_good.then_some(Self { columns, values })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.values.len() / self.columns
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Row after row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The row at a step.
    pub fn row(&self, step: usize) -> &[f64] {
        &self.values[step * self.columns..(step + 1) * self.columns]
    }

    /// What is forecast: the first column at a step.
    pub fn target(&self, step: usize) -> f64 {
        self.values[step * self.columns]
    }

    /// The rows of some steps.
    pub fn part(&self, steps: Range<usize>) -> Self {
        Self {
            columns: self.columns,
            values: self.values[steps.start * self.columns..steps.end * self.columns].to_vec(),
        }
    }

    /// The steps from which forecasts can be made and judged: `window` rows lie at and before them, and `farthest` rows
    /// after.
    pub fn origins(&self, window: usize, farthest: usize) -> Range<usize> {
        let first = window.saturating_sub(1);
        first..self.len().saturating_sub(farthest).max(first)
    }

    /// Mean and standard deviation of a column; of its changes over `lag` steps when that is above 0.
    pub fn moments(&self, column: usize, lag: usize) -> (f64, f64) {
        let count = self.len().saturating_sub(lag).max(1) as f64;
        let values = || {
            (lag..self.len()).map(|step| match lag {
                0 => self.row(step)[column],
                _ => self.row(step)[column] - self.row(step - lag)[column],
            })
        };
        let mean = values().sum::<f64>() / count;
        let variance = values().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
        (mean, variance.sqrt())
    }
}

/// A series in the order of time: what is trained on, what decides when to stop, and what neither has seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// The first 60 hundredths.
    pub training: Series,
    /// The next 20.
    pub validation: Series,
    /// The last 20.
    pub held_out: Series,
}

impl Split {
    /// Splits a series.
    pub fn of(series: &Series) -> Self {
        let length = series.len();
        let (first, second) = (length * 6 / 10, length * 8 / 10);
        Self {
            training: series.part(0..first),
            validation: series.part(first..second),
            held_out: series.part(second..length),
        }
    }
}

/// What a network's inputs and outputs are divided by, so that they are of the order of 1. Part of a model, so that a
/// model is complete.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Normalization {
    /// Subtracted from each column.
    pub mean: Vec<f32>,
    /// What each column is divided by then; positive.
    pub scale: Vec<f32>,
    /// What each output is multiplied by, in units of the first column; positive.
    pub output: Vec<f32>,
}

impl Normalization {
    /// That changes nothing.
    pub fn identity(columns: usize, outputs: usize) -> Self {
        Self {
            mean: vec![0.0; columns],
            scale: vec![1.0; columns],
            output: vec![1.0; outputs],
        }
    }

    /// That of a training series, of which no column may be constant.
    pub fn fit(training: &Series, kind: SeriesKind, horizons: &[usize]) -> Self {
        // What the encoding of a model holds, and not 0.
        let positive = |value: f64| (value as f32).clamp(1.0 / MOST_MAGNITUDE, MOST_MAGNITUDE);
        let inputs = (0..training.columns()).map(|column| match kind {
            SeriesKind::Levels => training.moments(column, 0),
            // A window's rows lie several steps from its last one.
            SeriesKind::Increments => (0.0, 2.0 * training.moments(column, 1).1),
        });
        let (mean, scale) = inputs.map(|(mean, scale)| (mean as f32, positive(scale))).unzip();
        Self {
            mean,
            scale,
            output: horizons
                .iter()
                .map(|horizon| positive(training.moments(0, *horizon).1))
                .collect(),
        }
    }

    /// Writes what a network sees that forecasts from `origin`: the window's rows, the oldest first.
    ///
    /// `input` has as many values as the window; there are that many rows up to the origin.
    pub fn window(&self, series: &Series, kind: SeriesKind, origin: usize, input: &mut [f64]) {
        let columns = series.columns();
        let first = origin + 1 - input.len() / columns;
        let last = series.row(origin);
        for (step, row) in input.chunks_exact_mut(columns).enumerate() {
            let rows = row.iter_mut().zip(series.row(first + step)).zip(last);
            for (((value, seen), last), (mean, scale)) in rows.zip(self.mean.iter().zip(&self.scale)) {
                *value = match kind {
                    SeriesKind::Levels => (seen - f64::from(*mean)) / f64::from(*scale),
                    SeriesKind::Increments => (seen - last) / f64::from(*scale),
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(length: usize) -> Series {
        let rows = (0..length).flat_map(|step| [step as f64, 100.0 - 2.0 * step as f64]);
        Series::new(2, rows.collect()).unwrap()
    }

    #[test]
    fn broken_rows_and_values_are_refused() {
        assert!(Series::new(2, vec![1.0, 2.0, 3.0]).is_none());
        assert!(Series::new(0, vec![]).is_none());
        assert!(Series::new(1, vec![1.0, f64::NAN]).is_none());
        assert!(Series::new(1, vec![f64::INFINITY]).is_none());
    }

    #[test]
    fn the_parts_follow_one_another_in_time_and_leave_nothing_out() {
        let split = Split::of(&ramp(103));
        assert_eq!(
            (split.training.len(), split.validation.len(), split.held_out.len()),
            (61, 21, 21)
        );
        assert_eq!(split.training.target(60) + 1.0, split.validation.target(0));
        assert_eq!(split.validation.target(20) + 1.0, split.held_out.target(0));
        assert_eq!(split.held_out.target(20), 102.0);
    }

    #[test]
    fn origins_have_a_whole_window_before_and_the_horizon_after() {
        let series = ramp(20);
        assert_eq!(series.origins(5, 3), 4..17);
        assert_eq!(series.origins(20, 0), 19..20);
        assert!(series.origins(20, 1).is_empty());
        assert!(series.origins(30, 1).is_empty());
    }

    #[test]
    fn windows_hold_values_or_differences_from_the_last_row() {
        let series = ramp(10);
        let normalization = Normalization {
            mean: vec![1.0, 0.0],
            scale: vec![2.0, 1.0],
            output: vec![1.0],
        };
        let mut input = [0.0; 4];
        normalization.window(&series, SeriesKind::Levels, 5, &mut input);
        assert_eq!(input, [1.5, 92.0, 2.0, 90.0]);
        normalization.window(&series, SeriesKind::Increments, 5, &mut input);
        assert_eq!(input, [-0.5, 2.0, 0.0, 0.0]);
    }

    #[test]
    fn moments_of_values_and_of_changes() {
        let series = Series::new(1, vec![1.0, 3.0, 1.0, 3.0]).unwrap();
        assert_eq!(series.moments(0, 0), (2.0, 1.0));
        assert_eq!(series.moments(0, 2), (0.0, 0.0));
        assert_eq!(ramp(10).moments(1, 3), (-6.0, 0.0));
    }

    #[test]
    fn a_normalization_is_fitted_to_values_or_to_changes() {
        let series = Series::new(1, vec![1.0, 3.0, 1.0, 3.0, 1.0, 3.0]).unwrap();
        let levels = Normalization::fit(&series, SeriesKind::Levels, &[1, 2]);
        assert_eq!((levels.mean[0], levels.scale[0]), (2.0, 1.0));
        assert!(levels.output[0] > 1.9 && levels.output[1] > 0.0);
        let increments = Normalization::fit(&series, SeriesKind::Increments, &[1]);
        assert_eq!(increments.mean[0], 0.0);
        assert!(increments.scale[0] > 3.8);
    }
}
