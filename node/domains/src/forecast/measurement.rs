//! How good a model's forecasts are.

use doin_compute::random::RandomStream;

use super::{
    configuration::{Configuration, SeriesKind},
    encoding::Model,
    network::Workspace,
    series::Series,
};

/// A model made ready to forecast.
pub struct Forecaster<'m> {
    model: &'m Model,
    kind: SeriesKind,
    weights: Vec<f64>,
    workspace: Workspace,
}

/// What a model's forecasts come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Mean over the horizons of the mean absolute error as a share of that of the naive forecast, which is the last
    /// value. Not a number where the naive forecast is always right.
    pub relative_error: f64,
    /// The errors projected on random numbers, 0 without a seed for them.
    pub probe: f64,
}

impl<'m> Forecaster<'m> {
    /// Makes a model ready.
    pub fn new(model: &'m Model, kind: SeriesKind) -> Self {
        Self {
            model,
            kind,
            weights: model.exact_weights(),
            workspace: Workspace::new(&model.architecture),
        }
    }

    /// The forecasts from `origin`, one a horizon, in the series' own units. The window's rows lie at and before the
    /// origin.
    pub fn forecasts<'f>(&'f mut self, series: &Series, origin: usize) -> impl Iterator<Item = f64> + use<'f, 'm> {
        let normalization = &self.model.normalization;
        normalization.window(series, self.kind, origin, self.workspace.input());
        let last = series.target(origin);
        let outputs = self.workspace.forward(&self.weights);
        outputs
            .iter()
            .zip(&normalization.output)
            .map(move |(output, scale)| last + f64::from(*scale) * output)
    }
}

/// Measures a model on all windows of a series. Which these are hangs on the specification, not on the model, so that all
/// models are measured on the same ones.
pub fn measure(model: &Model, configuration: &Configuration, series: &Series, probe: Option<[u8; 32]>) -> Measured {
    let mut forecaster = Forecaster::new(model, configuration.series);
    let mut random = probe.map(RandomStream::new);
    let horizons = &configuration.horizons;
    // Of the model, of the naive forecast, and of the projection, by horizons.
    let mut sums = vec![[0.0; 3]; horizons.len()];
    let origins = series.origins(configuration.network.most_window, configuration.farthest());
    let count = origins.len() as f64;
    for origin in origins {
        let last = series.target(origin);
        let forecasts = forecaster.forecasts(series, origin);
        for ((forecast, horizon), [own, naive, projected]) in forecasts.zip(horizons).zip(&mut sums) {
            let actual = series.target(origin + horizon);
            let error = forecast - actual;
            *own += error.abs();
            *naive += (last - actual).abs();
            if let Some(random) = &mut random {
                *projected += error * random.gaussian();
            }
        }
    }
    let mean = |part: &dyn Fn(&[f64; 3]) -> f64| sums.iter().map(part).sum::<f64>() / horizons.len() as f64;
    Measured {
        relative_error: mean(&|[own, naive, _]| own / naive),
        probe: mean(&|[_, naive, projected]| projected * count.sqrt() / naive),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            network::{Architecture, HiddenLayers},
            series::Normalization,
            tests::MODEL,
        },
        *,
    };

    /// A model that adds `output` · `scale` to the last value.
    fn constant(output: f32, scale: f32) -> Model {
        let architecture = Architecture {
            columns: 1,
            window: 2,
            kind: HiddenLayers::Dense,
            hidden: vec![1],
            outputs: 1,
        };
        let mut weights = vec![0.0; architecture.parameters()];
        *weights.last_mut().unwrap() = output;
        let mut normalization = Normalization::identity(1, 1);
        normalization.output[0] = scale;
        Model {
            architecture,
            normalization,
            weights,
        }
    }

    fn configuration() -> Configuration {
        Configuration::from_model(MODEL.as_bytes()).unwrap()
    }

    #[test]
    fn a_ramp_is_forecast_by_its_slope() {
        let ramp = Series::new(1, (0..200).map(|step| 0.5 * f64::from(step)).collect()).unwrap();
        let rise = 0.5 * configuration().farthest() as f32;
        let error = |model: &Model| measure(model, &configuration(), &ramp, None).relative_error;
        assert_eq!(error(&constant(0.0, 1.0)), 1.0);
        assert_eq!(error(&constant(rise / 2.0, 2.0)), 0.0);
        assert_eq!(error(&constant(-rise, 1.0)), 2.0);
        let flat = Series::new(1, vec![1.0; 200]).unwrap();
        assert!(measure(&constant(0.0, 1.0), &configuration(), &flat, None)
            .relative_error
            .is_nan());
    }

    #[test]
    fn the_probe_follows_from_its_seed_and_scales_with_the_errors() {
        let ramp = Series::new(1, (0..400).map(|step| 0.5 * f64::from(step)).collect()).unwrap();
        let probe = |output, seed| measure(&constant(output, 1.0), &configuration(), &ramp, Some([seed; 32])).probe;
        assert_eq!(probe(0.0, 1), probe(0.0, 1));
        assert_ne!(probe(0.0, 1), probe(0.0, 2));
        let square = (0..200).map(|seed| probe(0.0, seed).powi(2)).sum::<f64>() / 200.0;
        assert!((0.7..1.4).contains(&square), "{square}");
        let half = probe(0.25 * configuration().farthest() as f32, 1) / probe(0.0, 1);
        assert!((half - 0.5).abs() < 1e-12, "{half}");
    }
}
