//! What is loaded ahead below many matches, each kind in one statement.
use async_graphql::SelectionField;
use domain::{id::Id, matches::Match, page::Page};

use super::MatchObject;
use crate::{
    error::Result,
    graphql::{
        check_in::CheckInObject,
        context::Request,
        conversation::ConversationObject,
        nested,
        objective::ObjectiveObject,
        prefetch::{below, node_fields},
        program::ProgramObject,
        resource::ResourceObject,
    },
};

pub async fn prefetch(request: &Request, items: &[MatchObject], fields: &[SelectionField<'_>]) -> Result<()> {
    let ids: Vec<Id<Match>> = items.iter().map(|item| item.0.id).collect();
    if let Some(wanted) = below(fields, "program") {
        let programs: Vec<_> = items.iter().map(|item| item.0.program).collect();
        ProgramObject::prefetch_by_ids(request, &programs, &wanted).await?;
    }
    check_ins_at_hand(request, items, fields).await?;
    if let Some(wanted) = below(fields, "conversation") {
        ConversationObject::prefetch(request, &ids, &wanted).await?;
    }
    for field in fields {
        match field.name() {
            "objectives" => {
                let Some(page) = nested::first_page(field) else { continue };
                let mut pages =
                    ObjectiveObject::of_matches(request, &ids, &page, &node_fields(field)).await?;
                for &id in &ids {
                    let found = pages.remove(&id).unwrap_or_else(Page::empty);
                    request.prefetched.put(nested::key(id, field), found);
                }
            }
            "checkIns" => {
                let Some(page) = nested::first_page(field) else { continue };
                let mut pages = CheckInObject::of_matches(request, &ids, &page, &node_fields(field)).await?;
                for &id in &ids {
                    let found = pages.remove(&id).unwrap_or_else(Page::empty);
                    request.prefetched.put(nested::key(id, field), found);
                }
            }
            "resources" => {
                let Some(page) = nested::first_page(field) else { continue };
                let mut pages = ResourceObject::of_matches(request, &ids, &page, &node_fields(field)).await?;
                for &id in &ids {
                    let found = pages.remove(&id).unwrap_or_else(Page::empty);
                    request.prefetched.put(nested::key(id, field), found);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The last and the next check-in of all, together.
async fn check_ins_at_hand(
    request: &Request,
    items: &[MatchObject],
    fields: &[SelectionField<'_>],
) -> Result<()> {
    let (last, next) = (below(fields, "lastCheckIn"), below(fields, "nextCheckIn"));
    let mut ids = Vec::new();
    for item in items {
        ids.extend(item.0.counters.last_check_in.filter(|_| last.is_some()));
        ids.extend(item.0.counters.next_check_in.filter(|_| next.is_some()));
    }
    if ids.is_empty() {
        return Ok(());
    }
    let wanted = [last.unwrap_or_default(), next.unwrap_or_default()].concat();
    CheckInObject::prefetch_by_ids(request, &ids, &wanted).await
}
