// What the adapter can do at best: copying, multiply-adds, integer operations and wide products, with nothing else to
// do. Needs a wide product.

@group(0) @binding(0) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> target_values: array<vec4<f32>>;

const ROUNDS: u32 = 2048u;

fn place(workgroup: vec3<u32>, workgroups: vec3<u32>, invocation: u32) -> u32 {
    return (workgroup.y * workgroups.x + workgroup.x) * 64u + invocation;
}

@compute @workgroup_size(64)
fn copy(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let i = place(workgroup, workgroups, invocation);
    if i < arrayLength(&target_values) {
        target_values[i] = source[i];
    }
}

// 16 multiply-adds a round, in chains that do not wait for one another.
@compute @workgroup_size(64)
fn multiply_add(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let i = place(workgroup, workgroups, invocation);
    let factor = source[i] * 0.5;
    var a = source[i];
    var b = a + 1.0;
    var c = a + 2.0;
    var d = a + 3.0;
    for (var round = 0u; round < ROUNDS; round++) {
        a = a * factor + factor;
        b = b * factor + factor;
        c = c * factor + factor;
        d = d * factor + factor;
    }
    target_values[i] = (a + b) + (c + d);
}

// 48 operations a round: an addition, a shift and an exclusive or of each of 16 numbers.
@compute @workgroup_size(64)
fn integers(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let i = place(workgroup, workgroups, invocation);
    let start = bitcast<vec4<u32>>(source[i]);
    var a = start;
    var b = start + 1u;
    var c = start + 2u;
    var d = start + 3u;
    for (var round = 0u; round < ROUNDS; round++) {
        a = (a + start) ^ (a >> vec4<u32>(7u));
        b = (b + start) ^ (b >> vec4<u32>(7u));
        c = (c + start) ^ (c >> vec4<u32>(7u));
        d = (d + start) ^ (d >> vec4<u32>(7u));
    }
    target_values[i] = in_range((a ^ b) ^ (c ^ d));
}

fn next_word(word: u32, start: u32) -> u32 {
    let product = wide_product(word, 0xD2511F53u);
    return product.x ^ product.y ^ start;
}

// 4 wide products a round, each with two exclusive ors.
@compute @workgroup_size(64)
fn products(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let i = place(workgroup, workgroups, invocation);
    let start = bitcast<u32>(source[i].x);
    var words = vec4<u32>(1u, 2u, 3u, 4u) + start;
    for (var round = 0u; round < ROUNDS; round++) {
        words = vec4<u32>(
            next_word(words.x, start),
            next_word(words.y, start),
            next_word(words.z, start),
            next_word(words.w, start),
        );
    }
    target_values[i] = in_range(words);
}

// Numbers that depend on all bits and are finite.
fn in_range(words: vec4<u32>) -> vec4<f32> {
    return vec4<f32>((words ^ (words >> vec4<u32>(16u))) & vec4<u32>(0xffffu));
}
