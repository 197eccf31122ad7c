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

// Eight neighbouring invocations count who comes before an individual: that is its rank.
@compute @workgroup_size(256)
fn count(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) invocation: u32) {
    if workgroup.x == 0u && invocation == 0u {
        settle_scalars();
    }
    let individuals = parameters.individuals;
    let individual = workgroup.x * 32u + invocation / 8u;
    let lane = invocation % 8u;
    let own = key_of(individual);
    var before = vec4<u32>(0u);
    for (var first = 0u; first < individuals; first += 1024u) {
        let loaded = first + 4u * invocation;
        workgroupBarrier();
        tile[invocation] = vec4<u32>(key_of(loaded), key_of(loaded + 1u), key_of(loaded + 2u), key_of(loaded + 3u));
        workgroupBarrier();
        let end = min(256u, (individuals - first + 3u) / 4u);
        for (var i = lane; i < end; i += 8u) {
            let others = tile[i];
            let indices = vec4<u32>(0u, 1u, 2u, 3u) + (first + 4u * i);
            let comes_before = (others < vec4<u32>(own))
                | ((others == vec4<u32>(own)) & (indices < vec4<u32>(individual)));
            before += select(vec4<u32>(0u), vec4<u32>(1u), comes_before);
        }
    }
    counts[invocation] = before.x + before.y + before.z + before.w;
    workgroupBarrier();
    if lane == 0u && individual < individuals {
        var rank = 0u;
        for (var i = 0u; i < 8u; i++) {
            rank += counts[invocation + i];
        }
        order[rank] = vec2<u32>(own, individual);
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
