use atalaya_feeds::{FmvOptions, Gap, Pairing, TimeSource, sha256_of_file};
use atalaya_model::Micros;
use atalaya_video::KlvKind;

use crate::support::*;

fn time(pts: i64) -> Micros {
    Micros(EPOCH_US + pts * 100 / 9)
}

#[test]
fn frames_come_in_order_with_time_and_platform_of_their_presentation() {
    let bytes = make(&Made::default());
    let seen = read_bytes(&bytes, FmvOptions::default());
    assert_eq!((seen.frames.len(), seen.metadata.len()), (30, 30));
    assert!(seen.gaps.is_empty() && seen.faults.is_empty());
    for (n, unit) in seen.frames.iter().enumerate() {
        let pts = 90_000 + n as i64 * STEP;
        assert_eq!(unit.frame.id, n as u64 + 1);
        assert_eq!(unit.frame.pts_90k, Some(pts));
        assert_eq!(unit.frame.t, time(pts));
        assert_eq!(unit.time_source, TimeSource::Metadata);
        assert_eq!(
            unit.pairing,
            Pairing::Paired {
                age_us: 0,
                interpolated: false
            }
        );
        let said = unit
            .platform
            .as_ref()
            .unwrap()
            .heading
            .unwrap()
            .to_degrees();
        assert!((said - heading(pts)).abs() < 0.01, "{said}");
        let (luma, stride) = unit.frame.luma().unwrap();
        assert!(luma.len() >= stride * (HEIGHT as usize - 1) + WIDTH as usize);
    }
    let (_dir, path) = file_of(&bytes);
    let (sha256, size) = sha256_of_file(&path).unwrap();
    let segment = &seen.segments[0];
    assert_eq!((&segment.sha256, segment.bytes), (&sha256, size));
    assert_eq!(
        (segment.t0, segment.t1),
        (time(90_000), time(90_000 + 29 * STEP))
    );
}

#[test]
fn sparse_metadata_are_interpolated_only_when_the_next_packet_is_near() {
    // A packet a second: only frames shortly before one can wait for it.
    let made = Made {
        klv_every: 10,
        ..Made::default()
    };
    let seen = read_bytes(&make(&made), FmvOptions::default());
    let of = |n: usize| seen.frames[n].pairing;
    let paired = |age_us, interpolated| Pairing::Paired {
        age_us,
        interpolated,
    };
    assert_eq!(of(10), paired(0, false));
    assert_eq!(of(13), paired(300_000, false));
    assert_eq!(of(19), paired(900_000, true));
    let pts = seen.frames[19].frame.pts_90k.unwrap();
    let said = seen.frames[19]
        .platform
        .as_ref()
        .unwrap()
        .heading
        .unwrap()
        .to_degrees();
    assert!((said - heading(pts)).abs() < 0.01, "{said}");
}

#[test]
fn metadata_that_cease_go_stale_after_a_second() {
    let made = Made {
        klv_until: 6,
        ..Made::default()
    };
    let seen = read_bytes(&make(&made), FmvOptions::default());
    assert!(matches!(
        seen.frames[15].pairing,
        Pairing::Paired {
            age_us: 1_000_000,
            ..
        }
    ));
    assert_eq!(
        seen.frames[16].pairing,
        Pairing::Stale { age_us: 1_100_000 }
    );
    assert!(seen.frames[16].platform.is_none());
    assert_eq!(seen.frames[29].frame.t, time(90_000 + 29 * STEP));
}

#[test]
fn asynchronous_metadata_are_paired_by_arrival() {
    let made = Made {
        klv: Some(KlvKind::Asynchronous),
        ..Made::default()
    };
    let seen = read_bytes(&make(&made), FmvOptions::default());
    assert_eq!(seen.frames.len(), 30);
    assert_eq!(seen.metadata.len(), 30);
    assert!(seen.metadata.iter().all(|m| !m.synchronous));
    for unit in &seen.frames {
        assert_eq!(unit.time_source, TimeSource::Metadata);
        let error = unit.frame.t.since(time(unit.frame.pts_90k.unwrap()));
        assert!(error.abs() < 0.001, "{error}");
        let said = unit
            .platform
            .as_ref()
            .unwrap()
            .heading
            .unwrap()
            .to_degrees();
        assert!((said - heading(unit.frame.pts_90k.unwrap())).abs() < 1.1);
    }
}

#[test]
fn without_metadata_time_comes_from_the_operation_or_is_said_to_be_none() {
    let bytes = make(&Made {
        klv: None,
        ..Made::default()
    });
    let start = Some(Micros(EPOCH_US));
    let seen = read_bytes(
        &bytes,
        FmvOptions {
            start,
            ..FmvOptions::default()
        },
    );
    assert_eq!(seen.frames[0].frame.t, Micros(EPOCH_US));
    assert_eq!(seen.frames[29].frame.t, Micros(EPOCH_US + 2_900_000));
    assert!(
        seen.frames
            .iter()
            .all(|f| f.time_source == TimeSource::Operation)
    );
    assert!(seen.frames.iter().all(|f| f.pairing == Pairing::Absent));
    let seen = read_bytes(&bytes, FmvOptions::default());
    assert_eq!(seen.frames[0].frame.t, Micros(1_000_000));
    assert!(
        seen.frames
            .iter()
            .all(|f| f.time_source == TimeSource::Presentation)
    );
}

#[test]
fn a_restarted_stream_is_a_gap_and_time_goes_on() {
    let mut bytes = make(&Made::default());
    bytes.extend(make(&Made {
        first_pts: 90_000 + 3_600 * 90_000,
        ..Made::default()
    }));
    bytes.extend(make(&Made {
        klv: None,
        ..Made::default()
    }));
    let seen = read_bytes(&bytes, FmvOptions::default());
    assert_eq!(seen.gaps.len(), 2);
    assert!(matches!(seen.gaps[0], Gap::Discontinuity { jump_us } if jump_us > 3_590_000_000));
    assert!(matches!(seen.gaps[1], Gap::Discontinuity { jump_us } if jump_us < -3_590_000_000));
    assert_eq!(seen.frames.len(), 90);
    assert!(seen.frames.windows(2).all(|w| w[0].frame.t < w[1].frame.t));
    assert_eq!(
        seen.frames[59].frame.t,
        time(90_000 + 3_600 * 90_000 + 29 * STEP)
    );
}

#[test]
fn the_same_file_gives_the_same_units() {
    let bytes = make(&Made {
        klv_every: 3,
        ..Made::default()
    });
    let key = || {
        let seen = read_bytes(&bytes, FmvOptions::default());
        let frame = |f: &atalaya_feeds::FrameUnit| (f.frame.t, f.platform.clone(), f.pairing);
        seen.frames.iter().map(frame).collect::<Vec<_>>()
    };
    assert_eq!(key(), key());
}
