//! The directive `@idempotent(key:)`, which makes a mutation safe to repeat.
use async_graphql::{Context, CustomDirective, Directive, ServerResult, Value, extensions::ResolveFut};

tokio::task_local! {
    static KEY: String;
}

/// Hands its key to the transaction of the field that it stands on.
struct Idempotent {
    key: String,
}

#[async_graphql::async_trait::async_trait]
impl CustomDirective for Idempotent {
    async fn resolve_field(
        &self,
        _context: &Context<'_>,
        resolve: ResolveFut<'_>,
    ) -> ServerResult<Option<Value>> {
        KEY.scope(self.key.clone(), resolve).await
    }
}

/// A repeat of this mutation with the same key and arguments, within 72 hours, does nothing and answers the same.
#[Directive(location = "Field")]
pub fn idempotent(
    #[graphql(
        desc = "Made by the client, different for each thing to be done: a UUID does well. From 1 to 255 characters."
    )]
    key: String,
) -> impl CustomDirective {
    Idempotent { key }
}

/// The key given on the field being resolved.
pub fn key() -> Option<String> {
    KEY.try_with(Clone::clone).ok()
}
