// Rosenbrock: fitness = -sum(100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2) over all coordinates but the last.

const READS_NEXT: bool = true;
const HAS_SECOND_SUM: bool = false;

fn term(value: f32, next: f32, i: u32) -> vec2<f32> {
    if i + 1u >= dimensions() {
        return vec2<f32>(0.0, 0.0);
    }
    let bend = next - value * value;
    let distance = 1.0 - value;
    return vec2<f32>(100.0 * (bend * bend) + distance * distance, 0.0);
}

fn result(sum: vec2<f32>) -> f32 {
    return -sum.x;
}
