//! The server: every room behind one door, and its life from listening to stopping.

pub mod meta;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::{Level, Span};

use crate::app::{App, Running};
use crate::{api, doors, git, web};
use meta::RequestMeta;

/// How long open requests may take to finish once the server was told to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// Every address that Grantry answers. What belongs to no other room is the console's, which says that there is no
/// such page.
pub fn router(app: App) -> Router {
    let console = web::router::router(&app).with_state(app.clone());
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(app.clone(), meta::attach))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_request(())
                .on_response(DefaultOnResponse::new().level(Level::INFO))
                .on_failure(()),
        );
    Router::new()
        .route("/healthz", get(health))
        .merge(web::assets::router())
        .merge(api::router())
        .merge(git::http::router())
        .merge(doors::router())
        .fallback_service(console)
        .layer(layers)
        .with_state(app)
}

/// Whether this server may decide: it may while it hears what other servers change.
async fn health(State(app): State<App>) -> Response {
    let (status, word) = if app.context.memory.hears() {
        (StatusCode::OK, "ok\n")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer\n",
        )
    };
    (status, [(header::CACHE_CONTROL, "no-store")], word).into_response()
}

/// What the log says of a request: no query and no code of a link, since both may be secret.
fn span(request: &Request) -> Span {
    let id = request
        .extensions()
        .get::<RequestMeta>()
        .map_or("", |meta| meta.request_id.as_str());
    tracing::info_span!("request", method = %request.method(), path = logged(request.uri().path()), id)
}

fn logged(path: &str) -> &str {
    if path.starts_with("/enroll/") {
        "/enroll/…"
    } else {
        path
    }
}

/// Answers requests until `shutdown`, finishes what is open, and closes the database.
pub async fn serve(
    listener: TcpListener,
    app: App,
    running: Running,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // Without this a streamed answer waits 40 ms for the client's acknowledgement.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let (told, mut heard) = tokio::sync::watch::channel(false);
    let stop = async move {
        shutdown.await;
        let _ = told.send(true);
    };
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(stop);
    let overdue = async move {
        let _ = heard.wait_for(|is_told| *is_told).await;
        tokio::time::sleep(PATIENCE).await;
    };
    let outcome = tokio::select! {
        outcome = serving => outcome,
        () = overdue => {
            tracing::warn!("some requests did not finish in time and were cut off");
            Ok(())
        }
    };
    running.stop().await;
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_never_shows_the_code_of_a_link() {
        assert_eq!(logged("/enroll/abcdef"), "/enroll/…");
        assert_eq!(logged("/settings"), "/settings");
    }
}
