// Sphere: fitness = -sum(x_i^2).

fn term(row: u32, i: u32) -> vec2<f32> {
    let value = population[row + i];
    return vec2<f32>(value * value, 0.0);
}

fn result(sum: vec2<f32>) -> f32 {
    return -sum.x;
}
