//! The routes of recorded video.

use crate::footage::{self, FootageView};
use crate::routes::{Gives, Param, Route, of, param, read};
use axum::routing::get;

const FIND: &[Param] = &[
    param("lat", true, "latitude, degrees"),
    param("lon", true, "longitude, degrees"),
    param(
        "from",
        false,
        "first moment, event time in microseconds UTC",
    ),
    param("to", false, "last moment"),
    param("feed", false, "only of this feed"),
];
const CLIP: &[Param] = &[
    param("feed", true, "the feed"),
    param("run", true, "the run that recorded it"),
    param("from", true, "first moment, event time in microseconds UTC"),
    param("to", true, "last moment"),
];

/// What was recorded of a place.
pub(crate) fn recorded() -> Vec<Route> {
    vec![
        read(
            "/api/v1/footage",
            "Recorded video that saw a place: when, by which feed, and whether a person or a vehicle there could have been made out. An act.",
            FIND,
            Gives::Json(of::<FootageView>),
            get(footage::find),
        ),
        read(
            "/api/v1/footage/clip",
            "A clip of recorded video with its metadata, as it was received (MPEG-TS); refused where it would show a no-look area. An act.",
            CLIP,
            Gives::Bytes("video/mp2t"),
            get(footage::cut),
        ),
    ]
}
