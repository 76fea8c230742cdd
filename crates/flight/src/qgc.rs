//! QGroundControl plans: mission, fence and rally points, as JSON (the "Plan file format" of its
//! developer guide, version 1; commands are those of MAVLink's common set).
//!
//! What goes out comes in the same again. What comes in from elsewhere is refused when it holds what
//! a watching flight has no use for: complex items, and commands that drop, release or switch.

use crate::flight::Flight;
use crate::orbit::Direction;
use crate::task::Task;
use atalaya_geo::Vector2;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Why a plan can't be read: file, cause and remedy on one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {what}")]
pub struct PlanFileError {
    /// The file's name.
    pub file: String,
    /// Cause and remedy.
    pub what: String,
}

/// What an item tells the autopilot: MAVLink's number of the command.
pub mod command {
    /// Fly to a place.
    pub const WAYPOINT: u16 = 16;
    /// Loiter until told otherwise.
    pub const LOITER_UNLIMITED: u16 = 17;
    /// Loiter so many turns.
    pub const LOITER_TURNS: u16 = 18;
    /// Loiter for a time.
    pub const LOITER_TIME: u16 = 19;
    /// Return to the launch.
    pub const RETURN: u16 = 20;
    /// Land.
    pub const LAND: u16 = 21;
    /// Take off.
    pub const TAKEOFF: u16 = 22;
    /// Loiter until a height is reached.
    pub const LOITER_TO_ALT: u16 = 31;
    /// Change the airspeed.
    pub const CHANGE_SPEED: u16 = 178;
    /// Begin of the landing.
    pub const LAND_START: u16 = 189;
}

/// Commands that a watching flight has a use for.
const KNOWN: [u16; 10] = [
    command::WAYPOINT,
    command::LOITER_UNLIMITED,
    command::LOITER_TURNS,
    command::LOITER_TIME,
    command::RETURN,
    command::LAND,
    command::TAKEOFF,
    command::LOITER_TO_ALT,
    command::CHANGE_SPEED,
    command::LAND_START,
];

/// May an item with this command be uploaded? Only those that a watching flight has a use for: no
/// list of what is forbidden could be complete.
pub fn is_permitted(command: u16) -> bool {
    KNOWN.contains(&command)
}

/// What a command would release, switch or move, by its name in MAVLink's common set. None of them is
/// ever read from a plan or uploaded. Releasing a parachute and ending the flight are among them: they
/// are safety only in the autopilot's own hands, never as an item of a mission.
pub fn effector(command: u64) -> Option<&'static str> {
    Some(match command {
        94 => "NAV_PAYLOAD_PLACE",
        181 => "DO_SET_RELAY",
        182 => "DO_REPEAT_RELAY",
        183 => "DO_SET_SERVO",
        184 => "DO_REPEAT_SERVO",
        185 => "DO_FLIGHTTERMINATION",
        187 => "DO_SET_ACTUATOR",
        208 => "DO_PARACHUTE",
        211 => "DO_GRIPPER",
        216 => "DO_SPRAYER",
        30_001 => "PAYLOAD_PREPARE_DEPLOY",
        30_002 => "PAYLOAD_CONTROL_DEPLOY",
        42_600 => "DO_WINCH",
        _ => return None,
    })
}

/// A mission item. Positions in degrees, heights above mean sea level in metres.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// MAVLink's number of the command.
    pub command: u16,
    /// MAVLink frame: 0 (above sea level), 2 (no place), 3 (above home).
    pub frame: u8,
    /// The seven parameters; nothing where the autopilot is to keep its own.
    pub params: [Option<f64>; 7],
}

/// A fence polygon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FencePolygon {
    /// True: to stay inside; false: to stay outside.
    pub inclusion: bool,
    /// `[latitude, longitude]` in degrees.
    pub polygon: Vec<[f64; 2]>,
}

/// A fence circle.
#[derive(Clone, Debug, PartialEq)]
pub struct FenceCircle {
    /// True: to stay inside; false: to stay outside.
    pub inclusion: bool,
    /// `[latitude, longitude]` in degrees.
    pub centre: [f64; 2],
    /// Metres.
    pub radius_m: f64,
}

/// A plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanFile {
    /// Airspeed that the ground station assumes, m/s.
    pub cruise_m_s: f64,
    /// `[latitude, longitude, height]`: degrees, metres above sea level.
    pub home: [f64; 3],
    /// Mission items.
    pub items: Vec<Item>,
    /// Fence polygons.
    pub polygons: Vec<FencePolygon>,
    /// Fence circles.
    pub circles: Vec<FenceCircle>,
    /// Rally points: `[latitude, longitude, height]`, the height above home.
    pub rally: Vec<[f64; 3]>,
}

/// Most items, fences and rally points, and most bytes of a file.
const MOST: usize = 2000;
const MOST_BYTES: usize = 16 << 20;

impl PlanFile {
    /// The plan of a flight: `station_s` seconds on station, then back. The mission ends in the circle
    /// over home, from where the pilot lands.
    pub fn new(task: &Task, flight: &Flight) -> Result<Self, crate::FenceError> {
        let degrees = |p: Vector2<f64>| {
            let (lat, lon) = task.lat_lon_deg(p);
            // To a hundred-millionth of a degree, a millimetre: the same bytes on every machine.
            let round = |v: f64| (v * 1e8).round() / 1e8;
            [round(lat), round(lon)]
        };
        let place = |cmd: u16, lead: [f64; 4], p: Vector2<f64>, height: f64| {
            let [lat, lon] = degrees(p);
            let [a, b, c, d] = lead.map(Some);
            Item {
                command: cmd,
                frame: 0,
                params: [
                    a,
                    b,
                    c,
                    d,
                    Some(lat),
                    Some(lon),
                    Some((height * 10.0).round() / 10.0),
                ],
            }
        };
        let turned = |radius: f64, d: Direction| match d {
            Direction::Clockwise => radius,
            Direction::CounterClockwise => -radius,
        };
        let home = turned(flight.home_circle_m, flight.home_direction);
        let orbit = &flight.orbit;
        let round = turned(orbit.commanded_m, orbit.direction);
        let to_alt = |p, height, radius: f64, heading: f64| {
            place(
                command::LOITER_TO_ALT,
                [heading, radius, 0.0, 1.0],
                p,
                height,
            )
        };
        let mut items = vec![
            Item {
                command: command::CHANGE_SPEED,
                frame: 2,
                params: [0.0, task.aircraft.cruise_m_s, -1.0, 0.0, 0.0, 0.0, 0.0].map(Some),
            },
            place(
                command::TAKEOFF,
                [15.0, 0.0, 0.0, 0.0],
                flight.home,
                flight.low_m,
            ),
            to_alt(flight.home, flight.transit_m, home, 1.0),
        ];
        let acceptance = task.aircraft.acceptance_m;
        let way = |p: &Vector2<f64>| {
            let lead = [0.0, acceptance, 0.0, 0.0];
            place(command::WAYPOINT, lead, *p, flight.transit_m)
        };
        items.extend(flight.out.iter().map(way));
        let other_height = flight.transit_m > orbit.height_m + 0.5;
        if other_height {
            items.push(to_alt(orbit.centre, orbit.height_m, round, 0.0));
        }
        let seconds = flight.budget(task).station_s.max(0.0).floor();
        // Heading required: the circle is left where the next point lies ahead.
        let wait = if other_height { 0.0 } else { 1.0 };
        items.push(place(
            command::LOITER_TIME,
            [seconds, wait, round, 1.0],
            orbit.centre,
            orbit.height_m,
        ));
        if other_height {
            items.push(to_alt(orbit.centre, flight.transit_m, round, 1.0));
        }
        // Over home at the way's height: whoever descends at once does so where it is proven.
        items.extend(flight.back.iter().chain([&flight.home]).map(way));
        items.push(to_alt(flight.home, flight.low_m, home, 0.0));
        items.push(place(
            command::LOITER_UNLIMITED,
            [0.0, 0.0, home, 0.0],
            flight.home,
            flight.low_m,
        ));
        let ring = |v: &[Vector2<f64>]| v.iter().map(|p| degrees(*p)).collect();
        let mut polygons = vec![FencePolygon {
            inclusion: true,
            polygon: ring(&task.fence.outline()?),
        }];
        polygons.extend(task.fence.keep_out().iter().map(|(_, k)| FencePolygon {
            inclusion: false,
            polygon: ring(k.vertices()),
        }));
        let [lat, lon] = degrees(task.home);
        let metre = |v: f64| (v * 10.0).round() / 10.0;
        Ok(Self {
            cruise_m_s: task.aircraft.cruise_m_s,
            home: [lat, lon, metre(task.home_m)],
            items,
            polygons,
            circles: Vec::new(),
            rally: vec![[lat, lon, metre(flight.low_m - task.home_m)]],
        })
    }

    /// As JSON, with a line's end.
    pub fn write(&self) -> String {
        let items: Vec<Value> = self
            .items
            .iter()
            .enumerate()
            .map(|(i, item)| {
                // QGroundControl's altitude modes: 1 above home, 2 above sea level.
                let mode = if item.frame == 3 { 1 } else { 2 };
                let mut v = json!({
                    "type": "SimpleItem", "autoContinue": true, "command": item.command,
                    "doJumpId": i + 1, "frame": item.frame, "params": item.params,
                });
                if item.frame != 2 {
                    v["AMSLAltAboveTerrain"] = Value::Null;
                    v["Altitude"] = json!(item.params[6]);
                    v["AltitudeMode"] = json!(mode);
                }
                v
            })
            .collect();
        let polygons: Vec<Value> = self
            .polygons
            .iter()
            .map(|p| json!({"inclusion": p.inclusion, "polygon": p.polygon, "version": 1}))
            .collect();
        let circles: Vec<Value> = self
            .circles
            .iter()
            .map(|c| {
                json!({"inclusion": c.inclusion, "version": 1,
                    "circle": {"center": c.centre, "radius": c.radius_m}})
            })
            .collect();
        let plan = json!({
            "fileType": "Plan", "version": 1, "groundStation": "QGroundControl",
            "mission": {
                "version": 2, "firmwareType": 3, "vehicleType": 1, "globalPlanAltitudeMode": 2,
                "cruiseSpeed": self.cruise_m_s, "hoverSpeed": 5,
                "plannedHomePosition": self.home, "items": items,
            },
            "geoFence": {"version": 2, "polygons": polygons, "circles": circles},
            "rallyPoints": {"version": 2, "points": self.rally},
        });
        format!("{plan:#}\n")
    }

    /// SHA-256, hexadecimal, of the plan as [`Self::write`] writes it: the same however the file was
    /// spaced or ordered, another when anything in it that is uploaded differs.
    pub fn content_sha256(&self) -> String {
        use sha2::{Digest, Sha256};
        let hash = Sha256::digest(self.write().as_bytes());
        hash.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// Reads a plan; `file` is its name for messages.
    pub fn parse(file: &str, text: &str) -> Result<Self, PlanFileError> {
        read(text).map_err(|what| PlanFileError {
            file: file.into(),
            what,
        })
    }
}

fn read(text: &str) -> Result<PlanFile, String> {
    if text.len() > MOST_BYTES {
        return Err("more than 16 MiB is no plan; check the file".into());
    }
    let v: Value = serde_json::from_str(text)
        .map_err(|e| format!("not JSON ({e}); save it again from QGroundControl"))?;
    if v["fileType"] != "Plan" || v["version"] != 1 {
        return Err(
            "not a QGroundControl plan of version 1; save it again from QGroundControl".into(),
        );
    }
    let mission = &v["mission"];
    let items = list(&mission["items"], "mission.items")?
        .iter()
        .enumerate()
        .map(|(i, item)| read_item(item).map_err(|e| format!("mission item {}: {e}", i + 1)))
        .collect::<Result<_, _>>()?;
    let fence = &v["geoFence"];
    let inclusion = |p: &Value| {
        p["inclusion"]
            .as_bool()
            .ok_or("a fence doesn't say whether it is to stay in or out; add inclusion")
    };
    let polygons = list(&fence["polygons"], "geoFence.polygons")?
        .iter()
        .map(|p| {
            let polygon: Vec<[f64; 2]> = list(&p["polygon"], "geoFence polygon")?
                .iter()
                .map(|q| numbers(q, "geoFence polygon"))
                .collect::<Result<_, _>>()?;
            if polygon.len() < 3 {
                return Err("a fence polygon has fewer than three points; draw it again".to_owned());
            }
            polygon.iter().try_for_each(|q| place(q[0], q[1]))?;
            Ok(FencePolygon {
                inclusion: inclusion(p)?,
                polygon,
            })
        })
        .collect::<Result<_, String>>()?;
    let circles = list(&fence["circles"], "geoFence.circles")?
        .iter()
        .map(|c| {
            let centre: [f64; 2] = numbers(&c["circle"]["center"], "geoFence circle")?;
            place(centre[0], centre[1])?;
            let radius_m = c["circle"]["radius"].as_f64().filter(|r| *r > 0.0);
            Ok(FenceCircle {
                inclusion: inclusion(c)?,
                centre,
                radius_m: radius_m.ok_or("a fence circle has no radius above 0; draw it again")?,
            })
        })
        .collect::<Result<_, String>>()?;
    let rally: Vec<[f64; 3]> = list(&v["rallyPoints"]["points"], "rallyPoints.points")?
        .iter()
        .map(|p| numbers(p, "rallyPoints.points"))
        .collect::<Result<_, _>>()?;
    rally.iter().try_for_each(|p| place(p[0], p[1]))?;
    let home: [f64; 3] = numbers(
        &mission["plannedHomePosition"],
        "mission.plannedHomePosition",
    )?;
    place(home[0], home[1])?;
    Ok(PlanFile {
        cruise_m_s: mission["cruiseSpeed"].as_f64().unwrap_or(0.0),
        home,
        items,
        polygons,
        circles,
        rally,
    })
}

fn read_item(v: &Value) -> Result<Item, String> {
    if v["type"] != "SimpleItem" {
        return Err(format!(
            "'{}' is not a simple item; turn surveys and scans into single items first",
            v["type"].as_str().unwrap_or("nothing")
        ));
    }
    let command = v["command"].as_u64().and_then(|c| u16::try_from(c).ok());
    let Some(command) = command.filter(|c| KNOWN.contains(c)) else {
        let what = match effector(v["command"].as_u64().unwrap_or(0)) {
            Some(name) => format!("({name}) releases, switches or moves something"),
            None => "is none that a watching flight needs".into(),
        };
        return Err(format!("command {} {what}; remove it", v["command"]));
    };
    let frame = match v["frame"].as_u64() {
        Some(f @ (0 | 2 | 3)) => f as u8,
        _ => {
            return Err(format!(
                "frame {} is not read; give heights above sea level (0) or above home (3)",
                v["frame"]
            ));
        }
    };
    let raw = list(&v["params"], "params")?;
    if raw.len() != 7 {
        return Err(format!(
            "{} parameters instead of seven; save it again",
            raw.len()
        ));
    }
    let mut params = [None; 7];
    for (to, from) in params.iter_mut().zip(raw) {
        *to = from.as_f64();
        if to.is_none() && !from.is_null() {
            return Err(format!("parameter {from} is not a number; correct it"));
        }
    }
    if frame != 2 {
        place(params[4].unwrap_or(0.0), params[5].unwrap_or(0.0))?;
    }
    Ok(Item {
        command,
        frame,
        params,
    })
}

/// A list of bounded length; one that isn't there is empty.
fn list<'a>(v: &'a Value, name: &str) -> Result<&'a [Value], String> {
    match v {
        Value::Null => Ok(&[]),
        Value::Array(a) if a.len() <= MOST => Ok(a),
        Value::Array(a) => Err(format!(
            "{name} has {} entries; at most {MOST} are read",
            a.len()
        )),
        _ => Err(format!(
            "{name} is not a list; save it again from QGroundControl"
        )),
    }
}

fn numbers<const N: usize>(v: &Value, name: &str) -> Result<[f64; N], String> {
    let found: Option<Vec<f64>> = v
        .as_array()
        .filter(|a| a.len() == N)
        .and_then(|a| a.iter().map(Value::as_f64).collect());
    found.and_then(|f| f.try_into().ok()).ok_or_else(|| {
        format!("{name} needs {N} numbers, found {v:.60}; save it again from QGroundControl")
    })
}

fn place(lat: f64, lon: f64) -> Result<(), String> {
    if lat.abs() <= 90.0 && lon.abs() <= 180.0 {
        return Ok(());
    }
    Err(format!(
        "{lat}, {lon} is not latitude and longitude in degrees; check the order"
    ))
}
