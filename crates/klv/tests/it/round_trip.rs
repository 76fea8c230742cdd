use atalaya_klv::check::Check;
use atalaya_klv::st0601::{EncodeError, SetBuilder};
use atalaya_klv::{Altitude, Checksum, Datum, LatLon, Metadata, State, Value};
use proptest::prelude::*;

use crate::support::*;

proptest! {
    #[test]
    fn text_and_counts_come_back(text in "\\PC{1,60}", count in any::<u64>()) {
        let mut set = SetBuilder::new(count);
        set.text(3, &text).unwrap();
        set.unsigned(72, count).unwrap();
        set.unsigned(110, count).unwrap();
        let bytes = set.finish();
        let values: Vec<_> = only(&bytes).elements().map(|e| e.value).collect();
        prop_assert_eq!(values[0], Value::Unsigned(count));
        prop_assert_eq!(values[1], Value::Text(&text));
        prop_assert_eq!(values[2], Value::Unsigned(count));
        prop_assert_eq!(values[3], Value::Unsigned(count));
    }
}

#[test]
fn the_typed_view_is_in_radians_and_metres() {
    let bytes = packet(5);
    let m = Metadata::of(&only(&bytes));
    let degrees = |x: Option<f64>| x.unwrap().to_degrees();
    let near = |a: f64, b: f64, by: f64| assert!((a - b).abs() <= by, "{a} {b}");
    assert_eq!(m.time_us, Some(1_700_000_000_166_665));
    assert_eq!(m.mission_id.as_deref(), Some("PATROL 7"));
    assert_eq!(m.platform_designation.as_deref(), Some("MQ-0"));
    assert_eq!(m.version, Some(19));
    near(degrees(m.heading_rad), 15.0, 0.003);
    near(degrees(m.pitch_rad), -2.5, 0.001);
    near(degrees(m.sensor_lat_rad), 40.4, 1e-7);
    near(degrees(m.relative_elevation_rad), -35.0, 1e-6);
    let altitude = m.sensor_altitude.unwrap();
    assert_eq!(altitude.datum, Datum::MeanSeaLevel);
    near(altitude.metres, 1200.0, 0.2);
    let corners = m.corners.unwrap();
    near(corners[0].lat_rad.to_degrees(), 40.411, 3e-6);
    near(corners[2].lon_rad.to_degrees(), -3.709, 3e-6);
    assert_eq!(m.security.unwrap().line(), "UNCLASSIFIED//US//FOUO");
}

#[test]
fn better_forms_of_a_quantity_are_preferred() {
    let mut set = SetBuilder::new(1);
    set.number(6, 1.0).unwrap().number(90, -45.0).unwrap();
    set.number(15, 100.0).unwrap().number(75, 152.0).unwrap();
    let short = Metadata::of(&only(&set.finish()));
    assert_eq!(short.sensor_altitude.unwrap().datum, Datum::Ellipsoid);
    assert!((short.sensor_altitude.unwrap().metres - 152.0).abs() < 0.2);
    assert!((short.pitch_rad.unwrap().to_degrees() + 45.0).abs() < 1e-6);
    set.number(104, 152.25).unwrap();
    let full = Metadata::of(&only(&set.finish()));
    assert!((full.sensor_altitude.unwrap().metres - 152.25).abs() < 0.01);
}

#[test]
fn what_is_set_aside_is_no_value() {
    let mut set = SetBuilder::new(1);
    set.set_aside(13)
        .unwrap()
        .set_aside(7)
        .unwrap()
        .number(14, 5.0)
        .unwrap();
    let bytes = set.finish();
    let metadata = Metadata::of(&only(&bytes));
    assert_eq!((metadata.sensor_lat_rad, metadata.roll_rad), (None, None));
    assert!(!metadata.has_position());
    let states: Vec<_> = only(&bytes).elements().map(|e| e.state).collect();
    assert_eq!(states[1..3], [State::Reserved, State::OutOfRange]);
}

#[test]
fn impossible_items_are_refused_with_their_range() {
    let mut set = SetBuilder::new(1);
    let error = set.number(13, 91.0).unwrap_err().to_string();
    assert_eq!(
        error,
        "item 13 (Sensor Latitude) cannot say 91; its range is -90 to 90"
    );
    assert_eq!(
        set.number(200, 1.0).unwrap_err(),
        EncodeError::UnknownTag {
            set: "MISB ST 0601.19",
            tag: 200
        }
    );
    assert!(set.text(13, "north").is_err() && set.number(3, 1.0).is_err());
    assert!(set.unsigned(65, 256).is_err() && set.number(5, f64::NAN).is_err());
}

#[test]
fn the_universal_set_stands_under_the_same_tags() {
    let bytes = universal(98);
    let packet = only(&bytes);
    let m = Metadata::of(&packet);
    assert_eq!(m.time_us, Some(1_221_665_012_027_000));
    assert!((m.sensor_lat_rad.unwrap().to_degrees() - 38.15993).abs() < 1e-9);
    assert!((m.heading_rad.unwrap().to_degrees() - 98.0).abs() < 1e-5);
    assert!((m.azimuth_from_north_rad.unwrap().to_degrees() + 1.5).abs() < 1e-6);
    assert_eq!(m.security.unwrap().line(), "UNCLASSIFIED//US");
    assert_eq!(packet.checksum(), Checksum::Absent);
}

/// What an aircraft says of itself, with every value that the typed view has.
fn everything() -> Metadata {
    let place = |lat: f64, lon: f64| LatLon {
        lat_rad: lat.to_radians(),
        lon_rad: lon.to_radians(),
    };
    let above = |metres, datum| Some(Altitude { metres, datum });
    Metadata {
        time_us: Some(1_700_000_000_123_456),
        mission_id: Some("PATROL 7".into()),
        tail_number: Some("T-1".into()),
        platform_designation: Some("MQ-0".into()),
        image_source: Some("EO Nose".into()),
        version: Some(19),
        heading_rad: Some(1.0),
        pitch_rad: Some(-0.5),
        roll_rad: Some(0.1),
        sensor_lat_rad: Some(0.7),
        sensor_lon_rad: Some(-0.06),
        sensor_altitude: above(1234.5, Datum::Ellipsoid),
        hfov_rad: Some(0.4),
        vfov_rad: Some(0.3),
        relative_azimuth_rad: Some(4.5),
        relative_elevation_rad: Some(-0.7),
        relative_roll_rad: Some(0.01),
        slant_range_m: Some(2500.0),
        target_width_m: Some(20_000.0),
        frame_center: Some(place(40.1, -3.4)),
        frame_center_altitude: above(640.0, Datum::MeanSeaLevel),
        corners: Some([
            place(40.2, -3.5),
            place(40.2, -3.3),
            place(40.0, -3.3),
            place(40.0, -3.5),
        ]),
        ..Metadata::default()
    }
}

#[test]
fn the_typed_view_is_written_as_it_was_read() {
    let before = everything();
    let bytes = before.set().unwrap().finish();
    let after = Metadata::of(&only(&bytes));
    // A step of the coarsest item, in radians and metres.
    let (angle, metres) = (2e-4, 0.4);
    let near = |a: Option<f64>, b: Option<f64>, step: f64| (a.unwrap() - b.unwrap()).abs() < step;
    let angles = |m: &Metadata| {
        let corners = m.corners.unwrap();
        let mut all = vec![
            m.heading_rad,
            m.pitch_rad,
            m.roll_rad,
            m.sensor_lat_rad,
            m.sensor_lon_rad,
            m.hfov_rad,
            m.vfov_rad,
            m.relative_azimuth_rad,
            m.relative_elevation_rad,
            m.relative_roll_rad,
        ];
        all.extend(
            corners
                .iter()
                .flat_map(|c| [Some(c.lat_rad), Some(c.lon_rad)]),
        );
        all
    };
    for (n, (a, b)) in angles(&before).into_iter().zip(angles(&after)).enumerate() {
        assert!(near(a, b, angle), "angle {n}: {a:?} {b:?}");
    }
    assert!(near(before.slant_range_m, after.slant_range_m, 0.01));
    assert!(near(before.target_width_m, after.target_width_m, 0.1));
    for (a, b) in [
        (before.sensor_altitude, after.sensor_altitude),
        (before.frame_center_altitude, after.frame_center_altitude),
    ] {
        let (a, b) = (a.unwrap(), b.unwrap());
        assert_eq!(a.datum, b.datum);
        assert!((a.metres - b.metres).abs() < metres);
    }
    assert_eq!(
        (
            after.time_us,
            after.version,
            &after.mission_id,
            &after.tail_number
        ),
        (
            before.time_us,
            before.version,
            &before.mission_id,
            &before.tail_number
        )
    );
    // What was read once is written and read without further loss.
    let again = after.set().unwrap().finish();
    assert_eq!(Metadata::of(&only(&again)), after);
}

#[test]
fn a_stream_with_the_minimum_set_conforms_and_without_a_marking_does_not() {
    let objections = |marked: bool| {
        let mut check = Check::new();
        for n in 0..3 {
            let mut metadata = everything();
            metadata.time_us = metadata.time_us.map(|t| t + n * 40_000);
            let mut set = metadata.set().unwrap();
            if marked {
                set.bytes(48, &MARKING.local_set());
            }
            let bytes = set.finish();
            check.packet(&only(&bytes), Some(0x101));
        }
        check.objections()
    };
    assert_eq!(objections(true), Vec::<String>::new());
    assert!(
        objections(false)
            .iter()
            .any(|o| o.contains("Security Classification"))
    );
}
