//! Files: what is known of an upload, and may a mutation use it?
use std::fmt::Write;

use async_graphql::{Context, ID, Object};
use domain::{access::Action, file::File, id::Id};
use persistence::file::Reader;

use super::{
    context::{Cx, Request},
    prefetch::Prefetch,
    scalar::{DateTime, Wire},
    stored::Stored,
    write::Tx,
};
use crate::error::{Failure, Result};

/// An uploaded file. Send one with `POST /files`, and give its id to a mutation such as `shareResource`.
#[derive(Debug, Clone)]
pub struct FileObject(pub File);

/// An uploaded file. Send one with `POST /files`, and give its id to a mutation such as `shareResource`.
#[Object(name = "File")]
impl FileObject {
    /// Names the file.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The name that it had when it was uploaded.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its media type, as found in its content.
    async fn content_type(&self) -> String {
        self.0.kind.to_string()
    }

    /// Its length in bytes, at most 10 MiB.
    async fn size(&self) -> i32 {
        self.0.size
    }

    /// The SHA-256 of its content, in hexadecimal.
    async fn sha256(&self) -> String {
        hexadecimal(&self.0.sha256)
    }

    /// The path on this server that gives its content; send your token with it, as with GraphQL.
    async fn path(&self, context: &Context<'_>) -> String {
        format!("{}/files/{}", context.request().app.config.base_path.prefix(), self.0.id)
    }

    /// When it was uploaded.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
}

impl Prefetch for FileObject {}

impl Stored for FileObject {
    type Entity = File;

    fn key(&self) -> Id<File> {
        self.0.id
    }

    /// Those that the caller uploaded, or that something shares which the caller reads.
    async fn by_ids(request: &Request, ids: Vec<Id<File>>) -> Result<Vec<Self>> {
        let reader =
            Reader { account: request.actor()?.account, scope: request.scope(Action::ReadResource)? };
        let organization = request.organization()?;
        let found = request
            .load(async move |conn| persistence::file::by_ids(conn, &reader, organization, &ids).await)
            .await?;
        Ok(found.into_iter().map(Self).collect())
    }
}

/// The file that a mutation names; only who uploaded it may use it.
pub async fn usable(tx: &mut Tx<'_>, id: Id<File>, path: &str) -> Result<File> {
    let (organization, account) = (tx.organization()?, tx.actor()?.account);
    let file = persistence::file::get_own(tx.conn(), organization, account, id).await;
    file.map_err(|error| Failure::from(error).at(path))
}

pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

#[derive(Default)]
pub struct FileQuery;

#[Object]
impl FileQuery {
    /// A file; null when it does not exist, or when you neither uploaded it nor may read what shares it.
    async fn file(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The id of the file.")] id: Wire<File>,
    ) -> Result<Option<FileObject>> {
        FileObject::one(context, id.0).await
    }
}
