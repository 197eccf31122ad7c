// Counter-based random numbers, the same as in philox.rs, which says more. Needs elementary.wgsl, and wide_product.wgsl
// or wide_product_64.wgsl.

fn philox(start: vec4<u32>, start_key: vec2<u32>) -> vec4<u32> {
    var counter = start;
    var key = start_key;
    for (var round = 0u; round < 10u; round++) {
        if round > 0u {
            key += vec2<u32>(0x9E3779B9u, 0xBB67AE85u);
        }
        let first = wide_product(counter.x, 0xD2511F53u);
        let second = wide_product(counter.z, 0xCD9E8D57u);
        counter = vec4<u32>(second.y ^ counter.y ^ key.x, second.x, first.y ^ counter.w ^ key.y, first.x);
    }
    return counter;
}

fn unit(word: u32) -> f32 {
    return (f32(word >> 9u) + 0.5) * (1.0 / 8388608.0);
}

fn gaussian_pair(radius_word: u32, angle_word: u32) -> vec2<f32> {
    let radius = sqrt(-2.0 * logarithm(unit(radius_word)));
    let angle = 2.0 * unit(angle_word);
    let cosine = sine_of_half_turns(0.5 - abs(angle - round(angle)));
    let sine = sine_of_half_turns(angle);
    return radius * vec2<f32>(
        select(-cosine, cosine, angle < 0.5 || angle >= 1.5),
        select(sine, -sine, angle > 0.5 && angle < 1.5),
    );
}

fn gaussians(words: vec4<u32>) -> vec4<f32> {
    return vec4<f32>(gaussian_pair(words.x, words.y), gaussian_pair(words.z, words.w));
}
