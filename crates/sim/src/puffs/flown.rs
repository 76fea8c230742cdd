//! Where a drone is that measures.

/// Speed of the drone, m/s.
const SPEED: f64 = 5.0;

/// Where a drone is on its way over waypoints; none once it is at the last.
pub(super) fn along(path: &[[f64; 3]], t: f64) -> Option<[f64; 3]> {
    let mut left = SPEED * t;
    for pair in path.windows(2) {
        let d: [f64; 3] = std::array::from_fn(|i| pair[1][i] - pair[0][i]);
        let length = d.iter().map(|d| d * d).sum::<f64>().sqrt();
        if left <= length {
            let share = left / length.max(1e-9);
            return Some(std::array::from_fn(|i| pair[0][i] + share * d[i]));
        }
        left -= length;
    }
    None
}

/// Where a drone is that flies circuits.
pub(super) fn circuit(t: f64) -> [f64; 3] {
    const SIDES: [f64; 2] = [30.0, 48.0];
    let mut left = (SPEED * t) % SIDES.iter().map(|s| 8.0 * s).sum::<f64>();
    for s in SIDES {
        if left < 8.0 * s {
            let (side, along) = ((left / (2.0 * s)) as usize, left % (2.0 * s) - s);
            let [e, n] = [[along, -s], [s, along], [-along, s], [-s, -along]][side.min(3)];
            return [e, n, 4.0];
        }
        left -= 8.0 * s;
    }
    [0.0, 0.0, 4.0]
}
