// What the adapter can do at best: copying, multiply-adds, integer operations and wide products, with nothing else to
// do. Needs a wide product.

@group(0) @binding(0) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> target_values: array<vec4<f32>>;

// Rounds in a loop, each of which is repeated eight times in the text: wgpu guards loops against running for ever, which
// would otherwise cost a good part of what is measured.
const ROUNDS: u32 = 256u;

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

struct Chains {
    a: vec4<f32>,
    b: vec4<f32>,
    c: vec4<f32>,
    d: vec4<f32>,
}

fn multiplied(chains: Chains, factor: vec4<f32>) -> Chains {
    return Chains(
        chains.a * factor + factor,
        chains.b * factor + factor,
        chains.c * factor + factor,
        chains.d * factor + factor,
    );
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
    var chains = Chains(source[i], source[i] + 1.0, source[i] + 2.0, source[i] + 3.0);
    for (var round = 0u; round < ROUNDS; round++) {
        chains = multiplied(chains, factor);
        chains = multiplied(chains, factor);
        chains = multiplied(chains, factor);
        chains = multiplied(chains, factor);
        chains = multiplied(chains, factor);
        chains = multiplied(chains, factor);
        chains = multiplied(chains, factor);
        chains = multiplied(chains, factor);
    }
    target_values[i] = (chains.a + chains.b) + (chains.c + chains.d);
}

fn mixed(words: vec4<u32>, start: vec4<u32>) -> vec4<u32> {
    return (words + start) ^ (words >> vec4<u32>(7u));
}

// 12 operations a round: an addition, a shift and an exclusive or of each of four numbers.
@compute @workgroup_size(64)
fn integers(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let i = place(workgroup, workgroups, invocation);
    let start = bitcast<vec4<u32>>(source[i]);
    var words = start + vec4<u32>(1u, 2u, 3u, 4u);
    for (var round = 0u; round < ROUNDS; round++) {
        words = mixed(words, start);
        words = mixed(words, start);
        words = mixed(words, start);
        words = mixed(words, start);
        words = mixed(words, start);
        words = mixed(words, start);
        words = mixed(words, start);
        words = mixed(words, start);
    }
    target_values[i] = in_range(words);
}

fn next_word(word: u32, start: u32) -> u32 {
    let product = wide_product(word, 0xD2511F53u);
    return product.x ^ product.y ^ start;
}

fn next_words(words: vec4<u32>, start: u32) -> vec4<u32> {
    return vec4<u32>(
        next_word(words.x, start),
        next_word(words.y, start),
        next_word(words.z, start),
        next_word(words.w, start),
    );
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
        words = next_words(words, start);
        words = next_words(words, start);
        words = next_words(words, start);
        words = next_words(words, start);
        words = next_words(words, start);
        words = next_words(words, start);
        words = next_words(words, start);
        words = next_words(words, start);
    }
    target_values[i] = in_range(words);
}

// Numbers that depend on all bits and are finite.
fn in_range(words: vec4<u32>) -> vec4<f32> {
    return vec4<f32>((words ^ (words >> vec4<u32>(16u))) & vec4<u32>(0xffffu));
}
