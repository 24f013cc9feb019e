//! Who asks? One persona for every role, and how each stands to the pair of a place.
use std::sync::Arc;

use api::{
    App,
    graphql::{
        CairnSchema,
        context::{Envelope, Request},
    },
    identity::SignedIn,
};
use async_graphql::Response;
use domain::{
    access::{Role, Role as R},
    id::Id,
    organization::Organization,
};
use serde_json::Value;

/// The three places in which every field is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// The program and the pair that most personas belong to.
    Ours,
    /// Another program and pair of the same organization.
    Theirs,
    /// A program and pair of another organization.
    Foreign,
}

impl Where {
    pub const ALL: [Self; 3] = [Self::Ours, Self::Theirs, Self::Foreign];

    /// Both of our places are in one organization.
    pub fn is_with(self, other: Self) -> bool {
        (self == Self::Foreign) == (other == Self::Foreign)
    }
}

/// What somebody is to the pair of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Mentor,
    Mentee,
    /// Of the mentee.
    Guardian,
}

#[derive(Debug)]
pub struct Persona {
    /// The head of the column.
    pub mark: &'static str,
    pub description: &'static str,
    /// One of the places of the persona's organization; `None` when nobody is signed in.
    pub home: Option<Where>,
    /// A staff role, bound to the program of a place when one is named.
    pub staff: Option<(Role, Option<Where>)>,
    pub part: Option<(Part, Where)>,
    pub has_profile: bool,
}

const NOBODY: Persona =
    Persona { mark: "", description: "", home: None, staff: None, part: None, has_profile: false };

const fn staff(
    mark: &'static str,
    description: &'static str,
    home: Where,
    role: Role,
    of: Option<Where>,
) -> Persona {
    Persona { mark, description, home: Some(home), staff: Some((role, of)), ..NOBODY }
}

const fn person(mark: &'static str, description: &'static str, part: Option<(Part, Where)>) -> Persona {
    Persona { mark, description, home: Some(Where::Ours), part, has_profile: true, ..NOBODY }
}

use Where::{Foreign, Ours, Theirs};

pub const PERSONAS: &[Persona] = &[
    Persona { mark: "anon", description: "nobody is signed in", ..NOBODY },
    staff("outs", "OWNER of another organization", Foreign, R::Owner, None),
    staff("own", "OWNER", Ours, R::Owner, None),
    staff("adm", "ADMIN", Ours, R::Admin, None),
    staff("coo", "COORDINATOR of the whole organization", Ours, R::Coordinator, None),
    staff("cooP", "COORDINATOR of this program only", Ours, R::Coordinator, Some(Ours)),
    staff("cooQ", "COORDINATOR of another program only", Ours, R::Coordinator, Some(Theirs)),
    staff("safe", "SAFEGUARDING_LEAD", Ours, R::SafeguardingLead, None),
    staff("ana", "ANALYST", Ours, R::Analyst, None),
    person("mem", "MEMBER: a person who takes part in nothing", None),
    person("mtr", "MENTOR of the pair", Some((Part::Mentor, Ours))),
    person("mte", "MENTEE of the pair, a minor", Some((Part::Mentee, Ours))),
    person("gua", "GUARDIAN of the mentee", Some((Part::Guardian, Ours))),
    person("mtr2", "MENTOR of another pair, in another program", Some((Part::Mentor, Theirs))),
    Persona {
        mark: "gone",
        description: "a former member of the staff: no role any more, no profile",
        home: Some(Ours),
        ..NOBODY
    },
];

/// Somebody who asks the schema as the server would for them, without the cost of signing in.
#[derive(Clone)]
pub struct Asker {
    pub app: Arc<App>,
    pub schema: CairnSchema,
    pub signed_in: Option<SignedIn>,
    /// The organization that row-level security lets through, where it is not the one that the asker acts in.
    pub confined_to: Option<Id<Organization>>,
}

impl Asker {
    pub fn request(&self) -> Arc<Request> {
        let envelope = Envelope { request_id: "test".to_owned(), ..Envelope::default() };
        let request = Request::new(Arc::clone(&self.app), self.signed_in.clone(), envelope);
        let request = request.unwrap_or_else(|failure| panic!("{failure:?}"));
        Arc::new(match self.confined_to {
            Some(organization) => request.confined_to(organization),
            None => request,
        })
    }

    /// Everything that the server answers.
    pub async fn ask(&self, document: &str) -> Answer {
        let request = self.request();
        let response = self.schema.execute(async_graphql::Request::new(document).data(Arc::clone(&request)));
        let response = response.await;
        request.finish().await;
        Answer::of(response, document)
    }
}

/// The data, and the code of the first error of the request as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub data: Value,
    pub error: Option<String>,
}

impl Answer {
    pub fn of(response: Response, document: &str) -> Self {
        let error = response.errors.first().map(|error| {
            let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code").cloned());
            match code.map(async_graphql::Value::into_json) {
                Some(Ok(Value::String(code))) => code,
                _ => panic!("{document}\nanswered {}", error.message),
            }
        });
        Self { data: response.data.into_json().unwrap_or(Value::Null), error }
    }
}
