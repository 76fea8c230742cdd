//! What is odd about readings and wind, and what can still be said.

use super::data::Held;
use crate::intake::Intake;
use crate::noise::{self, quantile};

/// A sensor was at its greatest value so often.
const TOPS: usize = 5;
/// And that stands so many deviations of its noise above what it usually reads.
const ABOVE: f64 = 8.0;
/// A drone has moved if its places lie further apart than this, m.
const MOVED_M: f64 = 5.0;

/// One line each.
pub fn remarks(held: &[Held], intake: &Intake) -> Vec<String> {
    let mut said = intake.remarks();
    let mut all_zero = true;
    let mut moved = false;
    let mut sensors = 0;
    for (sensor, name) in intake.sensors.iter().enumerate() {
        let own: Vec<&Held> = held.iter().filter(|h| h.sensor == sensor).collect();
        let Some(first) = own.first() else { continue };
        sensors += 1;
        let ppm: Vec<f64> = own.iter().map(|h| h.ppm).collect();
        all_zero &= ppm.iter().all(|p| *p == 0.0);
        moved |= first.to.is_some() || own.iter().any(|h| (h.at - first.at).norm() > MOVED_M);
        let top = ppm.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let tops = ppm.iter().filter(|p| **p == top).count();
        let noise = noise::of_all(&ppm);
        let usual = quantile(&mut ppm.clone(), 0.5);
        if tops >= TOPS && top - usual > ABOVE * noise && top > usual {
            said.push(format!(
                "sensor '{name}' read its greatest value, {top} ppm, {tops} times: it looks saturated, so rates may be too low; places are less touched"
            ));
        }
    }
    if all_zero && !held.is_empty() {
        said.push(
            "every reading is zero: give ppm with the background left in, or check the sensor"
                .to_owned(),
        );
    }
    if sensors == 1 && !moved {
        said.push(
            "one sensor that does not move: it tells upwind from elsewhere, but hardly how far a source is; its rate rests on that".to_owned(),
        );
    }
    said
}
