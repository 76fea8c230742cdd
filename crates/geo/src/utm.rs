//! Universal Transverse Mercator: coordinates of a place, and where its grid's north points.

use crate::wgs84::{A, F};

/// Zone of a longitude in radians, 1 to 60 (NGA.SIG.0012, section 7); the exceptions about Norway and
/// Svalbard are not made.
pub fn zone(lon: f64) -> u8 {
    let degrees = (lon.to_degrees() + 180.0).rem_euclid(360.0);
    (degrees / 6.0).floor().clamp(0.0, 59.0) as u8 + 1
}

fn central_meridian(zone: u8) -> f64 {
    (f64::from(zone) * 6.0 - 183.0).to_radians()
}

/// Grid convergence, radians: the azimuth, clockwise from true north, in which the grid of a zone has
/// its north. An azimuth counted from grid north is made one from true north by adding it.
///
/// On the sphere of conformal latitude it is atan(tan(longitude difference) sin(latitude)) (NGA.SIG.0012,
/// section 3); what the ellipsoid adds is below 0.0003 degrees within a zone.
pub fn convergence(lat: f64, lon: f64, zone: u8) -> f64 {
    let off = lon - central_meridian(zone);
    (off.tan() * lat.sin()).atan()
}

/// Easting and northing, metres, of a latitude and longitude in radians.
///
/// Krüger's series in the third flattening to the fourth order (Karney 2011, Journal of Geodesy 85,
/// equations 7–11 and 35): below a millimetre within a zone.
pub fn forward(lat: f64, lon: f64, zone: u8, south: bool) -> (f64, f64) {
    let n = F / (2.0 - F);
    let (n2, n3, n4) = (n * n, n * n * n, n * n * n * n);
    let rectifying = A / (1.0 + n) * (1.0 + n2 / 4.0 + n4 / 64.0);
    let alpha = [
        n / 2.0 - 2.0 / 3.0 * n2 + 5.0 / 16.0 * n3 + 41.0 / 180.0 * n4,
        13.0 / 48.0 * n2 - 3.0 / 5.0 * n3 + 557.0 / 1440.0 * n4,
        61.0 / 240.0 * n3 - 103.0 / 140.0 * n4,
        49_561.0 / 161_280.0 * n4,
    ];
    let e = (F * (2.0 - F)).sqrt();
    let dl = lon - central_meridian(zone);
    let tau = lat.tan();
    let sigma = (e * (e * tau / (1.0 + tau * tau).sqrt()).atanh()).sinh();
    let conformal = tau * (1.0 + sigma * sigma).sqrt() - sigma * (1.0 + tau * tau).sqrt();
    let xi0 = conformal.atan2(dl.cos());
    let eta0 = (dl.sin() / conformal.hypot(dl.cos())).asinh();
    let (mut xi, mut eta) = (xi0, eta0);
    for (j, a) in alpha.iter().enumerate() {
        let k = 2.0 * (j + 1) as f64;
        xi += a * (k * xi0).sin() * (k * eta0).cosh();
        eta += a * (k * xi0).cos() * (k * eta0).sinh();
    }
    let false_northing = if south { 10_000_000.0 } else { 0.0 };
    (
        500_000.0 + 0.9996 * rectifying * eta,
        false_northing + 0.9996 * rectifying * xi,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_central_meridian_has_the_scaled_meridian_arc() {
        // Quarter meridian of WGS84: 10,001,965.729 m.
        let (e, n) = forward(
            std::f64::consts::FRAC_PI_2 - 1e-12,
            (-117f64).to_radians(),
            11,
            false,
        );
        assert!((e - 500_000.0).abs() < 1e-3);
        assert!((n - 0.9996 * 10_001_965.729).abs() < 2e-3, "{n}");
        let (e, n) = forward(0.0, (-117f64).to_radians(), 11, true);
        assert!((e - 500_000.0).abs() < 1e-9 && (n - 1e7).abs() < 1e-9);
    }

    #[test]
    fn the_scale_is_what_the_radii_of_curvature_say() {
        // A small step north and east of 34.3 N, 117.9 W, zone 11, against the tangent plane.
        let (lat, lon) = (34.3f64.to_radians(), (-117.9f64).to_radians());
        let plane = crate::LocalPlane::new(lat, lon);
        let (e0, n0) = forward(lat, lon, 11, false);
        let (la, lo) = plane.to_lat_lon(&crate::Vector2::new(300.0, 400.0));
        let (e1, n1) = forward(la, lo, 11, false);
        // k = k0 (1 + x² / 2R²), x = 82.8 km west of the meridian.
        let k = 0.9996 * (1.0 + 82.8e3f64.powi(2) / (2.0 * 6.367e6f64.powi(2)));
        assert!(((e1 - e0).hypot(n1 - n0) - 500.0 * k).abs() < 0.02);
    }

    #[test]
    fn grid_north_is_where_a_step_along_the_meridian_goes() {
        for (lat, lon) in [(38.16f64, -77.35f64), (-52.0, -70.1), (70.0, 31.0)] {
            let (lat, lon) = (lat.to_radians(), lon.to_radians());
            let zone = zone(lon);
            let (e0, n0) = forward(lat, lon, zone, false);
            let (e1, n1) = forward(lat + 1e-6, lon, zone, false);
            // True north seen on the grid is as far to the other side.
            let turn = (e1 - e0).atan2(n1 - n0);
            assert!(
                (turn + convergence(lat, lon, zone)).abs() < 6e-6,
                "{lat} {lon}"
            );
        }
        assert_eq!(
            (zone(-77.35f64.to_radians()), zone(std::f64::consts::PI)),
            (18, 1)
        );
    }
}
