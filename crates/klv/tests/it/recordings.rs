//! The evaluation recordings, which are not part of the repository.

use std::path::PathBuf;

use atalaya_klv::{Checksum, Metadata, Standard, Step, scan};

fn data(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/fmv");
    std::fs::read(folder.join(name)).unwrap()
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn stand_alone_files_are_cut_into_their_packets() {
    let constant = data("klvdata_DynamicConstantMISMMSPacketData.bin");
    let dynamic = data("klvdata_DynamicOnlyMISMMSPacketData.bin");
    let vmti = data("jmisb_0903.bin");
    for (bytes, count, standard, checksum) in [
        (&constant, 1, Standard::St0601, Checksum::Bad),
        (&dynamic, 1, Standard::St0601, Checksum::Ok),
        (&vmti, 5, Standard::St0903, Checksum::Ok),
    ] {
        let packets: Vec<_> = scan(bytes)
            .map(|step| match step {
                Step::Packet(packet) => packet,
                skipped => panic!("{skipped:?}"),
            })
            .collect();
        assert_eq!(packets.len(), count);
        for packet in packets {
            assert_eq!(packet.standard(), standard);
            assert_eq!(packet.checksum(), checksum);
        }
    }
    let Some(Step::Packet(packet)) = scan(&dynamic).next() else {
        panic!("no packet");
    };
    let metadata = Metadata::of(&packet);
    assert!(metadata.has_position() && metadata.frame_center.is_some());
}
