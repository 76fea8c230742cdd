//! The numbers of vision, in one place.

/// Settings of [`Vision`](crate::Vision). Lengths in pixels of the analysed picture, times in
/// seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct VisionSettings {
    /// Pictures wider than this are analysed at half size (repeatedly).
    pub max_width: usize,
    /// How far back the frames lie that each frame is compared with.
    pub lags_s: [f64; 3],
    /// Longest step between analysed frames that is still registered.
    pub max_step_s: f64,
    /// Points tracked for registration.
    pub points: usize,
    /// Largest residual of a point that agrees with the registration.
    pub inlier_px: f64,
    /// Least share of points that must agree.
    pub min_inliers: f64,
    /// Differences below this many noise sigmas are noise.
    pub noise_sigmas: f32,
    /// Registration error that is forgiven: multiplied by the local gradient.
    pub forgiven_px: f32,
    /// Least difference in grey levels, whatever the noise.
    pub min_difference: f32,
    /// Likeness of a blob to the ground before it, above which it is light or leaves (plus an
    /// allowance for chance in small blobs).
    pub resemblance: f32,
    /// Least moving pixels in a blob.
    pub min_pixels: u32,
    /// Largest share of the picture a blob may cover.
    pub max_share: f64,
    /// Most detections in a frame: the strongest are kept.
    pub max_detections: usize,
    /// Likeness at which a stopped object counts as recognised.
    pub hold_likeness: f32,
    /// How far a stopped object is searched around its place.
    pub hold_search_px: i32,
    /// Share by which a remembered picture follows the present one each frame.
    pub hold_learning: f32,
}

impl Default for VisionSettings {
    fn default() -> Self {
        Self {
            max_width: 1280,
            lags_s: [0.6, 1.2, 2.0],
            max_step_s: 3.0,
            points: 160,
            inlier_px: 1.0,
            min_inliers: 0.35,
            noise_sigmas: 4.5,
            forgiven_px: 0.7,
            min_difference: 7.0,
            resemblance: 0.74,
            min_pixels: 6,
            max_share: 0.05,
            max_detections: 100,
            hold_likeness: 0.6,
            hold_search_px: 3,
            hold_learning: 0.08,
        }
    }
}
