//! Gas in puffs: what was measured, and in which air.

use atalaya_sim::PuffWorld;

#[test]
fn along_open_paths_the_air_and_its_source_are_the_same() {
    let (posts, paths) = (PuffWorld::new(4, 1), PuffWorld::beams(4, 1));
    assert_eq!(posts.sources, paths.sources);
    assert!(posts.readings.iter().all(|r| r.to.is_none()));
    assert!(!paths.flies && paths.readings.iter().all(|r| r.to.is_some()));
    let first = paths.readings[0].at;
    assert!(
        paths.readings.iter().all(|r| r.at == first),
        "one instrument"
    );
    let table = paths.obs_csv();
    let mut rows = table.lines();
    assert_eq!(rows.next(), Some("t_s,sensor,e,n,u,e2,n2,u2,ppm"));
    assert!(rows.all(|r| r.split(',').count() == 9));
    // Some path is crossed by the plume now and then.
    let most = paths.readings.iter().map(|r| r.ppm).fold(0.0, f64::max);
    assert!(most > 2.5, "{most} ppm");
}

#[test]
fn harsh_days_follow_from_their_seed_and_hold_the_same_releases() {
    let [usual, harsh, again] = [false, true, true].map(|harsh| PuffWorld::days(2, 3.0, harsh));
    assert_eq!(harsh.obs_csv(), again.obs_csv());
    assert_eq!(usual.sources, harsh.sources);
    assert_eq!(usual.spans, harsh.spans);
    assert_ne!(usual.winds, harsh.winds);
    assert_ne!(usual.readings, harsh.readings);
}
