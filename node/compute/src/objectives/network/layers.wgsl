// Dense layers and causal convolutions, for evaluate.wgsl. Hidden units are tanh, outputs linear.
//
// A convolution is a layer that is applied to one block of `taps` neighbouring positions after another. Blocks are taken
// as they come: once a layer's last one is full, the layer above takes it, and so on up, so that of each layer no more
// than the block to come is kept. A dense layer has a single block of a single position.

const MOST_VALUES: u32 = 512u;

// What each layer hands on: one block after another.
var<private> values: array<f32, MOST_VALUES>;

fn outputs_on(row: u32, seen: u32) -> u32 {
    let width = u32(constants[1]);
    let layers = u32(constants[3]);
    let taps = u32(constants[5]);
    let block = taps * u32(constants[4]);

    var found = 0u;
    var position = 0u;
    for (var start = seen; start < seen + width; start += block) {
        // Of the layer at hand: its weights, its inputs, where they and its outputs are, which of its positions it is.
        var first = row;
        var inputs = block;
        var below = 0u;
        var own = 0u;
        var place = position;
        for (var layer = 0u; layer < layers; layer += 1u) {
            let units = u32(constants[HEADER + layer]);
            // Of the layer above. The outputs see one position.
            let above = select(taps, 1u, layer + 2u >= layers);
            let written = own + (place % above) * units;
            for (var unit = 0u; unit < units; unit += 1u) {
                var sum = population[first + inputs * units + unit];
                var weight = first + unit;
                var i = 0u;
                if layer == 0u {
                    for (; i + 4u <= inputs; i += 4u) {
                        sum += constants[start + i] * population[weight]
                            + constants[start + i + 1u] * population[weight + units]
                            + constants[start + i + 2u] * population[weight + 2u * units]
                            + constants[start + i + 3u] * population[weight + 3u * units];
                        weight += 4u * units;
                    }
                    for (; i < inputs; i += 1u) {
                        sum += constants[start + i] * population[weight];
                        weight += units;
                    }
                } else {
                    for (; i + 4u <= inputs; i += 4u) {
                        sum += values[below + i] * population[weight]
                            + values[below + i + 1u] * population[weight + units]
                            + values[below + i + 2u] * population[weight + 2u * units]
                            + values[below + i + 3u] * population[weight + 3u * units];
                        weight += 4u * units;
                    }
                    for (; i < inputs; i += 1u) {
                        sum += values[below + i] * population[weight];
                        weight += units;
                    }
                }
                if layer + 1u < layers {
                    sum = hyperbolic_tangent(sum);
                }
                values[written + unit] = sum;
            }
            found = own;
            if place % above + 1u < above {
                break;
            }
            place /= above;
            first += (inputs + 1u) * units;
            inputs = above * units;
            below = own;
            own += inputs;
        }
        position += 1u;
    }
    return found;
}
