//! What programs call: package `api`, told who asks. It needs no check of origins: no browser sends its tokens by itself.

use super::AppState;
use api::ApiState;
use app::ClientAddress;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;

/// Everything under `/api`.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    api::router(ApiState::new(state.services.clone())).layer(from_fn(say_who_asks))
}

async fn say_who_asks(mut request: Request, next: Next) -> Response {
    if let Some(ClientAddress(address)) = request.extensions().get().copied() {
        request.extensions_mut().insert(api::ClientAddress(address));
    }
    next.run(request).await
}
