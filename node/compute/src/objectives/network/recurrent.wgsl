// Layers of long short-term memory and linear outputs, for evaluate.wgsl.
//
// The layers go through the window together, row by row. A layer's inputs are those from below and then its own states;
// each has a weight for every unit's input gate, then for every forget gate, cell and output gate.

const MOST_UNITS: u32 = 64u;
const MOST_STATES: u32 = 256u;

// States and cells, layer after layer.
var<private> states: array<f32, MOST_STATES>;
var<private> cells: array<f32, MOST_STATES>;
// A layer's new states, and in the end the outputs.
var<private> values: array<f32, MOST_UNITS>;

fn sigmoid(value: f32) -> f32 {
    return 0.5 + 0.5 * hyperbolic_tangent(0.5 * value);
}

// An input's weights for the four gates of a unit.
fn gates(weight: u32, units: u32) -> vec4<f32> {
    return vec4<f32>(
        population[weight],
        population[weight + units],
        population[weight + 2u * units],
        population[weight + 3u * units],
    );
}

// What states, which begin at `below`, add to the gates of a unit.
fn from_states(below: u32, inputs: u32, first: u32, units: u32) -> vec4<f32> {
    var sum = vec4<f32>();
    var weight = first;
    var i = 0u;
    for (; i + 4u <= inputs; i += 4u) {
        sum += states[below + i] * gates(weight, units)
            + states[below + i + 1u] * gates(weight + 4u * units, units)
            + states[below + i + 2u] * gates(weight + 8u * units, units)
            + states[below + i + 3u] * gates(weight + 12u * units, units);
        weight += 16u * units;
    }
    for (; i < inputs; i += 1u) {
        sum += states[below + i] * gates(weight, units);
        weight += 4u * units;
    }
    return sum;
}

// The same of a row of the window, which begins at `seen` among the constants.
fn from_row(seen: u32, inputs: u32, first: u32, units: u32) -> vec4<f32> {
    var sum = vec4<f32>();
    var weight = first;
    var i = 0u;
    for (; i + 4u <= inputs; i += 4u) {
        sum += constants[seen + i] * gates(weight, units)
            + constants[seen + i + 1u] * gates(weight + 4u * units, units)
            + constants[seen + i + 2u] * gates(weight + 8u * units, units)
            + constants[seen + i + 3u] * gates(weight + 12u * units, units);
        weight += 16u * units;
    }
    for (; i < inputs; i += 1u) {
        sum += constants[seen + i] * gates(weight, units);
        weight += 4u * units;
    }
    return sum;
}

fn outputs_on(row: u32, seen: u32) -> u32 {
    let width = u32(constants[1]);
    let outputs = u32(constants[2]);
    let hidden = u32(constants[3]) - 1u;
    let columns = u32(constants[4]);

    var kept = 0u;
    for (var layer = 0u; layer < hidden; layer += 1u) {
        kept += u32(constants[HEADER + layer]);
    }
    for (var unit = 0u; unit < kept; unit += 1u) {
        states[unit] = 0.0;
        cells[unit] = 0.0;
    }

    // Of the layer at hand: its weights, how many inputs it has from below, where they are and its own states.
    var first = row;
    var inputs = columns;
    var below = 0u;
    for (var start = seen; start < seen + width; start += columns) {
        first = row;
        inputs = columns;
        below = 0u;
        var own = 0u;
        for (var layer = 0u; layer < hidden; layer += 1u) {
            let units = u32(constants[HEADER + layer]);
            let recurrent = first + 4u * inputs * units;
            let biases = recurrent + 4u * units * units;
            for (var unit = 0u; unit < units; unit += 1u) {
                var sum = gates(biases + unit, units);
                if layer == 0u {
                    sum += from_row(start, inputs, first + unit, units);
                } else {
                    sum += from_states(below, inputs, first + unit, units);
                }
                sum += from_states(own, units, recurrent + unit, units);
                let cell = sigmoid(sum.y) * cells[own + unit] + sigmoid(sum.x) * hyperbolic_tangent(sum.z);
                cells[own + unit] = cell;
                values[unit] = sigmoid(sum.w) * hyperbolic_tangent(cell);
            }
            for (var unit = 0u; unit < units; unit += 1u) {
                states[own + unit] = values[unit];
            }
            first = biases + 4u * units;
            inputs = units;
            below = own;
            own += units;
        }
    }

    for (var output = 0u; output < outputs; output += 1u) {
        var sum = population[first + inputs * outputs + output];
        var weight = first + output;
        for (var i = 0u; i < inputs; i += 1u) {
            sum += states[below + i] * population[weight];
            weight += outputs;
        }
        values[output] = sum;
    }
    return 0u;
}
