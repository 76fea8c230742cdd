//! The numbers of fusing.

/// Settings of [`Fuse`](crate::Fuse).
#[derive(Clone, Debug, PartialEq)]
pub struct FuseSettings {
    /// Longest break that is bridged for a vehicle, seconds.
    pub relink_vehicle_s: f64,
    /// Longest break that is bridged for a person or what is not known, seconds: far below the five
    /// minutes beyond which nobody on foot may be linked.
    pub relink_person_s: f64,
    /// Longest break that is bridged for a vehicle that stood where nobody looked any more, seconds.
    pub relink_parked_s: f64,
    /// Farthest from the predicted place that a track is taken up, metres.
    pub relink_m: f64,
    /// Acceleration that widens the prediction, m/s² (one sigma).
    pub accel: f64,
    /// Squared Mahalanobis distance up to which two places are one (chi-square with two degrees of
    /// freedom).
    pub gate: f64,
    /// Farthest two feeds of one aircraft may see the same thing apart, metres.
    pub same_m: f64,
    /// The same of two aircraft, whose metadata err each on its own.
    pub same_far_m: f64,
    /// Largest difference of velocity of the same thing, m/s.
    pub same_speed: f64,
    /// Time for which two feeds must agree before their tracks are one, seconds.
    pub agree_s: f64,
    /// How much farther off (squared Mahalanobis distance) the next candidate must be.
    pub margin: f64,
    /// Squared Mahalanobis distance beyond which two tracks of one subject disagree …
    pub part: f64,
    /// … and for how long until they part, seconds.
    pub part_s: f64,
    /// Seconds between two lessons from one pair of tracks about their feeds' errors: what is wrong with
    /// their boxes lasts.
    pub learn_s: f64,
}

impl Default for FuseSettings {
    fn default() -> Self {
        Self {
            relink_vehicle_s: 6.0,
            relink_person_s: 4.0,
            relink_parked_s: 240.0,
            relink_m: 8.0,
            accel: 1.0,
            gate: 9.21,
            same_m: 5.0,
            same_far_m: 25.0,
            same_speed: 1.5,
            agree_s: 0.6,
            margin: 4.0,
            part: 20.0,
            part_s: 2.0,
            learn_s: 5.0,
        }
    }
}
