// Quadratic objective: fitness = -sum((x_i - t_i)^2).

const READS_NEXT: bool = false;
const HAS_SECOND_SUM: bool = false;

fn term(value: f32, next: f32, i: u32) -> vec2<f32> {
    let difference = value - constants[i];
    return vec2<f32>(difference * difference, 0.0);
}

fn result(sum: vec2<f32>) -> f32 {
    return -sum.x;
}
