//! `group_query`: groups by a query over their fields and metadata. For servers only, because it reads groups one by
//! one.

use serde::Deserialize;
use serde_json::json;

use super::{GroupError, Groups, LIST_MAX};
use crate::rpc::{Call, RpcError, Rpcs, payload};

/// Registers it.
pub fn functions(rpcs: &mut Rpcs, groups: &Groups) {
    let groups = groups.clone();
    rpcs.register("group_query", move |call| query(groups.clone(), call));
}

#[derive(Deserialize)]
struct Ask {
    query: String,
    limit: Option<u32>,
    #[serde(default)]
    cursor: String,
}

async fn query(groups: Groups, call: Call) -> Result<String, RpcError> {
    call.caller.server()?;
    let Ask { query, limit, cursor } = payload(&call)?;
    let found = groups.query(&query, limit.unwrap_or(LIST_MAX), &cursor).await?;
    let listed: Vec<wire::rest::Group> = found.groups.into_iter().map(super::outside).collect();
    Ok(json!({ "groups": listed, "cursor": found.cursor }).to_string())
}

impl From<GroupError> for RpcError {
    fn from(error: GroupError) -> Self {
        use store::GroupRefusal::{Denied, NoSuchUser, NotFound, Oneself};
        match error {
            GroupError::Store(error) => error.into(),
            GroupError::Refused(NotFound | NoSuchUser(_)) => RpcError::Missing(error.to_string().into()),
            GroupError::Refused(Denied) => RpcError::Denied("the role in this group does not allow that"),
            GroupError::Refused(Oneself) => RpcError::Invalid(error.to_string().into()),
            GroupError::Refused(_) => RpcError::Refused(error.to_string().into()),
            error => RpcError::Invalid(error.to_string().into()),
        }
    }
}
