//! Tests of the networks.

use super::*;
use crate::{objectives::tests::assert_agreement, random::RandomStream};
use proptest::prelude::*;

fn gaussian(count: usize, scale: f64, random: &mut RandomStream) -> Vec<f32> {
    (0..count).map(|_| (scale * random.gaussian()) as f32).collect()
}

fn shape(kind: HiddenLayers, rows: usize, columns: usize, hidden: &[usize], outputs: usize) -> NetworkShape {
    NetworkShape {
        kind,
        rows,
        columns,
        hidden: hidden.to_vec(),
        outputs,
    }
}

fn dense(width: usize, hidden: &[usize], outputs: usize) -> NetworkShape {
    shape(HiddenLayers::Dense, width, 1, hidden, outputs)
}

/// On random windows.
fn network(shape: NetworkShape, windows: usize, random: &mut RandomStream) -> Network {
    let inputs = gaussian(windows * shape.inputs(), 1.0, random);
    let targets = gaussian(windows * shape.outputs, 1.0, random);
    let shares = vec![0.5; shape.outputs];
    Network::new(shape, &inputs, &targets, &shares).unwrap()
}

#[test]
fn a_dense_network_worked_out_by_hand() {
    let network = Network::new(dense(2, &[2], 1), &[2.0, -1.0, 0.0, 0.0], &[1.0, 0.5], &[2.0]).unwrap();
    assert_eq!(network.dimensions(), 9);
    let weights = [0.5, -1.0, 0.25, 2.0, 0.1, -0.2, 3.0, -0.5, 0.7];
    let output = |a: f64, b: f64| 3.0 * a.tanh() - 0.5 * b.tanh() + 0.7;
    let errors = (output(0.85, -4.2) - 1.0).abs() + (output(0.1, -0.2) - 0.5).abs();
    assert!((network.evaluate(&weights) + 2.0 * errors / 2.0).abs() < 1e-12);
    assert!(network.error_bound(&weights) < 1e-4);
}

#[test]
fn convolutions_worked_out_by_hand() {
    // Two layers of two taps and one channel see four rows.
    let shape = shape(HiddenLayers::Convolutions { taps: 2 }, 4, 1, &[1, 1], 1);
    let network = Network::new(shape, &[1.0, -2.0, 0.5, 3.0], &[0.25], &[1.0]).unwrap();
    assert_eq!(network.dimensions(), 3 + 3 + 2);
    let weights = [0.5, -0.25, 0.1, 0.7, -0.3, 0.2, 2.0, -1.0];
    let first = |old: f64, new: f64| (0.5 * old - 0.25 * new + 0.1).tanh();
    let second = (0.7 * first(1.0, -2.0) - 0.3 * first(0.5, 3.0) + 0.2).tanh();
    let expected = -(2.0 * second - 1.0 - 0.25).abs();
    assert!((network.evaluate(&weights) - expected).abs() < 1e-12);
}

#[test]
fn a_recurrent_network_worked_out_by_hand() {
    let shape = shape(HiddenLayers::Recurrent, 2, 1, &[1], 1);
    let network = Network::new(shape, &[1.5, -0.5], &[0.25], &[1.0]).unwrap();
    assert_eq!(network.dimensions(), 3 * 4 + 2);
    // By input: input gate, forget gate, cell, output gate; then by state; biases; the output.
    let weights = [
        0.5, -0.4, 0.8, 0.3, 0.2, 0.6, -0.7, 0.9, 0.1, 1.0, -0.2, 0.05, 2.0, -0.3,
    ];
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let (mut state, mut cell): (f64, f64) = (0.0, 0.0);
    for x in [1.5, -0.5] {
        let sum = |gate: usize| x * weights[gate] + state * weights[4 + gate] + weights[8 + gate];
        cell = sigmoid(sum(1)) * cell + sigmoid(sum(0)) * sum(2).tanh();
        state = sigmoid(sum(3)) * cell.tanh();
    }
    let expected = -(2.0 * state - 0.3 - 0.25).abs();
    assert!((network.evaluate(&weights) - expected).abs() < 1e-12);
    assert!(network.error_bound(&weights) < 1e-5);
}

#[test]
fn what_the_kernel_has_no_room_for_is_refused() {
    let dense_fits = |hidden: &[usize], width, inputs: &[f32], targets: &[f32], shares: &[f32]| {
        Network::new(dense(width, hidden, shares.len()), inputs, targets, shares).is_some()
    };
    assert!(dense_fits(&[64], 1, &[1.0], &[1.0], &[1.0]));
    assert!(!dense_fits(&[65], 1, &[1.0], &[1.0], &[1.0]));
    assert!(!dense_fits(&[0], 1, &[1.0], &[1.0], &[1.0]));
    assert!(!dense_fits(&[1; 16], 1, &[1.0], &[1.0], &[1.0]));
    assert!(!dense_fits(&[1], 2, &[1.0], &[1.0], &[1.0]));
    assert!(!dense_fits(&[1], 0, &[1.0], &[1.0], &[1.0]));
    assert!(!dense_fits(&[1], 1, &[], &[], &[1.0]));
    assert!(!dense_fits(&[1], 1, &[1.0], &[1.0], &[]));
    assert!(!dense_fits(&[1], 1, &[f32::NAN], &[1.0], &[1.0]));
    let long = vec![1.0; 70_000];
    assert!(dense_fits(&[8], 1, &long[..7_000], &long[..7_000], &[1.0]));
    assert!(!dense_fits(&[64], 1, &long, &long, &[1.0]));
    // A single window that one invocation cannot get through.
    assert!(!dense_fits(&[64], 16_384, &long[..16_384], &[1.0], &[1.0]));
    assert!(!dense_fits(&[64; 8], 1, &[1.0], &[1.0], &[1.0]));

    let room = |kind, rows, hidden: &[usize]| shape(kind, rows, 1, hidden, 1).most_windows() > 0;
    let convolutions = |taps, rows, hidden: &[usize]| room(HiddenLayers::Convolutions { taps }, rows, hidden);
    assert!(convolutions(3, 27, &[8, 8, 8]));
    assert!(convolutions(16, 256, &[30, 1]));
    assert!(!convolutions(16, 256, &[31, 1, 1]));
    assert!(!convolutions(16, 256, &[32, 1]));
    assert!(!convolutions(3, 26, &[8, 8, 8]) && !convolutions(1, 1, &[8]) && !convolutions(0, 0, &[8]));
    assert!(!convolutions(2, 1, &[]) && !convolutions(usize::MAX, 1, &[1, 1]));
    let recurrent = |rows, hidden: &[usize]| room(HiddenLayers::Recurrent, rows, hidden);
    assert!(recurrent(24, &[16]) && recurrent(1, &[64; 4]));
    assert!(!recurrent(24, &[]) && !recurrent(0, &[4]) && !recurrent(1, &[64; 5]) && !recurrent(1_000, &[64]));
    assert!(!recurrent(usize::MAX, &[4]) && !recurrent(24, &[65]));
}

/// Any network that is small enough to be compared in no time.
fn shapes() -> impl Strategy<Value = NetworkShape> {
    let dense = (1usize..20, prop::collection::vec(1usize..20, 0..4));
    let convolutions = (2usize..4, prop::collection::vec(1usize..9, 1..4));
    let recurrent = (1usize..20, prop::collection::vec(1usize..12, 1..4));
    let kinds = prop_oneof![
        dense.prop_map(|(rows, hidden)| (HiddenLayers::Dense, rows, hidden)),
        convolutions.prop_map(|(taps, hidden)| {
            let rows = taps.pow(hidden.len() as u32);
            (HiddenLayers::Convolutions { taps }, rows, hidden)
        }),
        recurrent.prop_map(|(rows, hidden)| (HiddenLayers::Recurrent, rows, hidden)),
    ];
    (kinds, 1usize..4, 1usize..4)
        .prop_map(|((kind, rows, hidden), columns, outputs)| shape(kind, rows, columns, &hidden, outputs))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn kernel_and_reference_are_within_the_bound(
        shape in shapes(),
        windows in 1usize..60,
        individuals in 1usize..40,
        scale in -3i32..3,
        seed: [u8; 32],
    ) {
        let mut random = RandomStream::new(seed);
        let network = network(shape, windows, &mut random);
        let population = gaussian(individuals * network.dimensions(), 2f64.powi(scale), &mut random);
        assert_agreement(&network, &population);
    }
}

/// One of each kind, as large as a search has them.
fn usual() -> [NetworkShape; 3] {
    [
        dense(12, &[16], 1),
        shape(HiddenLayers::Convolutions { taps: 3 }, 27, 1, &[8, 8, 8], 1),
        shape(HiddenLayers::Recurrent, 24, 1, &[16], 1),
    ]
}

/// Networks that are apart by more than both bounds have the same order on the device and in the reference.
#[test]
fn ranks_agree_between_device_and_reference() {
    for shape in usual() {
        let mut random = RandomStream::new([5; 32]);
        let network = network(shape, 300, &mut random);
        // Errors add up over the rows of recurrent networks: weights as a search begins with.
        let scale = match network.shape.kind {
            HiddenLayers::Recurrent => 0.1,
            HiddenLayers::Dense | HiddenLayers::Convolutions { .. } => 0.2,
        };
        let population = gaussian(64 * network.dimensions(), scale, &mut random);
        assert_agreement(&network, &population);
        // The bound is no empty word: it is far below what sets these networks apart.
        let exact: Vec<Vec<f64>> = population
            .chunks(network.dimensions())
            .map(|weights| weights.iter().map(|weight| f64::from(*weight)).collect())
            .collect();
        let fitness: Vec<f64> = exact.iter().map(|weights| network.evaluate(weights)).collect();
        let spread = fitness.iter().fold(f64::MIN, |most, value| most.max(*value))
            - fitness.iter().fold(f64::MAX, |least, value| least.min(*value));
        let bound = exact
            .iter()
            .map(|weights| network.error_bound(weights))
            .fold(0.0, f64::max);
        println!("{:?}: spread {spread}, largest bound {bound}", network.shape.kind);
        assert!(bound < 1e-3 * spread, "{bound} {spread}");
    }
}

/// As many windows as there is room for: software adapters may end long loops before their end, without a word.
#[test]
fn the_largest_batches_are_evaluated_to_their_end() {
    let long = [
        dense(1_024, &[58, 20], 2),
        dense(7, &[40], 1),
        shape(HiddenLayers::Convolutions { taps: 2 }, 16, 3, &[30, 30, 30, 30], 1),
        shape(HiddenLayers::Recurrent, 160, 1, &[24], 2),
        shape(HiddenLayers::Recurrent, 40, 3, &[32, 8], 1),
    ];
    for shape in long.into_iter().chain(usual()) {
        let mut random = RandomStream::new([6; 32]);
        let windows = shape.most_windows();
        println!("{shape:?}: {windows} windows of {} steps", shape.steps());
        let network = network(shape, windows, &mut random);
        assert_agreement(&network, &gaussian(network.dimensions(), 0.1, &mut random));
        assert!(network.error_bound(&vec![0.1; network.dimensions()]) < 5e-2);
    }
}
