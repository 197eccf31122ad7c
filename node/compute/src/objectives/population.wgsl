// The frame of the objectives that are functions of sums over the coordinates, for a population in a buffer. What
// follows this file defines
//
//     const READS_NEXT: bool                                     whether `term` reads `next`
//     const HAS_SECOND_SUM: bool                                 whether `term` adds to the second of the sums
//     fn term(value: f32, next: f32, i: u32) -> vec2<f32>        what coordinate i adds; `next` is coordinate i + 1
//     fn result(sum: vec2<f32>) -> f32                           the fitness, from the sum of all terms
//
// and may use `dimensions()` and `constants`. evolution/evaluate.wgsl is the frame for populations that are drawn.
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

fn dimensions() -> u32 {
    return chunk.dimensions;
}

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
            var next = 0.0;
            if READS_NEXT && i + 1u < chunk.dimensions {
                next = population[row + i + 1u];
            }
            sum += term(population[row + i], next, i);
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
