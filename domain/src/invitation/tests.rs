//! Does an invitation let in the invited, once, in time, and nobody else?
use super::*;
use crate::{machine::assert_machine, text::TextEnum};
use uuid::Uuid;

fn email(text: &str) -> Email {
    Email::parse("email", text).expect("valid")
}

fn invitation() -> Invitation {
    let purpose = Purpose::Person(Id::new(Uuid::from_u128(2)));
    let (id, by) = (Id::new(Uuid::from_u128(1)), Id::new(Uuid::from_u128(3)));
    Invitation::send(id, email("Ana@example.org"), purpose, by, DateTime::UNIX_EPOCH)
}

fn day(days: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(days)
}

const STRANGER: Comer = Comer::Stranger { known: false };

#[test]
fn an_invitation_lives_as_the_table_says() {
    assert_machine(
        MACHINE,
        &["PENDING: resendInvitation PENDING, revokeInvitation REVOKED, acceptInvitation ACCEPTED, \
           declineInvitation DECLINED, expireInvitation EXPIRED"],
    );
    for &status in Status::ALL {
        assert_eq!(MACHINE.is_terminal(status), status != Status::Pending, "{status}");
    }
}

#[test]
fn a_stranger_comes_in_unless_the_address_has_an_account() {
    assert_eq!(invitation().admit(&STRANGER, day(1)), Ok(()));
    assert_eq!(invitation().admit(&Comer::Stranger { known: true }, day(1)), Err(Refusal::SignInFirst));
}

#[test]
fn an_account_comes_in_with_the_invited_address_only() {
    let account = Id::new(Uuid::from_u128(9));
    let with = |email| Comer::SignedIn { account, email };
    assert_eq!(invitation().admit(&with(Some(email("ana@EXAMPLE.org"))), day(1)), Ok(()));
    assert_eq!(invitation().admit(&with(Some(email("eva@example.org"))), day(1)), Err(Refusal::OtherAddress));
    assert_eq!(invitation().admit(&with(None), day(1)), Err(Refusal::OtherAddress));
}

#[test]
fn it_is_good_for_14_days_and_for_one_answer() {
    let account = Id::new(Uuid::from_u128(9));
    assert!(invitation().accept(account, day(14) - TimeDelta::seconds(1)).is_ok());
    assert_eq!(invitation().accept(account, day(14)), Err(Refusal::NotValid));
    let accepted = invitation().accept(account, day(1)).expect("in time");
    assert_eq!(accepted.accepted_by, Some(account));
    assert_eq!(accepted.clone().accept(account, day(2)), Err(Refusal::NotValid));
    assert_eq!(accepted.decline(day(2)), Err(Refusal::NotValid));
    let revoked = invitation().revoke(Some(1), day(1)).expect("pending");
    assert_eq!(revoked.admit(&STRANGER, day(1)), Err(Refusal::NotValid));
}

#[test]
fn sending_again_starts_the_time_again() {
    let again = invitation().resend(None, day(10)).expect("pending");
    assert!(again.clone().accept(Id::new(Uuid::from_u128(9)), day(20)).is_ok());
    assert_eq!(again.resend(Some(7), day(11)), Err(Refusal::Stale(StaleVersion { actual: 1 })));
}
