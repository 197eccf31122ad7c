// A network over a batch of windows: fitness = -(weighted mean of the absolute errors of its outputs).
//
// An individual is the network's weights: layer after layer, input after input, then the layer's biases. `lanes`
// neighbouring invocations share one individual: each takes the windows of its own number, and they add up their errors
// through workgroup memory. The layers are in layers.wgsl or recurrent.wgsl: `outputs_on(row, seen)` leaves the outputs
// of the network whose weights begin at `row`, for the window that begins at `seen` among the constants, in `values`, and
// says where.
//
// The constants: numbers of windows, values of a window, outputs and layers; values of a position; taps; the units of the
// layers, outputs last; the outputs' weights; all windows; the targets of all windows.

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
const HEADER: u32 = 6u;
override lanes: u32 = 1u;

var<workgroup> sums: array<f32, 64>;

// The error of the network whose weights begin at `row` on a window.
fn error_on(row: u32, window: u32) -> f32 {
    let windows = u32(constants[0]);
    let width = u32(constants[1]);
    let outputs = u32(constants[2]);
    let shares = HEADER + u32(constants[3]);
    let first = shares + outputs;
    let targets = first + windows * width + window * outputs;

    let found = outputs_on(row, first + window * width);
    var error = 0.0;
    for (var output = 0u; output < outputs; output += 1u) {
        error += constants[shares + output] * abs(values[found + output] - constants[targets + output]);
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
