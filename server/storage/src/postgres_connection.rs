//! Connections to PostgreSQL that are never handed on in the middle of something.
//!
//! Whoever waits for the archive may be dropped at any moment: a citizen goes away, a time limit passes. What was being said
//! on the connection then breaks off, and the next one would find itself in somebody else's transaction, or take the end of
//! an old answer for its own. Such a connection is closed. Only one whose last statement came to its end goes back.

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgPool, PgTransactionManager};
use sqlx::{Error, PgConnection, Postgres, SqlSafeStr as _};
use sqlx_core::transaction::TransactionManager as _;

/// A connection borrowed from the pool, in a transaction or not. A transaction that is not committed is undone.
pub(crate) struct PostgresConnection {
    connection: PoolConnection<Postgres>,
    /// Whether something is being said on it.
    is_amid: bool,
}

impl PostgresConnection {
    /// One that is in no transaction.
    pub(crate) async fn acquire(pool: &PgPool) -> Result<Self, Error> {
        Ok(Self {
            connection: pool.acquire().await?,
            is_amid: false,
        })
    }

    /// One in a transaction, which this statement begins.
    pub(crate) async fn begin(pool: &PgPool, statement: &'static str) -> Result<Self, Error> {
        let mut held = Self::acquire(pool).await?;
        PgTransactionManager::begin(held.amid(), Some(statement.into_sql_str())).await?;
        held.ended();
        Ok(held)
    }

    /// Makes what the transaction did permanent.
    pub(crate) async fn commit(mut self) -> Result<(), Error> {
        PgTransactionManager::commit(self.amid()).await?;
        self.ended();
        Ok(())
    }

    /// To say something on. When the answer is there, [`Self::ended`] must follow.
    pub(crate) fn amid(&mut self) -> &mut PgConnection {
        self.is_amid = true;
        &mut self.connection
    }

    /// What was said last was answered to its end.
    pub(crate) fn ended(&mut self) {
        self.is_amid = false;
    }
}

impl Drop for PostgresConnection {
    fn drop(&mut self) {
        if self.is_amid {
            self.connection.close_on_drop();
        } else {
            PgTransactionManager::start_rollback(&mut self.connection);
        }
    }
}
