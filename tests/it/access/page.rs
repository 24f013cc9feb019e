//! Is the page about roles in the documentation current? It is written from the access table.
use std::{collections::BTreeSet, fmt::Write};

use domain::{
    access::{Action, Reach, Role, TABLE},
    text::TextEnum,
};

use super::{
    mutation::mutations,
    query::{QUERIES, SUBSCRIPTIONS},
};
use crate::schema::assert_golden;

const INTRODUCTION: &str = "\
# Who may do what

<!-- Written by a test from domain/src/access/table.rs; change the table, not this page. -->

Cairn knows nine roles. Five are *granted* to staff, with `grantRole` or `inviteStaff`; a coordinator can be bound to one
program. The others *follow* from what people are: whoever has a profile is a member, whoever is in a match is its mentor
or its mentee, and whoever is linked to a minor is the minor's guardian. One person can have several roles, and may then
do what any of them may.

A request acts in one organization, the one in the header `Cairn-Organization`, or the caller's only one. Nothing of
another organization can be seen or named in it.

";

const ANSWERS: &str = "
## What the others get

Whoever may not see a thing is told the same as if it did not exist: `null` for a thing by its id, nothing in a list, and
`NOT_FOUND` from a mutation. Whoever sees it, but may not do this with it, is told `NOT_ALLOWED` by the mutation. Lists that are
for some roles only (`auditEvents`, `roleGrants`, `invitations`, `exclusions`, and `impact`) answer `FORBIDDEN` to roles that
never see anything in them. Ask `allowedActions` of an object to know beforehand what the caller could do with it.

Some values are for fewer people than their object and are `null` for the others, such as `Profile.email` and
`CheckIn.summary`. `tests/golden/access.txt` in the repository shows for every field what each role gets of it.
";

#[test]
fn the_page_about_roles_is_written_from_the_access_table() {
    assert_golden("docs/access.md", &page());
}

fn page() -> String {
    let mut text = INTRODUCTION.to_owned();
    text.push_str("## The roles\n\n| Role | Who it is |\n|---|---|\n");
    for role in Role::ALL {
        writeln!(text, "| `{role}` | {} |", role.description()).expect("text");
    }
    text.push_str(
        "\n## How far each role reaches\n\n**all**: everything in the organization, or, for a coordinator of one \
         program, everything in that program. **pair**:\nwhat belongs to one's own match, program or cohort; for \
         guardians, to that of the minor. **self**: what is about oneself;\nfor guardians, about the minor. Empty: \
         nothing.\n\n| Action |",
    );
    for role in Role::ALL {
        write!(text, " {} |", short(*role)).expect("text");
    }
    text.push_str(&format!("\n|---|{}\n", "---|".repeat(Role::ALL.len())));
    for (action, rows) in TABLE {
        write!(text, "| {} (`{action}`) |", action.description().trim_end_matches('.')).expect("text");
        for role in Role::ALL {
            let reaches = rows.iter().filter(|(held, _)| held == role).map(|(_, reach)| word(*reach));
            write!(text, " {} |", reaches.collect::<Vec<_>>().join(", ")).expect("text");
        }
        text.push('\n');
    }
    text.push_str(
        "\n## Which fields need which action\n\n| Action | Read with | Done with |\n|---|---|---|\n",
    );
    for action in Action::ALL {
        writeln!(text, "| `{action}` | {} | {} |", reading(*action), doing(*action)).expect("text");
    }
    text.push_str(ANSWERS);
    text
}

fn short(role: Role) -> String {
    role.to_string().to_lowercase().replace('_', " ")
}

const fn word(reach: Reach) -> &'static str {
    match reach {
        Reach::Membership | Reach::Organization => "all",
        Reach::Relationship => "pair",
        Reach::Themselves => "self",
    }
}

fn reading(action: Action) -> String {
    let queries = QUERIES.iter().filter(|query| query.rule.actions().contains(&action));
    let queries = queries.filter(|query| !["node", "nodes"].contains(&query.name)).map(|query| query.name);
    let told =
        SUBSCRIPTIONS.iter().filter(|told| told.rule.actions().contains(&action)).map(|told| told.name);
    list(queries.chain(told))
}

fn doing(action: Action) -> String {
    if action == Action::UploadFile {
        return "`POST /files`".to_owned();
    }
    let own =
        mutations().filter(|_| action == Action::EditOwnProfile).filter(|it| it.name == "updateMyProfile");
    let done = mutations().filter(|mutation| mutation.rule.actions().contains(&action));
    list(done.chain(own).map(|mutation| mutation.name))
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: BTreeSet<String> = names.map(|name| format!("`{name}`")).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}
