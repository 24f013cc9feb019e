//! Matches: find one, or list those that the caller may see.
use async_graphql::{Context, Object};
use domain::{
    access::Action,
    cohort::Cohort,
    matches::{Match, Status},
    program::Program,
};
use persistence::matches::Filter;

use super::MatchObject;
use crate::{
    error::Result,
    graphql::{
        context::Cx,
        enumeration::E,
        page::{self, Connection, page_request},
        scalar::Wire,
        stored::Stored,
    },
};

#[derive(Default)]
pub struct MatchQuery;

#[Object]
impl MatchQuery {
    /// A match; null when it does not exist or you may not see it. Mentors and mentees see it once it is offered.
    async fn r#match(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the match.")] id: Wire<Match>,
    ) -> Result<Option<MatchObject>> {
        MatchObject::one(context, id.0).await
    }

    /// The matches that you may see, newest first. Mentors and mentees see their own, once they are offered.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn matches(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
        #[graphql(desc = "Only matches in this state.")] status: Option<E<Status>>,
        #[graphql(desc = "Only matches of this program.")] program_id: Option<Wire<Program>>,
        #[graphql(desc = "Only matches of this cohort.")] cohort_id: Option<Wire<Cohort>>,
    ) -> Result<Connection<MatchObject>> {
        let request = context.request();
        let scope = request.scope(Action::ReadMatch)?;
        let organization = request.organization()?;
        let filter = Filter {
            status: status.map(|status| status.0),
            program: program_id.map(|id| id.0),
            cohort: cohort_id.map(|id| id.0),
        };
        let list = format!("matches of {organization} {filter:?}");
        let page = page_request(&list, first, after.as_deref())?;
        let wanted = page.clone();
        let found = request
            .load(async move |conn| {
                persistence::matches::by_organization(conn, &scope, organization, &filter, &wanted).await
            })
            .await?;
        Connection::new(&list, found, &page, |item| item.id, MatchObject).prefetched(context).await
    }
}
