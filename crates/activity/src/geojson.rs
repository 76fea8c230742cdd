//! Zones from GeoJSON (RFC 7946) as FORMATS has them.

use crate::zone::{Shape, Zone};
use atalaya_geo::{LocalPlane, Polygon, Vector2};
use atalaya_model::operation::{ZoneConfig, ZoneRole};
use serde_json::Value;

/// Zones that can't be used: one line for people.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ZonesError(String);

/// Most zones taken.
const MAX_ZONES: usize = 10_000;

/// Reads a FeatureCollection; the plane lies at the middle of all coordinates.
pub fn zones(text: &str) -> Result<(LocalPlane, Vec<Zone>), ZonesError> {
    let fail = |what: String| ZonesError(what);
    let root: Value = serde_json::from_str(text).map_err(|e| fail(format!("not JSON: {e}")))?;
    let features = root
        .get("features")
        .and_then(Value::as_array)
        .ok_or_else(|| fail("not a FeatureCollection: there is no list 'features'".into()))?;
    if features.is_empty() || features.len() > MAX_ZONES {
        return Err(fail(format!(
            "holds {} features; give 1 to {MAX_ZONES} zones",
            features.len()
        )));
    }
    let mut raw = Vec::new();
    for (i, f) in features.iter().enumerate() {
        raw.push(feature(f).map_err(|e| fail(format!("feature {}: {e}", i + 1)))?);
    }
    let all: Vec<[f64; 2]> = raw.iter().flat_map(|r| r.points.iter().copied()).collect();
    let n = all.len() as f64;
    let lon = all.iter().map(|p| p[0]).sum::<f64>() / n;
    let lat = all.iter().map(|p| p[1]).sum::<f64>() / n;
    let plane = LocalPlane::new(lat.to_radians(), lon.to_radians());
    let mut zones: Vec<Zone> = Vec::with_capacity(raw.len());
    for r in raw {
        let points: Vec<Vector2<f64>> = r
            .points
            .iter()
            .map(|[lon, lat]| plane.to_en(lat.to_radians(), lon.to_radians()))
            .collect();
        let shape = match r.radius {
            Some(radius) => Shape::Circle(points[0], radius),
            None => Shape::Polygon(
                Polygon::new(points)
                    .ok_or_else(|| fail(format!("zone '{}': not a polygon", r.config.id)))?,
            ),
        };
        if zones.iter().any(|z| z.id == r.config.id) {
            return Err(fail(format!("zone '{}' is there twice", r.config.id)));
        }
        let mut zone = Zone::new(&r.config, shape);
        zone.site = r.site;
        zones.push(zone);
    }
    Ok((plane, zones))
}

struct Raw {
    config: ZoneConfig,
    site: String,
    points: Vec<[f64; 2]>,
    radius: Option<f64>,
}

fn feature(f: &Value) -> Result<Raw, String> {
    let properties = f.get("properties").unwrap_or(&Value::Null);
    let id = [properties.get("id"), f.get("id")]
        .into_iter()
        .flatten()
        .find_map(|v| match v {
            Value::String(s) => Some(s.clone()),
            Value::Number(n) => Some(n.to_string()),
            _ => None,
        })
        .ok_or("there is no 'id'")?;
    let number = |key: &str, default: f64| match properties.get(key) {
        None | Some(Value::Null) => Ok(default),
        Some(v) => v
            .as_f64()
            .filter(|v| (0.0..=1e7).contains(v))
            .ok_or(format!(
                "'{key}' of zone '{id}' is not a number of 0 or more"
            )),
    };
    let role = match properties.get("role").and_then(Value::as_str) {
        None | Some("yard") => ZoneRole::Yard,
        Some("gate") => ZoneRole::Gate,
        Some("structure") => ZoneRole::Structure,
        Some(other) => {
            return Err(format!(
                "'role' of zone '{id}' is '{other}'; give yard, gate or structure"
            ));
        }
    };
    let config = ZoneConfig {
        name: id.clone(),
        role,
        polygon: None,
        drawn: None,
        exit_margin_m: number("exit_margin_m", 10.0)?,
        exit_after_s: number("exit_after_s", 20.0)?,
        enter_after_s: number("enter_after_s", 0.0)?,
        gap_s: number("gap_s", 120.0)?,
        id: id.clone(),
    };
    let site = properties.get("site").and_then(Value::as_str);
    let site = site.unwrap_or_default().to_owned();
    let geometry = f.get("geometry").unwrap_or(&Value::Null);
    let coordinates = geometry.get("coordinates").unwrap_or(&Value::Null);
    match geometry.get("type").and_then(Value::as_str) {
        Some("Point") => {
            let radius = number("radius_m", 0.0)?;
            if radius <= 0.0 {
                return Err(format!("zone '{id}' is a Point without 'radius_m'"));
            }
            Ok(Raw {
                config,
                site,
                points: vec![position(coordinates)?],
                radius: Some(radius),
            })
        }
        Some("Polygon") => {
            let ring = coordinates
                .get(0)
                .and_then(Value::as_array)
                .ok_or(format!("zone '{id}' has no outline"))?;
            let points = ring.iter().map(position).collect::<Result<Vec<_>, _>>()?;
            if points.len() < 3 {
                return Err(format!("zone '{id}' has fewer than three corners"));
            }
            Ok(Raw {
                config,
                site,
                points,
                radius: None,
            })
        }
        other => Err(format!(
            "zone '{id}' is a {}; zones are Polygon, or Point with radius_m",
            other.unwrap_or("feature without geometry")
        )),
    }
}

fn position(v: &Value) -> Result<[f64; 2], String> {
    let at = |i: usize| v.get(i).and_then(Value::as_f64);
    match (at(0), at(1)) {
        (Some(lon), Some(lat)) if lon.abs() <= 180.0 && lat.abs() <= 90.0 => Ok([lon, lat]),
        _ => Err(format!("{v} is not [longitude, latitude] in degrees")),
    }
}
