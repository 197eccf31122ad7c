// What all kernels of a generation share. Needs elementary.wgsl, a wide product and philox.wgsl.

struct Parameters {
    dimensions: u32,
    individuals: u32,
    // The next power of two that is at least a block of the sort.
    padded: u32,
    parents: u32,
    // How many ranks have a weight.
    ranks: u32,
    // How many quads a workgroup of the recombination serves: a power of two.
    columns: u32,
    key: vec2<u32>,
    effective_parents: f32,
    step_rate: f32,
    step_damping: f32,
    expected_length: f32,
    learns_variances: u32,
    path_rate: f32,
    rank_one: f32,
    rank_mu: f32,
}

struct Scalars {
    step_size: f32,
    // What is left of the start in the step path's squared length.
    immaturity: f32,
    best_fitness: f32,
    has_best: u32,
    generation: u32,
}

@group(0) @binding(0) var<uniform> parameters: Parameters;

// Places in the two sets of scalars: those of the generation under way, from its ranking on, and the newest ones.
const CURRENT: u32 = 0u;
const NEWEST: u32 = 1u;

// The key of a fitness that is not finite: above all others, and not the last number, since one is added.
const NOT_FINITE: u32 = 0xfffffffeu;

// The vectors that lie one after another, each in quads: four coordinates, the last quad filled up.
const MEAN: u32 = 0u;
const VARIANCES: u32 = 1u;
const STEP_PATH: u32 = 2u;
const VARIANCE_PATH: u32 = 3u;
const BEST: u32 = 4u;
// Step size times the root of the variance. Only on the device.
const DEVIATIONS: u32 = 5u;

fn dimensions() -> u32 {
    return parameters.dimensions;
}

fn quads() -> u32 {
    return (parameters.dimensions + 3u) / 4u;
}

// The standard normal numbers of four coordinates of an individual, also of those that fill up the last quad.
fn normals(quad: u32, individual: u32, generation: u32) -> vec4<f32> {
    return gaussians(philox(vec4<u32>(quad, individual, generation, 0u), parameters.key));
}
