//! The routes of the network.

use crate::network::{self, ImportView, JudgedView, JudgementBody, NetworkView};
use crate::routes::{Gives, Param, Route, act, of, param, read};
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

/// Longest file of entities, bytes.
const LONGEST_IMPORT: usize = 4 << 20;

const NETWORK: &[Param] = &[
    param(
        "from",
        false,
        "only what was seen from then on, event time in microseconds UTC",
    ),
    param("to", false, "only what was seen before then"),
];
const EXPORT: &[Param] = &[
    param("format", true, "graphml, ftm or csv"),
    param(
        "from",
        false,
        "only what was seen from then on, event time in microseconds UTC",
    ),
    param("to", false, "only what was seen before then"),
];
const NAME: &[Param] = &[param("name", true, "the file's name")];

/// What was seen, what people brought and what they say of it.
pub(crate) fn linking() -> Vec<Route> {
    use Gives::{Bytes, Json};
    vec![
        read(
            "/api/v1/network",
            "The network of what was seen (vehicles, places) and what people brought, measured, with evidence on every link.",
            NETWORK,
            Json(of::<NetworkView>),
            get(network::network),
        ),
        read(
            "/api/v1/network/export",
            "The network as GraphML, FollowTheMoney JSON Lines or edge list, judgements applied.",
            EXPORT,
            Bytes("application/octet-stream"),
            get(network::export),
        ),
        act(
            "/api/v1/network/judgements",
            "Says whether two entities are the same, distinct or undecided.",
            Some(of::<JudgementBody>),
            Json(of::<JudgedView>),
            post(network::judge),
        ),
        act(
            "/api/v1/network/judgements/{n}/undo",
            "Takes a judgement back; it stays in the log.",
            None,
            Json(of::<JudgedView>),
            post(network::undo),
        ),
        Route {
            params: NAME,
            ..act(
                "/api/v1/network/imports",
                "Takes in an edge list (CSV) or FollowTheMoney, 4 MiB at most; the body is the file. Persons whom the authority does not name are left out and counted.",
                None,
                Json(of::<ImportView>),
                post(network::import).layer(DefaultBodyLimit::max(LONGEST_IMPORT)),
            )
        },
        act(
            "/api/v1/network/imports/{n}/undo",
            "Takes an import back.",
            None,
            Json(of::<Vec<ImportView>>),
            post(network::undo_import),
        ),
    ]
}
