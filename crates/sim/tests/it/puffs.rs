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
fn harsh_days_follow_from_their_seed_and_are_calmer_and_less_true() {
    let [usual, harsh, again] = [false, true, true].map(|harsh| PuffWorld::days(2, 24.0, harsh));
    assert_eq!(harsh.obs_csv(), again.obs_csv());
    assert_eq!(
        (&usual.sources, &usual.spans),
        (&harsh.sources, &harsh.spans)
    );
    let least = |w: &PuffWorld| {
        w.winds
            .iter()
            .map(|w| w.speed)
            .fold(f64::INFINITY, f64::min)
    };
    assert!(least(&harsh) < least(&usual));
    // How far apart sensors are when none is in a plume: by the median of each.
    let apart = |w: &PuffWorld| {
        let medians = (0..8).map(|k| {
            let name = format!("s{k}");
            let own = w.readings.iter().filter(|r| r.sensor == name);
            let mut ppm: Vec<f64> = own.map(|r| r.ppm).collect();
            ppm.sort_by(f64::total_cmp);
            ppm[ppm.len() / 2]
        });
        let all: Vec<f64> = medians.collect();
        let most = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        most - all.iter().copied().fold(f64::INFINITY, f64::min)
    };
    assert!(apart(&harsh) > apart(&usual));
}
