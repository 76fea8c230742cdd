use crate::support::*;

#[test]
fn the_same_pictures_give_the_same_bytes() {
    let first = transport_stream(20, FIRST_PTS);
    assert!(first.len() > 188 * 40 && first.len().is_multiple_of(188));
    assert!(first == transport_stream(20, FIRST_PTS));
}

#[test]
fn every_picture_comes_out_at_once_and_key_frames_at_the_given_distance() {
    let packets = encoded(31);
    assert_eq!(packets.len(), 31);
    let keys: Vec<usize> = (0..31).filter(|&n| packets[n].key).collect();
    assert_eq!(keys, [0, 15, 30]);
    assert_eq!(packets[7].pts_90k, Some(FIRST_PTS + 7 * STEP));
    assert_eq!(packets[7].dts_90k, packets[7].pts_90k);
}
