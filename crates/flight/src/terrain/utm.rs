//! Universal Transverse Mercator, forward.

/// Easting and northing, metres, of a latitude and longitude in radians.
///
/// Krüger's series in the third flattening to the fourth order (Karney 2011, Journal of Geodesy 85,
/// equations 7–11 and 35): below a millimetre within a zone.
pub(super) fn forward(lat: f64, lon: f64, zone: u8, south: bool) -> (f64, f64) {
    let f = FLATTENING;
    let n = f / (2.0 - f);
    let (n2, n3, n4) = (n * n, n * n * n, n * n * n * n);
    let rectifying = 6_378_137.0 / (1.0 + n) * (1.0 + n2 / 4.0 + n4 / 64.0);
    let alpha = [
        n / 2.0 - 2.0 / 3.0 * n2 + 5.0 / 16.0 * n3 + 41.0 / 180.0 * n4,
        13.0 / 48.0 * n2 - 3.0 / 5.0 * n3 + 557.0 / 1440.0 * n4,
        61.0 / 240.0 * n3 - 103.0 / 140.0 * n4,
        49_561.0 / 161_280.0 * n4,
    ];
    let e = (f * (2.0 - f)).sqrt();
    let central = (f64::from(zone) * 6.0 - 183.0).to_radians();
    let dl = lon - central;
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

/// Flattening of WGS84 (NGA.STND.0036, table 3.1).
const FLATTENING: f64 = 1.0 / 298.257_223_563;

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
        let plane = atalaya_geo::LocalPlane::new(lat, lon);
        let (e0, n0) = forward(lat, lon, 11, false);
        let (la, lo) = plane.to_lat_lon(&atalaya_geo::Vector2::new(300.0, 400.0));
        let (e1, n1) = forward(la, lo, 11, false);
        // k = k0 (1 + x² / 2R²), x = 82.8 km west of the meridian.
        let k = 0.9996 * (1.0 + 82.8e3f64.powi(2) / (2.0 * 6.367e6f64.powi(2)));
        assert!(((e1 - e0).hypot(n1 - n0) - 500.0 * k).abs() < 0.02);
    }
}
