//! Status: following users, and telling followers something.

use std::sync::Arc;

use app::session::Session;
use app::status::StatusError;
use store::UserId;
use wire::envelope::{ErrorCode, Message, Status, StatusFollow, StatusUnfollow, StatusUpdate};
use wire::rest::Code;

use super::Answered;
use crate::house::House;
use crate::http::Fault;

pub async fn follow(house: &House, session: &Arc<Session>, follow: StatusFollow) -> Answered {
    let StatusFollow { user_ids, usernames } = follow;
    let presences = house.services.status.follow(session, users(&user_ids)?, usernames).await?;
    Ok(Some(Message::Status(Status { presences })))
}

pub fn unfollow(house: &House, session: &Arc<Session>, unfollow: StatusUnfollow) -> Answered {
    house.services.status.unfollow(session, &users(&unfollow.user_ids)?)?;
    Ok(None)
}

pub fn update(house: &House, session: &Arc<Session>, update: StatusUpdate) -> Answered {
    house.services.status.update(session, update.status)?;
    Ok(None)
}

fn users(ids: &[String]) -> Result<Vec<UserId>, Fault> {
    ids.iter().map(|id| id.parse().map_err(|_| Fault::invalid("a user id is malformed"))).collect()
}

impl From<StatusError> for Fault {
    fn from(error: StatusError) -> Self {
        let code = match error {
            StatusError::TooLong | StatusError::TooMany => Code::InvalidArgument,
            StatusError::Join(_) => Code::FailedPrecondition,
            StatusError::Friends(error) => return error.into(),
            StatusError::Store(error) => return error.into(),
        };
        Fault::new(code, error.to_string()).on_socket(ErrorCode::BadInput)
    }
}
