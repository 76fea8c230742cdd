//! The world: what stands, what moves, the sun and the weather, all from one seed.

pub(crate) mod actors;
mod errands;
pub(crate) mod layout;
mod path;
mod schedule;
mod sun;

pub use actors::{Actor, Kind, Pose, SAMPLE_S};
pub use layout::{
    Building, ENTER_AFTER_S, EXIT_AFTER_S, EXIT_MARGIN_M, Layout, Pole, Tank, Tree, Zone,
};

use crate::errors::{COARSE, MetadataErrors, SIGMAS};
use crate::flight::Flight;
use crate::rng::{Stream, Wander};
use atalaya_geo::{Geodetic, LocalFrame, Vector3};

/// How much goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Density {
    /// A slow day.
    Quiet,
    /// Something every half minute.
    #[default]
    Normal,
    /// For scoring: at least 25 arrivals in five minutes, at most eight movers at once.
    Busy,
}

/// What a world shall be like.
#[derive(Clone, Debug)]
pub struct WorldOptions {
    /// Length, seconds (bounded to 2 s – 2 h).
    pub duration_s: f64,
    /// How much goes on.
    pub density: Density,
    /// Whether to make the thermal picture.
    pub thermal: bool,
    /// Whether gas comes from a shed, and a drone sniffs for it.
    pub gas: bool,
    /// Whether there is a tripwire at the gate.
    pub tripwire: bool,
    /// Whether to make a picture of the ground from another day.
    pub reference: bool,
    /// Whether two small aircraft watch in place of one, a third relieving the first, each of their
    /// cameras blind for half a minute, and trucks cross on the road and halt beside it.
    pub pair: bool,
    /// Whether a truck stays for a minute and a half, every few minutes, while three carry goods.
    pub goods: bool,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            duration_s: 300.0,
            density: Density::Normal,
            thermal: true,
            gas: false,
            tripwire: false,
            reference: false,
            pair: false,
            goods: false,
        }
    }
}

/// Latitude of the origin, degrees: an empty plain of a fictional place.
pub const ORIGIN_LAT_DEG: f64 = 40.0;
/// Longitude of the origin, degrees.
pub const ORIGIN_LON_DEG: f64 = -3.5;
/// When the relief of a pair's first aircraft comes, seconds.
pub(crate) const RELIEF_S: f64 = 165.0;
/// Height of the ground above the WGS84 ellipsoid, metres.
pub const GROUND_HAE_M: f64 = 672.0;
/// Height of the geoid above the ellipsoid at this place, metres.
pub const GEOID_M: f64 = 52.0;

/// A world with known truth.
pub struct World {
    /// The number everything follows from.
    pub seed: u64,
    /// What was asked for.
    pub options: WorldOptions,
    /// What stands still.
    pub layout: Layout,
    /// What moves, by time of appearance.
    pub actors: Vec<Actor>,
    /// The aircraft and its cameras.
    pub flight: Flight,
    /// Errors of the metadata against the truth.
    pub errors: MetadataErrors,
    /// Event time of the first frame, microseconds UTC: a date and an hour of the seed's own.
    pub start_us: i64,
    /// Unit vector towards the sun at that time, east-north-up.
    pub sun: [f32; 3],
    /// When each picture of the aircraft arrives, from and to, seconds.
    pub spans: Vec<[f64; 2]>,
    /// Weather and light over time.
    pub(crate) sky: Sky,
    frame: LocalFrame,
}

/// One mover at one time, for truth and drawing.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// Where and how.
    pub pose: Pose,
}

impl World {
    /// The compound: a walled yard with sheds beside a country road.
    pub fn compound(seed: u64, options: &WorldOptions) -> Self {
        let options = WorldOptions {
            duration_s: options.duration_s.clamp(2.0, 7200.0),
            ..options.clone()
        };
        let (start_us, sun) = sun::draw(seed);
        let origin = Geodetic::from_degrees(ORIGIN_LAT_DEG, ORIGIN_LON_DEG, GROUND_HAE_M);
        Self {
            seed,
            layout: Layout::compound(seed),
            actors: schedule::actors(seed, &options),
            flight: Flight::orbit(seed),
            errors: MetadataErrors::draw(seed, &SIGMAS),
            spans: vec![[0.0, f64::INFINITY]],
            start_us,
            sun,
            sky: Sky::new(seed, options.duration_s),
            frame: LocalFrame::new(origin),
            options,
        }
    }

    /// The world as aircraft `k` of a pair and its relief sees it, 0 to 2: with that one's orbit and
    /// errors, blind when it is.
    pub fn by_aircraft(&self, k: usize) -> Self {
        let seed = self.seed ^ ((k as u64 + 1) << 48);
        let (spans, away) = match k {
            0 => (vec![[0.0, 180.0]], vec![[30.0, 60.0], [130.0, 160.0]]),
            1 => (
                vec![[0.0, 80.0], [110.0, 130.0], [160.0, f64::INFINITY]],
                vec![],
            ),
            _ => (vec![[RELIEF_S, f64::INFINITY]], vec![]),
        };
        Self {
            flight: Flight::orbit(seed).glancing(away),
            errors: MetadataErrors::draw(seed, &COARSE),
            spans,
            ..Self::compound(self.seed, &self.options)
        }
    }

    /// Whether a picture taken at `t` seconds arrives.
    pub fn arrives(&self, t: f64) -> bool {
        self.spans
            .iter()
            .any(|[from, to]| (*from..*to).contains(&t))
    }

    /// The same place on another date, with the sun elsewhere, other weather and nobody there.
    pub(crate) fn another_day(&self) -> Self {
        /// Cosine of the least angle between the two suns: 20 degrees.
        const ELSEWHERE: f32 = 0.94;
        let draw = |k: u64| (k, sun::draw(self.seed ^ (k << 40)));
        let far = |s: &[f32; 3]| (0..3).map(|i| s[i] * self.sun[i]).sum::<f32>() < ELSEWHERE;
        let (k, (start_us, sun)) = (1..=32)
            .map(draw)
            .find(|(_, (_, s))| far(s))
            .unwrap_or_else(|| draw(1));
        let options = WorldOptions {
            duration_s: 2.0,
            ..self.options.clone()
        };
        Self {
            actors: Vec::new(),
            start_us,
            sun,
            sky: Sky::new(self.seed ^ (k << 40), 2.0),
            ..Self::compound(self.seed, &options)
        }
    }

    /// Everybody who is in the world at `t` seconds.
    pub fn truth_at(&self, t: f64) -> Vec<Seen<'_>> {
        self.actors
            .iter()
            .filter_map(|actor| actor.pose(t).map(|pose| Seen { actor, pose }))
            .collect()
    }

    /// The frame in which the world is measured: east, north, up from the ground's origin.
    pub fn frame(&self) -> &LocalFrame {
        &self.frame
    }

    /// Latitude and longitude in degrees of a place on the ground.
    pub fn lat_lon(&self, at: [f64; 2]) -> (f64, f64) {
        let g = self.frame.to_geodetic(&Vector3::new(at[0], at[1], 0.0));
        (g.lat_deg(), g.lon_deg())
    }

    /// Event time at `t` seconds, microseconds UTC.
    pub fn time_us(&self, t: f64) -> i64 {
        self.start_us + (t * 1e6).round() as i64
    }
}

/// Light and wind over time: clouds that drift, an exposure that hunts.
#[derive(Clone, Debug)]
pub(crate) struct Sky {
    /// Wind in m/s, east and north.
    pub wind: [f32; 2],
    /// Offset of the cloud pattern, metres.
    pub cloud_at: [f32; 2],
    /// Number of the cloud pattern.
    pub cloud_seed: u32,
    drift: Wander,
    steps: Vec<(f64, f64)>,
}

impl Sky {
    fn new(seed: u64, duration_s: f64) -> Self {
        let mut rng = Stream::new(seed, "sky");
        let speed = rng.range(7.0, 12.0);
        let dir = rng.range(0.0, std::f64::consts::TAU);
        let mut steps = Vec::new();
        let mut t = rng.range(8.0, 20.0);
        while t < duration_s {
            steps.push((t, rng.range(-0.11, 0.11)));
            t += rng.range(12.0, 32.0);
        }
        Self {
            wind: [(speed * dir.cos()) as f32, (speed * dir.sin()) as f32],
            cloud_at: [rng.range(0.0, 4e3) as f32, rng.range(0.0, 4e3) as f32],
            cloud_seed: rng.bits(),
            drift: Wander::new(&mut rng, 8, 0.01, 0.3, 0.8),
            steps,
        }
    }

    /// Gain of the camera's automatic exposure at `t`: drifts, and steps that settle
    /// with a time constant of 0.35 s.
    pub fn gain(&self, t: f64) -> f32 {
        let mut level = 0.0;
        let mut value = 0.0;
        for (at, to) in &self.steps {
            if *at > t {
                break;
            }
            value = to + (level - to) * (-(t - at) / 0.35).exp();
            level = *to;
        }
        (1.16 * (1.0 + value + 0.025 * self.drift.at(t))) as f32
    }
}
