//! Tests of the networks.

use super::*;
use proptest::prelude::*;

fn gaussian(count: usize, random: &mut RandomStream) -> Vec<f64> {
    (0..count).map(|_| random.gaussian()).collect()
}

fn outputs(architecture: &Architecture, weights: &[f64], input: &[f64]) -> Vec<f64> {
    let mut workspace = Workspace::new(architecture);
    workspace.input().copy_from_slice(input);
    workspace.forward(weights).to_vec()
}

#[test]
fn a_network_worked_out_by_hand() {
    let architecture = Architecture {
        columns: 1,
        window: 2,
        kind: HiddenLayers::Dense,
        hidden: vec![2],
        outputs: 1,
    };
    // Rows of inputs, biases; then those of the output.
    let weights = [0.5, -1.0, 0.25, 2.0, 0.1, -0.2, 3.0, -0.5, 0.7];
    assert_eq!(architecture.parameters(), weights.len());
    let (a, b): (f64, f64) = (0.5 * 2.0 - 0.25 + 0.1, -2.0 - 2.0 - 0.2);
    let expected = 3.0 * a.tanh() - 0.5 * b.tanh() + 0.7;
    assert!((outputs(&architecture, &weights, &[2.0, -1.0])[0] - expected).abs() < 1e-14);
}

/// The same network as its definition has it: every layer over the whole sequence, taps that lie farther apart from
/// layer to layer, zeros before the window.
#[test]
fn blocks_are_dilated_causal_convolutions() {
    let (taps, columns) = (3, 2);
    let architecture = Architecture {
        columns,
        window: 27,
        kind: HiddenLayers::Convolutions { taps },
        hidden: vec![4, 3, 5],
        outputs: 2,
    };
    let mut random = RandomStream::new([1; 32]);
    let weights = gaussian(architecture.parameters(), &mut random);
    assert_eq!(weights.len(), (6 + 1) * 4 + (12 + 1) * 3 + (9 + 1) * 5 + (5 + 1) * 2);
    assert_eq!(architecture.work(), 9 * 28 + 3 * 39 + 50 + 12);
    let input = gaussian(architecture.inputs(), &mut random);
    let mut rows: Vec<Vec<f64>> = input.chunks(columns).map(<[f64]>::to_vec).collect();
    let mut rest = &weights[..];
    for (layer, units) in architecture.hidden.iter().enumerate() {
        let width = rows[0].len();
        let (own, after) = rest.split_at((taps * width + 1) * units);
        rest = after;
        let dilation = taps.pow(layer as u32);
        rows = (0..rows.len())
            .map(|time| {
                let sum = |unit: usize| {
                    (0..taps).fold(own[taps * width * units + unit], |sum, tap| {
                        let back = (taps - 1 - tap) * dilation;
                        let row = time.checked_sub(back).map(|at| &rows[at]);
                        let weight = |channel: usize| own[(tap * width + channel) * units + unit];
                        sum + row.map_or(0.0, |row| row.iter().enumerate().map(|(c, x)| x * weight(c)).sum())
                    })
                };
                (0..*units).map(|unit| sum(unit).tanh()).collect()
            })
            .collect();
    }
    let last = &rows[26];
    let expected = |output: usize| (0..5).fold(rest[10 + output], |sum, i| sum + last[i] * rest[i * 2 + output]);
    for (output, found) in outputs(&architecture, &weights, &input).iter().enumerate() {
        assert!((found - expected(output)).abs() < 1e-12, "{found} {}", expected(output));
    }
}

/// The same network as its definition has it: gates as logistic functions, a layer over the whole sequence after another.
#[test]
fn recurrent_layers_are_long_short_term_memory() {
    let architecture = Architecture {
        columns: 2,
        window: 7,
        kind: HiddenLayers::Recurrent,
        hidden: vec![4, 3],
        outputs: 2,
    };
    let mut random = RandomStream::new([1; 32]);
    let weights = gaussian(architecture.parameters(), &mut random);
    assert_eq!(weights.len(), (2 + 4 + 1) * 16 + (4 + 3 + 1) * 12 + (3 + 1) * 2);
    assert_eq!(architecture.work(), 7 * (112 + 4 * 80 + 96 + 3 * 80) + 8);
    let input = gaussian(architecture.inputs(), &mut random);
    let mut rows: Vec<Vec<f64>> = input.chunks(2).map(<[f64]>::to_vec).collect();
    let mut rest = &weights[..];
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    for units in [4, 3] {
        let inputs = rows[0].len() + units;
        let (own, after) = rest.split_at((inputs + 1) * 4 * units);
        rest = after;
        let (mut state, mut cell) = (vec![0.0; units], vec![0.0; units]);
        rows = rows
            .iter()
            .map(|row| {
                let seen: Vec<f64> = row.iter().chain(&state).chain(&[1.0]).copied().collect();
                for unit in 0..units {
                    let sum = |gate: usize| -> f64 {
                        let weight = |input: usize| own[input * 4 * units + gate * units + unit];
                        seen.iter()
                            .enumerate()
                            .map(|(input, value)| value * weight(input))
                            .sum()
                    };
                    cell[unit] = logistic(sum(1)) * cell[unit] + logistic(sum(0)) * sum(2).tanh();
                    state[unit] = logistic(sum(3)) * cell[unit].tanh();
                }
                state.clone()
            })
            .collect();
    }
    let last = &rows[6];
    let expected = |output: usize| (0..3).fold(rest[6 + output], |sum, i| sum + last[i] * rest[i * 2 + output]);
    for (output, found) in outputs(&architecture, &weights, &input).iter().enumerate() {
        assert!((found - expected(output)).abs() < 1e-12, "{found} {}", expected(output));
    }
}

/// A window and a kind, of networks of so many hidden layers.
fn kinds(layers: usize) -> impl Strategy<Value = (usize, HiddenLayers)> {
    prop_oneof![
        (1usize..5).prop_map(|window| (window, HiddenLayers::Dense)),
        (1usize..4).prop_map(move |taps| (taps.pow(layers as u32), HiddenLayers::Convolutions { taps })),
        (1usize..7).prop_map(|window| (window, HiddenLayers::Recurrent)),
    ]
}

fn architectures() -> impl Strategy<Value = Architecture> {
    let hidden = prop::collection::vec(1usize..6, 1..4);
    (1usize..3, hidden, 1usize..4).prop_flat_map(|(columns, hidden, outputs)| {
        kinds(hidden.len()).prop_map(move |(window, kind)| Architecture {
            columns,
            window,
            kind,
            hidden: hidden.clone(),
            outputs,
        })
    })
}

#[test]
fn a_new_network_says_nothing_and_has_a_gradient() {
    for kind in [HiddenLayers::Dense, HiddenLayers::Recurrent] {
        let architecture = Architecture {
            columns: 2,
            window: 3,
            kind,
            hidden: vec![4, 3],
            outputs: 2,
        };
        let mut random = RandomStream::new([1; 32]);
        let weights = architecture.initial_weights(&mut random);
        let mut workspace = Workspace::new(&architecture);
        workspace.input().copy_from_slice(&gaussian(6, &mut random));
        assert_eq!(workspace.forward(&weights), [0.0, 0.0]);
        let mut gradient = vec![0.0; weights.len()];
        workspace.backward(&weights, &[1.0, -1.0], &mut gradient);
        assert!(gradient.iter().any(|value| value.abs() > 0.01));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Central differences of the loss, in every weight.
    #[test]
    fn the_gradient_is_that_of_the_loss(
        architecture in architectures(),
        seed: [u8; 32],
    ) {
        let mut random = RandomStream::new(seed);
        let weights = gaussian(architecture.parameters(), &mut random);
        let input = gaussian(architecture.inputs(), &mut random);
        let derivative = gaussian(architecture.outputs, &mut random);
        let mut workspace = Workspace::new(&architecture);
        workspace.input().copy_from_slice(&input);
        let mut loss = |weights: &[f64]| -> f64 {
            workspace.forward(weights).iter().zip(&derivative).map(|(output, weight)| output * weight).sum()
        };
        let differences: Vec<f64> = (0..weights.len())
            .map(|place| {
                let mut moved = weights.clone();
                moved[place] += 1e-6;
                let above = loss(&moved);
                moved[place] -= 2e-6;
                (above - loss(&moved)) / 2e-6
            })
            .collect();
        workspace.forward(&weights);
        let mut gradient = vec![0.0; weights.len()];
        workspace.backward(&weights, &derivative, &mut gradient);
        for (found, expected) in gradient.iter().zip(&differences) {
            prop_assert!((found - expected).abs() < 1e-6 * (1.0 + expected.abs()), "{} {}", found, expected);
        }
        // And by the inputs.
        let mut by_input = vec![0.0; input.len()];
        workspace.input_derivative(&weights, &mut by_input);
        for (place, found) in by_input.into_iter().enumerate() {
            let mut at = |moved: f64| -> f64 {
                workspace.input().copy_from_slice(&input);
                workspace.input()[place] += moved;
                workspace.forward(&weights).iter().zip(&derivative).map(|(output, weight)| output * weight).sum()
            };
            let expected = (at(1e-6) - at(-1e-6)) / 2e-6;
            prop_assert!((found - expected).abs() < 1e-6 * (1.0 + expected.abs()), "{} {}", found, expected);
        }
    }

    #[test]
    fn a_network_that_grows_says_what_it_said(
        small in architectures(),
        more in prop::collection::vec(0usize..4, 4),
        seed: [u8; 32],
    ) {
        let mut large = small.clone();
        large.hidden.iter_mut().zip(&more).for_each(|(units, more)| *units += more);
        // The window of convolutions stays as it is, and a recurrent network that sees more says something else.
        if small.kind == HiddenLayers::Dense {
            large.window += more[3];
        }
        let mut random = RandomStream::new(seed);
        let weights = gaussian(small.parameters(), &mut random);
        let inherited = large.inherit(&small, &weights, &mut random);
        let input = gaussian(large.inputs(), &mut random);
        let expected = outputs(&small, &weights, &input[large.inputs() - small.inputs()..]);
        for (found, expected) in outputs(&large, &inherited, &input).iter().zip(&expected) {
            prop_assert!((found - expected).abs() < 1e-9, "{} {}", found, expected);
        }
        // And back again: nothing of it is lost.
        prop_assert_eq!(small.inherit(&large, &inherited, &mut random), weights);
    }
}
