//! The API's document, OpenAPI 3.0, from the table of routes and the types that travel.

use crate::error::ErrorBody;
use crate::routes::{Gives, Route, table};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// `GET /api/openapi.json`.
pub(crate) async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], openapi().to_string())
}

/// The document.
pub(crate) fn openapi() -> Value {
    let mut schemas = SchemaSettings::openapi3().into_generator();
    let failure = schemas.subschema_for::<ErrorBody>();
    let mut paths: Map<String, Value> = Map::new();
    for route in table() {
        let mut operation = json!({
            "summary": route.about,
            "parameters": parameters(&route),
            "responses": { "default": {
                "description": "What went wrong, in one line.",
                "content": { "application/json": { "schema": failure } },
            }},
        });
        if let Some(body) = route.body {
            operation["requestBody"] = json!({
                "required": true,
                "content": { "application/json": { "schema": body(&mut schemas) } },
            });
        }
        let (status, response) = match route.gives {
            Gives::Json(of) => (
                "200",
                json!({"description": "ok", "content": {"application/json": {"schema": of(&mut schemas)}}}),
            ),
            Gives::Bytes(kind) => ("200", json!({"description": "ok", "content": {kind: {}}})),
            Gives::Nothing => ("204", json!({"description": "done"})),
            Gives::Live { says, hears } => {
                operation["x-websocket"] = json!({
                    "server": says(&mut schemas),
                    "client": hears(&mut schemas),
                });
                ("101", json!({"description": "the WebSocket is open"}))
            }
        };
        operation["responses"][status] = response;
        let path = paths
            .entry(route.path.to_owned())
            .or_insert_with(|| json!({}));
        path[route.method] = operation;
    }
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Atalaya",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "One operation's alerts, tracks, watch log and live relay. Errors are {\"error\": one line}. \
                Without accounts the header x-atalaya-name carries the typed name, percent-encoded.",
            "license": {"name": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": schemas.take_definitions(true)},
    })
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = route
        .path
        .split('/')
        .filter_map(|p| p.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}));
    let in_query = route.params.iter().map(|p| {
        json!({"name": p.name, "in": "query", "required": p.needed, "description": p.about, "schema": {"type": "string"}})
    });
    in_path.chain(in_query).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_in_the_document_and_every_reference_leads_somewhere() {
        let doc = openapi();
        for r in table() {
            assert!(
                doc["paths"][r.path][r.method].is_object(),
                "{} {}",
                r.method,
                r.path
            );
        }
        let text = doc.to_string();
        let mut references = 0;
        for part in text.split("\"#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(doc["components"]["schemas"][name].is_object(), "{name}");
            references += 1;
        }
        assert!(references > 20, "{references}");
    }
}
