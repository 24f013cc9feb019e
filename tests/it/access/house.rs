//! Three places in two organizations, and everybody who looks at them.
use std::sync::Arc;

use api::{Setup, identity::SignedIn, policy::Policy};
use serde_json::json;

use super::{
    persona::{Asker, PERSONAS, Part, Persona, Where},
    place::{Place, upload},
    served::{Served, schema},
};
use crate::harness::{Person, Stage, TestApp};

pub struct House {
    pub served: Served,
    places: [Place; 3],
    /// Each persona, as whom they ask, and a file that they uploaded.
    pub people: Vec<(&'static Persona, Asker, String)>,
}

impl House {
    pub async fn set() -> Self {
        let here =
            Arc::new(Stage::on(TestApp::with(Setup { workers: false, ..Setup::default() }).await).await);
        let there = Arc::new(here.elsewhere().await);
        let places = [
            Place::set(Arc::clone(&here), "Reading friends").await,
            Place::set(Arc::clone(&here), "Chess club").await,
            Place::set(there, "Foreign readers").await,
        ];
        let schema = schema();
        let served = Served::read(&schema).await;
        let mut house = Self { served, places, people: Vec::new() };
        for persona in PERSONAS {
            let person = house.person(persona).await;
            let app = Arc::clone(&here.test.app);
            let (signed_in, file) = match &person {
                Some(person) => {
                    let home = &house.place(persona.home.expect("somebody who is signed in")).stage;
                    (Some(person.signed_in().await), upload(home, person.account, "name\n").await)
                }
                // Anything that has the form of one.
                None => (None, domain::id::encode("file", here.test.clock().uuid())),
            };
            let asker = Asker { app, schema: schema.clone(), signed_in, confined_to: None };
            house.people.push((persona, asker, file));
        }
        house
    }

    pub fn place(&self, place: Where) -> &Place {
        match place {
            Where::Ours => &self.places[0],
            Where::Theirs => &self.places[1],
            Where::Foreign => &self.places[2],
        }
    }

    async fn person(&self, persona: &Persona) -> Option<Person> {
        let stage = &self.place(persona.home?).stage;
        if let Some((part, place)) = persona.part {
            let place = self.place(place);
            return Some(match part {
                Part::Mentor => place.mentor.clone(),
                Part::Mentee => place.mentee.clone(),
                Part::Guardian => place.guardian.clone(),
            });
        }
        Some(match persona.staff {
            Some((domain::access::Role::Owner, _)) => stage.owner.clone(),
            Some((role, place)) => {
                let program = place.map(|place| json!(self.place(place).thing("program")));
                stage.staff(role, program.as_ref()).await
            }
            None if persona.has_profile => {
                let profile = stage.profile("Somebody Else").await;
                stage.person(&profile).await
            }
            None => self.former_staff(stage).await,
        })
    }

    async fn former_staff(&self, stage: &Stage) -> Person {
        let person = stage.staff(domain::access::Role::Coordinator, None).await;
        let staff =
            stage.owner.data("{ roleGrants(first: 100) { nodes { id accountId } } }", json!({})).await;
        let grants = staff["roleGrants"]["nodes"].as_array().expect("grants");
        let theirs = grants.iter().find(|grant| grant["accountId"] == person.account.to_string().as_str());
        let revoke = "mutation($id: ID!) { revokeRole(input: { grantId: $id }) { userErrors { code } } }";
        stage.owner.done(revoke, json!({ "id": theirs.expect("a grant")["id"] })).await;
        person
    }

    /// Somebody of an organization who asks a server with other walls.
    pub async fn asker_behind(&self, walls: Walls, who: Where) -> Asker {
        let setup = Setup {
            workers: false,
            policy: if walls.policy { Policy::ENFORCED } else { Policy::switched_off() },
            row_level_security: walls.row_level_security,
            ..Setup::default()
        };
        let other = self.place(Where::Ours).stage.test.beside_behind(setup).await;
        let app = Arc::clone(&other.app);
        let signed_in: SignedIn = self.place(who).stage.owner.signed_in().await;
        Asker { app, schema: schema(), signed_in: Some(signed_in), confined_to: None }
    }
}

/// Which walls stand between two organizations.
#[derive(Debug, Clone, Copy)]
pub struct Walls {
    pub policy: bool,
    pub row_level_security: bool,
}
