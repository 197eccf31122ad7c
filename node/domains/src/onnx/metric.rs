//! How good a model's answers are. All sums are in `f64`, in the order of the rows.

use doin_onnx::Values;
use serde::{Deserialize, Serialize};

/// Answers within this of one another, relative to the larger one, count as a tie (and below 1, absolutely): far more
/// than what machines differ by in rounding.
const TIE: f64 = 1e-3;
/// The least probability that [`Metric::LogLoss`] believes, so that one wrong row does not make it infinite.
const LEAST_PROBABILITY: f64 = 1e-7;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Mean of |answer − label|. Less is better.
    MeanAbsoluteError,
    /// Mean of (answer − label)². Less is better.
    MeanSquaredError,
    /// 1 − Σ (answer − label)² / Σ (mean label − label)², each place of a row by itself (0 where labels do not vary),
    /// then their mean. More is better.
    RSquared,
    /// The share of rows whose label has the highest answer. More is better. A tie within 10⁻³ counts in part, so that
    /// rounding cannot decide a whole row: c = ½ + (answer of the label − highest other) / (2 · 10⁻³ · max(1, the larger
    /// magnitude)), between 0 and 1.
    Accuracy,
    /// Mean of −ln of the label's share in softmax(answers): answers are scores. Less is better.
    CrossEntropy,
    /// Mean of −ln max(10⁻⁷, answer of the label): answers are probabilities. Less is better.
    LogLoss,
}

impl Metric {
    /// Its name, as in the specification.
    pub fn name(self) -> &'static str {
        match self {
            Self::MeanAbsoluteError => "mean_absolute_error",
            Self::MeanSquaredError => "mean_squared_error",
            Self::RSquared => "r_squared",
            Self::Accuracy => "accuracy",
            Self::CrossEntropy => "cross_entropy",
            Self::LogLoss => "log_loss",
        }
    }

    /// Whether more is better.
    pub fn higher_is_better(self) -> bool {
        matches!(self, Self::RSquared | Self::Accuracy)
    }

    /// Whether labels are numbers of classes.
    pub fn is_of_classes(self) -> bool {
        matches!(self, Self::Accuracy | Self::CrossEntropy | Self::LogLoss)
    }

    /// Measures answers, `width` for each row, against labels: as many, or one class a row, below `width`. Not a number
    /// where the answers are none, or the labels do not fit.
    pub fn measure(self, answers: &[f32], labels: &Values, width: usize) -> f64 {
        let mean = |sum: f64, count: usize| sum / count as f64;
        match labels {
            Values::Float32(labels) if !self.is_of_classes() && labels.len() == answers.len() => {
                let errors = || {
                    answers
                        .iter()
                        .zip(labels)
                        .map(|(answer, label)| f64::from(*answer) - f64::from(*label))
                };
                match self {
                    Self::MeanAbsoluteError => mean(errors().map(f64::abs).sum(), answers.len()),
                    Self::MeanSquaredError => mean(errors().map(|error| error * error).sum(), answers.len()),
                    _ => r_squared(answers, labels, width),
                }
            }
            Values::Integer(labels) if self.is_of_classes() && labels.len() * width == answers.len() => {
                let rows = answers.chunks_exact(width).zip(labels);
                let sum = rows.map(|(row, label)| self.measure_class(row, *label)).sum();
                mean(sum, labels.len())
            }
            _ => f64::NAN,
        }
    }

    fn measure_class(self, row: &[f32], label: i32) -> f64 {
        // One that is no number would otherwise just be no maximum.
        if row.iter().any(|answer| !answer.is_finite()) {
            return f64::NAN;
        }
        let Some(right) = usize::try_from(label).ok().and_then(|label| row.get(label)) else {
            return f64::NAN;
        };
        let right = f64::from(*right);
        let all = || row.iter().map(|answer| f64::from(*answer));
        match self {
            Self::LogLoss => -libm::log(right.clamp(LEAST_PROBABILITY, 1.0)),
            Self::CrossEntropy => {
                let most = all().fold(f64::NEG_INFINITY, f64::max);
                libm::log(all().map(|answer| libm::exp(answer - most)).sum()) + most - right
            }
            _ => {
                let others = all().enumerate().filter(|(place, _)| *place as i64 != i64::from(label));
                let other = others.map(|(_, answer)| answer).fold(f64::NEG_INFINITY, f64::max);
                let magnitude = right.abs().max(other.abs()).max(1.0);
                (0.5 + (right - other) / (2.0 * TIE * magnitude)).clamp(0.0, 1.0)
            }
        }
    }
}

fn r_squared(answers: &[f32], labels: &[f32], width: usize) -> f64 {
    let rows = (labels.len() / width) as f64;
    let place = |place: usize| {
        let column = |values: &'_ [f32]| -> Vec<f64> {
            values
                .iter()
                .skip(place)
                .step_by(width)
                .map(|value| f64::from(*value))
                .collect()
        };
        let (answers, labels) = (column(answers), column(labels));
        let mean = labels.iter().sum::<f64>() / rows;
        let residual: f64 = answers
            .iter()
            .zip(&labels)
            .map(|(answer, label)| (answer - label).powi(2))
            .sum();
        let total: f64 = labels.iter().map(|label| (label - mean).powi(2)).sum();
        match total > 0.0 || !residual.is_finite() {
            true => 1.0 - residual / total,
            // The rows drawn happen to be all the same: there is nothing to explain.
            false => 0.0,
        }
    };
    (0..width).map(place).sum::<f64>() / width as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_worked_out_by_hand() {
        let labels = Values::Float32(vec![1.0, 2.0, 3.0, 4.0]);
        let answers = [1.0, 2.5, 2.0, 4.0];
        let measure = |metric: Metric| metric.measure(&answers, &labels, 1);
        assert_eq!(measure(Metric::MeanAbsoluteError), 0.375);
        assert_eq!(measure(Metric::MeanSquaredError), 0.3125);
        assert_eq!(measure(Metric::RSquared), 0.75);
        // Two places a row: (1 − 1/2) and (1 − 0.25/2).
        assert_eq!(Metric::RSquared.measure(&answers, &labels, 2), (0.5 + 0.875) / 2.0);

        let classes = Values::Integer(vec![0, 1]);
        let scores = [2.0, 0.0, 0.0, 0.0];
        let cross_entropy = Metric::CrossEntropy.measure(&scores, &classes, 2);
        assert!((cross_entropy - ((1.0 + (-2f64).exp()).ln() + 2f64.ln()) / 2.0).abs() < 1e-15);
        assert_eq!(Metric::Accuracy.measure(&scores, &classes, 2), 0.75);
        let probabilities = [0.5, 0.5, 1.0, 0.0];
        let log_loss = Metric::LogLoss.measure(&probabilities, &classes, 2);
        assert!((log_loss - (2f64.ln() + 7.0 * 10f64.ln()) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn rounding_does_not_decide_a_row() {
        let class = Values::Integer(vec![0]);
        let accuracy = |right: f32, other: f32| Metric::Accuracy.measure(&[right, other], &class, 2);
        for scale in [1e-3, 1.0, 1e6] {
            assert_eq!(accuracy(scale, scale), 0.5);
            let difference = accuracy(scale * (1.0 + 2.0 * f32::EPSILON), scale) - 0.5;
            assert!((0.0..2e-4).contains(&difference), "{scale}: {difference}");
        }
        assert_eq!(accuracy(1.0, 0.99), 1.0);
        assert_eq!(accuracy(0.99, 1.0), 0.0);
        assert_eq!(accuracy(1000.0, 990.0), 1.0);
    }

    #[test]
    fn what_cannot_be_measured_is_no_number() {
        let classes = Values::Integer(vec![0, 5]);
        let values = Values::Float32(vec![1.0, 1.0]);
        for metric in [Metric::Accuracy, Metric::CrossEntropy, Metric::LogLoss] {
            assert!(metric.measure(&[0.0; 4], &classes, 2).is_nan());
            assert!(metric.measure(&[0.0; 2], &values, 1).is_nan());
            let good = Values::Integer(vec![0]);
            assert!(metric.measure(&[0.0, f32::NAN], &good, 2).is_nan());
            assert!(metric.measure(&[f32::INFINITY, 0.0], &good, 2).is_nan());
        }
        for metric in [Metric::MeanAbsoluteError, Metric::MeanSquaredError, Metric::RSquared] {
            assert!(!metric.measure(&[0.0, f32::NAN], &values, 1).is_finite());
            assert!(metric.measure(&[0.0; 2], &classes, 1).is_nan());
        }
        assert_eq!(Metric::RSquared.measure(&[0.0; 2], &values, 1), 0.0);
    }
}
