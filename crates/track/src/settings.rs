//! The numbers of tracking, in one place.

/// Settings of [`Tracker`](crate::Tracker). Lengths in metres where the video has a position; else
/// in object units (two and a half of them make a typical box).
#[derive(Clone, Debug, PartialEq)]
pub struct TrackSettings {
    /// Acceleration noise, m/s² (one sigma).
    pub accel: f64,
    /// Measurement noise of a box's place, as a share of its size.
    pub place_noise: f64,
    /// Age of the youngest frame that vision compares with, seconds.
    pub lag_s: f64,
    /// Squared Mahalanobis distance up to which a detection may belong to a track (chi-square
    /// with two degrees of freedom: 9.21 holds 99 %).
    pub gate: f64,
    /// Observations before a track is believed.
    pub confirm_hits: u32,
    /// Share of frames since birth in which it must have been seen until then.
    pub confirm_share: f64,
    /// Distance it must have moved since birth, metres.
    pub confirm_move: f64,
    /// Share of the way it came by that must be distance gained.
    pub confirm_straight: f64,
    /// Time it must have been followed, seconds.
    pub confirm_age_s: f64,
    /// How much its speed may differ from its speed since birth, as a share of that.
    pub confirm_steady: f64,
    /// Seconds of unexplained motion of late that make a place restless: nothing is born there.
    pub restless_s: f64,
    /// Observations before a track may count as stopped.
    pub stop_hits: u32,
    /// Longest time between the last detection of a track and its first recognition, seconds.
    pub stop_gap_s: f64,
    /// Speed at which something may be found standing in the next picture, m/s …
    pub stop_speed: f64,
    /// … and how hard it may have braked since it was last detected, m/s².
    pub brake: f64,
    /// Speed of a person, when last detected, below which it may be found standing, m/s.
    pub stroll: f64,
    /// Distance from its birthplace it must have reached before it may count as stopped, metres.
    pub stop_range: f64,
    /// Least speed that is not explained by the shift of tall still things, m/s.
    pub confirm_speed: f64,
    /// Height of the tallest still thing whose shift may look like motion, metres.
    pub clutter_height: f64,
    /// Detections before a candidate may be taken for a track that was lost …
    pub recapture_hits: u32,
    /// … this long ago at least, seconds …
    pub recapture_from_s: f64,
    /// … and at most.
    pub recapture_s: f64,
    /// A candidate unseen for this long is dropped, seconds.
    pub candidate_gap_s: f64,
    /// A moving track unseen for this long ends, seconds.
    pub coast_s: f64,
    /// A stopped track not recognised for this long ends, seconds.
    pub stopped_gap_s: f64,
    /// A track out of view for this long ends, seconds …
    pub unobserved_s: f64,
    /// … or when its place is no better known than this, metres (one sigma per axis) …
    pub unobserved_m: f64,
    /// … and one that stood after so many seconds.
    pub parked_s: f64,
    /// Seconds nobody looked after which a vehicle is not known by a single detection.
    pub away_s: f64,
    /// Seconds nobody looked after which what stood must be seen to move before it is known again.
    pub unverified_s: f64,
    /// Farthest from where it should be that a detection may be given to a track, metres.
    pub reach: f64,
    /// Seconds without a frame after which nothing is taken to have been looked at in between.
    pub gap_s: f64,
    /// Below this speed a track may be standing, m/s.
    pub watch_speed: f64,
    /// Likeness at which a standing object is recognised.
    pub hold_likeness: f32,
    /// Height of a box over its width, above which it is taken for a mast under parallax.
    pub confirm_slender: f64,
    /// Verdicts of the pictures that are needed before a track is believed; 0: none are asked.
    pub proof_verdicts: u32,
    /// Least mean of their gain: likeness where it went less likeness where it was.
    pub proof_gain: f64,
    /// Mean below which a believed track is dropped.
    pub refuted_gain: f64,
    /// Time over which metadata noise is averaged against registration, seconds.
    pub ground_smooth_s: f64,
}

impl Default for TrackSettings {
    fn default() -> Self {
        Self {
            accel: 1.5,
            place_noise: 0.18,
            lag_s: 0.6,
            gate: 11.0,
            confirm_hits: 7,
            confirm_share: 0.6,
            confirm_move: 2.0,
            confirm_straight: 0.7,
            confirm_age_s: 0.8,
            confirm_steady: 1.0,
            restless_s: 1.8,
            stop_hits: 15,
            stop_gap_s: 0.7,
            stop_range: 6.0,
            stop_speed: 1.0,
            brake: 4.0,
            stroll: 0.9,
            confirm_speed: 0.7,
            clutter_height: 10.0,
            recapture_hits: 5,
            recapture_from_s: 0.3,
            recapture_s: 5.0,
            candidate_gap_s: 0.5,
            coast_s: 2.5,
            stopped_gap_s: 4.0,
            unobserved_s: 20.0,
            unobserved_m: 30.0,
            parked_s: 240.0,
            away_s: 1.5,
            unverified_s: 8.0,
            reach: 20.0,
            gap_s: 2.0,
            watch_speed: 4.5,
            hold_likeness: 0.6,
            confirm_slender: 3.2,
            proof_verdicts: 3,
            proof_gain: 0.15,
            refuted_gain: -0.1,
            ground_smooth_s: 4.0,
        }
    }
}
