//! What was recorded of a place: which feed saw it, when, and how well.

use atalaya_geo::resolve::{CAR, PERSON};
use atalaya_geo::{Geodetic, Homography, LocalFrame, Polygon, Vector2};
use atalaya_model::{Coverage, Micros, Operation};
use atalaya_store::{Store, StoreError};
use schemars::JsonSchema;
use serde::Serialize;

/// Footprints are stored each second; a longer pause ends a stretch, seconds.
const PAUSE_S: f64 = 3.0;

/// Time in which a feed saw a place without a pause.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Footage {
    /// The run.
    pub run: String,
    /// The feed.
    pub feed: String,
    /// From, event time.
    #[serde(with = "atalaya_model::rfc3339")]
    #[schemars(with = "String")]
    pub from: Micros,
    /// To, event time.
    #[serde(with = "atalaya_model::rfc3339")]
    #[schemars(with = "String")]
    pub to: Micros,
    /// When it was seen best.
    pub best: Sight,
    /// Share of the time in which the picture could be followed, so that what moved was looked for.
    pub followed: f64,
}

/// How a place was seen.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Sight {
    /// When.
    #[serde(with = "atalaya_model::rfc3339")]
    #[schemars(with = "String")]
    pub time: Micros,
    /// Where in the picture, pixels from its upper left corner.
    pub pixel: Option<[f64; 2]>,
    /// Ground sample distance: ground that a pixel holds across and along the view, metres.
    pub sample_m: Option<[f64; 2]>,
    /// Slant range, metres.
    pub slant_range_m: Option<f64>,
    /// Angle of the line of sight below the horizon, degrees.
    pub look_down_deg: Option<f64>,
    /// Probability that a standing person in the open could have been made out there (Johnson).
    pub p_person: Option<f64>,
    /// The same for a car.
    pub p_vehicle: Option<f64>,
}

/// All stretches in which a place (longitude, latitude in degrees) was seen between two moments, by
/// feed, run and time; of one feed, if it is given.
pub async fn footage(
    store: &Store,
    place: [f64; 2],
    (from, to): (Micros, Micros),
    feed: Option<&str>,
) -> Result<Vec<Footage>, StoreError> {
    let mut all: Vec<Gathered> = Vec::new();
    for (run, of, t, coverage) in store.coverage_of(place, from, to).await? {
        if feed.is_some_and(|f| f != of) {
            continue;
        }
        let Some(seen) = sight(&coverage, place, t) else {
            continue;
        };
        let open = all.last_mut().filter(|g| {
            g.footage.run == run && g.footage.feed == of && t.since(g.footage.to) <= PAUSE_S
        });
        match open {
            Some(g) => g.add(seen, coverage.tracking),
            None => all.push(Gathered::begin(run, of, seen, coverage.tracking)),
        }
    }
    Ok(all.into_iter().map(Gathered::end).collect())
}

/// What a clip between two moments would show that nobody may look at, if anything: a no-look area that
/// a footprint touched, or, where there are such areas, ground of which no footprint is kept.
pub async fn no_look(
    store: &Store,
    operation: &Operation,
    feed: &str,
    run: &str,
    (from, to): (Micros, Micros),
) -> Result<Option<String>, StoreError> {
    let areas = &operation.authority.no_look;
    if areas.is_empty() {
        return Ok(None);
    }
    // A second before and after: footprints are stored once a second.
    let around = (Micros(from.0 - 1_000_000), Micros(to.0 + 1_000_000));
    let unknown = || Ok(Some("ground of which no footprint is kept".to_owned()));
    let mut known = from;
    for (of, _, t, coverage) in store.coverage(Some(feed), around.0, around.1).await? {
        let Some(corners) = coverage.footprint_lon_lat.filter(|_| of == run) else {
            continue;
        };
        if t.since(known) > PAUSE_S {
            return unknown();
        }
        known = known.max(t);
        let origin = Geodetic::from_degrees(corners[0][1], corners[0][0], 0.0);
        let plane = LocalFrame::new(origin);
        let polygon = |points: &[[f64; 2]]| {
            let local = points.iter().map(|[lon, lat]| {
                let p = plane.to_enu(&Geodetic::from_degrees(*lat, *lon, 0.0));
                Vector2::new(p.x, p.y)
            });
            Polygon::new(local.collect())
        };
        let seen = polygon(&corners);
        let touched = areas.iter().find(|a| {
            // What has no extent on the ground can't be ruled out.
            polygon(&a.polygon)
                .zip(seen.as_ref())
                .is_none_or(|(a, seen)| a.touches(seen))
        });
        if let Some(area) = touched {
            return Ok(Some(format!("the no-look area {}", area.name)));
        }
    }
    if to.since(known) > PAUSE_S {
        return unknown();
    }
    Ok(None)
}

struct Gathered {
    footage: Footage,
    samples: u32,
    followed: u32,
}

impl Gathered {
    fn begin(run: String, feed: String, seen: Sight, tracking: bool) -> Self {
        Self {
            footage: Footage {
                run,
                feed,
                from: seen.time,
                to: seen.time,
                best: seen,
                followed: 0.0,
            },
            samples: 1,
            followed: u32::from(tracking),
        }
    }

    fn add(&mut self, seen: Sight, tracking: bool) {
        self.samples += 1;
        self.followed += u32::from(tracking);
        self.footage.to = seen.time;
        let worth = |s: &Sight| s.p_person.unwrap_or(-1.0);
        if worth(&seen) > worth(&self.footage.best) {
            self.footage.best = seen;
        }
    }

    fn end(mut self) -> Footage {
        self.footage.followed = f64::from(self.followed) / f64::from(self.samples);
        self.footage
    }
}

/// How a footprint shows a place; nothing where the place lies outside.
fn sight(c: &Coverage, place: [f64; 2], time: Micros) -> Option<Sight> {
    let corners = c.footprint_lon_lat?;
    let ground = c.ground_m.unwrap_or(0.0);
    let frame = LocalFrame::new(Geodetic::from_degrees(place[1], place[0], ground));
    let metres = |[lon, lat]: [f64; 2]| {
        let p = frame.to_enu(&Geodetic::from_degrees(lat, lon, ground));
        Vector2::new(p.x, p.y)
    };
    let on_ground = corners.map(metres);
    let (w, h) = c
        .size
        .map_or((1.0, 1.0), |(w, h)| (f64::from(w), f64::from(h)));
    let picture = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)].map(|(x, y)| Vector2::new(x, y));
    let map = Homography::from_quad(&picture, &on_ground)?;
    let px = map.inverse()?.apply(Vector2::zeros())?;
    if !(0.0..=w).contains(&px.x) || !(0.0..=h).contains(&px.y) {
        return None;
    }
    let mut seen = Sight {
        time,
        pixel: None,
        sample_m: None,
        slant_range_m: None,
        look_down_deg: None,
        p_person: None,
        p_vehicle: None,
    };
    if c.size.is_some() {
        seen.pixel = Some([px.x, px.y]);
        seen.sample_m = map.jacobian(px).map(|j| {
            let sizes = j.singular_values();
            [sizes.min(), sizes.max()]
        });
    }
    if let (Some([lon, lat, hae]), Some(_)) = (c.sensor, c.ground_m) {
        let sensor = frame.to_enu(&Geodetic::from_degrees(lat, lon, hae));
        let look_down = sensor.z.atan2(sensor.x.hypot(sensor.y));
        seen.slant_range_m = Some(sensor.norm());
        seen.look_down_deg = Some(look_down.to_degrees());
        if let Some([across, _]) = seen.sample_m {
            seen.p_person = Some(PERSON.p_detected(look_down, across));
            seen.p_vehicle = Some(CAR.p_detected(look_down, across));
        }
    }
    Some(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A camera 300 m up, 300 m south of the place, whose picture holds some 60 m of ground.
    fn coverage(shift_lat: f64) -> Coverage {
        let lat = |n: f64| 40.0 + shift_lat + n / 111_000.0;
        let lon = |e: f64| -3.5 + e / 85_000.0;
        Coverage {
            footprint_lon_lat: Some([
                [lon(-36.0), lat(40.0)],
                [lon(36.0), lat(40.0)],
                [lon(30.0), lat(-40.0)],
                [lon(-30.0), lat(-40.0)],
            ]),
            sensor: Some([-3.5, lat(-300.0), 900.0]),
            ground_m: Some(600.0),
            size: Some((1280, 720)),
            tracking: true,
            ..Coverage::default()
        }
    }

    #[test]
    fn a_place_in_the_picture_is_seen_as_well_as_geometry_says() {
        let seen = sight(&coverage(0.0), [-3.5, 40.0], Micros(0)).unwrap();
        let [across, along] = seen.sample_m.unwrap();
        assert!((across - 66.0 / 1280.0).abs() < 0.003, "{across}");
        assert!(along > 1.5 * across, "{along}");
        assert!((seen.look_down_deg.unwrap() - 45.0).abs() < 0.5);
        assert!((seen.slant_range_m.unwrap() - 424.3).abs() < 2.0);
        assert!(seen.p_person.unwrap() > 0.99);
        assert!((seen.pixel.unwrap()[0] - 640.0).abs() < 1.0);
    }

    #[test]
    fn a_place_beside_the_picture_is_not_seen() {
        assert_eq!(sight(&coverage(0.001), [-3.5, 40.0], Micros(0)), None);
        // In the bounding box, not in the footprint.
        assert_eq!(
            sight(
                &coverage(0.0),
                [-3.5 + 34.0 / 85_000.0, 40.0 - 35.0 / 111_000.0],
                Micros(0)
            ),
            None
        );
    }
}
