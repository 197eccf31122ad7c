// A generation of an evolution strategy on the device, beside the objective's own kernel. Each entry point is one
// dispatch, in this order:
//
//     sample, (the objective's evaluate), rank, sort_block, (sort_step, merge_block)*, survey, recombine, gather,
//     control, apply
//
// The CPU reference, in state.rs, has the formulas and the reasons. Needs elementary.wgsl and philox.wgsl.

struct Parameters {
    dimensions: u32,
    individuals: u32,
    // The next power of two that is at least a block of the sort.
    padded: u32,
    parents: u32,
    // How many ranks have a weight.
    ranks: u32,
    // Into how many parts the sums over ranks are cut.
    slices: u32,
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
    // From here on only within a generation.
    finite: u32,
    improved: u32,
    weight_scale: f32,
    // The step size that the population was drawn with.
    drawn_step_size: f32,
    steady: f32,
}

@group(0) @binding(0) var<uniform> parameters: Parameters;
// Five vectors: mean, variances, step path, variance path, best.
@group(0) @binding(1) var<storage, read_write> vectors: array<f32>;
@group(0) @binding(2) var<storage, read_write> scalars: Scalars;
@group(0) @binding(3) var<storage, read_write> population: array<f32>;
@group(0) @binding(4) var<storage, read_write> fitness: array<f32>;
// Key and index of each individual, ascending keys after the sort.
@group(0) @binding(5) var<storage, read_write> order: array<vec2<u32>>;
// Parts of the sums: of steps, and of squared steps less one.
@group(0) @binding(6) var<storage, read_write> sums: array<vec2<f32>>;
@group(0) @binding(7) var<storage, read> weights: array<f32>;

const NOT_FINITE: u32 = 0xffffffffu;
const LEAST_STEP_SIZE: f32 = 1e-30;
const MOST_STEP_SIZE: f32 = 1e15;
const LEAST_VARIANCE: f32 = 1e-12;
const MOST_VARIANCE: f32 = 1e12;
const RETREAT: f32 = 0.5;

@compute @workgroup_size(64)
fn sample(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let n = parameters.dimensions;
    let quads = (n + 3u) / 4u;
    let place = (workgroup.y * workgroups.x + workgroup.x) * 64u + invocation;
    let individual = place / quads;
    if individual >= parameters.individuals {
        return;
    }
    let quad = place % quads;
    let normal = gaussians(philox(vec4<u32>(quad, individual, scalars.generation, 0u), parameters.key));
    for (var i = 0u; i < 4u; i++) {
        let j = 4u * quad + i;
        if j < n {
            population[individual * n + j] = vectors[j] + scalars.step_size * sqrt(vectors[n + j]) * normal[i];
        }
    }
}

@compute @workgroup_size(256)
fn rank(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i >= parameters.padded {
        return;
    }
    var key = NOT_FINITE;
    if i < parameters.individuals {
        let bits = bitcast<u32>(fitness[i]);
        // By the bits: WGSL lets compilers assume that comparisons are of finite numbers.
        if (bits & 0x7f800000u) != 0x7f800000u {
            // Ascending keys for descending fitness.
            key = select(bits ^ 0x7fffffffu, bits, (bits & 0x80000000u) != 0u);
        }
    }
    order[i] = vec2<u32>(key, i);
}

// What a pass of the bitonic sort compares: `size` of the sequences that it makes, and the distance of those compared.
struct Pass {
    size: u32,
    distance: u32,
}

@group(1) @binding(0) var<uniform> sort_pass: Pass;

const BLOCK: u32 = 512u;
var<workgroup> block: array<vec2<u32>, 512>;

fn comes_after(a: vec2<u32>, b: vec2<u32>) -> bool {
    return a.x > b.x || (a.x == b.x && a.y > b.y);
}

// The lower place of pair number `pair` of those `distance` apart.
fn lower_place(pair: u32, distance: u32) -> u32 {
    return 2u * pair - (pair & (distance - 1u));
}

fn compare_in_block(first: u32, invocation: u32, size: u32, distance: u32) {
    let low = lower_place(invocation, distance);
    let high = low + distance;
    let ascending = ((first + low) & size) == 0u;
    if comes_after(block[low], block[high]) == ascending {
        let swapped = block[low];
        block[low] = block[high];
        block[high] = swapped;
    }
}

@compute @workgroup_size(256)
fn sort_block(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) invocation: u32) {
    let first = workgroup.x * BLOCK;
    block[invocation] = order[first + invocation];
    block[invocation + 256u] = order[first + invocation + 256u];
    for (var size = 2u; size <= BLOCK; size *= 2u) {
        for (var distance = size / 2u; distance > 0u; distance /= 2u) {
            workgroupBarrier();
            compare_in_block(first, invocation, size, distance);
        }
    }
    workgroupBarrier();
    order[first + invocation] = block[invocation];
    order[first + invocation + 256u] = block[invocation + 256u];
}

@compute @workgroup_size(256)
fn merge_block(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) invocation: u32) {
    let first = workgroup.x * BLOCK;
    block[invocation] = order[first + invocation];
    block[invocation + 256u] = order[first + invocation + 256u];
    for (var distance = BLOCK / 2u; distance > 0u; distance /= 2u) {
        workgroupBarrier();
        compare_in_block(first, invocation, sort_pass.size, distance);
    }
    workgroupBarrier();
    order[first + invocation] = block[invocation];
    order[first + invocation + 256u] = block[invocation + 256u];
}

@compute @workgroup_size(256)
fn sort_step(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= parameters.padded / 2u {
        return;
    }
    let low = lower_place(id.x, sort_pass.distance);
    let high = low + sort_pass.distance;
    let ascending = (low & sort_pass.size) == 0u;
    let left = order[low];
    let right = order[high];
    if comes_after(left, right) == ascending {
        order[low] = right;
        order[high] = left;
    }
}

@compute @workgroup_size(1)
fn survey() {
    // Those that are not finite come last: the first of them is found by halving.
    var low = 0u;
    var high = parameters.individuals;
    while low < high {
        let middle = (low + high) / 2u;
        if order[middle].x == NOT_FINITE {
            high = middle;
        } else {
            low = middle + 1u;
        }
    }
    scalars.finite = low;
    scalars.improved = 0u;
    scalars.weight_scale = 1.0;
    if low == 0u {
        return;
    }
    if low < parameters.parents {
        var sum = 0.0;
        for (var i = 0u; i < low; i++) {
            sum += weights[i];
        }
        scalars.weight_scale = 1.0 / sum;
    }
    let best = fitness[order[0].y];
    if scalars.has_best == 0u || best > scalars.best_fitness {
        scalars.best_fitness = best;
        scalars.has_best = 1u;
        scalars.improved = 1u;
    }
}

@compute @workgroup_size(64)
fn recombine(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) invocation: u32) {
    let n = parameters.dimensions;
    let j = workgroup.x * 64u + invocation;
    let slice = workgroup.y;
    if j >= n {
        return;
    }
    let ranks = min(parameters.ranks, scalars.finite);
    let length = (parameters.ranks + parameters.slices - 1u) / parameters.slices;
    let mean = vectors[j];
    let scale = 1.0 / (scalars.step_size * sqrt(vectors[n + j]));
    var sum = vec2<f32>(0.0, 0.0);
    for (var i = slice * length; i < min((slice + 1u) * length, ranks); i++) {
        let step = (population[order[i].y * n + j] - mean) * scale;
        if i < parameters.parents {
            let weight = weights[i] * scalars.weight_scale;
            sum += weight * vec2<f32>(step, step * step - 1.0);
        } else {
            sum.y += weights[i] * (step * step - 1.0);
        }
    }
    sums[slice * n + j] = sum;
}

var<workgroup> squares: array<f32, 256>;

// Half of the invocations add those of the other half, until one is left.
fn add_up(invocation: u32, width: u32) {
    for (var stride = width / 2u; stride > 0u; stride /= 2u) {
        workgroupBarrier();
        if invocation < stride {
            squares[invocation] += squares[invocation + stride];
        }
    }
}

@compute @workgroup_size(64)
fn gather(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) invocation: u32) {
    let n = parameters.dimensions;
    let j = workgroup.x * 64u + invocation;
    squares[invocation] = 0.0;
    if j < n && scalars.finite > 0u {
        var sum = vec2<f32>(0.0, 0.0);
        for (var slice = 0u; slice < parameters.slices; slice++) {
            sum += sums[slice * n + j];
        }
        sums[j] = sum;
        let rate = parameters.step_rate;
        let gain = sqrt(rate * (2.0 - rate) * parameters.effective_parents);
        let path = (1.0 - rate) * vectors[2u * n + j] + gain * sum.x;
        vectors[2u * n + j] = path;
        squares[invocation] = path * path;
    }
    add_up(invocation, 64u);
    if invocation == 0u {
        // Behind the slices.
        sums[parameters.slices * n + workgroup.x] = vec2<f32>(squares[0], 0.0);
    }
}

@compute @workgroup_size(256)
fn control(@builtin(local_invocation_index) invocation: u32) {
    let n = parameters.dimensions;
    let parts = (n + 63u) / 64u;
    var sum = 0.0;
    for (var i = invocation; i < parts; i += 256u) {
        sum += sums[parameters.slices * n + i].x;
    }
    squares[invocation] = sum;
    add_up(invocation, 256u);
    if invocation != 0u {
        return;
    }
    scalars.generation += 1u;
    scalars.drawn_step_size = scalars.step_size;
    if scalars.finite == 0u {
        scalars.step_size = max(scalars.step_size * RETREAT, LEAST_STEP_SIZE);
        return;
    }
    let square = squares[0];
    let rate = parameters.step_rate;
    scalars.immaturity *= (1.0 - rate) * (1.0 - rate);
    let stationary = square / (1.0 - scalars.immaturity);
    scalars.steady = select(0.0, 1.0, stationary / f32(n) <= 2.0 + 4.0 / (f32(n) + 1.0));
    let change = rate / parameters.step_damping * (sqrt(square) / parameters.expected_length - 1.0);
    let factor = exponential(min(change, 1.0));
    scalars.step_size = clamp(scalars.step_size * factor, LEAST_STEP_SIZE, MOST_STEP_SIZE);
}

@compute @workgroup_size(64)
fn apply(@builtin(global_invocation_id) id: vec3<u32>) {
    let n = parameters.dimensions;
    let j = id.x;
    if j >= n || scalars.finite == 0u {
        return;
    }
    if scalars.improved != 0u {
        vectors[4u * n + j] = population[order[0].y * n + j];
    }
    let sum = sums[j];
    let variance = vectors[n + j];
    vectors[j] += scalars.drawn_step_size * sqrt(variance) * sum.x;
    if parameters.learns_variances != 0u {
        let rate = parameters.path_rate;
        let gain = scalars.steady * sqrt(rate * (2.0 - rate) * parameters.effective_parents);
        let path = (1.0 - rate) * vectors[3u * n + j] + gain * sum.x;
        vectors[3u * n + j] = path;
        let rank_one = parameters.rank_one * (1.0 - (1.0 - scalars.steady) * rate * (2.0 - rate));
        let change = 0.6931472 * (rank_one * (path * path - 1.0) + parameters.rank_mu * sum.y);
        vectors[n + j] = clamp(variance * exponential(clamp(change, -1.0, 1.0)), LEAST_VARIANCE, MOST_VARIANCE);
    }
}
