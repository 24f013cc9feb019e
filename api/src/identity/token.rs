//! What does an access token say, and when is it believed?
//!
//! A JWS in compact form (RFC 9068). It says who and which session, never what somebody may do: rights are read
//! live. The key's record chooses the algorithm, never the token.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::{account::Account, id::Id, session::Session};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

use super::keys::KeyRing;
use crate::error::{AuthReason, Failure, Result};

/// Longer ones are refused before anything is decoded.
const MAX_BYTES: usize = 8 * 1024;
const TYPE: &str = "at+jwt";
/// Seconds that clocks may differ.
const LEEWAY: i64 = 30;

/// Who gives tokens out, and for whom.
#[derive(Debug, Clone)]
pub struct Realm {
    pub issuer: String,
    pub audience: String,
}

/// The only header that we make, and the only one that is read: anything else in it (`crit`, `jku`, `jwk`, `x5u`)
/// or anything twice refuses the token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    alg: String,
    typ: String,
    kid: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// The account's id.
    pub sub: String,
    pub client_id: String,
    pub iat: i64,
    pub exp: i64,
    pub jti: String,
    /// The session's id.
    pub sid: String,
    /// The generation of the refresh token that came with it.
    pub rg: i32,
    pub auth_time: i64,
}

/// A token that was made by us and is not over its time.
#[derive(Debug, Clone, Copy)]
pub struct Verified {
    pub session: Id<Session>,
    pub account: Id<Account>,
    pub generation: i32,
    pub expires_at: DateTime<Utc>,
}

pub fn sign(keys: &KeyRing, claims: &Claims) -> Result<String> {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(keys.signing.id.clone());
    jsonwebtoken::encode(&header, claims, &keys.signing.key).map_err(Failure::internal)
}

/// The id of the key that a token names; `None` when the token is none of ours by its form alone.
pub fn key_id(token: &str) -> Option<String> {
    if token.len() > MAX_BYTES {
        return None;
    }
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let header: StrictHeader = serde_json::from_slice(&header).ok()?;
    (header.alg == "EdDSA" && header.typ == TYPE).then_some(header.kid)
}

/// Believes a token or says why not.
pub fn verify(
    keys: &KeyRing,
    realm: &Realm,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Verified, AuthReason> {
    let key = key_id(token).and_then(|id| keys.verifying(&id).cloned()).ok_or(AuthReason::Invalid)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[&realm.issuer]);
    validation.set_audience(&[&realm.audience]);
    // The time is compared below, with the clock that tests can advance.
    validation.validate_exp = false;
    let claims =
        jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| AuthReason::Invalid)?.claims;
    let expires_at = DateTime::from_timestamp(claims.exp, 0).ok_or(AuthReason::Invalid)?;
    if claims.rg < 0 || claims.iat > now.timestamp().saturating_add(LEEWAY) {
        return Err(AuthReason::Invalid);
    }
    if now.timestamp() >= claims.exp.saturating_add(LEEWAY) {
        return Err(AuthReason::Expired);
    }
    Ok(Verified {
        session: claims.sid.parse().map_err(|_| AuthReason::Invalid)?,
        account: claims.sub.parse().map_err(|_| AuthReason::Invalid)?,
        generation: claims.rg,
        expires_at,
    })
}
