//! Planned flights of the operation's aircraft, out of the plans and certificates that are there now.

use crate::commands::{beside, certified};
use atalaya_flight::qgc::{PlanFile, command};
use atalaya_model::operation::AircraftConfig;
use atalaya_server::{CircleView, FlightSource, FlightView};
use std::path::{Path, PathBuf};

/// Largest plan and certificate that is read, bytes.
const MOST_BYTES: u64 = 16 << 20;

/// The plans that an operation's aircraft name.
#[derive(Default)]
pub struct Flights(Vec<(String, PathBuf)>);

impl Flights {
    /// Those of these aircraft; plans are relative to `base`.
    pub fn new(aircraft: &[AircraftConfig], base: &Path) -> Self {
        let named = aircraft
            .iter()
            .filter_map(|a| Some((a.id.clone(), base.join(a.plan.as_ref()?))));
        Self(named.collect())
    }
}

impl FlightSource for Flights {
    fn flights(&self) -> Vec<FlightView> {
        self.0
            .iter()
            .filter_map(|(id, path)| view(id, path))
            .collect()
    }
}

/// A plan as it is drawn; nothing where there is none yet, or none that can be read.
fn view(aircraft: &str, path: &Path) -> Option<FlightView> {
    if std::fs::metadata(path).ok()?.len() > MOST_BYTES {
        return None;
    }
    let name = path.file_name()?.to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).ok()?;
    let plan = match PlanFile::parse(&name, &text) {
        Ok(plan) => plan,
        Err(e) => {
            tracing::warn!("{e}");
            return None;
        }
    };
    let proven = certified(&plan, &beside(path, "certificate.json"), &name);
    let (certificate, refusal) = match proven {
        Ok(c) => (Some(c), None),
        Err(why) => (None, Some(why)),
    };
    let margin = certificate.as_ref().map(|c| &c.margin_m);
    Some(FlightView {
        aircraft: aircraft.to_owned(),
        plan: name,
        plan_sha256: plan.content_sha256(),
        certified: refusal.is_none(),
        refusal,
        route: route(&plan),
        orbit: orbit(&plan),
        fence: plan
            .polygons
            .iter()
            .map(|p| p.polygon.iter().map(|[lat, lon]| [*lon, *lat]).collect())
            .collect(),
        fence_margin_m: margin.map(|m| m.fence),
        terrain_margin_m: margin.and_then(|m| m.terrain),
        line_of_sight: certificate.map(|c| c.line_of_sight).unwrap_or_default(),
    })
}

/// Waypoints from home to home.
fn route(plan: &PlanFile) -> Vec<[f64; 2]> {
    let home = [plan.home[1], plan.home[0]];
    let mut route = vec![home];
    for i in plan.items.iter().filter(|i| i.command == command::WAYPOINT) {
        if let [.., Some(lat), Some(lon), _] = i.params {
            route.push([lon, lat]);
        }
    }
    route.push(home);
    route
}

/// The circle on station.
fn orbit(plan: &PlanFile) -> Option<CircleView> {
    let item = plan
        .items
        .iter()
        .find(|i| i.command == command::LOITER_TIME)?;
    let [_, _, Some(radius), _, Some(lat), Some(lon), Some(height_m)] = item.params else {
        return None;
    };
    Some(CircleView {
        centre: [lon, lat],
        radius_m: radius.abs(),
        height_m,
        clockwise: radius > 0.0,
    })
}
