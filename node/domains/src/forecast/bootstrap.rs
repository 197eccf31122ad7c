//! Synthetic series out of a training series, by the stationary bootstrap with matched blocks.
//!
//! Blocks of random, geometrically distributed length are taken from the training series and put one after another (D. N.
//! Politis and J. P. Romano, "The stationary bootstrap", JASA 89, 1994). What begins the next block is chosen so that it
//! fits: by chance among the places of the training series whose last rows are nearest to the last rows written (E.
//! Carlstein and others, "Matched-block bootstrap for dependent data", Bernoulli 4, 1998; U. Lall and A. Sharma, "A
//! nearest neighbor bootstrap for resampling hydrologic time series", Water Resources Research 32, 1996). So the joints
//! look like the series itself, and a window across a joint is nothing that a model could not know. Of a series that
//! wanders the changes are resampled and added up.

use doin_compute::random::RandomStream;
use serde::{Deserialize, Serialize};

use super::{
    configuration::{within, SeriesKind},
    series::Series,
};

/// Rows by which places are compared.
const MATCHED_ROWS: usize = 4;

/// How blocks are taken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// Mean length of a block in steps, 8 to 4 096.
    pub block: usize,
    /// Among how many of the best fitting places one is chosen, 1 to 64.
    pub neighbours: usize,
    /// Standard deviation of the normal noise that is added to each value, as a share of that of the column's changes,
    /// 0 to 1: so that no value is one that was trained on.
    pub noise: f64,
}

impl Bootstrap {
    pub(super) fn check(&self) -> Result<(), String> {
        within("synthetic.generator.bootstrap.block", self.block, 8, 4_096)?;
        within("synthetic.generator.bootstrap.neighbours", self.neighbours, 1, 64)?;
        match (0.0..=1.0).contains(&self.noise) {
            true => Ok(()),
            false => Err(format!(
                "synthetic.generator.bootstrap.noise must be 0 to 1, not {}",
                self.noise
            )),
        }
    }

    /// A series of `length` rows that follows from the training series and the random numbers.
    pub fn series(&self, training: &Series, kind: SeriesKind, length: usize, random: &mut RandomStream) -> Series {
        let columns = training.columns();
        let changes: Vec<f64> = (0..columns).map(|column| training.moments(column, 1).1).collect();
        let mut values = match kind {
            SeriesKind::Levels => self.resample(training, length, random),
            SeriesKind::Increments => {
                let start = (random.uniform() * training.len() as f64) as usize;
                let mut values = training.row(start).to_vec();
                let changes = self.resample(&differences(training), length.saturating_sub(1), random);
                for (place, change) in changes.into_iter().enumerate() {
                    values.push(values[place] + change);
                }
                values
            }
        };
        if self.noise > 0.0 {
            for row in values.chunks_exact_mut(columns) {
                for (value, change) in row.iter_mut().zip(&changes) {
                    *value += self.noise * change * random.gaussian();
                }
            }
        }
        Series::new(columns, values).expect("rows of a series, with finite noise; qed")
    }

    /// `length` rows in blocks.
    fn resample(&self, source: &Series, length: usize, random: &mut RandomStream) -> Vec<f64> {
        let columns = source.columns();
        let scales: Vec<f64> = (0..columns)
            .map(|column| source.moments(column, 0).1.max(1e-30))
            .collect();
        let mut values = Vec::with_capacity(length * columns);
        // The place of the row that comes next.
        let mut place = (random.uniform() * source.len() as f64) as usize;
        let mut rows = 0;
        while rows < length {
            let is_joint = place >= source.len() || random.uniform() * (self.block as f64) < 1.0;
            if is_joint && rows >= MATCHED_ROWS {
                let tail = &values[(rows - MATCHED_ROWS) * columns..];
                place = self.next_place(source, &scales, tail, place, random);
            } else if place >= source.len() {
                place = 0;
            }
            values.extend_from_slice(source.row(place));
            place += 1;
            rows += 1;
        }
        values
    }

    /// A place after rows that are near to `tail`, and not the one that would have come next.
    fn next_place(
        &self,
        source: &Series,
        scales: &[f64],
        tail: &[f64],
        followed: usize,
        random: &mut RandomStream,
    ) -> usize {
        let columns = source.columns();
        let mut nearest: Vec<(f64, usize)> = (MATCHED_ROWS..source.len())
            .filter(|place| place.abs_diff(followed) >= MATCHED_ROWS)
            .map(|place| {
                let rows = &source.values()[(place - MATCHED_ROWS) * columns..place * columns];
                let distance =
                    rows.iter()
                        .zip(tail)
                        .zip(scales.iter().cycle())
                        .fold(0.0, |sum, ((value, written), scale)| {
                            let difference = (value - written) / scale;
                            sum + difference * difference
                        });
                (distance, place)
            })
            .collect();
        let neighbours = self.neighbours.min(nearest.len());
        // Equals by their place, so that the choice is the same everywhere.
        let order = |left: &(f64, usize), right: &(f64, usize)| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1));
        if neighbours < nearest.len() {
            nearest.select_nth_unstable_by(neighbours, order);
            nearest.truncate(neighbours);
        }
        nearest.sort_unstable_by(order);
        match nearest.get((random.uniform() * neighbours as f64) as usize) {
            Some((_, place)) => *place,
            None => 0,
        }
    }
}

/// The changes from row to row.
pub(super) fn differences(series: &Series) -> Series {
    let columns = series.columns();
    let values = series.values();
    let changes = values[columns..].iter().zip(values).map(|(next, value)| next - value);
    Series::new(columns, changes.collect()).expect("differences of moderate numbers are finite; qed")
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            configuration::MackeyGlass,
            generators::{mackey_glass, regimes},
        },
        *,
    };

    const BLOCKS: Bootstrap = Bootstrap {
        block: 50,
        neighbours: 5,
        noise: 0.0,
    };

    fn training() -> Series {
        let standard = MackeyGlass {
            length: 1_500,
            delay: 17,
            seed: 1,
        };
        mackey_glass(&standard, 1_500, [1; 32])
    }

    fn resampled(bootstrap: Bootstrap, training: &Series, kind: SeriesKind, seed: u8) -> Series {
        bootstrap.series(training, kind, 2_000, &mut RandomStream::new([seed; 32]))
    }

    fn correlation(series: &Series, lag: usize) -> f64 {
        let (_, deviation) = series.moments(0, 0);
        let (_, change) = series.moments(0, lag);
        1.0 - change * change / (2.0 * deviation * deviation)
    }

    #[test]
    fn the_seed_alone_decides() {
        let training = training();
        let draw = |seed| resampled(BLOCKS, &training, SeriesKind::Levels, seed);
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert_eq!(draw(1).len(), 2_000);
    }

    #[test]
    fn levels_keep_moments_and_correlations() {
        for training in [training(), regimes(3_000, [4; 32])] {
            let drawn = resampled(BLOCKS, &training, SeriesKind::Levels, 3);
            let ((mean, deviation), (other_mean, other_deviation)) = (training.moments(0, 0), drawn.moments(0, 0));
            assert!((mean - other_mean).abs() < 0.35 * deviation, "{mean} {other_mean}");
            assert!(
                (0.7..1.4).contains(&(other_deviation / deviation)),
                "{deviation} {other_deviation}"
            );
            for lag in [1, 5, 10] {
                let (expected, found) = (correlation(&training, lag), correlation(&drawn, lag));
                assert!((expected - found).abs() < 0.12, "lag {lag}: {expected} {found}");
            }
        }
    }

    #[test]
    fn joints_are_as_smooth_as_the_series() {
        let training = training();
        let greatest = |series: &Series| {
            (1..series.len())
                .map(|step| (series.target(step) - series.target(step - 1)).abs())
                .fold(0.0, f64::max)
        };
        let drawn = resampled(BLOCKS, &training, SeriesKind::Levels, 4);
        assert!(greatest(&drawn) < 1.6 * greatest(&training));
    }

    #[test]
    fn of_a_wandering_series_the_changes_are_resampled() {
        let mut random = RandomStream::new([9; 32]);
        let mut price = 1_000.0;
        let walk: Vec<f64> = (0..1_000)
            .map(|_| {
                price += random.gaussian();
                price
            })
            .collect();
        let walk = Series::new(1, walk).unwrap();
        let drawn = resampled(BLOCKS, &walk, SeriesKind::Increments, 5);
        let (mean, deviation) = drawn.moments(0, 1);
        assert!(
            mean.abs() < 0.2 && (0.85..1.15).contains(&deviation),
            "{mean} {deviation}"
        );
        let changes = differences(&walk);
        let is_change = |change: f64| changes.values().iter().any(|value| (value - change).abs() < 1e-9);
        assert!((1..50).all(|step| is_change(drawn.target(step) - drawn.target(step - 1))));
    }

    #[test]
    fn noise_leaves_no_value_that_was_trained_on() {
        let training = training();
        let noisy = Bootstrap { noise: 0.05, ..BLOCKS };
        let drawn = resampled(noisy, &training, SeriesKind::Levels, 6);
        assert!(drawn.values().iter().all(|value| !training.values().contains(value)));
        let (_, change) = training.moments(0, 1);
        let (_, noisy_change) = drawn.moments(0, 1);
        assert!((noisy_change / change - 1.0).abs() < 0.25, "{change} {noisy_change}");
    }

    #[test]
    fn several_columns_stay_together() {
        let rows = (0..400).flat_map(|step| [f64::from(step % 40), 7.0 - 3.0 * f64::from(step % 40)]);
        let training = Series::new(2, rows.collect()).unwrap();
        let drawn = resampled(BLOCKS, &training, SeriesKind::Levels, 7);
        assert!((0..drawn.len()).all(|step| drawn.row(step)[1] == 7.0 - 3.0 * drawn.row(step)[0]));
    }
}
