//! What is in the link of an invitation?
//!
//! The organization, so that the server knows where to look, and a secret that follows from the invitation and the
//! key of this installation. So the mail can be written later from the invitation alone, and the database keeps
//! only a hash. Sending again changes the end of the invitation, and with it the secret.
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{id::Id, invitation::Invitation, organization::Organization};

use crate::{App, error::Result};

const PURPOSE: &str = "invitation";

/// The token as it stands in the link.
pub fn text(app: &App, organization: Id<Organization>, invitation: &Invitation) -> Result<String> {
    Ok(format!("{organization}.{}", URL_SAFE_NO_PAD.encode(secret(app, invitation)?)))
}

/// What is stored of it.
pub fn hash(app: &App, invitation: &Invitation) -> Result<Vec<u8>> {
    Ok(digest_of(&secret(app, invitation)?))
}

/// The organization and the hash of a token that somebody sent; `None` when it is none.
pub fn read(text: &str) -> Option<(Id<Organization>, Vec<u8>)> {
    let (organization, secret) = text.trim().split_once('.')?;
    let secret = URL_SAFE_NO_PAD.decode(secret).ok().filter(|secret| secret.len() == 32)?;
    Some((organization.parse().ok()?, digest_of(&secret)))
}

/// How limits call a token, from its hash.
pub fn name(hash: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(hash)
}

fn secret(app: &App, invitation: &Invitation) -> Result<[u8; 32]> {
    let ends = invitation.expires_at.timestamp_micros().to_be_bytes();
    app.vault.code(PURPOSE, &[invitation.id.uuid().as_bytes().as_slice(), &ends].concat())
}

fn digest_of(secret: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, secret).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_tokens_are_read() {
        let organization = Id::<Organization>::new(uuid::Uuid::from_u128(7));
        let good = format!("{organization}.{}", URL_SAFE_NO_PAD.encode([3; 32]));
        assert_eq!(read(&good), Some((organization, digest_of(&[3; 32]))));
        assert_eq!(read(&format!(" {good}\n")), read(&good), "as people paste it");
        let short = format!("{organization}.{}", URL_SAFE_NO_PAD.encode([3; 31]));
        for bad in ["", ".", "org_1.AAAA", &good[1..], &good[..good.len() - 1], &short] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
