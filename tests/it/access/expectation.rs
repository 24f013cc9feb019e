//! Who should get what? Read from the access table of the domain, role by role, without the code that the server
//! uses to do so.
use domain::access::{Action, Reach, Role, TABLE};

use super::persona::{Part, Persona, Where};

/// How a thing stands to the program and the people of its place: what a role's reach is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// The organization itself, its staff, its history.
    Organization,
    /// The program, its cohort and what is published in it: the pair takes part.
    Program,
    /// What staff prepare within the program: runs, drafts, imports, invitations, people who are not in the pair.
    Preparation,
    /// What belongs to the pair.
    Pair,
    /// The mentee's place in the cohort, and what is recorded about the mentee.
    AboutMentee,
    /// The mentee as the other side sees them.
    Mentee,
    /// The mentor as the other side sees them.
    Mentor,
    /// The guardian, who takes part in no program.
    Guardian,
}

impl Thing {
    const fn in_program(self) -> bool {
        !matches!(self, Self::Organization | Self::Guardian)
    }

    /// Does it concern this side as one of a pair or cohort?
    const fn concerns(self, part: Part) -> bool {
        match part {
            Part::Mentor => matches!(self, Self::Program | Self::Pair | Self::Mentee),
            Part::Mentee | Part::Guardian => matches!(self, Self::Program | Self::Pair | Self::Mentor),
        }
    }

    /// Whose own it is.
    const fn person(self) -> Option<Part> {
        match self {
            Self::AboutMentee | Self::Mentee => Some(Part::Mentee),
            Self::Mentor => Some(Part::Mentor),
            Self::Guardian => Some(Part::Guardian),
            _ => None,
        }
    }
}

/// Who may do something with something.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// Also who is not signed in.
    Everybody,
    /// Whoever is signed in, about themselves.
    SignedIn,
    /// Like [`Rule::SignedIn`], and nothing instead of an error for others.
    Yourself,
    /// Whoever is in the organization, about themselves.
    Membership,
    /// Whoever has a profile, about themselves.
    OwnProfile,
    /// Exactly this side of the pair, whatever the table says: it is theirs alone.
    Belongs(Part),
    May(Action, Thing),
    /// What the table gives to these roles of those that it names.
    Only(Action, Thing, &'static [Role]),
    Either(&'static [Rule]),
    Both(&'static [Rule]),
    Nobody,
}

impl Rule {
    pub fn allows(self, persona: &Persona, place: Where) -> bool {
        match self {
            Self::Everybody => true,
            Self::SignedIn | Self::Yourself | Self::Membership => persona.home.is_some(),
            Self::OwnProfile => persona.has_profile,
            Self::Belongs(part) => persona.part == Some((part, place)),
            Self::May(action, thing) => {
                rows(action).iter().any(|&(role, reach)| holds(persona, place, thing, role, reach))
            }
            Self::Only(action, thing, roles) => rows(action)
                .iter()
                .any(|&(role, reach)| roles.contains(&role) && holds(persona, place, thing, role, reach)),
            Self::Either(rules) => rules.iter().any(|rule| rule.allows(persona, place)),
            Self::Both(rules) => rules.iter().all(|rule| rule.allows(persona, place)),
            Self::Nobody => false,
        }
    }

    /// Is it the same whatever is asked for?
    pub const fn is_about_oneself(self) -> bool {
        matches!(
            self,
            Self::Everybody | Self::SignedIn | Self::Yourself | Self::Membership | Self::OwnProfile
        )
    }

    /// Does the persona reach anything at all with the actions of this rule?
    pub fn allows_anything(self, persona: &Persona) -> bool {
        let actions = self.actions();
        let role_held = |role: Role| match (role, persona.part) {
            (Role::Member, _) => persona.has_profile,
            (Role::Mentor | Role::Mentee, _) => persona.has_profile,
            (Role::Guardian, part) => part.is_some_and(|(part, _)| part == Part::Guardian),
            (role, _) => persona.staff.is_some_and(|(held, _)| held == role),
        };
        actions.iter().any(|&action| rows(action).iter().any(|&(role, _)| role_held(role)))
    }

    /// The actions of the table that it rests on.
    pub fn actions(self) -> Vec<Action> {
        match self {
            Self::May(action, _) | Self::Only(action, ..) => vec![action],
            Self::Either(rules) | Self::Both(rules) => rules.iter().flat_map(|rule| rule.actions()).collect(),
            _ => Vec::new(),
        }
    }

    /// In a few words, for the golden file.
    pub fn words(self) -> String {
        match self {
            Self::Everybody => "everybody".to_owned(),
            Self::SignedIn | Self::Yourself => "who is signed in".to_owned(),
            Self::Membership => "who is in the organization".to_owned(),
            Self::OwnProfile => "EDIT_OWN_PROFILE".to_owned(),
            Self::Belongs(part) => format!("oneself: the {part:?} here").to_lowercase(),
            Self::May(action, _) => action.to_string(),
            Self::Only(action, _, roles) => {
                let roles: Vec<String> = roles.iter().map(ToString::to_string).collect();
                format!("{action} as {}", roles.join(" or "))
            }
            Self::Either(rules) => join(rules, " or "),
            Self::Both(rules) => join(rules, " and "),
            Self::Nobody => "nobody".to_owned(),
        }
    }
}

fn join(rules: &[Rule], between: &str) -> String {
    rules.iter().map(|rule| rule.words()).collect::<Vec<_>>().join(between)
}

fn rows(action: Action) -> &'static [(Role, Reach)] {
    TABLE.iter().find(|(listed, _)| *listed == action).map_or(&[], |(_, rows)| rows)
}

/// Does the persona have this role with this reach over the thing of a place?
fn holds(persona: &Persona, place: Where, thing: Thing, role: Role, reach: Reach) -> bool {
    if !persona.home.is_some_and(|home| home.is_with(place)) {
        return false;
    }
    let is = |wanted: Part| persona.part == Some((wanted, place));
    let part = match role {
        Role::Mentor => Some(Part::Mentor),
        Role::Mentee => Some(Part::Mentee),
        Role::Guardian => Some(Part::Guardian),
        _ => None,
    };
    match (reach, role) {
        (Reach::Membership, _) => persona.staff.is_some_and(|(held, _)| held == role),
        (Reach::Organization, Role::Member) => persona.has_profile,
        (Reach::Organization, Role::Guardian) => persona.part.is_some_and(|(part, _)| part == Part::Guardian),
        (Reach::Organization, _) => persona.staff.is_some_and(|(held, program)| {
            held == role
                && match program {
                    None => true,
                    Some(program) => program == place && thing.in_program(),
                }
        }),
        (Reach::Relationship, _) => part.is_some_and(|part| is(part) && thing.concerns(part)),
        (Reach::Themselves, Role::Guardian) => is(Part::Guardian) && thing.person() == Some(Part::Mentee),
        (Reach::Themselves, _) => thing.person().is_some_and(is),
    }
}
