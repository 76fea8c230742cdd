//! The routes: one table from which both the router and the API's document are made.

use crate::alerts::{ActBody, AlertDetail, AlertView, AlertsView, EventView};
use crate::audit::{ActsView, VerifiedView};
use crate::auth::{Login, Me};
use crate::background::BackgroundView;
use crate::decisions::{DecisionBody, DecisionsView, MatchBody, ReasonBody};
use crate::emission::EmissionView;
use crate::frames::{ClientMessage, Message};
use crate::notes::NoteBody;
use crate::operation::{OperationView, RunView};
use crate::release::{
    self, BoardView, CardBody, DraftBody, IdentityBody, LinkBody, PartnerView, PartnersView,
    ReleaseView, SayBody, SealBody, SealedView,
};
use crate::serve::App;
use crate::tracks::{MergeBody, SplitBody, TrackView};
use crate::{
    alerts, audit, auth, background, decisions, emission, live, metrics, notes, openapi, operation,
    stills, tracks,
};
use atalaya_model::{Decision, TargetMatch};
use atalaya_store::{Note, TrackEdit};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, get, post};
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Longest sealed file, bytes.
const LONGEST_SEALED: usize = 33 << 20;

/// A query parameter.
pub(crate) struct Param {
    pub name: &'static str,
    pub needed: bool,
    pub about: &'static str,
}

const fn param(name: &'static str, needed: bool, about: &'static str) -> Param {
    Param {
        name,
        needed,
        about,
    }
}

/// Adds a type to the document's components and refers to it.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

fn of<T: JsonSchema>(g: &mut SchemaGenerator) -> Schema {
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

fn read(
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

fn act(
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
        "open, acknowledged, rejected, closed or all",
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

const ACTS: &[Param] = &[
    param("before", false, "only acts before this number"),
    param("what", false, "only acts whose name begins so"),
    param(
        "text",
        false,
        "only acts whose author or subject holds this",
    ),
    param("limit", false, "most acts, 1 to 1000"),
];

/// All routes of the API.
pub(crate) fn table() -> Vec<Route> {
    let mut all = watching();
    all.extend(deciding());
    all.extend(releasing());
    all.extend(portal());
    all.extend(auditing());
    all
}

/// Decisions, and matches with targets.
fn deciding() -> Vec<Route> {
    use Gives::Json;
    vec![
        read(
            "/api/v1/alerts/{id}/decisions",
            "What was decided on an alert, its matches with targets, and what the authority allows.",
            &[],
            Json(of::<DecisionsView>),
            get(decisions::decisions),
        ),
        act(
            "/api/v1/alerts/{id}/decisions",
            "Decides on an alert. recommend_entry needs a confirmed match, refer_to_partner a partner of the authority.",
            Some(of::<DecisionBody>),
            Json(of::<Decision>),
            post(decisions::decide),
        ),
        act(
            "/api/v1/alerts/{id}/matches",
            "Proposes that the alert is about a target that the authority names.",
            Some(of::<MatchBody>),
            Json(of::<TargetMatch>),
            post(decisions::propose),
        ),
        act(
            "/api/v1/matches/{n}/{answer}",
            "confirm or deny: another person than who proposed it, with a reason.",
            Some(of::<ReasonBody>),
            Json(of::<TargetMatch>),
            post(decisions::answer),
        ),
    ]
}

/// Releases and partners.
fn releasing() -> Vec<Route> {
    use Gives::{Bytes, Json};
    vec![
        read(
            "/api/v1/partners",
            "Who we are to partners, and who they are.",
            &[],
            Json(of::<PartnersView>),
            get(release::partners),
        ),
        act(
            "/api/v1/partners",
            "Takes in a partner's card.",
            Some(of::<CardBody>),
            Json(of::<PartnerView>),
            post(release::add_partner),
        ),
        act(
            "/api/v1/identity",
            "Makes our keys, once.",
            Some(of::<IdentityBody>),
            Json(of::<PartnersView>),
            post(release::make_identity),
        ),
        read(
            "/api/v1/releases",
            "The board: releases of both directions and their clocks.",
            &[],
            Json(of::<BoardView>),
            get(release::board),
        ),
        act(
            "/api/v1/releases",
            "Drafts a release out of an alert that was referred to a partner.",
            Some(of::<DraftBody>),
            Json(of::<ReleaseView>),
            post(release::draft),
        ),
        act(
            "/api/v1/releases/inbox",
            "Takes in a sealed file: a release for us, or what was said of one. The body is the file.",
            None,
            Json(of::<ReleaseView>),
            post(release::inbox).layer(DefaultBodyLimit::max(LONGEST_SEALED)),
        ),
        act(
            "/api/v1/releases/fetch",
            "Fetches a release by a partner's one-time link, and takes it in.",
            Some(of::<LinkBody>),
            Json(of::<ReleaseView>),
            post(release::fetch_by_link),
        ),
        read(
            "/api/v1/releases/{id}",
            "One release.",
            &[],
            Json(of::<ReleaseView>),
            get(release::release),
        ),
        read(
            "/api/v1/releases/{id}/report",
            "Its report.",
            &[],
            Bytes("text/html"),
            get(release::report),
        ),
        act(
            "/api/v1/releases/{id}/approve",
            "Approves a draft: another person than who drafted it.",
            Some(of::<ReasonBody>),
            Json(of::<ReleaseView>),
            post(release::approve),
        ),
        act(
            "/api/v1/releases/{id}/turn-down",
            "Turns a draft down, with a reason: another person than who drafted it.",
            Some(of::<ReasonBody>),
            Json(of::<ReleaseView>),
            post(release::turn_down),
        ),
        act(
            "/api/v1/releases/{id}/seal",
            "Signs an approved release and encrypts it to its partner; with a portal there is a one-time link.",
            Some(of::<SealBody>),
            Json(of::<SealedView>),
            post(release::seal),
        ),
        read(
            "/api/v1/releases/{id}/sealed",
            "The sealed file, to be carried.",
            &[],
            Bytes("application/json"),
            get(release::sealed),
        ),
        act(
            "/api/v1/releases/{id}/recall",
            "Takes a sealed release back, with a reason.",
            Some(of::<ReasonBody>),
            Json(of::<ReleaseView>),
            post(release::recall),
        ),
        act(
            "/api/v1/releases/{id}/say/{kind}",
            "As the receiver: receipt, accepted, refused (why), acting, outcome (what).",
            Some(of::<SayBody>),
            Json(of::<ReleaseView>),
            post(release::say),
        ),
        act(
            "/api/v1/releases/{id}/check",
            "As the receiver: posts answers that wait, and asks whether it was recalled.",
            None,
            Json(of::<ReleaseView>),
            post(release::check),
        ),
        read(
            "/api/v1/messages/{n}",
            "The sealed file of something that we said of a release, to be carried.",
            &[],
            Bytes("application/json"),
            get(release::message),
        ),
    ]
}

/// What partners reach without an account: a token is their key.
fn portal() -> Vec<Route> {
    use Gives::{Bytes, Nothing};
    vec![
        read(
            "/portal/{token}",
            "What waits behind a one-time link. Uses nothing up.",
            &[],
            Bytes("text/html"),
            get(release::offer),
        ),
        act(
            "/portal/{token}",
            "Fetches the sealed file, once.",
            None,
            Bytes("application/json"),
            post(release::fetch),
        ),
        read(
            "/portal/answer/{token}",
            "The recall of a release, sealed; 204 when there is none.",
            &[],
            Bytes("application/json"),
            get(release::answers),
        ),
        act(
            "/portal/answer/{token}",
            "Takes a sealed answer to a release.",
            None,
            Nothing,
            post(release::answer),
        ),
    ]
}

/// The log of acts.
fn auditing() -> Vec<Route> {
    use Gives::{Bytes, Json};
    vec![
        read(
            "/api/v1/audit",
            "The log of acts, newest first.",
            ACTS,
            Json(of::<ActsView>),
            get(audit::acts),
        ),
        act(
            "/api/v1/audit/verify",
            "Checks the whole log: contents, order, tree, signature.",
            None,
            Json(of::<VerifiedView>),
            post(audit::verify_now),
        ),
        read(
            "/api/v1/audit/checkpoint",
            "The newest signed checkpoint, to be kept elsewhere.",
            &[],
            Bytes("text/plain"),
            get(audit::checkpoint),
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
