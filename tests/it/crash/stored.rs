//! Is what is stored exactly what was acknowledged?
use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::id::{Entity, Id};
use persistence::{connect::connect, sql::Sql};
use uuid::Uuid;

use super::ledger::{Kind, Ledger};

/// Each thing is there once and nothing else, with a mail for each invitation and no other mail.
pub async fn compare(ledger: &Ledger, url: &str) {
    let mut connection = connect(url).await.unwrap();
    for (kind, query) in [
        (Kind::CreateProfile, "select id from profile"),
        (Kind::Invite, "select id from invitation"),
        (Kind::Enroll, "select id from enrollment"),
        (Kind::CreateProgram, "select id from program where name <> 'First'"),
    ] {
        once(&mut connection, ledger, kind, query).await;
    }
    let mails =
        "select (payload -> 'mail' -> 'INVITATION' ->> 'invitation')::uuid from job where kind = 'SEND_MAIL'";
    once(&mut connection, ledger, Kind::Invite, mails).await;

    // Each change of a profile raised its version by one.
    let raised = Sql::<BigInt>::new("select sum(version - 1)::bigint from profile");
    let raised: i64 = raised.get_result(&mut connection).await.unwrap();
    assert_eq!(usize::try_from(raised).unwrap(), ledger.ids(Kind::UpdateProfile).len());

    // The history and the keys tell the same story; one program was made before it begins.
    let history = "select action, count(distinct request_id) from audit_event
         where object_id <> (select id from program where name = 'First') group by action";
    let keys = "select mutation, count(*) from idempotency_key where outcome is not null group by mutation";
    for query in [history, keys] {
        let rows = Sql::<(Text, BigInt)>::new(query);
        let rows: Vec<(String, i64)> = rows.load(&mut connection).await.unwrap();
        let counts: BTreeMap<String, i64> = rows.into_iter().collect();
        for kind in Kind::ALL {
            let count = i64::try_from(ledger.ids(kind).len()).unwrap();
            assert_eq!(counts.get(kind.field()), Some(&count), "{kind:?} in {query}");
        }
    }
}

async fn once(connection: &mut AsyncPgConnection, ledger: &Ledger, kind: Kind, query: &'static str) {
    let rows: Vec<Uuid> = Sql::<SqlUuid>::new(query).load(connection).await.unwrap();
    let stored: BTreeSet<String> = rows.iter().map(|id| wire(kind, *id)).collect();
    assert_eq!(stored.len(), rows.len(), "twice in {query}");
    let acknowledged: BTreeSet<String> = ledger.ids(kind).into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    let unasked: Vec<_> = stored.difference(&acknowledged).collect();
    assert!(lost.is_empty() && unasked.is_empty(), "{query}: lost {lost:?}, unasked {unasked:?}");
    assert_eq!(acknowledged.len(), ledger.ids(kind).len(), "two {kind:?} got one id");
}

/// The id as clients know it.
fn wire(kind: Kind, id: Uuid) -> String {
    fn text<T: Entity>(id: Uuid) -> String {
        Id::<T>::new(id).to_string()
    }
    match kind {
        Kind::CreateProfile | Kind::UpdateProfile => text::<domain::profile::Profile>(id),
        Kind::Invite => text::<domain::invitation::Invitation>(id),
        Kind::Enroll => text::<domain::enrollment::Enrollment>(id),
        Kind::CreateProgram => text::<domain::program::Program>(id),
    }
}

/// As if everybody had followed the link in their mail, which nobody reads here.
pub async fn confirm(url: &str) {
    let mut connection = connect(url).await.unwrap();
    let confirm = Sql::<()>::new("update account set email_verified_at = now()");
    confirm.execute(&mut connection).await.unwrap();
}
