// Sphere: fitness = -sum(x_i^2).

const READS_NEXT: bool = false;
const HAS_SECOND_SUM: bool = false;

fn term(value: f32, next: f32, i: u32) -> vec2<f32> {
    return vec2<f32>(value * value, 0.0);
}

fn result(sum: vec2<f32>) -> f32 {
    return -sum.x;
}
