//! Notifications: what you were told, and what of it you have not read yet.
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    id,
    notification::{Kind, Notification},
};

use super::{
    context::Cx,
    enumeration::E,
    page::{self, Connection, page_request},
    prefetch::Prefetch,
    scalar::{DateTime, Wire},
    write::write,
};
use crate::{error::Result, payload};

/// Something that you were told, here and by mail.
#[derive(Debug, Clone)]
pub struct NotificationObject(Notification);

/// Something that you were told, here and by mail. Word it yourself, in the language of your app, from its kind and
/// subject.
#[Object(name = "Notification")]
impl NotificationObject {
    /// Names the notification.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What happened.
    async fn kind(&self) -> E<Kind> {
        E(self.0.kind)
    }

    /// The object that it is about, such as the match or the check-in; fetch it with `node`.
    async fn subject_id(&self) -> ID {
        ID(id::encode(&self.0.subject_kind, self.0.subject))
    }

    /// When you were told.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When you marked it as read; null until then.
    async fn read_at(&self) -> Option<DateTime> {
        self.0.read_at.map(DateTime)
    }
}

impl Prefetch for NotificationObject {}

#[derive(Default)]
pub struct NotificationQuery;

#[Object]
impl NotificationQuery {
    /// What you were told in this organization, newest first.
    #[graphql(complexity = "page::cost(first, child_complexity)")]
    async fn notifications(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<NotificationObject>> {
        let request = context.request();
        let (organization, account) = (request.organization()?, request.actor()?.account);
        let list = format!("notifications of {account} in {organization}");
        let page = page_request(&list, first, after.as_deref())?;
        let wanted = page.clone();
        let told = request
            .load(async move |conn| {
                persistence::notification::by_account(conn, organization, account, &wanted).await
            })
            .await?;
        Connection::new(&list, told, &page, |told| told.id, NotificationObject).prefetched(context).await
    }

    /// How many of your notifications in this organization you have not read: the number on the badge.
    async fn unread_notification_count(&self, context: &Context<'_>) -> Result<i32> {
        unread(context).await
    }
}

async fn unread(context: &Context<'_>) -> Result<i32> {
    let request = context.request();
    let (organization, account) = (request.organization()?, request.actor()?.account);
    let count = request
        .load(async move |conn| persistence::notification::count_unread(conn, organization, account).await)
        .await?;
    Ok(i32::try_from(count).unwrap_or(i32::MAX))
}

/// Up to where you have read.
#[derive(InputObject)]
pub struct MarkNotificationsReadInput {
    /// The newest notification that you have seen. It and all older ones count as read.
    until: Wire<Notification>,
}

payload! {
    /// The answer of `markNotificationsRead`.
    MarkNotificationsReadPayload {
        /// How many are still unread; null when it was refused.
        unread_count as "unreadCount": i32
    }
}

#[derive(Default)]
pub struct NotificationMutation;

#[Object]
impl NotificationMutation {
    /// Marks your notifications as read, up to one of them. Those that came later stay unread, so nothing is missed
    /// that arrived while you looked.
    async fn mark_notifications_read(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Up to where.")] input: MarkNotificationsReadInput,
    ) -> Result<MarkNotificationsReadPayload> {
        let marked = write(context, async move |tx| {
            let (organization, account, now) = (tx.organization()?, tx.actor()?.account, tx.now);
            persistence::notification::mark_read(tx.conn(), organization, account, input.until.0, now)
                .await?;
            Ok(())
        })
        .await;
        MarkNotificationsReadPayload::of(match marked {
            Ok(()) => unread(context).await,
            Err(failure) => Err(failure),
        })
    }
}
