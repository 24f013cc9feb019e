//! Hand-written SQL that diesel keeps as a prepared statement.
//!
//! `diesel::sql_query` and any query with `dsl::sql` are planned anew on each run. A [`Sql`] has a fixed text,
//! so it is prepared once per connection. `$1`, `$2`, … refer to the binds in the order of their making and may
//! be used more than once.
use std::marker::PhantomData;

use diesel::{
    Expression, Selectable,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    serialize::ToSql,
    sql_types::{Array, Bool, HasSqlType, Uuid as SqlUuid},
};
use domain::{access::Scope, id::Id};
use uuid::Uuid;

/// A statement whose rows have the SQL type `ST`; use `()` for statements without rows.
pub struct Sql<ST> {
    text: &'static str,
    binds: Vec<Box<dyn Bind>>,
    rows: PhantomData<fn() -> ST>,
}

/// The SQL types of the columns that `Row` reads, in its order, for hand-written selects of them.
pub type Columns<Row> = <<Row as Selectable<Pg>>::SelectExpression as Expression>::SqlType;

/// The ids as PostgreSQL takes them.
pub fn uuids<T>(ids: &[Id<T>]) -> Vec<Uuid> {
    ids.iter().map(|id| id.uuid()).collect()
}

trait Bind: Send {
    fn push<'b>(&'b self, pass: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

struct Value<ST, V>(V, PhantomData<fn() -> ST>);

impl<ST, V> Bind for Value<ST, V>
where
    Pg: HasSqlType<ST>,
    V: ToSql<ST, Pg> + Send,
{
    fn push<'b>(&'b self, pass: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        pass.push_bind_param::<ST, V>(&self.0)
    }
}

impl<ST> Sql<ST> {
    pub fn new(text: &'static str) -> Self {
        Self { text, binds: Vec::new(), rows: PhantomData }
    }

    /// Binds what [`Scope::admits`] compares with: everything, programs, mentors and mentees, four in this order.
    #[must_use]
    pub fn within(self, scope: &Scope) -> Self {
        self.bind::<Bool, _>(scope.everything)
            .bind::<Array<SqlUuid>, _>(uuids(&scope.programs))
            .bind::<Array<SqlUuid>, _>(uuids(&scope.mentors))
            .bind::<Array<SqlUuid>, _>(uuids(&scope.mentees))
    }

    /// Adds the value of the next placeholder.
    pub fn bind<T, V>(mut self, value: V) -> Self
    where
        T: 'static,
        Pg: HasSqlType<T>,
        V: ToSql<T, Pg> + Send + 'static,
    {
        self.binds.push(Box::new(Value::<T, V>(value, PhantomData)));
        self
    }
}

impl<ST> QueryFragment<Pg> for Sql<ST> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut parts = self.text.split('$');
        pass.push_sql(parts.next().unwrap_or_default());
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = part.split_at(digits);
            let position = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let bind = position.and_then(|position| self.binds.get(position));
            let missing = || format!("no bind for ${number} in: {}", self.text);
            bind.ok_or_else(|| diesel::result::Error::QueryBuilderError(missing().into()))?
                .push(&mut pass)?;
            pass.push_sql(rest);
        }
        Ok(())
    }
}

impl<ST> QueryId for Sql<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> Query for Sql<ST> {
    type SqlType = ST;
}

impl<ST, C> diesel::RunQueryDsl<C> for Sql<ST> {}
