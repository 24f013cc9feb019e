//! Which keys sign access tokens, and how do all instances agree on them?
//!
//! A key is NEXT, ACTIVE, RETIRING and RETIRED in turn. It is published from the first, signs in the second, and
//! still verifies in the third. A unique index lets one instance make the first two; the others read them.
use std::collections::HashMap;

use aws_lc_rs::{
    digest,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey};
use persistence::{
    Connection, session,
    signing_key::{self, SigningKey},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::vault::{Place, Vault};
use crate::error::{Failure, Result};

/// How long a key verifies after its last signature: far longer than any access token lasts.
const RETIRING: TimeDelta = TimeDelta::hours(24);

/// How long a key signs.
const ACTIVE: TimeDelta = TimeDelta::days(90);

/// The keys as one instance holds them.
pub struct KeyRing {
    pub signing: Signing,
    verifying: HashMap<String, DecodingKey>,
    /// The public keys as `/.well-known/jwks.json` shows them.
    pub published: Value,
}

/// The active key.
pub struct Signing {
    pub id: String,
    pub key: EncodingKey,
}

impl KeyRing {
    /// Reads the keys, and makes those that are missing.
    pub async fn load(conn: &Connection, vault: &Vault, now: DateTime<Utc>) -> Result<Self> {
        let mut stored = signing_key::usable(conn).await?;
        for state in ["ACTIVE", "NEXT"] {
            if !stored.iter().any(|key| key.state == state) {
                // Of two instances that start together, one stores its key, and both read that one.
                signing_key::insert(conn, &generate(vault, state, now)?).await?;
                stored = signing_key::usable(conn).await?;
            }
        }
        Self::of(&stored, vault)
    }

    fn of(stored: &[SigningKey], vault: &Vault) -> Result<Self> {
        let active = stored.iter().find(|key| key.state == "ACTIVE");
        let active = active.ok_or_else(|| Failure::internal("no active signing key"))?;
        let private = vault.open_sealed(&place(&active.id), &active.private_key_sealed)?;
        let verifying = stored.iter().map(|key| (key.id.clone(), DecodingKey::from_ed_der(&key.public_key)));
        Ok(Self {
            signing: Signing { id: active.id.clone(), key: EncodingKey::from_ed_der(&private) },
            verifying: verifying.collect(),
            published: json!({ "keys": stored.iter().map(published).collect::<Vec<_>>() }),
        })
    }

    /// The key of a token's header, whatever algorithm that header claims.
    pub fn verifying(&self, id: &str) -> Option<&DecodingKey> {
        self.verifying.get(id)
    }
}

fn published(key: &SigningKey) -> Value {
    json!({
        "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
        "kid": key.id, "x": URL_SAFE_NO_PAD.encode(&key.public_key),
    })
}

fn generate(vault: &Vault, state: &str, now: DateTime<Utc>) -> Result<SigningKey> {
    let failed = |_| Failure::internal("no signing key could be made");
    let pair = Ed25519KeyPair::generate().map_err(failed)?;
    let private = pair.to_pkcs8v1().map_err(failed)?;
    let public_key = pair.public_key().as_ref().to_vec();
    let id = thumbprint(&public_key);
    Ok(SigningKey {
        private_key_sealed: vault.seal(&place(&id), private.as_ref())?,
        id,
        algorithm: "EdDSA".to_owned(),
        state: state.to_owned(),
        public_key,
        state_since: now,
        created_at: now,
    })
}

/// RFC 7638: the hash of the required members in the order of their names.
fn thumbprint(public_key: &[u8]) -> String {
    let x = URL_SAFE_NO_PAD.encode(public_key);
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
}

/// A key's id is no UUID, so the place of its row is made of the id's hash.
fn place(id: &str) -> Place {
    let hash = digest::digest(&digest::SHA256, id.as_bytes());
    let bytes = hash.as_ref().first_chunk::<16>().copied().unwrap_or_default();
    Place { table: "signing_key", column: "private_key_sealed", row: Uuid::from_bytes(bytes) }
}

/// Retires keys that nobody's token needs any longer, and rotates when the active one is old.
pub async fn mind(conn: &Connection, vault: &Vault, now: DateTime<Utc>) -> Result<()> {
    signing_key::retire(conn, now - RETIRING, now).await?;
    let keys = signing_key::usable(conn).await?;
    let old = keys.iter().any(|key| key.state == "ACTIVE" && key.state_since < now - ACTIVE);
    if old { rotate(conn, vault, false, now).await } else { Ok(()) }
}

/// Lets the next key sign and makes another one to follow it. A compromised key stops to verify at once; otherwise
/// the old one verifies until the last of its tokens is over its time.
pub async fn rotate(conn: &Connection, vault: &Vault, compromised: bool, now: DateTime<Utc>) -> Result<()> {
    KeyRing::load(conn, vault, now).await?;
    signing_key::retire(conn, now - RETIRING, now).await?;
    signing_key::move_all(conn, "ACTIVE", if compromised { "RETIRED" } else { "RETIRING" }, now).await?;
    signing_key::move_all(conn, "NEXT", "ACTIVE", now).await?;
    signing_key::insert(conn, &generate(vault, "NEXT", now)?).await?;
    Ok(session::announce_keys(conn).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_key_is_its_thumbprint() {
        // The key and the thumbprint of RFC 8037, appendices A.2 and A.3.
        let key = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").expect("base64");
        assert_eq!(thumbprint(&key), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
