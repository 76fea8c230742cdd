//! The routes of decisions, releases, the portal and the log of acts.

use crate::audit::{ActsView, VerifiedView};
use crate::decisions::{DecisionBody, DecisionsView, MatchBody, ReasonBody};
use crate::release::{
    self, BoardView, CardBody, DraftBody, IdentityBody, LinkBody, PartnerView, PartnersView,
    ReleaseView, SayBody, SealBody, SealedView,
};
use crate::routes::{Gives, Param, Route, act, of, param, read};
use crate::{audit, decisions};
use atalaya_model::{Decision, TargetMatch};
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

/// Longest sealed file, bytes.
const LONGEST_SEALED: usize = 33 << 20;

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

/// Decisions, and matches with targets.
pub(crate) fn deciding() -> Vec<Route> {
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
pub(crate) fn releasing() -> Vec<Route> {
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
pub(crate) fn portal() -> Vec<Route> {
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
pub(crate) fn auditing() -> Vec<Route> {
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
