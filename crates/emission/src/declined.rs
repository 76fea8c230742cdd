//! Why no answer is given.

/// Why the data can't tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Declined {
    /// No reading at all.
    #[error("there is no reading")]
    NoReadings,
    /// Readings, but none of them has a wind.
    #[error("no reading has a wind within its time; give the wind of the same clock")]
    NoWind,
    /// The wind was always too weak to say where gas comes from.
    #[error("the wind was below 0.5 m/s at every reading: where gas comes from can't be told")]
    Calm,
    /// Too few readings with wind.
    #[error("{0} readings with wind are too few; at least {1} are needed")]
    TooFew(usize, usize),
    /// Still collecting what background and noise are learned from.
    #[error("background and noise are being learned: {0} of {1} readings")]
    Learning(usize, usize),
    /// Every reading is the same.
    #[error("every reading is the same number: the sensors look dead or saturated")]
    Frozen,
    /// The wind never blew from the area to a sensor.
    #[error("the wind never blew from the area to a sensor: nothing was covered")]
    NothingCovered,
}
