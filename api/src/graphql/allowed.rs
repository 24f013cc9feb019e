//! What can the viewer do with a thing now, and why not the rest? Computed by the very functions that mutations use.
use async_graphql::SimpleObject;
use domain::{
    access::{Action, Facts},
    refusal::{Code, Refusal, WrongState},
    text::TextEnum,
};

use super::{context::Request, payload::UserError};
use crate::error::Result as Answer;

/// Something that can be done with an object, and whether you can do it now.
#[derive(Debug, Clone, SimpleObject)]
pub struct AllowedAction {
    /// The mutation, by its name.
    action: String,
    /// Would it be accepted now?
    allowed: bool,
    /// Why it would be refused; null when it would be accepted.
    reason: Option<UserError>,
}

/// From what the policy and the state machine say. Without permission the state is not told.
pub fn action<T>(name: &str, permitted: bool, next: Result<T, WrongState>) -> AllowedAction {
    check(name, permitted, next.map_err(Refusal::from))
}

/// Like [`action`], for rules beyond the state.
pub fn check<T>(name: &str, permitted: bool, outcome: Result<T, impl Into<Refusal>>) -> AllowedAction {
    let denied = || Refusal {
        code: Code::NotAllowed,
        message: "your role may not do this".to_owned(),
        path: None,
        params: Vec::new(),
    };
    let refusal = if permitted { outcome.err().map(Into::into) } else { Some(denied()) };
    AllowedAction {
        action: name.to_owned(),
        allowed: refusal.is_none(),
        reason: refusal.map(UserError::from),
    }
}

/// For each event that can happen to a thing: the policy first, as in the mutations, and then `rule`.
pub fn events<E: TextEnum, R: Into<Refusal>>(
    request: &Request,
    action: Action,
    facts: &Facts,
    rule: impl Fn(E) -> Result<(), R>,
) -> Answer<Vec<AllowedAction>> {
    let permitted = request.app.policy.may(request.actor()?, action, facts);
    Ok(E::ALL.iter().map(|&event| check(event.as_str(), permitted, rule(event))).collect())
}
