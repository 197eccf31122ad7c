// From ranks to the next generation: recombine, apply. The CPU reference, in state.rs, has the formulas and the reasons.
// `prepare` comes before the first generation. Needs state.wgsl.

@group(0) @binding(1) var<storage, read_write> vectors: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> scalars: array<Scalars, 2>;
@group(0) @binding(3) var<storage, read> fitness: array<f32>;
@group(0) @binding(4) var<storage, read> order: array<vec2<u32>>;
// For each quad the weighted sum of the steps, then for each that of their squares less one, then for each workgroup of
// the recombination the part of the step path's squared length that lies in its quads, and the largest variance there.
@group(0) @binding(5) var<storage, read_write> sums: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> weights: array<f32>;

const LEAST_STEP_SIZE: f32 = 1e-30;
const MOST_STEP_SIZE: f32 = 1e15;
const LEAST_VARIANCE: f32 = 1e-20;
const MOST_VARIANCE: f32 = 1e12;
const RETREAT: f32 = 0.5;
// Powers of two between which the largest variance is kept.
const LEAST_BALANCED: i32 = -8;
const MOST_BALANCED: i32 = 8;

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
    var largest = 0.0;
    if invocation < columns && quad < quads() && order[0].x != NOT_FINITE {
        let scale = weight_scale();
        // What fills up the last quad stays where it is.
        let exists = 4u * quad + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(parameters.dimensions);
        let sum = select(vec4<f32>(0.0), scale * steps[invocation], exists);
        sums[quad] = sum;
        sums[quads() + quad] = select(vec4<f32>(0.0), scale * squares[invocation], exists);
        let rate = parameters.step_rate;
        let gain = sqrt(rate * (2.0 - rate) * parameters.effective_parents);
        let path = (1.0 - rate) * vectors[place(STEP_PATH, quad)] + gain * sum;
        vectors[place(STEP_PATH, quad)] = path;
        length = dot(path, path);
        let variance = vectors[place(VARIANCES, quad)];
        largest = max(max(variance.x, variance.y), max(variance.z, variance.w));
    }
    if invocation < columns {
        steps[invocation] = vec4<f32>(length, largest, 0.0, 0.0);
    }
    for (var stride = columns / 2u; stride > 0u; stride /= 2u) {
        workgroupBarrier();
        if invocation < stride {
            let other = steps[invocation + stride];
            steps[invocation] = vec4<f32>(joined(steps[invocation].xy, other.xy), 0.0, 0.0);
        }
    }
    if invocation == 0u && workgroup < workgroups_of_recombination() {
        sums[2u * quads() + workgroup] = steps[0];
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
    // What the variances are multiplied with, so that they stay about 1; the step size takes it up.
    balance: f32,
}

fn power_of_two(exponent: i32) -> f32 {
    return bitcast<f32>(u32(127 + exponent) << 23u);
}

// The scalars of the next generation, from the squared length of the step path and the largest variance.
fn control(square: f32, largest: f32) -> Control {
    let n = f32(parameters.dimensions);
    var next = Control(scalars[CURRENT], 0.0, false, 1.0);
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
    var factor = exponential(min(change, 1.0));
    let exponent = i32(bitcast<u32>(largest) >> 23u) - 127;
    if parameters.learns_variances != 0u && (exponent < LEAST_BALANCED || exponent > MOST_BALANCED) {
        let halvings = exponent >> 1u;
        factor *= power_of_two(halvings);
        next.balance = power_of_two(-2 * halvings);
    }
    next.scalars.step_size = clamp(next.scalars.step_size * factor, LEAST_STEP_SIZE, MOST_STEP_SIZE);
    return next;
}

// Squared lengths, and the largest variances.
var<workgroup> parts: array<vec2<f32>, 256>;

fn joined(left: vec2<f32>, right: vec2<f32>) -> vec2<f32> {
    return vec2<f32>(left.x + right.x, max(left.y, right.y));
}

// Every workgroup works out the scalars for itself, which saves a dispatch of one workgroup in between.
@compute @workgroup_size(256)
fn apply(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) invocation: u32) {
    var own = vec2<f32>(0.0, 0.0);
    for (var i = invocation; i < workgroups_of_recombination(); i += 256u) {
        own = joined(own, sums[2u * quads() + i].xy);
    }
    parts[invocation] = own;
    for (var stride = 128u; stride > 0u; stride /= 2u) {
        workgroupBarrier();
        if invocation < stride {
            parts[invocation] = joined(parts[invocation], parts[invocation + stride]);
        }
    }
    workgroupBarrier();
    let next = control(parts[0].x, parts[0].y);
    if workgroup.x == 0u && invocation == 0u {
        scalars[NEWEST] = next.scalars;
    }

    let quad = workgroup.x * 256u + invocation;
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
                variance * (next.balance * exponentials(clamp(change, vec4<f32>(-1.0), vec4<f32>(1.0)))),
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
