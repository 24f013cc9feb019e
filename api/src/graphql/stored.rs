//! How does an object with an id reach whoever shows it?
use async_graphql::{Context, SelectionField};
use domain::id::{Entity, Id};

use super::{
    context::{Cx, Request},
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
        Self::prefetch_all(request, fields, [(name, ids)])
    }

    /// Like [`Stored::prefetch_by_ids`], for several fields that point to objects of this kind.
    fn prefetch_all<const N: usize>(
        request: &Request,
        fields: &[SelectionField<'_>],
        pointers: [(&str, Vec<Id<Self::Entity>>); N],
    ) -> impl Future<Output = Result<()>> + Send {
        async move {
            let (mut all, mut wanted) = (Vec::new(), Vec::new());
            for (name, ids) in pointers {
                if let Some(below) = below(fields, name) {
                    all.extend(ids);
                    wanted.extend(below);
                }
            }
            // Boxed, so that what loads many kinds at once stays small on the stack, however deep it goes.
            Box::pin(keep::<Self>(request, all, &wanted)).await
        }
    }

    /// The object, from what was loaded ahead or by itself; `None` when the caller may not see it.
    fn find(request: &Request, id: Id<Self::Entity>) -> impl Future<Output = Result<Option<Self>>> + Send {
        async move {
            match request.prefetched.get(id) {
                Some(Kept(ahead)) => Ok(ahead),
                None => Ok(Self::by_ids(request, vec![id]).await?.pop()),
            }
        }
    }

    /// The object that a field of the root names, with what is selected below it.
    fn one(context: &Context<'_>, id: Id<Self::Entity>) -> impl Future<Output = Result<Option<Self>>> + Send {
        async move {
            let below: Vec<_> = context.field().selection_set().collect();
            keep::<Self>(context.request(), vec![id], &below).await?;
            Self::find(context.request(), id).await
        }
    }

    /// The object that a mutation changed.
    fn get(request: &Request, id: Id<Self::Entity>) -> impl Future<Output = Result<Self>> + Send {
        async move { Self::find(request, id).await?.ok_or(Failure::NotFound { path: None }) }
    }
}

/// An object that was looked for, or that the caller may not see it: else each pointer to one would look again.
#[derive(Clone)]
struct Kept<T>(Option<T>);

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
    let found = T::by_ids(request, ids.clone()).await?;
    nested::prefetch(request, &found, below).await?;
    for id in ids {
        request.prefetched.put(id, Kept::<T>(None));
    }
    for object in found {
        request.prefetched.put(object.key(), Kept(Some(object)));
    }
    Ok(())
}
