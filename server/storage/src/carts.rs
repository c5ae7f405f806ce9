//! Payments begun on the portal.

use crate::engine::on_engine;
use crate::error::duplicate;
use crate::row::{RowOf, one_row};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::cart::{Cart, CartItem, CartState, ReturnOutcome};
use domain::{Cents, CreditorFiscalCode, NoticeNumber};

statements! {
    INSERT_CART =
        "INSERT INTO cart (token, language, email, created_at, state, state_at, checkout_url, outcome) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    INSERT_CART_ITEM =
        "INSERT INTO cart_item (cart, ordinal, institution, notice_number, amount) VALUES ($1, $2, $3, $4, $5)";
    FIND_CART =
        "SELECT token, language, email, created_at, state, state_at, checkout_url, outcome \
         FROM cart WHERE token = $1";
    LIST_CART_ITEMS =
        "SELECT institution, notice_number, amount FROM cart_item WHERE cart = $1 ORDER BY ordinal";
    TRANSITION_CART =
        "UPDATE cart SET state = $1, state_at = $2, checkout_url = $3, outcome = $4 \
         WHERE token = $5 AND state = $6 AND state_at IS NOT DISTINCT FROM $7";
    // Whoever gave up or met an error is not paying any more; whoever came back paid or in doubt may be.
    FIND_OPEN_HANDOFF =
        "SELECT MAX(c.state_at) FROM cart_item i JOIN cart c ON c.token = i.cart \
         WHERE i.notice_number = $1 AND i.institution = $2 AND c.state_at >= $3 \
           AND (c.state = 'handed_off' OR c.outcome IN ('ok', 'waiting'))";
    DELETE_CARTS_BEFORE =
        "DELETE FROM cart WHERE token IN \
             (SELECT token FROM cart WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
}

#[derive(sqlx::FromRow)]
struct CartRow {
    token: String,
    language: String,
    email: Option<String>,
    created_at: DateTime<Utc>,
    state: String,
    state_at: Option<DateTime<Utc>>,
    checkout_url: Option<String>,
    outcome: Option<String>,
}

#[derive(sqlx::FromRow)]
struct CartItemRow {
    institution: String,
    notice_number: String,
    amount: i64,
}

/// The columns a state is kept in, besides its name.
fn state_columns(state: &CartState) -> (Option<DateTime<Utc>>, Option<&str>, Option<&'static str>) {
    match state {
        CartState::Prepared => (None, None, None),
        CartState::HandedOff { at, checkout_url } => (Some(*at), Some(checkout_url), None),
        CartState::Returned { outcome, at } => (Some(*at), None, Some(outcome.as_str())),
    }
}

/// Keeps a new cart with its items.
///
/// # Errors
/// [`StorageError::Duplicate`] when its token was used before.
pub async fn insert_cart(tx: &mut Tx, cart: &Cart) -> Result<(), StorageError> {
    let (state_at, checkout_url, outcome) = state_columns(&cart.state);
    let inserted = on_engine!(tx, |c| sqlx::query(INSERT_CART)
        .bind(&cart.token)
        .bind(&cart.language)
        .bind(&cart.email)
        .bind(cart.created_at)
        .bind(cart.state.as_str())
        .bind(state_at)
        .bind(checkout_url)
        .bind(outcome)
        .execute(c)
        .await
        .map(drop));
    inserted.map_err(|error| duplicate(error, "cart token"))?;
    for (item, ordinal) in cart.items.iter().zip(1_i16..) {
        on_engine!(tx, |c| sqlx::query(INSERT_CART_ITEM)
            .bind(&cart.token)
            .bind(ordinal)
            .bind(item.institution.as_str())
            .bind(item.notice_number.as_str())
            .bind(item.amount.as_i64())
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// The cart with this token.
pub async fn find_cart(snapshot: &mut Snapshot, token: &str) -> Result<Option<Cart>, StorageError> {
    let row: Option<CartRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_CART)
        .bind(token)
        .fetch_optional(c)
        .await)?;
    let Some(row) = row else { return Ok(None) };
    let items: Vec<CartItemRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_CART_ITEMS)
        .bind(token)
        .fetch_all(c)
        .await)?;
    // The token opens the payment: its beginning is enough to find the row.
    let key = token.get(..6).unwrap_or_default();
    let of = RowOf { table: "cart", key };
    let state = match (row.state.as_str(), row.state_at, row.checkout_url, row.outcome) {
        ("prepared", None, None, None) => CartState::Prepared,
        ("handed_off", Some(at), Some(checkout_url), None) => CartState::HandedOff { at, checkout_url },
        ("returned", Some(at), None, Some(outcome)) => CartState::Returned {
            outcome: ReturnOutcome::parse(&outcome).ok_or_else(|| of.wrong("outcome"))?,
            at,
        },
        _ => return Err(of.wrong("state")),
    };
    let items = items
        .into_iter()
        .map(|item| {
            let of = RowOf {
                table: "cart_item",
                key,
            };
            Ok(CartItem {
                institution: of.parse("institution", &item.institution)?,
                notice_number: of.parse("notice_number", &item.notice_number)?,
                amount: Cents::new(item.amount),
            })
        })
        .collect::<Result<_, StorageError>>()?;
    Ok(Some(Cart {
        token: row.token,
        language: row.language,
        email: row.email,
        created_at: row.created_at,
        state,
        items,
    }))
}

/// Moves a cart from the state it was read in to another.
///
/// # Errors
/// [`StorageError::Conflict`] when it is in another state by now, or gone.
pub async fn transition_cart_state(
    tx: &mut Tx,
    token: &str,
    before: &CartState,
    after: &CartState,
) -> Result<(), StorageError> {
    let (after_at, checkout_url, outcome) = state_columns(after);
    let (before_at, _, _) = state_columns(before);
    let moved = on_engine!(tx, |c| sqlx::query(TRANSITION_CART)
        .bind(after.as_str())
        .bind(after_at)
        .bind(checkout_url)
        .bind(outcome)
        .bind(token)
        .bind(before.as_str())
        .bind(before_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(moved)
}

/// When a payment of this notice was begun here, if that was not before `since` and nothing says it ended.
pub async fn find_open_handoff(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
    since: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    Ok(on_engine!(snapshot, |c| sqlx::query_scalar(FIND_OPEN_HANDOFF)
        .bind(number.as_str())
        .bind(institution.as_str())
        .bind(since)
        .fetch_one(c)
        .await)?)
}

/// Deletes carts made before an instant, oldest first, at most `limit`. Returns how many.
pub async fn delete_carts_before(tx: &mut Tx, at: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
    Ok(on_engine!(tx, |c| sqlx::query(DELETE_CARTS_BEFORE)
        .bind(at)
        .bind(i64::from(limit))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}
