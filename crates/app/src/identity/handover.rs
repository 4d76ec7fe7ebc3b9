//! From a browser that came back to a page with a session. The page finds a code in its fragment, which no server and no
//! log ever sees, and trades it once, within a minute, for its tokens.
//!
//! The code alone is not enough, or anyone could send a victim to our page with a code of their own and have the victim play
//! in a stranger's account. Either the same browser brings a cookie that scripts cannot read, or the page made a challenge
//! before it left (as PKCE does) and now brings what the challenge was made of.

use serde::{Deserialize, Serialize};

use super::pages::{HANDOVER_MS_MAX, hash, short};
use super::proof::{Standing, Vouched};
use super::{Identity, IdentityError, Login};
use crate::accounts::LoggedIn;

const PURPOSE: &str = "handover";

#[derive(Serialize, Deserialize)]
struct Handover {
    issuer: String,
    provider: String,
    subject: String,
    sid: String,
    renewal: Option<String>,
    /// Hashes to what the page must bring.
    wanted: String,
}

/// What a page brings.
#[derive(Clone, Debug, Default)]
pub struct Fetch {
    /// From the fragment.
    pub code: String,
    /// What its challenge was made of, if it made one.
    pub verifier: String,
    /// The cookie, if there is one.
    pub cookie: Option<String>,
}

/// The name of the cookie that binds a code to its browser: each tab has its own.
pub fn bound_cookie_of(code: &str) -> String {
    format!("longhouse_handover_{}", short(code))
}

impl Identity {
    /// Keeps who was vouched for until the page asks. Gives the code, and the cookie if the page made no challenge.
    pub(super) async fn hand_over(
        &self,
        name: &str,
        vouched: Vouched,
        challenge: Option<String>,
    ) -> Result<(String, Option<String>), IdentityError> {
        let code = self.random();
        let bound = challenge.is_none().then(|| self.random());
        let wanted = match (&bound, challenge) {
            (Some(bound), _) => hash(bound),
            (None, Some(challenge)) => challenge,
            (None, None) => return Err(IdentityError::NoLogin),
        };
        let Vouched { provider, subject, issuer } = vouched;
        let Standing { sid, renewal, .. } =
            issuer.unwrap_or(Standing { name: name.to_owned(), sid: String::new(), renewal: None });
        let handover = Handover { issuer: name.to_owned(), provider, subject, sid, renewal, wanted };
        let note = store::NotePut {
            // Hashed, so that who reads the store cannot use it.
            name: format!("handover:{}", hash(&code)),
            said: self.seal.close(PURPOSE, &handover),
            expires_ms: self.core.now_ms() + HANDOVER_MS_MAX,
        };
        let _ = self.core.write(note).await?.into_inner();
        Ok((code, bound))
    }

    /// Gives a page its session. The code is used up, whether it succeeds or not.
    pub async fn fetch_session(
        &self,
        name: &str,
        fetch: Fetch,
        login: Login,
    ) -> Result<LoggedIn, IdentityError> {
        self.issuer(name)?;
        let note =
            store::NoteTake { name: format!("handover:{}", hash(&fetch.code)), now_ms: self.core.now_ms() };
        let said = self.core.write(note).await?.into_inner().ok_or(IdentityError::NoLogin)?;
        let handover: Handover = self.seal.open(PURPOSE, &said).ok_or(IdentityError::NoLogin)?;
        let brings = |text: &str| !text.is_empty() && hash(text) == handover.wanted;
        let bound = brings(&fetch.verifier) || fetch.cookie.as_deref().is_some_and(brings);
        if handover.issuer != name || !bound {
            return Err(IdentityError::NoLogin);
        }
        let Handover { issuer, provider, subject, sid, renewal, .. } = handover;
        let issuer = Some(Standing { name: issuer, sid, renewal });
        self.log_in_person(Vouched { provider, subject, issuer }, login).await
    }
}
