//! How does an object with an id reach whoever shows it?
use async_graphql::SelectionField;
use domain::id::{Entity, Id};

use super::{
    context::Request,
    nested,
    prefetch::{Prefetch, below},
};
use crate::error::{Failure, Result};

/// An object with an id. A feature says how several are loaded as far as the caller may see them; the rest follows.
pub trait Stored: Prefetch + Clone + Send + Sync + 'static {
    type Entity: Entity;

    fn key(&self) -> Id<Self::Entity>;

    /// Those of these that the caller may see, in no particular order, in a fixed number of statements.
    fn by_ids(
        request: &Request,
        ids: Vec<Id<Self::Entity>>,
    ) -> impl Future<Output = Result<Vec<Self>>> + Send;

    /// What `name` among `fields` points to from many objects, kept for [`Stored::find`] with what is wanted below.
    fn prefetch_by_ids(
        request: &Request,
        fields: &[SelectionField<'_>],
        name: &str,
        ids: Vec<Id<Self::Entity>>,
    ) -> impl Future<Output = Result<()>> + Send {
        async move {
            let Some(wanted) = below(fields, name) else { return Ok(()) };
            keep::<Self>(request, ids, &wanted).await
        }
    }

    /// The object, from what was loaded ahead or by itself; `None` when the caller may not see it.
    fn find(request: &Request, id: Id<Self::Entity>) -> impl Future<Output = Result<Option<Self>>> + Send {
        async move {
            match request.prefetched.get(id) {
                Some(ahead) => Ok(Some(ahead)),
                None => Ok(Self::by_ids(request, vec![id]).await?.pop()),
            }
        }
    }

    /// The object that a mutation changed.
    fn get(request: &Request, id: Id<Self::Entity>) -> impl Future<Output = Result<Self>> + Send {
        async move { Self::find(request, id).await?.ok_or(Failure::NotFound { path: None }) }
    }
}

/// Loads these ahead, for [`Stored::find`], with what `below` wants of them.
pub async fn keep<T: Stored>(
    request: &Request,
    mut ids: Vec<Id<T::Entity>>,
    below: &[SelectionField<'_>],
) -> Result<()> {
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(());
    }
    let found = T::by_ids(request, ids).await?;
    nested::prefetch(request, &found, below).await?;
    for object in found {
        request.prefetched.put(object.key(), object);
    }
    Ok(())
}
