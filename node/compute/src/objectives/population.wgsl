// The frame of the objectives that are functions of sums over the coordinates. What follows this file defines
//
//     fn term(row: u32, i: u32) -> vec2<f32>     what coordinate i of the individual that begins at `row` adds
//     fn result(sum: vec2<f32>) -> f32           the fitness, from the sum of all terms
//
// `lanes` neighbouring invocations share one individual. With one lane an invocation walks through its individual
// alone, which is best for few dimensions; with more, the lanes of an individual read neighbouring values, so that
// memory accesses coalesce, and add up their parts through workgroup memory.

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
override lanes: u32 = 1u;

var<workgroup> sums: array<vec2<f32>, 64>;

@compute @workgroup_size(64)
fn evaluate(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let lane = invocation % lanes;
    let individual = workgroup.x * (WORKGROUP_SIZE / lanes) + invocation / lanes;
    let exists = individual < chunk.individuals;

    var sum = vec2<f32>(0.0, 0.0);
    if exists {
        let row = individual * chunk.dimensions;
        for (var i = lane; i < chunk.dimensions; i += lanes) {
            sum += term(row, i);
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
        fitness[chunk.first + individual] = result(sum);
    }
}
