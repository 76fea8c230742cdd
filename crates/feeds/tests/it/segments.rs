use atalaya_feeds::{Recorder, recover};

use crate::support::*;

fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_segment_left_open_is_cut_to_whole_packets_and_hashed() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = make(&Made::default());
    std::fs::write(
        dir.path().join("eo-00000003.ts.part"),
        &bytes[..bytes.len() / 2 / 188 * 188 + 100],
    )
    .unwrap();
    std::fs::write(dir.path().join("eo-00000004.ts.part"), b"less").unwrap();
    let found = recover(dir.path(), None).unwrap();
    assert_eq!(found.len(), 1);
    let segment = &found[0];
    assert_eq!(segment.bytes % 188, 0);
    assert_eq!(segment.bytes, (bytes.len() / 2 / 188 * 188) as u64);
    assert_eq!(segment.t0.unwrap().0, EPOCH_US + 1_000_000);
    assert!(segment.t1 > segment.t0);
    assert_eq!(
        atalaya_feeds::sha256_of_file(&segment.path).unwrap().0,
        segment.sha256
    );
    assert_eq!(names(dir.path()), ["eo-00000003.ts"]);
    assert!(recover(dir.path(), None).unwrap().is_empty());
    assert!(recover(&dir.path().join("none"), None).unwrap().is_empty());
}

#[test]
fn numbers_go_on_and_pieces_of_any_size_give_the_same_segments() {
    let bytes = make(&Made {
        frames: 250,
        ..Made::default()
    });
    let mut all = Vec::new();
    for size in [188, 1316, 1000, 65_536] {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("eo-00000006.ts"), b"").unwrap();
        let mut recorder = Recorder::new(dir.path(), "eo").unwrap();
        for piece in bytes.chunks(size) {
            recorder.push(piece).unwrap();
        }
        recorder.finish().unwrap();
        let closed = recorder.take_closed();
        assert!(closed[0].path.ends_with("eo-00000007.ts"));
        assert_eq!(closed.last().unwrap().end, bytes.len() as u64);
        all.push(
            closed
                .iter()
                .map(|c| (c.sha256.clone(), c.end))
                .collect::<Vec<_>>(),
        );
    }
    assert!(all[0].len() >= 3);
    assert!(all.iter().all(|a| a == &all[0]));
}

#[test]
fn junk_between_packets_is_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = make(&Made::default());
    let mut dirty = vec![9; 77];
    dirty.extend_from_slice(&bytes);
    let mut recorder = Recorder::new(dir.path(), "eo").unwrap();
    recorder.push(&dirty).unwrap();
    recorder.finish().unwrap();
    let closed = recorder.take_closed();
    assert!(std::fs::read(&closed[0].path).unwrap() == bytes);
}

#[test]
fn a_folder_that_cannot_be_written_is_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let text = Recorder::new(&file, "eo").err().unwrap().to_string();
    assert!(
        text.contains("creating the folder failed: ") && text.contains("check free space"),
        "{text}"
    );
    let mut recorder = Recorder::new(&dir.path().join("gone"), "eo").unwrap();
    std::fs::remove_dir(dir.path().join("gone")).unwrap();
    let bytes = make(&Made::default());
    let text = recorder.push(&bytes).err().unwrap().to_string();
    assert!(text.contains("creating failed: "), "{text}");
    // Once the folder is back, recording goes on with the next tables.
    std::fs::create_dir(dir.path().join("gone")).unwrap();
    recorder.push(&bytes).unwrap();
    recorder.finish().unwrap();
    assert_eq!(recorder.take_closed().len(), 1);
}
