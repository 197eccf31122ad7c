// A feed-forward network over a batch of windows: fitness = -(weighted mean of the absolute errors of its outputs).
//
// An individual is the network's weights: layer after layer, input after input, then the layer's biases. `lanes`
// neighbouring invocations share one individual: each takes the windows of its own number, and they add up their errors
// through workgroup memory.
//
// The constants: numbers of windows, inputs, outputs and layers; the units of the layers, outputs last; the outputs'
// weights; the inputs of all windows; the targets of all windows.

struct Chunk {
    individuals: u32,
    dimensions: u32,
    first: u32,
    unused: u32,
}

@group(0) @binding(0) var<uniform> chunk: Chunk;
@group(0) @binding(1) var<storage, read> constants: array<f32>;
@group(0) @binding(2) var<storage, read> population: array<f32>;
@group(0) @binding(3) var<storage, read_write> fitness: array<f32>;

const WORKGROUP_SIZE: u32 = 64u;
const MOST_UNITS: u32 = 64u;
const HEADER: u32 = 4u;
override lanes: u32 = 1u;

var<workgroup> sums: array<f32, 64>;

// The error of the network whose weights begin at `row` on a window.
fn error_on(row: u32, window: u32) -> f32 {
    let windows = u32(constants[0]);
    let width = u32(constants[1]);
    let outputs = u32(constants[2]);
    let layers = u32(constants[3]);
    let shares = HEADER + layers;
    let seen = shares + outputs + window * width;
    let targets = shares + outputs + windows * width + window * outputs;

    var values: array<f32, MOST_UNITS>;
    var next: array<f32, MOST_UNITS>;
    var first = row;
    var inputs = width;
    for (var layer = 0u; layer < layers; layer += 1u) {
        let units = u32(constants[HEADER + layer]);
        for (var unit = 0u; unit < units; unit += 1u) {
            var sum = population[first + inputs * units + unit];
            var weight = first + unit;
            var i = 0u;
            if layer == 0u {
                for (; i + 4u <= inputs; i += 4u) {
                    sum += constants[seen + i] * population[weight]
                        + constants[seen + i + 1u] * population[weight + units]
                        + constants[seen + i + 2u] * population[weight + 2u * units]
                        + constants[seen + i + 3u] * population[weight + 3u * units];
                    weight += 4u * units;
                }
                for (; i < inputs; i += 1u) {
                    sum += constants[seen + i] * population[weight];
                    weight += units;
                }
            } else {
                for (; i + 4u <= inputs; i += 4u) {
                    sum += values[i] * population[weight]
                        + values[i + 1u] * population[weight + units]
                        + values[i + 2u] * population[weight + 2u * units]
                        + values[i + 3u] * population[weight + 3u * units];
                    weight += 4u * units;
                }
                for (; i < inputs; i += 1u) {
                    sum += values[i] * population[weight];
                    weight += units;
                }
            }
            if layer + 1u < layers {
                sum = hyperbolic_tangent(sum);
            }
            next[unit] = sum;
        }
        values = next;
        first += (inputs + 1u) * units;
        inputs = units;
    }

    var error = 0.0;
    for (var output = 0u; output < outputs; output += 1u) {
        error += constants[shares + output] * abs(values[output] - constants[targets + output]);
    }
    return error;
}

@compute @workgroup_size(64)
fn evaluate(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let lane = invocation % lanes;
    let individual = workgroup.x * (WORKGROUP_SIZE / lanes) + invocation / lanes;
    let exists = individual < chunk.individuals;
    let windows = u32(constants[0]);

    var sum = 0.0;
    if exists {
        for (var window = lane; window < windows; window += lanes) {
            sum += error_on(individual * chunk.dimensions, window);
        }
    }

    // The condition is the same for all invocations, as the barriers demand.
    if lanes > 1u {
        sums[invocation] = sum;
        for (var stride = lanes / 2u; stride > 0u; stride /= 2u) {
            workgroupBarrier();
            if lane < stride {
                sums[invocation] += sums[invocation + stride];
            }
        }
        sum = sums[invocation];
    }

    if exists && lane == 0u {
        fitness[chunk.first + individual] = -sum / f32(windows);
    }
}
