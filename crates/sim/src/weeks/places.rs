//! The three sites: a road, a gate, a yard with places to stand, a building with a door.

/// Corner or place, metres.
pub(super) type At = [f64; 2];

/// A site on the world's plane.
pub(super) struct Place {
    pub id: &'static str,
    middle: At,
    /// Direction of its own x axis, radians counter-clockwise from east.
    turned: f64,
    scale: f64,
}

pub(super) const SITES: [Place; 3] = [
    Place {
        id: "farm",
        middle: [0.0, 0.0],
        turned: 0.35,
        scale: 1.0,
    },
    Place {
        id: "depot",
        middle: [6_000.0, 2_500.0],
        turned: -0.9,
        scale: 1.15,
    },
    Place {
        id: "house",
        middle: [-4_200.0, 5_100.0],
        turned: 1.7,
        scale: 0.85,
    },
];

/// Outlines in a site's own metres: x along the road, y away from it. West, south, east, north.
const GATE: [f64; 4] = [-8.0, -48.0, 8.0, -32.0];
const YARD: [f64; 4] = [-40.0, -30.0, 40.0, 44.0];
const HALL: [f64; 4] = [-25.0, 45.0, 25.0, 65.0];
/// The road passes here.
pub(super) const ROAD_Y: f64 = -60.0;
/// The road is followed this far to either side.
pub(super) const ROAD_X: f64 = 220.0;
/// Places to park, and places before the door.
pub(super) const PARKING: usize = 14;
pub(super) const BAYS: usize = 2;

/// Doors of the building.
pub(super) fn door(bay: usize) -> At {
    [if bay == 0 { -10.0 } else { 10.0 }, 45.5]
}

/// Where a vehicle stands: bays first, then parking along both sides.
pub(super) fn slot(k: usize) -> At {
    if k < BAYS {
        [if k == 0 { -10.0 } else { 10.0 }, 30.0]
    } else {
        let n = k - BAYS;
        let side = if n.is_multiple_of(2) { -33.0 } else { 33.0 };
        [side, -22.0 + 8.0 * (n / 2) as f64]
    }
}

impl Place {
    /// From the site's own metres to the world's plane.
    pub fn world(&self, p: At) -> At {
        let (s, c) = self.turned.sin_cos();
        let (x, y) = (p[0] * self.scale, p[1] * self.scale);
        [
            self.middle[0] + c * x - s * y,
            self.middle[1] + s * x + c * y,
        ]
    }

    /// Zones: name, role, outline on the world's plane.
    pub fn zones(&self) -> [(&'static str, &'static str, Vec<At>); 3] {
        let ring = |z: [f64; 4]| {
            [[z[0], z[1]], [z[2], z[1]], [z[2], z[3]], [z[0], z[3]]]
                .map(|p| self.world(p))
                .to_vec()
        };
        [
            ("gate", "gate", ring(GATE)),
            ("yard", "yard", ring(YARD)),
            ("hall", "structure", ring(HALL)),
        ]
    }

    /// The ground that a look covers.
    pub fn outline(&self) -> Vec<At> {
        [
            [-110.0, -90.0],
            [110.0, -90.0],
            [110.0, 80.0],
            [-110.0, 80.0],
        ]
        .map(|p| self.world(p))
        .to_vec()
    }

    /// Metres outside the yard of a place in the site's own metres; 0 inside.
    pub fn beyond_yard(&self, p: At) -> f64 {
        let dx = (YARD[0] - p[0]).max(p[0] - YARD[2]).max(0.0);
        let dy = (YARD[1] - p[1]).max(p[1] - YARD[3]).max(0.0);
        dx.hypot(dy) * self.scale
    }

    /// Is a place in the site's own metres in view of a look at the site?
    pub fn in_view(p: At) -> bool {
        p[0].abs() < 110.0 && (-90.0..80.0).contains(&p[1])
    }

    /// Metres of the world to a metre of the site.
    pub fn scale(&self) -> f64 {
        self.scale
    }
}
