//! Profiles: staff create and change them; people change their own.
use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use domain::{
    access::Action,
    id::Id,
    profile::{self, Draft, Edit, Profile, Refusal},
};

use super::{
    ProfileObject,
    availability::AvailabilityWindowInput,
    guardian::{self, GuardianInput, LinkGuardianPayload, UnlinkGuardianPayload},
    private,
};
use crate::{
    error::{Failure, Result},
    graphql::{
        context::Cx,
        scalar::{Date, Wire},
        stored::Stored,
        write::{Tx, write},
    },
    payload,
};

/// What a new person is.
#[derive(InputObject)]
pub struct CreateProfileInput {
    /// An id made by you (`profile_` and a UUIDv7 in Crockford base32), so that a repeat cannot create two.
    id: Option<Wire<Profile>>,
    /// The person's name, at most 120 characters.
    name: String,
    /// The e-mail address to which an invitation can go; unique in the organization.
    email: Option<String>,
    /// What another system of yours calls the person; unique in the organization.
    external_id: Option<String>,
    /// The birth date, by which minors are known. Stored encrypted.
    birth_date: Option<Date>,
    /// Name and e-mail or phone of a guardian, at most 500 characters. Stored encrypted.
    guardian_contact: Option<String>,
    /// What the person says about themselves, at most 2,000 characters.
    about: Option<String>,
    /// What the person likes; at most 30.
    #[graphql(default)]
    interests: Vec<String>,
    /// What the person wants to reach with a mentor; at most 30.
    #[graphql(default)]
    goals: Vec<String>,
    /// What the person can help others with; at most 30.
    #[graphql(default)]
    expertise: Vec<String>,
    /// The languages the person speaks, as BCP 47 tags, the first language first; at most 10.
    #[graphql(default)]
    languages: Vec<String>,
    /// The IANA time zone in which the person lives; the organization's if left out.
    time_zone: Option<String>,
    /// When in a week the person is free; at most 40 windows.
    #[graphql(default)]
    availability: Vec<AvailabilityWindowInput>,
    /// How many mentees the person would take as a mentor: 0 to 50, by default 1.
    capacity: Option<i32>,
}

/// What to change about a person; what you leave out stays.
#[derive(InputObject)]
pub struct UpdateProfileInput {
    /// The profile.
    id: Wire<Profile>,
    /// The person's name, at most 120 characters.
    name: Option<String>,
    /// The e-mail address; an empty text removes it.
    email: Option<String>,
    /// What another system of yours calls the person; an empty text removes it.
    external_id: Option<String>,
    /// The birth date; null removes it.
    birth_date: MaybeUndefined<Date>,
    /// Name and e-mail or phone of a guardian; an empty text removes it.
    guardian_contact: Option<String>,
    /// What the person says about themselves; an empty text removes it.
    about: Option<String>,
    /// All interests of the person; at most 30.
    interests: Option<Vec<String>>,
    /// All goals of the person; at most 30.
    goals: Option<Vec<String>>,
    /// Everything that the person can help others with; at most 30.
    expertise: Option<Vec<String>>,
    /// The languages the person speaks, as BCP 47 tags, the first language first; at most 10.
    languages: Option<Vec<String>>,
    /// The IANA time zone in which the person lives.
    time_zone: Option<String>,
    /// When in a week the person is free; at most 40 windows.
    availability: Option<Vec<AvailabilityWindowInput>>,
    /// How many mentees the person would take as a mentor: 0 to 50.
    capacity: Option<i32>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

/// What to change about yourself; what you leave out stays.
#[derive(InputObject)]
pub struct UpdateMyProfileInput {
    /// What you say about yourself; an empty text removes it.
    about: Option<String>,
    /// All your interests; at most 30.
    interests: Option<Vec<String>>,
    /// All your goals; at most 30.
    goals: Option<Vec<String>>,
    /// Everything that you can help others with; at most 30.
    expertise: Option<Vec<String>>,
    /// The languages you speak, as BCP 47 tags, your first language first; at most 10.
    languages: Option<Vec<String>>,
    /// The IANA time zone in which you live.
    time_zone: Option<String>,
    /// When in a week you are free; at most 40 windows.
    availability: Option<Vec<AvailabilityWindowInput>>,
    /// How many mentees you would take as a mentor: 0 to 50.
    capacity: Option<i32>,
    /// The version you read; with it, a change in between is refused as STALE_VERSION instead of overwritten.
    expected_version: Option<i32>,
}

payload! {
    /// The answer of `createProfile`.
    CreateProfilePayload {
        /// The new person; null when it was refused.
        profile as "profile": ProfileObject
    }
}
payload! {
    /// The answer of `updateProfile`.
    UpdateProfilePayload {
        /// The person as they are now; null when it was refused.
        profile as "profile": ProfileObject
    }
}
payload! {
    /// The answer of `updateMyProfile`.
    UpdateMyProfilePayload {
        /// Your profile as it is now; null when it was refused.
        profile as "profile": ProfileObject
    }
}

#[derive(Default)]
pub struct ProfileMutation;

#[Object]
impl ProfileMutation {
    /// Creates a person, who needs no account yet: enroll them, and invite them when you like.
    async fn create_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who the person is.")] input: CreateProfileInput,
    ) -> Result<CreateProfilePayload> {
        CreateProfilePayload::of(create(context, input).await)
    }

    /// Changes what is known of a person.
    async fn update_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateProfileInput,
    ) -> Result<UpdateProfilePayload> {
        let edit = Staff(input);
        UpdateProfilePayload::of(edit.save(context).await)
    }

    /// Changes your own profile: what you like, want, know and speak, and when you are free.
    async fn update_my_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateMyProfileInput,
    ) -> Result<UpdateMyProfilePayload> {
        UpdateMyProfilePayload::of(update_own(context, input).await)
    }

    /// Says that one person is the guardian of another, and so may see what concerns the minor.
    async fn link_guardian(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who is responsible for whom.")] input: GuardianInput,
    ) -> Result<LinkGuardianPayload> {
        LinkGuardianPayload::of(guardian::link(context, input).await)
    }

    /// Says that a person is no longer the guardian of another.
    async fn unlink_guardian(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who was responsible for whom.")] input: GuardianInput,
    ) -> Result<UnlinkGuardianPayload> {
        UnlinkGuardianPayload::of(guardian::unlink(context, input).await)
    }
}

async fn create(context: &Context<'_>, input: CreateProfileInput) -> Result<ProfileObject> {
    let id = write(context, async move |tx| {
        tx.require_organization(Action::ManageProfile)?;
        let (organization, now) = (tx.organization()?, tx.now);
        let found = persistence::organization::find(tx.conn(), organization).await?;
        let tenant = found.ok_or(Failure::NotFound { path: None })?;
        let zone = input.time_zone.unwrap_or_else(|| tenant.time_zone.to_string());
        let windows = input.availability.into_iter().map(|window| window.draft(&zone)).collect();
        let draft = Draft {
            name: input.name,
            email: input.email,
            external_id: input.external_id,
            birth_date: input.birth_date.map(|date| date.0),
            guardian_contact: input.guardian_contact,
            about: input.about,
            interests: input.interests,
            goals: input.goals,
            expertise: input.expertise,
            languages: input.languages,
            availability: windows,
            capacity: input.capacity,
            time_zone: zone,
        };
        let id = tx.id(input.id.map(|id| id.0));
        let (mut profile, private) = Profile::create(id, &draft, tenant.today(now), now)?;
        private::seal(tx.request, &mut profile, &private)?;
        persistence::profile::insert(tx.conn(), organization, &profile).await?;
        tx.changed(profile.id, None);
        Ok(profile.id)
    })
    .await?;
    ProfileObject::get(context.request(), id).await
}

struct Staff(UpdateProfileInput);

impl Staff {
    async fn save(self, context: &Context<'_>) -> Result<ProfileObject> {
        let input = self.0;
        let id = write(context, async move |tx| {
            let profile = manage(tx, Action::ManageProfile, input.id.0, "id").await?;
            let zone = input.time_zone.clone().unwrap_or_else(|| profile.time_zone.to_string());
            let edit = Edit {
                name: input.name,
                email: input.email,
                external_id: input.external_id,
                birth_date: match input.birth_date {
                    MaybeUndefined::Undefined => None,
                    MaybeUndefined::Null => Some(None),
                    MaybeUndefined::Value(date) => Some(Some(date.0)),
                },
                guardian_contact: input.guardian_contact,
                about: input.about,
                interests: input.interests,
                goals: input.goals,
                expertise: input.expertise,
                languages: input.languages,
                time_zone: input.time_zone,
                availability: drafts(input.availability, &zone),
                capacity: input.capacity,
            };
            save(tx, profile, &edit, input.expected_version).await
        })
        .await?;
        ProfileObject::get(context.request(), id).await
    }
}

async fn update_own(context: &Context<'_>, input: UpdateMyProfileInput) -> Result<ProfileObject> {
    let id = write(context, async move |tx| {
        let own = tx.actor()?.profile.ok_or(Refusal::NoProfile)?;
        let profile = manage(tx, Action::EditOwnProfile, own, "").await?;
        let zone = input.time_zone.clone().unwrap_or_else(|| profile.time_zone.to_string());
        let edit = Edit {
            about: input.about,
            interests: input.interests,
            goals: input.goals,
            expertise: input.expertise,
            languages: input.languages,
            time_zone: input.time_zone,
            availability: drafts(input.availability, &zone),
            capacity: input.capacity,
            ..Edit::default()
        };
        save(tx, profile, &edit, input.expected_version).await
    })
    .await?;
    ProfileObject::get(context.request(), id).await
}

fn drafts(
    windows: Option<Vec<AvailabilityWindowInput>>,
    zone: &str,
) -> Option<Vec<profile::availability::WindowDraft>> {
    windows.map(|windows| windows.into_iter().map(|window| window.draft(zone)).collect())
}

async fn save(tx: &mut Tx<'_>, profile: Profile, edit: &Edit, expected: Option<i32>) -> Result<Id<Profile>> {
    let (organization, now) = (tx.organization()?, tx.now);
    let private = private::open(tx.request, &profile)?;
    let mut profile = profile.edit(edit, expected, now)?;
    if edit.birth_date.is_some() || edit.guardian_contact.is_some() {
        let found = persistence::organization::find(tx.conn(), organization).await?;
        let today = found.ok_or(Failure::NotFound { path: None })?.today(now);
        private::seal(tx.request, &mut profile, &private.edit(edit, today)?)?;
    }
    persistence::profile::update(tx.conn(), organization, &profile).await?;
    tx.changed(profile.id, None);
    Ok(profile.id)
}

/// Holds a profile that the caller may see, and refuses callers who may not do `action` with it.
pub async fn manage(tx: &mut Tx<'_>, action: Action, id: Id<Profile>, path: &str) -> Result<Profile> {
    let readable = tx.request.scope(Action::ReadProfile)?;
    let reach = tx.request.scope(action)?;
    let organization = tx.organization()?;
    let locked = persistence::profile::lock(tx.conn(), &readable, organization, id).await;
    let profile = locked.map_err(|error| Failure::from(error).at(path))?;
    let within = persistence::profile::ids_within(tx.conn(), &reach, organization, &[id]).await?;
    if within.is_empty() { Err(Failure::denied()) } else { Ok(profile) }
}
