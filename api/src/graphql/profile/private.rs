//! How is what is stored encrypted sealed and opened?
use chrono::NaiveDate;
use domain::profile::{Private, Profile, Sealed};

use crate::{
    error::{Failure, Result},
    graphql::context::Request,
    identity::vault::{Place, Vault},
};

const BIRTH_DATE: &str = "birth_date_sealed";
const GUARDIAN_CONTACT: &str = "guardian_contact_sealed";

/// What is sealed of the profile. It does not look who asks: that is for the caller.
pub fn open(request: &Request, profile: &Profile) -> Result<Private> {
    open_with(&request.app.vault, profile)
}

/// Seals `private` into the profile.
pub fn seal(request: &Request, profile: &mut Profile, private: &Private) -> Result<()> {
    seal_with(&request.app.vault, profile, private)
}

/// Like [`open`], outside of a request.
pub fn open_with(vault: &Vault, profile: &Profile) -> Result<Private> {
    let text = |column, sealed: &Option<Vec<u8>>| {
        let Some(sealed) = sealed else { return Ok(None) };
        let plain = vault.open_sealed(&place(profile, column), sealed)?;
        String::from_utf8(plain).map(Some).map_err(Failure::internal)
    };
    let birth_date = text(BIRTH_DATE, &profile.sealed.birth_date)?;
    Ok(Private {
        birth_date: birth_date
            .map(|date| date.parse::<NaiveDate>())
            .transpose()
            .map_err(Failure::internal)?,
        guardian_contact: text(GUARDIAN_CONTACT, &profile.sealed.guardian_contact)?,
    })
}

/// Like [`seal`], outside of a request.
pub fn seal_with(vault: &Vault, profile: &mut Profile, private: &Private) -> Result<()> {
    let seal = |column, plain: Option<String>| {
        plain.map(|plain| vault.seal(&place(profile, column), plain.as_bytes())).transpose()
    };
    profile.sealed = Sealed {
        birth_date: seal(BIRTH_DATE, private.birth_date.map(|date| date.to_string()))?,
        guardian_contact: seal(GUARDIAN_CONTACT, private.guardian_contact.clone())?,
    };
    Ok(())
}

fn place(profile: &Profile, column: &'static str) -> Place {
    Place { table: "profile", column, row: profile.id.uuid() }
}
