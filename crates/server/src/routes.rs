//! The routes: one table from which both the router and the API's document are made.

use crate::alerts::{ActBody, AlertDetail, AlertView, AlertsView, EventView};
use crate::auth::{Login, Me};
use crate::background::BackgroundView;
use crate::emission::EmissionView;
use crate::flights::FlightView;
use crate::frames::{ClientMessage, Message};
use crate::notes::NoteBody;
use crate::operation::{OperationView, RunView};
use crate::routes_footage::recorded;
use crate::routes_language::translating;
use crate::routes_network::linking;
use crate::routes_release::{auditing, deciding, portal, releasing};
use crate::routes_watch::arming;
use crate::serve::App;
use crate::story::{StoryBody, StoryView};
use crate::tracks::{MergeBody, SplitBody, TrackView};
use crate::{
    alerts, auth, background, emission, flights, landmarks, live, metrics, notes, openapi,
    operation, stills, story, tracks,
};
use atalaya_model::{Landmark, LandmarkFit, ReferenceFit};
use atalaya_store::{Note, TrackEdit};
use axum::Router;
use axum::routing::{MethodRouter, get, post};
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// A query parameter.
pub(crate) struct Param {
    pub name: &'static str,
    pub needed: bool,
    pub about: &'static str,
}

pub(crate) const fn param(name: &'static str, needed: bool, about: &'static str) -> Param {
    Param {
        name,
        needed,
        about,
    }
}

/// Adds a type to the document's components and refers to it.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

pub(crate) fn of<T: JsonSchema>(g: &mut SchemaGenerator) -> Schema {
    g.subschema_for::<T>()
}

/// What comes back.
pub(crate) enum Gives {
    Json(SchemaOf),
    Bytes(&'static str),
    Nothing,
    /// The WebSocket: text messages to and from the client.
    Live {
        says: SchemaOf,
        hears: SchemaOf,
    },
}

/// A route.
pub(crate) struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub about: &'static str,
    pub params: &'static [Param],
    pub body: Option<SchemaOf>,
    pub gives: Gives,
    pub handler: MethodRouter<App>,
}

pub(crate) fn read(
    path: &'static str,
    about: &'static str,
    params: &'static [Param],
    gives: Gives,
    handler: MethodRouter<App>,
) -> Route {
    Route {
        method: "get",
        path,
        about,
        params,
        body: None,
        gives,
        handler,
    }
}

pub(crate) fn act(
    path: &'static str,
    about: &'static str,
    body: Option<SchemaOf>,
    gives: Gives,
    handler: MethodRouter<App>,
) -> Route {
    Route {
        method: "post",
        path,
        about,
        params: &[],
        body,
        gives,
        handler,
    }
}

const WINDOW: &[Param] = &[
    param("run", false, "only of this run"),
    param(
        "from",
        false,
        "first moment, event time in microseconds UTC",
    ),
    param("to", false, "last moment"),
    param("limit", false, "most records"),
];
const TRACK_WINDOW: &[Param] = &[
    param("run", false, "only of this run"),
    param("from", true, "first moment, event time in microseconds UTC"),
    param("to", true, "last moment, six hours later at most"),
];

const ALERTS: &[Param] = &[
    param(
        "state",
        false,
        "open, acknowledged, rejected, closed, expired or all",
    ),
    param("run", false, "only of this run"),
    param("after", false, "next of the page before"),
    param("limit", false, "most alerts, 1 to 1000"),
];
const RUN: &[Param] = &[param("run", true, "the run")];
const NOTES: &[Param] = &[
    param("before", false, "only lines before this number"),
    param("limit", false, "most lines, 1 to 1000"),
];
const STILL: &[Param] = &[
    param("feed", true, "the feed"),
    param("t", true, "event time, microseconds UTC"),
    param("width", false, "pixels, 16 to 1920"),
];

/// All routes of the API.
pub(crate) fn table() -> Vec<Route> {
    let mut all = watching();
    all.extend(arming());
    all.extend(linking());
    all.extend(recorded());
    all.extend(translating());
    all.extend(telling());
    all.extend(deciding());
    all.extend(releasing());
    all.extend(portal());
    all.extend(auditing());
    all
}

/// A rehearsal's story.
fn telling() -> Vec<Route> {
    use Gives::Json;
    vec![
        read(
            "/api/v1/story",
            "A rehearsal that tells itself: its steps, what came of them, whose turn it is; null where none is told.",
            &[],
            Json(of::<Option<StoryView>>),
            get(story::story),
        ),
        act(
            "/api/v1/story",
            "How it is to go on: play, pause, next, again.",
            Some(of::<StoryBody>),
            Json(of::<StoryView>),
            post(story::order),
        ),
    ]
}

fn watching() -> Vec<Route> {
    use Gives::{Bytes, Json, Nothing};
    vec![
        read(
            "/api/v1/me",
            "Who the caller is, and whether a login is needed.",
            &[],
            Json(of::<Me>),
            get(auth::me),
        ),
        act(
            "/api/v1/login",
            "Begins a session: sets an HttpOnly cookie.",
            Some(of::<Login>),
            Json(of::<Me>),
            post(auth::login),
        ),
        act(
            "/api/v1/logout",
            "Ends the session.",
            None,
            Nothing,
            post(auth::logout),
        ),
        read(
            "/api/v1/operation",
            "The operation: site, zones, feeds, rules, authority.",
            &[],
            Json(of::<OperationView>),
            get(operation::operation),
        ),
        read(
            "/api/v1/flights",
            "Planned flights of the operation's aircraft, with what was proven of them.",
            &[],
            Json(of::<Vec<FlightView>>),
            get(flights::flights),
        ),
        read(
            "/api/v1/runs",
            "Runs, the latest first.",
            &[],
            Json(of::<Vec<RunView>>),
            get(operation::runs),
        ),
        read(
            "/api/v1/alerts",
            "Alerts, newest first, by pages.",
            ALERTS,
            Json(of::<AlertsView>),
            get(alerts::alerts),
        ),
        read(
            "/api/v1/alerts/{id}",
            "One alert with its acts and events; id is its key, run~id.",
            &[],
            Json(of::<AlertDetail>),
            get(alerts::alert),
        ),
        act(
            "/api/v1/alerts/{id}/{act}",
            "acknowledge (open), reject (open, acknowledged), close (acknowledged), comment (always).",
            Some(of::<ActBody>),
            Json(of::<AlertView>),
            post(alerts::act),
        ),
        read(
            "/api/v1/emission",
            "The latest estimate of each gas feed: probability, place, rate, and a map of heat.",
            &[],
            Gives::Json(of::<Vec<EmissionView>>),
            get(emission::emission),
        ),
        read(
            "/api/v1/events",
            "Events, the latest first.",
            WINDOW,
            Json(of::<Vec<EventView>>),
            get(alerts::events),
        ),
        read(
            "/api/v1/tracks",
            "Tracks in a time window, splits and merges applied.",
            TRACK_WINDOW,
            Json(of::<Vec<TrackView>>),
            get(tracks::tracks),
        ),
        act(
            "/api/v1/tracks/{id}/split",
            "From a moment on it is another track.",
            Some(of::<SplitBody>),
            Json(of::<TrackEdit>),
            post(tracks::split),
        ),
        act(
            "/api/v1/tracks/merge",
            "Two tracks are one.",
            Some(of::<MergeBody>),
            Json(of::<TrackEdit>),
            post(tracks::merge),
        ),
        read(
            "/api/v1/track-edits",
            "Splits and merges of a run, undone ones included.",
            RUN,
            Json(of::<Vec<TrackEdit>>),
            get(tracks::edits),
        ),
        act(
            "/api/v1/track-edits/{n}/undo",
            "Takes a split or merge back.",
            None,
            Json(of::<TrackEdit>),
            post(tracks::undo),
        ),
        read(
            "/api/v1/notes",
            "The watch log, the latest line first.",
            NOTES,
            Json(of::<Vec<Note>>),
            get(notes::notes),
        ),
        act(
            "/api/v1/notes",
            "Writes a line into the watch log.",
            Some(of::<NoteBody>),
            Json(of::<Note>),
            post(notes::add),
        ),
        read(
            "/api/v1/feeds/{feed}/landmarks",
            "What became of the landmarks that were given for a live feed, oldest first.",
            &[],
            Json(of::<Vec<LandmarkFit>>),
            get(landmarks::landmarks),
        ),
        read(
            "/api/v1/feeds/{feed}/registrations",
            "What became of the last looks for a live feed's pictures on the site's reference, oldest first.",
            &[],
            Json(of::<Vec<ReferenceFit>>),
            get(landmarks::registrations),
        ),
        act(
            "/api/v1/feeds/{feed}/landmarks",
            "A known place in a picture of the last minute: takes away what is constantly wrong with the flight's places from then on.",
            Some(of::<Landmark>),
            Nothing,
            post(landmarks::give),
        ),
        read(
            "/api/v1/still",
            "A picture of the frame nearest a moment.",
            STILL,
            Bytes("image/jpeg"),
            get(stills::still),
        ),
        read(
            "/api/v1/backgrounds",
            "The operator's own map backgrounds (PMTiles).",
            &[],
            Json(of::<Vec<BackgroundView>>),
            get(background::list),
        ),
        read(
            "/background/{name}",
            "A background, by ranges.",
            &[],
            Bytes("application/octet-stream"),
            get(background::file),
        ),
        read(
            "/api/v1/live",
            "WebSocket. Text: live/1. Binary: version 1, flags (1 = key frame), feed index (2 bytes), pts in 90 kHz ticks (8 bytes, signed), big-endian, then Annex B.",
            &[],
            Gives::Live {
                says: of::<Message<'static>>,
                hears: of::<ClientMessage>,
            },
            get(live::live),
        ),
        read(
            "/api/openapi.json",
            "This document.",
            &[],
            Bytes("application/json"),
            get(openapi::document),
        ),
        read(
            "/healthz",
            "ok, or what is wrong.",
            &[],
            Bytes("text/plain"),
            get(metrics::healthz),
        ),
        read(
            "/metrics",
            "Prometheus text.",
            &[],
            Bytes("text/plain"),
            get(metrics::metrics),
        ),
    ]
}

/// The router of the table.
pub(crate) fn router() -> Router<App> {
    table()
        .into_iter()
        .fold(Router::new(), |router, r| router.route(r.path, r.handler))
}
