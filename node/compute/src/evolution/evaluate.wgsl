// Draws the population and evaluates it in one dispatch, for objectives that are functions of sums over the coordinates:
// nothing of a population is stored, since each number can be drawn again from its place. Needs state.wgsl and the
// objective's terms, see objectives/population.wgsl.

@group(0) @binding(1) var<storage, read> vectors: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> scalars: array<Scalars, 2>;
@group(0) @binding(3) var<storage, read_write> fitness: array<f32>;
@group(0) @binding(4) var<storage, read> constants: array<f32>;

const WORKGROUP_SIZE: u32 = 64u;
override lanes: u32 = 1u;

var<workgroup> sums: array<vec2<f32>, 64>;

// The sum with a term more. A second sum that nothing is added to takes no time.
fn with_term(sum: vec2<f32>, more: vec2<f32>) -> vec2<f32> {
    if HAS_SECOND_SUM {
        return sum + more;
    }
    return vec2<f32>(sum.x + more.x, 0.0);
}

fn values(quad: u32, individual: u32, generation: u32) -> vec4<f32> {
    return vectors[MEAN * quads() + quad] + vectors[DEVIATIONS * quads() + quad] * normals(quad, individual, generation);
}

@compute @workgroup_size(64)
fn evaluate(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let lane = invocation % lanes;
    let individual = workgroup.x * (WORKGROUP_SIZE / lanes) + invocation / lanes;
    let exists = individual < parameters.individuals;

    var sum = vec2<f32>(0.0, 0.0);
    if exists {
        let generation = scalars[NEWEST].generation;
        let n = parameters.dimensions;
        for (var quad = lane; quad < quads(); quad += lanes) {
            let x = values(quad, individual, generation);
            var next = 0.0;
            if READS_NEXT {
                next = values(min(quad + 1u, quads() - 1u), individual, generation).x;
            }
            let i = 4u * quad;
            sum = with_term(sum, term(x.x, x.y, i));
            if i + 3u < n {
                let others = with_term(term(x.y, x.z, i + 1u), term(x.z, x.w, i + 2u));
                sum = with_term(sum, with_term(others, term(x.w, next, i + 3u)));
            } else {
                if i + 1u < n {
                    sum = with_term(sum, term(x.y, x.z, i + 1u));
                }
                if i + 2u < n {
                    sum = with_term(sum, term(x.z, x.w, i + 2u));
                }
            }
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
        fitness[individual] = result(sum);
    }
}
