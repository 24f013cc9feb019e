//! What is stored, why, who sees it, how long, and which of it is about a person? Every column has its place here;
//! a test compares the catalogue with the database.
mod account;
mod measure;
mod pair;
mod people;
mod platform;

/// One table of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    pub purpose: &'static str,
    /// Who may see the rows at most; single columns may be for fewer.
    pub audience: Audience,
    pub retention: Retention,
    /// What deleting does: rows go, stay without a name, or never go.
    pub deletion: &'static str,
    /// Columns about a person, and what each is needed for.
    pub personal: &'static [(&'static str, &'static str)],
    /// Columns that say nothing about a person by themselves: keys, states, times, counters.
    pub plain: &'static [&'static str],
}

/// Who may see the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The server alone.
    Nobody,
    /// The person whom it is about.
    Own,
    /// The two sides of a pair, and the safeguarding lead.
    Pair,
    /// The two sides of a pair, a guardian, and the staff of the program.
    PairAndStaff,
    /// The staff of the program.
    Staff,
    /// Owners and admins.
    Admins,
    /// Everybody in the organization whom it concerns.
    Members,
}

/// How long rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// As long as the account exists.
    WithAccount,
    /// As long as the organization exists.
    WithOrganization,
    /// This many days after the row has served its purpose.
    Days(u16),
    /// This many days after the end of the program.
    AfterProgram(u16),
}

/// Every table.
pub fn tables() -> impl Iterator<Item = &'static Table> {
    [account::TABLES, people::TABLES, pair::TABLES, measure::TABLES, platform::TABLES].into_iter().flatten()
}

impl Table {
    /// Every column, personal ones first.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.personal.iter().map(|(column, _)| *column).chain(self.plain.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_table_or_column_is_listed_twice() {
        let mut columns: Vec<_> =
            tables().flat_map(|table| table.columns().map(|column| (table.name, column))).collect();
        let count = columns.len();
        columns.sort_unstable();
        columns.dedup();
        assert_eq!(columns.len(), count);
    }

    #[test]
    fn what_only_the_server_may_see_is_never_kept_for_good() {
        for table in tables().filter(|table| table.audience == Audience::Nobody) {
            assert_ne!(table.retention, Retention::WithOrganization, "{}", table.name);
        }
    }
}
