//! What was said in a channel.

use std::sync::Arc;

use app::chat::{Channel, ChatError, outside};
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::envelope::ErrorCode;
use wire::rest::{ChannelMessageList, Code, ErrorBody};

use super::{json, queried};
use crate::house::House;
use crate::http::{Ask, Bearer, Fault};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new().routes(routes!(history))
}

/// Messages in one answer where the client does not say.
const LIMIT_DEFAULT: u32 = 100;

/// Which part of the history to list.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Query {
    /// At most so many, from 1 to 100.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// The oldest first, which is the default; else the newest first.
    #[param(value_type = Option<bool>)]
    forward: Option<String>,
    /// A cursor of an earlier list in the same direction.
    cursor: String,
}

/// Lists the messages that a channel keeps.
#[utoipa::path(
    get,
    operation_id = "channel_messages_list",
    path = "/v2/channel/{channel_id}",
    tag = "chat",
    params(("channel_id" = String, Path, description = "The channel's id"), Query),
    responses((status = 200, body = ChannelMessageList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn history(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    Bearer(holder): Bearer,
    Ask(query): Ask<Query>,
) -> Result<Response, Fault> {
    let channel = Channel::parse(&id).ok_or(ChatError::ChannelId)?;
    let limit = queried::number("limit", query.limit.as_deref())?.unwrap_or(LIMIT_DEFAULT);
    let forward = match query.forward.as_deref() {
        None | Some("" | "true" | "1") => true,
        Some("false" | "0") => false,
        Some(_) => return Err(Fault::invalid("forward must be true or false")),
    };
    let page =
        house.services.chat.history(Some(holder.user), &channel, limit, forward, &query.cursor).await?;
    Ok(json(&ChannelMessageList {
        messages: page.messages.iter().map(|message| outside(&channel, message, true)).collect(),
        next_cursor: page.next,
        prev_cursor: page.previous,
        cacheable_cursor: page.cacheable,
    }))
}

impl From<ChatError> for Fault {
    fn from(error: ChatError) -> Self {
        let code = match error {
            ChatError::NotFound | ChatError::NoMessage => Code::NotFound,
            ChatError::Denied(_) | ChatError::Muted => Code::PermissionDenied,
            ChatError::Join(_) => Code::FailedPrecondition,
            ChatError::Busy => Code::Unavailable,
            ChatError::Store(error) => return error.into(),
            _ => Code::InvalidArgument,
        };
        let fault = Fault::new(code, error.to_string());
        // On the socket the client did something wrong in all these cases.
        if matches!(code, Code::Unavailable) { fault } else { fault.on_socket(ErrorCode::BadInput) }
    }
}
