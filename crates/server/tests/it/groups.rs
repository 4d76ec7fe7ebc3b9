//! Groups over HTTP: who may do what as a table, what is refused, and acts that race.

use serde_json::{Value, json};

use crate::client::{Answer, Login, Server};

async fn send(server: &Server, method: &str, path: &str, token: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers: &[(&str, &str)] = if token.is_empty() { &[] } else { &[("Authorization", &bearer)] };
    server.ask(method, path, headers, body.as_bytes()).await
}

/// How somebody can stand to a group.
pub const STANDINGS: [&str; 6] = ["superadmin", "admin", "member", "request", "banned", "stranger"];

/// Brings a stranger to one of the [`STANDINGS`] in a closed group of the boss's.
pub async fn place(server: &Server, boss: &Login, group: &str, standing: &str, login: &Login) {
    let id = server.id_of(&login.token).await;
    let acts: &[&str] = match standing {
        "superadmin" => &["add", "promote", "promote"],
        "admin" => &["add", "promote"],
        "member" => &["add"],
        "banned" => &["ban"],
        _ => &[],
    };
    for act in acts {
        let path = format!("/v2/group/{group}/{act}?user_ids={id}");
        assert_eq!(server.post(&path, &boss.token, "").await.status, 200, "{act}");
    }
    if standing == "request" {
        let asked = server.post(&format!("/v2/group/{group}/join"), &login.token, "").await;
        assert_eq!(asked.status, 200);
    }
}

/// A group of the login's; its id.
pub async fn make(server: &Server, login: &Login, body: Value) -> String {
    let made = server.post("/v2/group", &login.token, &body.to_string()).await;
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()["id"].as_str().unwrap().to_owned()
}

/// Ids and roles in the list's order.
async fn roles(server: &Server, login: &Login, group: &str, query: &str) -> Vec<(String, i64)> {
    let listed = server.get(&format!("/v2/group/{group}/user?{query}"), &login.token).await;
    assert_eq!(listed.status, 200, "{}", listed.text());
    let users = listed.json()["group_users"].as_array().cloned().unwrap_or_default();
    let pair = |one: &Value| (one["user"]["id"].as_str().unwrap().to_owned(), one["state"].as_i64().unwrap());
    users.iter().map(pair).collect()
}

/// Who × what, over HTTP: the status of every act by every kind of caller on a plain member.
#[tokio::test]
async fn who_may_do_what() {
    let server = Server::start().await;
    let boss = server.log_in("boss").await;
    let mut logins = Vec::new();
    for caller in STANDINGS {
        logins.push(server.log_in(caller).await);
    }
    let target = server.log_in("target").await;
    let target_id = server.id_of(&target.token).await;
    let acts = ["add", "kick", "ban", "promote", "demote", "update", "delete"];
    #[rustfmt::skip]
    let table = [
        // add  kick ban  promote demote update delete
        [200, 200, 200, 200, 200, 200, 200], // superadmin
        [200, 200, 200, 200, 200, 200, 403], // admin
        [403, 403, 403, 403, 403, 403, 403], // member
        [403, 403, 403, 403, 403, 403, 403], // request
        [403, 403, 403, 403, 403, 403, 403], // banned
        [403, 403, 403, 403, 403, 403, 403], // stranger
    ];
    for ((caller, login), row) in STANDINGS.into_iter().zip(&logins).zip(table) {
        for (act, expected) in acts.into_iter().zip(row) {
            let group = make(&server, &boss, json!({ "name": format!("{caller} {act}") })).await;
            place(&server, &boss, &group, "member", &target).await;
            place(&server, &boss, &group, caller, login).await;
            let answer = match act {
                "update" => {
                    let body = r#"{"description":"other"}"#;
                    send(&server, "PUT", &format!("/v2/group/{group}"), &login.token, body).await
                }
                "delete" => send(&server, "DELETE", &format!("/v2/group/{group}"), &login.token, "").await,
                act => {
                    let path = format!("/v2/group/{group}/{act}?user_ids={target_id}");
                    server.post(&path, &login.token, "").await
                }
            };
            assert_eq!(answer.status, expected, "{act} by a {caller}: {}", answer.text());
            if answer.status == 403 {
                assert_eq!(answer.json()["code"], 7);
                let roles = roles(&server, &boss, &group, "state=2").await;
                assert!(roles.contains(&(target_id.clone(), 2)), "{act} by a {caller} changed nothing");
            }
            // So that nobody is in too many groups.
            send(&server, "DELETE", &format!("/v2/group/{group}"), &boss.token, "").await;
        }
    }
    for path in ["/v2/group", &format!("/v2/user/{target_id}/group")] {
        assert_eq!(send(&server, "GET", path, "", "").await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn what_is_refused() {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
    let group = make(&server, &ada, json!({ "name": "Farmers", "open": true })).await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let check = async |what: &str, method: &str, path: &str, body: &str, status: u16, code: i64| {
        let answer = send(&server, method, path, &ada.token, body).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_i64()),
            (status, Some(code)),
            "{what}: {}",
            answer.text()
        );
    };
    let named = |name: &str| json!({ "name": name }).to_string();
    check("no name", "POST", "/v2/group", "{}", 400, 3).await;
    check("a long name", "POST", "/v2/group", &named(&"n".repeat(256)), 400, 3).await;
    check("a name with a line break", "POST", "/v2/group", &named("a\nb"), 400, 3).await;
    check("a taken name", "POST", "/v2/group", &named("fARMERS"), 409, 6).await;
    check("too large", "POST", "/v2/group", r#"{"name":"x","max_count":5001}"#, 400, 3).await;
    check("a negative size", "POST", "/v2/group", r#"{"name":"x","max_count":-1}"#, 400, 3).await;
    check("a wrong type", "POST", "/v2/group", r#"{"name":7}"#, 400, 3).await;
    check("nothing to change", "PUT", &format!("/v2/group/{group}"), "{}", 400, 3).await;
    let long = json!({ "description": "d".repeat(2_049) }).to_string();
    check("a long description", "PUT", &format!("/v2/group/{group}"), &long, 400, 3).await;
    check("no such group", "PUT", &format!("/v2/group/{nobody}"), r#"{"description":"d"}"#, 404, 5).await;
    check("no id", "PUT", "/v2/group/ours", r#"{"description":"d"}"#, 400, 3).await;
    check("no group to join", "POST", &format!("/v2/group/{nobody}/join"), "", 404, 5).await;
    check("nobody named", "POST", &format!("/v2/group/{group}/add"), "", 400, 3).await;
    check("no id of a user", "POST", &format!("/v2/group/{group}/add?user_ids=eve"), "", 400, 3).await;
    check("no such user", "POST", &format!("/v2/group/{group}/add?user_ids={nobody}"), "", 404, 5).await;
    let many: Vec<_> = (0..101).map(|n| format!("user_ids=00000000-0000-4000-8000-{n:012x}")).collect();
    check("too many", "POST", &format!("/v2/group/{group}/kick?{}", many.join("&")), "", 400, 3).await;
    check("limit 0", "GET", "/v2/group?limit=0", "", 400, 3).await;
    check("limit 101", "GET", "/v2/group?limit=101", "", 400, 3).await;
    check("a limit of words", "GET", "/v2/group?limit=ten", "", 400, 3).await;
    check("open perhaps", "GET", "/v2/group?open=perhaps", "", 400, 3).await;
    check("members of words", "GET", "/v2/group?members=few", "", 400, 3).await;
    check("a name with NUL", "GET", "/v2/group?name=a%00", "", 400, 3).await;
    check("a language with NUL", "GET", "/v2/group?lang_tag=%00", "", 400, 3).await;
    check("no cursor", "GET", "/v2/group?cursor=abc", "", 400, 3).await;
    check("no state", "GET", &format!("/v2/group/{group}/user?state=5"), "", 400, 3).await;
    check("no user's id", "GET", "/v2/user/me/group", "", 400, 3).await;
    // A function for servers is not for players.
    let query = server.post("/v2/rpc/group_query?unwrap", &eve.token, r#"{"query":"*"}"#).await;
    assert_eq!(query.status, 403, "{}", query.text());
}

#[tokio::test]
async fn lists_are_filtered_and_queried() {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
    for (name, lang, open) in [("Apples", "de", true), ("apricots", "de", false), ("Bananas", "en", true)] {
        let group = make(&server, &ada, json!({ "name": name, "lang_tag": lang, "open": open })).await;
        if name == "Bananas" {
            server.post(&format!("/v2/group/{group}/join"), &eve.token, "").await;
        }
    }
    let names = async |query: &str| -> Vec<String> {
        let listed = server.get(&format!("/v2/group?{query}"), &eve.token).await;
        assert_eq!(listed.status, 200, "{}", listed.text());
        let groups = listed.json()["groups"].as_array().cloned().unwrap_or_default();
        groups.iter().map(|group| group["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("").await, ["Apples", "apricots", "Bananas"]);
    assert_eq!(names("name=AP%25").await, ["Apples", "apricots"]);
    assert_eq!(names("name=AP%25&open=true").await, ["Apples"]);
    assert_eq!(names("name=apples").await, ["Apples"]);
    assert_eq!(names("name=app").await, [""; 0]);
    assert_eq!(names("lang_tag=de").await, ["Apples", "apricots"]);
    assert_eq!(names("lang_tag=de&open=false").await, ["apricots"]);
    assert_eq!(names("open=true").await, ["Apples", "Bananas"]);
    assert_eq!(names("members=1").await, ["Apples", "apricots"]);
    let services = &server.running.house.services;
    let creator = server.id_of(&ada.token).await.parse().unwrap();
    let new = app::groups::NewGroup {
        name: "Cherries".into(),
        metadata: r#"{"region":"eu","rank":{"level":7}}"#.into(),
        ..Default::default()
    };
    services.groups.create(creator, new).await.unwrap();
    let ask = async |query: &str| -> Vec<String> {
        let path = "/v2/rpc/group_query?unwrap&http_key=defaulthttpkey";
        let body = json!({ "query": query }).to_string();
        let found = server.ask("POST", path, &[], body.as_bytes()).await;
        assert_eq!(found.status, 200, "{}", found.text());
        let groups = found.json()["groups"].as_array().cloned().unwrap();
        groups.iter().map(|group| group["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ask("+metadata.region:eu +metadata.rank.level:>=7").await, ["Cherries"]);
    assert_eq!(ask("+members:>1").await, ["Bananas"]);
    assert_eq!(ask("-open:true").await, ["apricots", "Cherries"]);
}

/// Two superadmins who go at the same time: one of them stays.
#[tokio::test]
async fn a_race_leaves_a_superadmin() {
    let server = Server::start().await;
    let (ada, eve, ivy) =
        (server.log_in("ada").await, server.log_in("eve").await, server.log_in("ivy").await);
    let (eve_id, ivy_id) = (server.id_of(&eve.token).await, server.id_of(&ivy.token).await);
    for round in 0..10 {
        let group = make(&server, &ada, json!({ "name": format!("Round {round}") })).await;
        let act = async |act: &str, id: &str| {
            let path = format!("/v2/group/{group}/{act}?user_ids={id}");
            assert_eq!(server.post(&path, &ada.token, "").await.status, 200);
        };
        act("add", &ivy_id).await;
        act("add", &eve_id).await;
        act("promote", &eve_id).await;
        act("promote", &eve_id).await;
        let leave = format!("/v2/group/{group}/leave");
        let both = tokio::join!(server.post(&leave, &ada.token, ""), server.post(&leave, &eve.token, ""));
        let mut statuses = [both.0.status, both.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400]);
        let left = roles(&server, &ivy, &group, "").await;
        assert_eq!(left.iter().map(|(_, role)| *role).collect::<Vec<_>>(), [0, 2]);
    }
}
