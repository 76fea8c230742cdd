//! The routes of the watch document.

use crate::routes::{Gives, Route, act, of, read};
use crate::watch::{self, CheckView, TrialView, WatchBody, WatchView};
use axum::routing::{get, post};

/// What is armed, and how another comes to be.
pub(crate) fn arming() -> Vec<Route> {
    use Gives::Json;
    vec![
        read(
            "/api/v1/watch",
            "The watch document that is armed; one to begin with while none was.",
            &[],
            Json(of::<WatchView>),
            get(watch::armed),
        ),
        act(
            "/api/v1/watch",
            "Arms a watch document, if it has no fault: it is applied from the next start of a run.",
            Some(of::<WatchBody>),
            Json(of::<WatchView>),
            post(watch::arm),
        ),
        act(
            "/api/v1/watch/check",
            "The faults of a watch document, each at its word. Nothing is kept.",
            Some(of::<WatchBody>),
            Json(of::<CheckView>),
            post(watch::check),
        ),
        act(
            "/api/v1/watch/backtest",
            "What a watch document would have raised on the recorded days [28], with evidence. Nothing is kept.",
            Some(of::<WatchBody>),
            Json(of::<TrialView>),
            post(watch::backtest),
        ),
    ]
}
