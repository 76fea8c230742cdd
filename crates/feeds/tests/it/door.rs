//! Pictures that are refused are neither given out nor recorded, and what was recorded reads again
//! as it was read live.

use std::net::UdpSocket;
use std::path::PathBuf;
use std::time::Duration;

use atalaya_feeds::{Fmv, FmvOptions, Gap, Judge, Unit};

use crate::support::*;

/// Refuses event times from `from` to before `until`, seconds of presentation time.
fn refusing(from: f64, until: f64) -> Judge {
    Judge::new(move |frame, _| {
        let s = (frame.t.0 - EPOCH_US) as f64 / 1e6;
        !(from..until).contains(&s)
    })
}

fn live(bytes: &[u8], judge: Judge, folder: &std::path::Path) -> Sorted {
    let mut fmv = Fmv::udp(
        "127.0.0.1:0",
        FmvOptions {
            stop_after: Duration::from_secs(1),
            record: Some((folder.to_owned(), "eo".to_owned())),
            judge: Some(judge),
            ..FmvOptions::default()
        },
    )
    .unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let to = fmv.local_address().unwrap();
    let mut seen = Sorted::default();
    let mut sent = 0;
    for part in bytes.chunks(188 * 7 * 50) {
        for datagram in part.chunks(188 * 7) {
            socket.send_to(datagram, to).unwrap();
            sent += 1;
        }
        while fmv.stats().datagrams < sent {
            if let Some(unit) = fmv.next_unit().unwrap() {
                seen.take(unit);
            }
        }
    }
    while let Some(unit) = fmv.next_unit().unwrap() {
        let stopped = matches!(unit, Unit::Gap(Gap::Stopped { .. }));
        seen.take(unit);
        if stopped {
            break;
        }
    }
    seen
}

/// Frames as (number, event time, luma): all that analysis sees of them, without the platform.
fn seen_of(s: &Sorted) -> Vec<(u64, i64, Vec<u8>)> {
    let luma = |f: &atalaya_feeds::FrameUnit| f.frame.luma().unwrap().0.to_vec();
    let frames = s.frames.iter();
    frames.map(|f| (f.frame.id, f.frame.t.0, luma(f))).collect()
}

#[test]
fn what_is_refused_is_not_stored_and_the_rest_reads_again_as_it_was() {
    // Metadata every other frame: those between are interpolated, also the last before the refusal.
    let bytes = make(&Made {
        frames: 90,
        klv_every: 2,
        ..Made::default()
    });
    let dir = tempfile::tempdir().unwrap();
    let seen = live(&bytes, refusing(3.25, 5.55), dir.path());

    // Presentation time begins at 1 s; 10 frames a second, a key frame a second. 3.3 s is the first
    // refused; at 5.6 s pictures would be let in, at 6.0 s is the key frame.
    let times: Vec<i64> = seen
        .frames
        .iter()
        .map(|f| (f.frame.t.0 - EPOCH_US) / 100_000)
        .collect();
    let expected: Vec<i64> = (10..33).chain(60..100).collect();
    assert_eq!(times, expected);
    assert_eq!(seen.stretches.len(), 1);
    let stretch = seen.stretches[0];
    assert_eq!((stretch.frame, stretch.segment), (51, 1));
    assert_eq!(seen.frames[23].frame.id, 51);
    assert!(seen.frames[22].stretch == 0 && seen.frames[23].stretch == 1);
    let Some(Gap::Refused { stamps }) = seen.gaps.first() else {
        panic!("{:?}", seen.gaps);
    };

    // Nothing of what was refused is on the disk.
    let stored: Vec<PathBuf> = seen.segments.iter().map(|s| s.path.clone()).collect();
    assert_eq!(stored.len(), 2);
    let whole: u64 = seen.segments.iter().map(|s| s.bytes).sum();
    assert!(
        whole < bytes.len() as u64 * 63 / 85,
        "{whole} of {}",
        bytes.len()
    );
    let last = |i: usize| seen.segments[i].t1;
    assert_eq!(last(0), seen.frames[22].frame.t);
    assert_eq!(seen.segments[1].t0, seen.frames[23].frame.t);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);

    // The first part, with what the log remembers of its last frames, and the second part.
    let mut first = read(Fmv::replay(&stored[..1], FmvOptions::default()).unwrap());
    for f in &mut first.frames {
        if let Some(stamp) = stamps.iter().find(|s| s.frame == f.frame.id) {
            f.frame.t = stamp.t;
            f.platform.clone_from(&stamp.platform);
        }
    }
    let second = read(
        Fmv::replay(
            &stored[1..],
            FmvOptions {
                start: Some(stretch.start),
                first_frame: stretch.frame,
                ..FmvOptions::default()
            },
        )
        .unwrap(),
    );
    let mut again = seen_of(&first);
    again.extend(seen_of(&second));
    assert!(again == seen_of(&seen));
    let platforms = |frames: &[atalaya_feeds::FrameUnit]| -> Vec<_> {
        frames.iter().map(|f| f.platform.clone()).collect()
    };
    let mut again = platforms(&first.frames);
    again.extend(platforms(&second.frames));
    assert_eq!(again, platforms(&seen.frames));
}

#[test]
fn a_feed_that_is_refused_from_the_start_is_stored_from_where_it_is_let_in() {
    let bytes = make(&Made {
        frames: 60,
        ..Made::default()
    });
    let dir = tempfile::tempdir().unwrap();
    let seen = live(&bytes, refusing(0.0, 2.5), dir.path());
    assert_eq!(seen.frames[0].frame.id, 21);
    assert_eq!(seen.frames.len(), 40);
    assert_eq!(seen.stretches[0].segment, 0);
    let none = live(&bytes, refusing(0.0, 100.0), &dir.path().join("none"));
    assert!(none.frames.is_empty() && none.segments.is_empty());
    assert!(matches!(none.gaps[0], Gap::Refused { .. }));
    let count = std::fs::read_dir(dir.path().join("none")).unwrap().count();
    assert_eq!(count, 0, "nothing was let in, nothing is stored");
}
