//! A planning task: what is to be watched, from where one may watch it, over which ground.

use crate::aircraft::Aircraft;
use crate::atmosphere::Wind;
use crate::fence::Fence;
use crate::ground::Ground;
use atalaya_geo::terrain::Terrain;
use atalaya_geo::{LocalPlane, Polygon, Vector2};
use atalaya_model::Operation;

/// Why there can be no plan: cause and remedy on one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct TaskError {
    /// Cause and remedy.
    pub what: String,
}

fn fail<T>(what: impl Into<String>) -> Result<T, TaskError> {
    Err(TaskError { what: what.into() })
}

/// A zone to keep in view.
#[derive(Clone, Debug)]
pub struct WatchedZone {
    /// Its id in the operation.
    pub id: String,
    /// Its outline on the plane.
    pub outline: Polygon,
    /// Points that must be seen for the zone to be in view: centre and vertices (eight at most),
    /// with the height, metres, of somebody's chest there.
    pub points: Vec<(Vector2<f64>, f64)>,
}

/// A planning task on the tangent plane at the site.
#[derive(Clone, Debug)]
pub struct Task {
    /// The aircraft, with what is asked of it.
    pub aircraft: Aircraft,
    /// The plane.
    pub plane: LocalPlane,
    /// Zones to watch.
    pub zones: Vec<WatchedZone>,
    /// Where one may fly.
    pub fence: Fence,
    /// The ground.
    pub ground: Ground,
    /// Home.
    pub home: Vector2<f64>,
    /// Height of home, metres above sea level.
    pub home_m: f64,
    /// Height of the zones' ground, highest, metres above sea level.
    pub site_m: f64,
    /// The wind to allow for.
    pub wind: Wind,
}

/// How far home may be from the site, and anything from it, metres: the plane is sound there.
const REACH_M: f64 = 30_000.0;
/// Height above the ground at which somebody must be seen, metres.
const TARGET_M: f64 = 1.5;

impl Task {
    /// Joins the operation with what is asked for and the ground.
    pub fn new(
        operation: &Operation,
        aircraft: &Aircraft,
        terrain: &dyn Terrain,
    ) -> Result<Self, TaskError> {
        let request = &aircraft.plan;
        let outlines: Vec<(&str, &Vec<[f64; 2]>)> = operation
            .site
            .zones
            .iter()
            .filter_map(|z| Some((z.id.as_str(), z.polygon.as_ref()?)))
            .collect();
        if outlines.is_empty() {
            return fail(
                "the operation has no zone with a polygon on the ground; add a [[site.zone]] with a polygon",
            );
        }
        if outlines.len() > 64 {
            return fail(format!(
                "{} zones are more than one orbit can be planned for; watch at most 64",
                outlines.len()
            ));
        }
        let places = || outlines.iter().flat_map(|(_, p)| p.iter());
        let count = places().count().max(1) as f64;
        let (lon, lat) = places().fold((0.0, 0.0), |s, p| (s.0 + p[0], s.1 + p[1]));
        let plane = LocalPlane::new((lat / count).to_radians(), (lon / count).to_radians());
        let at = |p: &[f64; 2]| plane.to_en(p[1].to_radians(), p[0].to_radians());
        let polygon = |what: &str, ring: &[[f64; 2]]| {
            let p = Polygon::new(ring.iter().map(at).collect());
            let near = |p: &Polygon| p.bounds().0.amax().max(p.bounds().1.amax()) < 4.0 * REACH_M;
            match p.filter(|p| p.area().abs() > 1.0) {
                Some(p) if near(&p) => Ok(p),
                Some(_) => fail(format!(
                    "{what} is more than 120 km from the site; check its points"
                )),
                None => fail(format!("{what} encloses nothing; check its points")),
            }
        };
        let home = at(&request.home);
        if home.norm() > REACH_M {
            return fail(format!(
                "home is {:.1} km from the site; plan from a home within {:.0} km",
                home.norm() / 1000.0,
                REACH_M / 1000.0
            ));
        }
        let mut keep_in = vec![polygon("the authority's area", &operation.authority.area)?];
        for a in &request.approach {
            keep_in.push(polygon(&format!("approach '{}'", a.name), &a.polygon)?);
        }
        let mut keep_out = Vec::new();
        for n in &request.no_fly {
            let name = format!("no-fly area '{}'", n.name);
            keep_out.push((n.name.clone(), polygon(&name, &n.polygon)?));
        }
        // Ground is needed wherever one may fly or look, no farther than the plane is sound.
        let reach = Vector2::repeat(request.max_slant_m + 500.0);
        let (mut lo, mut hi) = ((-reach).inf(&(home - reach)), reach.sup(&(home + reach)));
        for k in &keep_in {
            lo = lo.inf(&k.bounds().0);
            hi = hi.sup(&k.bounds().1);
        }
        let bound = Vector2::repeat(REACH_M + 3000.0);
        let ground = Ground::new(terrain, &plane, lo.sup(&-bound), hi.inf(&bound))
            .map_err(|e| TaskError { what: e.what })?;
        let known = |what: &str, p| {
            ground.at(p).ok_or_else(|| TaskError {
                what: format!("the terrain has no height at {what}; give one that covers it"),
            })
        };
        let mut zones = Vec::new();
        let mut site_m = f64::NEG_INFINITY;
        for (id, ring) in outlines {
            let outline = polygon(&format!("zone '{id}'"), ring)?;
            let every = outline.vertices().len().div_ceil(8);
            let mut points = Vec::new();
            for p in std::iter::once(outline.centre())
                .chain(outline.vertices().iter().copied().step_by(every))
            {
                let height = known(&format!("zone '{id}'"), p)?;
                site_m = site_m.max(height);
                points.push((p, height + TARGET_M));
            }
            zones.push(WatchedZone {
                id: id.to_owned(),
                outline,
                points,
            });
        }
        Ok(Self {
            home_m: known("home", home)?,
            aircraft: aircraft.clone(),
            plane,
            zones,
            fence: Fence::new(keep_in, keep_out).map_err(|e| TaskError { what: e.what })?,
            ground,
            home,
            site_m,
            wind: Wind {
                speed_m_s: request.wind.speed_m_s,
                warmer_k: request.wind.warmer_k,
            },
        })
    }

    /// Latitude and longitude in degrees.
    pub fn lat_lon_deg(&self, p: Vector2<f64>) -> (f64, f64) {
        let (lat, lon) = self.plane.to_lat_lon(&p);
        (lat.to_degrees(), lon.to_degrees())
    }
}
