//! What moves: vehicles and persons, each with its whole life in a table.

/// Spacing of the samples in an actor's table, seconds.
pub const SAMPLE_S: f64 = 0.1;

/// What an actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody on foot.
    Person,
    /// A passenger car.
    Car,
    /// A pickup.
    Pickup,
    /// A truck with a box body.
    Truck,
}

impl Kind {
    /// The class number of FORMATS (`atalaya detect`).
    pub fn class(self) -> u8 {
        match self {
            Self::Person => 1,
            Self::Car => 2,
            Self::Pickup => 3,
            Self::Truck => 4,
        }
    }

    /// The class's word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Car => "car",
            Self::Pickup => "pickup",
            Self::Truck => "truck",
        }
    }

    /// Whether it is a vehicle.
    pub fn is_vehicle(self) -> bool {
        self != Self::Person
    }

    /// Length, width and height, metres.
    pub fn size_m(self) -> [f32; 3] {
        match self {
            Self::Person => [0.5, 0.5, 1.75],
            Self::Car => [4.4, 1.8, 1.45],
            Self::Pickup => [5.3, 1.9, 1.8],
            Self::Truck => [6.9, 2.3, 3.0],
        }
    }
}

/// Where an actor is at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Middle of its footprint, metres east and north.
    pub at: [f64; 2],
    /// Direction it faces, radians counter-clockwise from east.
    pub heading: f64,
    /// Speed over ground, metres per second.
    pub speed: f64,
    /// Way made so far, metres: decides how wheels and legs stand.
    pub way: f64,
    /// Whether it carries a box.
    pub carries: bool,
    /// Warmth of the engine, 0 (cold) to 1 (driven for minutes).
    pub warmth: f64,
}

/// One row of an actor's table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub at: [f64; 2],
    pub heading: f64,
    pub way: f64,
    pub carries: bool,
    pub warmth: f64,
}

/// A vehicle or a person with everything it does.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Identifier in truth files, from 1.
    pub id: u32,
    /// What it is.
    pub kind: Kind,
    /// Body colour, display values 0 to 1.
    pub color: [f32; 3],
    /// Second colour: trousers of a person, box body of a truck.
    pub color2: [f32; 3],
    /// Time of the first sample, seconds from the start of the world.
    pub t0: f64,
    pub(crate) samples: Vec<Sample>,
}

impl Actor {
    /// Time of the last sample, seconds.
    pub fn t1(&self) -> f64 {
        self.t0 + SAMPLE_S * (self.samples.len().max(1) - 1) as f64
    }

    /// The pose at `t` seconds, or nothing while the actor is not in the world.
    pub fn pose(&self, t: f64) -> Option<Pose> {
        let x = (t - self.t0) / SAMPLE_S;
        if x < -1e-9 || self.samples.is_empty() {
            return None;
        }
        let x = x.max(0.0);
        let last = self.samples.len() - 1;
        if x > last as f64 + 1e-9 {
            return None;
        }
        let i = (x as usize).min(last);
        let j = (i + 1).min(last);
        let f = x - i as f64;
        let (a, b) = (&self.samples[i], &self.samples[j]);
        let mix = |p: f64, q: f64| p + (q - p) * f;
        let way = b.way - a.way;
        Some(Pose {
            at: [mix(a.at[0], b.at[0]), mix(a.at[1], b.at[1])],
            heading: a.heading + wrap(b.heading - a.heading) * f,
            speed: way / SAMPLE_S,
            way: mix(a.way, b.way),
            carries: a.carries,
            warmth: mix(a.warmth, b.warmth),
        })
    }
}

/// Brings an angle into (-π, π].
pub(crate) fn wrap(a: f64) -> f64 {
    let t = std::f64::consts::TAU;
    let r = a.rem_euclid(t);
    if r > t / 2.0 { r - t } else { r }
}
