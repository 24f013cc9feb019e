//! Who works for the organization, and in which role?
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    access::{Action, Facts, Grant, Role, Scope},
    account::Account,
    id::Id,
    organization::staff::{RoleGrant, check_grant, check_revoke},
    program::Program,
};
use persistence::organization::staff::{self, Staff};

use crate::{
    error::{Failure, Result},
    graphql::{
        context::{Cx, Request},
        enumeration::E,
        page::{self, Connection, page_request},
        prefetch::Prefetch,
        scalar::{DateTime, Wire},
        stored::Stored,
        write::write,
    },
    payload,
};

/// That somebody has a staff role.
#[derive(Debug, Clone)]
pub struct RoleGrantObject(Staff);

/// That somebody has a staff role.
#[Object(name = "RoleGrant")]
impl RoleGrantObject {
    /// Names the grant.
    pub async fn id(&self) -> ID {
        ID(self.0.grant.id.to_string())
    }

    /// The account that has the role.
    async fn account_id(&self) -> ID {
        ID(self.0.grant.account.to_string())
    }

    /// The name of the person.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The e-mail address of the person.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// The role.
    async fn role(&self) -> E<Role> {
        E(self.0.grant.grant.role)
    }

    /// The only program in which a coordinator has the role; null for the whole organization.
    async fn program_id(&self) -> Option<ID> {
        self.0.grant.grant.program.map(|program| ID(program.to_string()))
    }

    /// Since when.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
}

impl Prefetch for RoleGrantObject {}

impl Stored for RoleGrantObject {
    type Entity = RoleGrant;

    fn key(&self) -> Id<RoleGrant> {
        self.0.grant.id
    }

    async fn by_ids(request: &Request, ids: Vec<Id<RoleGrant>>) -> Result<Vec<Self>> {
        let (scope, organization) = (request.scope(Action::ReadStaff)?, request.organization()?);
        let found = request
            .load(async move |conn| {
                persistence::organization::staff::by_ids(conn, &scope, organization, &ids).await
            })
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

#[derive(Default)]
pub struct StaffQuery;

#[Object]
impl StaffQuery {
    /// Who has which staff role in the organization, oldest first. For owners and admins.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn role_grants(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<RoleGrantObject>> {
        let request = context.request();
        let (scope, organization) = (request.require_scope(Action::ReadStaff)?, request.organization()?);
        let list = format!("role grants of {organization}");
        let page = page_request(&list, first, after.as_deref())?;
        let wanted = page.clone();
        let grants = request
            .load(async move |conn| staff::by_organization(conn, &scope, organization, &wanted).await)
            .await?;
        Connection::new(&list, grants, &page, |staff| staff.grant.id, RoleGrantObject)
            .prefetched(context)
            .await
    }
}

/// Whom to give which role.
#[derive(InputObject)]
pub struct GrantRoleInput {
    /// The account; it must be a member of the organization already. Invite others with `inviteStaff`.
    account_id: Wire<Account>,
    /// OWNER, ADMIN, COORDINATOR, SAFEGUARDING_LEAD or ANALYST.
    role: E<Role>,
    /// For a coordinator of one program only.
    program_id: Option<Wire<Program>>,
}

/// Which role to take away.
#[derive(InputObject)]
pub struct RevokeRoleInput {
    /// The grant to end.
    grant_id: Wire<RoleGrant>,
}

payload! {
    /// The answer of `grantRole`.
    GrantRolePayload {
        /// The grant; null when it was refused.
        grant as "grant": RoleGrantObject
    }
}

payload! {
    /// The answer of `revokeRole`.
    RevokeRolePayload {
        /// The id of the grant that ended; null when it was refused.
        revoked_id as "revokedId": ID
    }
}

#[derive(Default)]
pub struct StaffMutation;

#[Object]
impl StaffMutation {
    /// Gives a member a staff role. Owners make owners and admins; admins make the rest.
    async fn grant_role(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whom to give which role.")] input: GrantRoleInput,
    ) -> Result<GrantRolePayload> {
        GrantRolePayload::of(grant(context, input).await)
    }

    /// Takes a staff role away, at once on all of the person's devices. The last owner stays.
    async fn revoke_role(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which grant to end.")] input: RevokeRoleInput,
    ) -> Result<RevokeRolePayload> {
        RevokeRolePayload::of(revoke(context, input).await)
    }
}

async fn grant(context: &Context<'_>, input: GrantRoleInput) -> Result<RoleGrantObject> {
    let wanted = Grant { role: input.role.0, program: input.program_id.map(|id| id.0) };
    let account = input.account_id.0;
    let id = write(context, async move |tx| {
        tx.require(check_grant(&wanted)?, Action::ReadOrganization, &Facts::default())?;
        let (organization, by, now) = (tx.organization()?, tx.actor()?.account, tx.now);
        if !staff::is_member(tx.conn(), organization, account).await? {
            return Err(Failure::not_found("accountId"));
        }
        if let Some(program) = wanted.program {
            let found =
                persistence::program::find(tx.conn(), &Scope::organization(), organization, program).await?;
            found.ok_or_else(|| Failure::not_found("programId"))?;
        }
        let value = RoleGrant { id: tx.id(None), account, grant: wanted };
        let id = staff::grant(tx.conn(), organization, &value, Some(by), now).await?;
        tx.rights_changed(account).await?;
        tx.changed(id, None);
        Ok(id)
    })
    .await?;
    RoleGrantObject::find(context.request(), id).await?.ok_or(Failure::NotFound { path: None })
}

async fn revoke(context: &Context<'_>, input: RevokeRoleInput) -> Result<ID> {
    let id = input.grant_id.0;
    let id = write(context, async move |tx| {
        let organization = tx.organization()?;
        let owners = staff::lock_owners(tx.conn(), organization).await?;
        let scope = tx.request.scope(Action::ReadStaff)?;
        let found = staff::find(tx.conn(), &scope, organization, id).await?;
        let found = found.ok_or_else(|| Failure::not_found("grantId"))?.grant;
        let needed = domain::organization::staff::needed_for(found.grant.role)?;
        tx.require(needed, Action::ReadOrganization, &Facts::default())?;
        check_revoke(&found.grant, owners)?;
        staff::revoke(tx.conn(), organization, id).await?;
        tx.rights_changed(found.account).await?;
        tx.changed(id, None);
        Ok(id)
    })
    .await?;
    Ok(ID(id.to_string()))
}
