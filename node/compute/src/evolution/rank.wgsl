// From fitness to ranks. Small populations are ranked by counting in one dispatch, `count`; the others are sorted:
//
//     list, sort_block, (sort_step, merge_block)*
//
// Needs state.wgsl.

@group(0) @binding(1) var<storage, read_write> scalars: array<Scalars, 2>;
@group(0) @binding(2) var<storage, read> fitness: array<f32>;
// Key and index of each individual, ascending keys when ranked.
@group(0) @binding(3) var<storage, read_write> order: array<vec2<u32>>;

// From the start of the ranking on a generation reads its scalars here, so that the next ones can be written meanwhile.
fn settle_scalars() {
    scalars[CURRENT] = scalars[NEWEST];
}

// Ascending keys for descending fitness, what is not finite last.
fn key(value: f32) -> u32 {
    let bits = bitcast<u32>(value);
    // By the bits: WGSL lets compilers assume that comparisons are of finite numbers.
    if (bits & 0x7f800000u) == 0x7f800000u {
        return NOT_FINITE;
    }
    return select(bits ^ 0x7fffffffu, bits, (bits & 0x80000000u) != 0u);
}

// Keys of those that an individual is compared with, four at a time, a tile after the other.
var<workgroup> tile: array<vec4<u32>, 256>;
var<workgroup> counts: array<u32, 256>;

// The key of those who fill up the last four comes last, as do their indices: they come before nobody.
fn key_of(individual: u32) -> u32 {
    if individual >= parameters.individuals {
        return NOT_FINITE;
    }
    return key(fitness[individual]);
}

// For each of four others in the tile, the first of which is individual number `first`: 1 if it comes before. Among
// equals the lower number comes first, which is left out here where the four are the individual's own.
fn comes_before(i: u32, first: u32, own: u32, individual: u32) -> vec4<u32> {
    let limit = own + select(0u, 1u, first + 4u * i + 3u < individual);
    return select(vec4<u32>(0u), vec4<u32>(1u), tile[i] < vec4<u32>(limit));
}

// Neighbouring invocations that count together who comes before an individual: that is its rank.
const COUNTERS: u32 = 16u;

@compute @workgroup_size(256)
fn count(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) invocation: u32) {
    if workgroup.x == 0u && invocation == 0u {
        settle_scalars();
    }
    let individuals = parameters.individuals;
    let individual = workgroup.x * (256u / COUNTERS) + invocation / COUNTERS;
    let lane = invocation % COUNTERS;
    let own = key_of(individual);
    var before = vec4<u32>(0u);
    for (var first = 0u; first < individuals; first += 1024u) {
        let loaded = first + 4u * invocation;
        workgroupBarrier();
        tile[invocation] = vec4<u32>(key_of(loaded), key_of(loaded + 1u), key_of(loaded + 2u), key_of(loaded + 3u));
        workgroupBarrier();
        // Beyond the last one all come after. Written out, since a loop's own cost is about that of four comparisons.
        let end = min(256u, (individuals - first + 3u) / 4u);
        for (var i = lane; i < end; i += 4u * COUNTERS) {
            before += comes_before(i, first, own, individual);
            before += comes_before(i + COUNTERS, first, own, individual);
            before += comes_before(i + 2u * COUNTERS, first, own, individual);
            before += comes_before(i + 3u * COUNTERS, first, own, individual);
        }
    }
    var rank = before.x + before.y + before.z + before.w;
    // The other three of its own four.
    let beside = (individual & ~3u) + lane;
    if lane < 3u && beside < individual && key_of(beside) == own {
        rank += 1u;
    }
    counts[invocation] = rank;
    for (var stride = COUNTERS / 2u; stride > 0u; stride /= 2u) {
        workgroupBarrier();
        if lane < stride {
            counts[invocation] += counts[invocation + stride];
        }
    }
    if lane == 0u && individual < individuals {
        order[counts[invocation]] = vec2<u32>(own, individual);
    }
}

@compute @workgroup_size(256)
fn list(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if i == 0u {
        settle_scalars();
    }
    if i >= parameters.padded {
        return;
    }
    var own = NOT_FINITE;
    if i < parameters.individuals {
        own = key(fitness[i]);
    }
    order[i] = vec2<u32>(own, i);
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
