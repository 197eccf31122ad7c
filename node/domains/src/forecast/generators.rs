//! Series that are made, to try the domain with and to compare it on.

use codec::Encode;
use doin_compute::random::RandomStream;
use sp_core::{Blake2Hasher, Hasher};

use super::{
    configuration::{MackeyGlass, Regimes},
    series::Series,
};

/// Steps of the integration in a unit of time.
const STEPS: usize = 10;
/// Units of time before the first sample, for the trajectory to come to the attractor and away from its beginning.
const TRANSIENT: usize = 500;

/// Mackey–Glass: dx/dt = 0.2·x(t − τ)/(1 + x(t − τ)¹⁰) − 0.1·x(t) (M. C. Mackey and L. Glass, "Oscillation and chaos
/// in physiological control systems", Science 197, 1977), one sample per unit of time after a transient of 500.
///
/// The classical Runge–Kutta method of fourth order with steps of 0.1; delayed values between two steps by cubic Hermite
/// interpolation, which has the same order. Before time 0 the series is constant, at a value from (0.5, 1.3).
pub fn mackey_glass(configuration: &MackeyGlass, length: usize, seed: [u8; 32]) -> Series {
    let mut random = RandomStream::new(seed);
    let history = random.uniform_between(0.5, 1.3);
    // A phase too: neighbouring histories begin alike.
    let skipped = TRANSIENT + (random.uniform() * 200.0) as usize;
    let units = length + skipped;
    let values = integrate(history, configuration.delay as usize, units, STEPS);
    single(values.into_iter().step_by(STEPS).skip(skipped).take(length).collect())
}

/// The values at time 0, h, 2h, … up to `units`, h = 1/`steps`, of the constant history.
fn integrate(history: f64, delay: usize, units: usize, steps: usize) -> Vec<f64> {
    let h = 1.0 / steps as f64;
    let (delay, count) = (delay * steps, units * steps);
    let slope = |value: f64, delayed: f64| 0.2 * delayed / (1.0 + power_10(delayed)) - 0.1 * value;
    let mut values = vec![history; delay + 1];
    // Before time 0 nothing changes.
    let mut slopes = vec![0.0; delay];
    values.reserve(count);
    slopes.reserve(count);
    for now in delay..delay + count {
        let (value, before) = (values[now], now - delay);
        let (early, late) = (values[before], values[before + 1]);
        slopes.push(slope(value, early));
        // At time 0 the slope jumps: the interval that ends there is constant.
        let late_slope = if before + 1 == delay { 0.0 } else { slopes[before + 1] };
        let middle = (early + late) / 2.0 + h / 8.0 * (slopes[before] - late_slope);
        let first = slopes[now];
        let second = slope(value + h / 2.0 * first, middle);
        let third = slope(value + h / 2.0 * second, middle);
        let fourth = slope(value + h * third, late);
        values.push(value + h / 6.0 * (first + 2.0 * second + 2.0 * third + fourth));
    }
    values.split_off(delay)
}

fn power_10(value: f64) -> f64 {
    let square = value * value;
    let fourth = square * square;
    fourth * fourth * square
}

/// A regime: x(t) = constant + first·x(t − 1) + second·x(t − 2) + noise·N(0, 1).
struct Regime {
    constant: f64,
    first: f64,
    second: f64,
    noise: f64,
    /// The probability that it lasts another step.
    stays: f64,
}

/// A slow cycle (period 30, damping 0.98), a fast one of more noise (period 8, damping 0.97), and a return to 2.
const REGIMES: [Regime; 3] = [
    Regime {
        constant: 0.0,
        first: 1.917_169,
        second: -0.960_4,
        noise: 0.05,
        stays: 0.99,
    },
    Regime {
        constant: 0.0,
        first: 1.371_787,
        second: -0.940_9,
        noise: 0.1,
        stays: 0.98,
    },
    Regime {
        constant: 0.2,
        first: 0.9,
        second: 0.0,
        noise: 0.05,
        stays: 0.98,
    },
];

/// A Markov-switching autoregression (J. D. Hamilton, "A new approach to the economic analysis of nonstationary time
/// series and the business cycle", Econometrica 57, 1989) of three regimes, after a transient of 500 steps. A regime that
/// ends is followed by one of the two others with equal probability.
pub fn regimes(length: usize, seed: [u8; 32]) -> Series {
    let mut random = RandomStream::new(seed);
    let mut regime = 0;
    let (mut last, mut before) = (0.0, 0.0);
    let mut values = Vec::with_capacity(length);
    for step in 0..length + TRANSIENT {
        let Regime {
            constant,
            first,
            second,
            noise,
            stays,
        } = REGIMES[regime];
        let value = constant + first * last + second * before + noise * random.gaussian();
        (before, last) = (last, value);
        if step >= TRANSIENT {
            values.push(value);
        }
        if random.uniform() >= stays {
            regime = (regime + 1 + usize::from(random.uniform() < 0.5)) % REGIMES.len();
        }
    }
    single(values)
}

/// The seed of a season's series.
pub fn season_seed(seed: u64, season: u64) -> [u8; 32] {
    Blake2Hasher::hash(&("doin/timeseries/source", seed, season).encode()).0
}

impl MackeyGlass {
    /// The series of a season.
    pub fn series(&self, season: u64) -> Series {
        mackey_glass(self, self.length, season_seed(self.seed, season))
    }
}

impl Regimes {
    /// The series of a season.
    pub fn series(&self, season: u64) -> Series {
        regimes(self.length, season_seed(self.seed, season))
    }
}

fn single(values: Vec<f64>) -> Series {
    // Both processes are stable: neither leaves a bounded range, whatever the seed.
    Series::new(1, values).expect("one column of finite values; qed")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STANDARD: MackeyGlass = MackeyGlass {
        length: 1_000,
        delay: 17,
        seed: 1,
    };

    /// The global error after 100 units falls by about 2⁴ when the step is halved.
    #[test]
    fn the_integration_is_of_fourth_order() {
        let last = |steps| *integrate(1.2, 17, 100, steps).last().unwrap();
        let exact = last(160);
        let errors: Vec<f64> = [5, 10, 20].iter().map(|steps| (last(*steps) - exact).abs()).collect();
        println!("errors {errors:?}");
        assert!(errors[1] < 1e-6);
        for pair in errors.windows(2) {
            let ratio = pair[0] / pair[1];
            assert!((10.0..25.0).contains(&ratio), "{ratio}");
        }
    }

    /// Without delay to speak of, the equation has the fixed point x = 1: 0.2/(1 + 1) = 0.1.
    #[test]
    fn the_fixed_point_is_one() {
        assert!((integrate(0.9, 1, 400, 10).last().unwrap() - 1.0).abs() < 1e-6);
        assert_eq!(*integrate(1.0, 17, 100, 10).last().unwrap(), 1.0);
    }

    #[test]
    fn the_series_lies_on_the_known_attractor() {
        for seed in 0..10 {
            let series = mackey_glass(&STANDARD, 2_000, season_seed(seed, 0));
            let (mean, deviation) = series.moments(0, 0);
            let values = series.values();
            let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), value| {
                (low.min(*value), high.max(*value))
            });
            assert!(
                (0.85..1.0).contains(&mean) && (0.18..0.28).contains(&deviation),
                "{mean} {deviation}"
            );
            assert!((0.15..0.6).contains(&low) && (1.2..1.5).contains(&high), "{low} {high}");
        }
    }

    #[test]
    fn series_follow_from_seed_and_season_alone() {
        for make in [
            |season| STANDARD.series(season),
            |season| Regimes { length: 500, seed: 1 }.series(season),
        ] {
            assert_eq!(make(3), make(3));
            assert_ne!(make(3), make(4));
        }
        // Frozen: all nodes of a chain have to have the same data.
        let bits = |series: Series| {
            let bytes: Vec<u8> = series.values().iter().flat_map(|value| value.to_le_bytes()).collect();
            hex_of(&Blake2Hasher::hash(&bytes).0[..8])
        };
        assert_eq!(bits(STANDARD.series(0)), "be2ba91566b92d82");
        assert_eq!(bits(Regimes { length: 500, seed: 1 }.series(0)), "82aea9bffe2fe5f8");
    }

    fn hex_of(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_regimes_are_stable_and_all_of_them_occur() {
        let series = regimes(20_000, [1; 32]);
        assert!(series.values().iter().all(|value| value.abs() < 20.0));
        let near_two = series
            .values()
            .iter()
            .filter(|value| (*value - 2.0).abs() < 0.3)
            .count();
        assert!((2_000..12_000).contains(&near_two), "{near_two}");
        let (_, slow) = series.moments(0, 15);
        assert!(slow > 0.3, "{slow}");
    }
}
