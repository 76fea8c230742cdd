//! Exponential and logarithm in single precision without branches, so that a loop over hypotheses
//! becomes vector instructions, and gives the same bits on every machine of an architecture.

/// e^x for x <= 0, relative error below 2e-6; 0 below -40.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // Adding and taking away 1.5 * 2^23 rounds to the nearest whole number, which then stands in the last bits.
    const ROUND: f32 = 12_582_912.0;
    const LEAST: f32 = -40.0;
    let clamped = if x > LEAST { x } else { LEAST };
    let shifted = clamped * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    // ln 2 in two parts, so that the remainder is exact.
    let r = (clamped - n * 0.693_359_4) + n * 2.121_944_4e-4;
    let p = r * (1.0 / 120.0 + r * (1.0 / 720.0));
    let p = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + p))));
    let power = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let scale = f32::from_bits(power.wrapping_add(127) << 23);
    only(x > LEAST, p * scale)
}

/// A number, or 0 if it is not to be, without a branch.
#[inline(always)]
pub fn only(this: bool, x: f32) -> f32 {
    f32::from_bits(x.to_bits() & u32::from(this).wrapping_neg())
}

/// The natural logarithm of a positive, normal number, absolute error below 1e-6.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    let bits = x.to_bits();
    // The exponent is taken so that the mantissa lies between sqrt(1/2) and sqrt(2).
    let shifted = bits.wrapping_sub(0x3f35_04f3);
    let n = (shifted as i32) >> 23;
    let m = f32::from_bits(bits.wrapping_sub((n << 23) as u32));
    let t = (m - 1.0) / (m + 1.0);
    let t2 = t * t;
    let series = t * (2.0 + t2 * (2.0 / 3.0 + t2 * (2.0 / 5.0 + t2 * (2.0 / 7.0))));
    n as f32 * std::f32::consts::LN_2 + series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_what_they_approximate() {
        for i in 1..4000 {
            let x = -(i as f32) * 0.0099;
            let want = f64::from(x).exp();
            assert!(((f64::from(exp(x)) - want) / want).abs() < 2e-6, "{x}");
            let y = 1e-9 * 1.02f32.powi(i / 2);
            if y.is_finite() {
                let error = f64::from(ln(y)) - f64::from(y).ln();
                assert!(
                    error.abs() < 1e-6 * f64::from(y).ln().abs().max(1.0),
                    "{y}: {error}"
                );
            }
        }
        assert_eq!(exp(-1e9), 0.0);
        assert_eq!(exp(0.0), 1.0);
    }
}
