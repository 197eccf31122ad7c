// From ranks to the next generation: recombine, apply. The CPU reference, in state.rs, has the formulas and the reasons.
// `prepare` comes before the first generation. Needs state.wgsl.

@group(0) @binding(1) var<storage, read_write> vectors: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> scalars: array<Scalars, 2>;
@group(0) @binding(3) var<storage, read> fitness: array<f32>;
@group(0) @binding(4) var<storage, read> order: array<vec2<u32>>;
// For each quad the weighted sum of the steps, then for each that of their squares less one, then for each workgroup of
// the recombination the part of the step path's squared length that lies in its quads.
@group(0) @binding(5) var<storage, read_write> sums: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> weights: array<f32>;

const LEAST_STEP_SIZE: f32 = 1e-30;
const MOST_STEP_SIZE: f32 = 1e15;
const LEAST_VARIANCE: f32 = 1e-12;
const MOST_VARIANCE: f32 = 1e12;
const RETREAT: f32 = 0.5;

fn place(vector: u32, quad: u32) -> u32 {
    return vector * quads() + quad;
}

@compute @workgroup_size(64)
fn prepare(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < quads() {
        vectors[place(DEVIATIONS, id.x)] = scalars[NEWEST].step_size * sqrt(vectors[place(VARIANCES, id.x)]);
    }
}

// Where fewer individuals are finite than are to be parents, their weights are scaled to a sum of 1.
fn weight_scale() -> f32 {
    if order[parameters.parents - 1u].x != NOT_FINITE {
        return 1.0;
    }
    var sum = 0.0;
    for (var rank = 0u; order[rank].x != NOT_FINITE; rank++) {
        sum += weights[rank];
    }
    return 1.0 / sum;
}

var<workgroup> steps: array<vec4<f32>, 256>;
var<workgroup> squares: array<vec4<f32>, 256>;

// The steps are drawn again, which costs less than storing and gathering them. A workgroup serves `columns` quads; all
// its invocations of a quad share the ranks.
@compute @workgroup_size(256)
fn recombine(
    @builtin(workgroup_id) workgroup_id: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let workgroup = workgroup_id.y * workgroups.x + workgroup_id.x;
    let columns = parameters.columns;
    let lanes = 256u / columns;
    let quad = workgroup * columns + invocation % columns;
    let generation = scalars[CURRENT].generation;
    let learns_variances = parameters.learns_variances != 0u;

    var step_sum = vec4<f32>(0.0);
    var square_sum = vec4<f32>(0.0);
    if quad < quads() {
        for (var rank = invocation / columns; rank < parameters.ranks; rank += lanes) {
            let ranked = order[rank];
            if ranked.x == NOT_FINITE {
                break;
            }
            let step = normals(quad, ranked.y, generation);
            let weight = weights[rank];
            if rank < parameters.parents {
                step_sum += weight * step;
            }
            if learns_variances {
                square_sum += weight * (step * step - 1.0);
            }
        }
    }
    steps[invocation] = step_sum;
    squares[invocation] = square_sum;
    for (var stride = 128u; stride >= columns; stride /= 2u) {
        workgroupBarrier();
        if invocation < stride {
            steps[invocation] += steps[invocation + stride];
            if learns_variances {
                squares[invocation] += squares[invocation + stride];
            }
        }
    }

    // One invocation a quad goes on.
    var length = 0.0;
    if invocation < columns && quad < quads() && order[0].x != NOT_FINITE {
        let scale = weight_scale();
        let sum = scale * steps[invocation];
        sums[quad] = sum;
        sums[quads() + quad] = scale * squares[invocation];
        let rate = parameters.step_rate;
        let gain = sqrt(rate * (2.0 - rate) * parameters.effective_parents);
        let path = (1.0 - rate) * vectors[place(STEP_PATH, quad)] + gain * sum;
        vectors[place(STEP_PATH, quad)] = path;
        length = dot(path, path);
    }
    if invocation < columns {
        steps[invocation].x = length;
    }
    for (var stride = columns / 2u; stride > 0u; stride /= 2u) {
        workgroupBarrier();
        if invocation < stride {
            steps[invocation].x += steps[invocation + stride].x;
        }
    }
    if invocation == 0u && workgroup < workgroups_of_recombination() {
        sums[2u * quads() + workgroup] = vec4<f32>(steps[0].x, 0.0, 0.0, 0.0);
    }
}

fn workgroups_of_recombination() -> u32 {
    return (quads() + parameters.columns - 1u) / parameters.columns;
}

struct Control {
    scalars: Scalars,
    // 1 while the step path is of an ordinary length, else 0.
    steady: f32,
    improves: bool,
}

// The scalars of the next generation, from the squared length of the step path.
fn control(square: f32) -> Control {
    let n = f32(parameters.dimensions);
    var next = Control(scalars[CURRENT], 0.0, false);
    next.scalars.generation += 1u;
    if order[0].x == NOT_FINITE {
        next.scalars.step_size = max(next.scalars.step_size * RETREAT, LEAST_STEP_SIZE);
        return next;
    }
    let best = fitness[order[0].y];
    if next.scalars.has_best == 0u || best > next.scalars.best_fitness {
        next.scalars.best_fitness = best;
        next.scalars.has_best = 1u;
        next.improves = true;
    }
    let rate = parameters.step_rate;
    next.scalars.immaturity *= (1.0 - rate) * (1.0 - rate);
    let stationary = square / (1.0 - next.scalars.immaturity);
    next.steady = select(0.0, 1.0, stationary / n <= 2.0 + 4.0 / (n + 1.0));
    let change = rate / parameters.step_damping * (sqrt(square) / parameters.expected_length - 1.0);
    let factor = exponential(min(change, 1.0));
    next.scalars.step_size = clamp(next.scalars.step_size * factor, LEAST_STEP_SIZE, MOST_STEP_SIZE);
    return next;
}

var<workgroup> lengths: array<f32, 64>;

// Every workgroup works out the scalars for itself, which saves a dispatch of one workgroup in between.
@compute @workgroup_size(64)
fn apply(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) invocation: u32) {
    var length = 0.0;
    for (var part = invocation; part < workgroups_of_recombination(); part += 64u) {
        length += sums[2u * quads() + part].x;
    }
    lengths[invocation] = length;
    for (var stride = 32u; stride > 0u; stride /= 2u) {
        workgroupBarrier();
        if invocation < stride {
            lengths[invocation] += lengths[invocation + stride];
        }
    }
    workgroupBarrier();
    let next = control(lengths[0]);
    if workgroup.x == 0u && invocation == 0u {
        scalars[NEWEST] = next.scalars;
    }

    let quad = workgroup.x * 64u + invocation;
    if quad >= quads() {
        return;
    }
    var variance = vectors[place(VARIANCES, quad)];
    if order[0].x != NOT_FINITE {
        let mean = vectors[place(MEAN, quad)];
        let deviation = vectors[place(DEVIATIONS, quad)];
        if next.improves {
            let generation = scalars[CURRENT].generation;
            vectors[place(BEST, quad)] = mean + deviation * normals(quad, order[0].y, generation);
        }
        let step = sums[quad];
        vectors[place(MEAN, quad)] = mean + deviation * step;
        if parameters.learns_variances != 0u {
            let rate = parameters.path_rate;
            let gain = next.steady * sqrt(rate * (2.0 - rate) * parameters.effective_parents);
            let path = (1.0 - rate) * vectors[place(VARIANCE_PATH, quad)] + gain * step;
            vectors[place(VARIANCE_PATH, quad)] = path;
            let rank_one = parameters.rank_one * (1.0 - (1.0 - next.steady) * rate * (2.0 - rate));
            let change = 0.6931472 * (rank_one * (path * path - 1.0) + parameters.rank_mu * sums[quads() + quad]);
            variance = clamp(
                variance * exponentials(clamp(change, vec4<f32>(-1.0), vec4<f32>(1.0))),
                vec4<f32>(LEAST_VARIANCE),
                vec4<f32>(MOST_VARIANCE),
            );
            vectors[place(VARIANCES, quad)] = variance;
        }
    }
    vectors[place(DEVIATIONS, quad)] = next.scalars.step_size * sqrt(variance);
}

fn exponentials(values: vec4<f32>) -> vec4<f32> {
    return vec4<f32>(exponential(values.x), exponential(values.y), exponential(values.z), exponential(values.w));
}
