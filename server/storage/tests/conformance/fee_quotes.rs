use crate::support::*;
use domain::NoticeNumber;
use storage::StorageError;
use storage::debt_positions::insert_position;
use storage::fee_quotes::{
    StoredQuote, TariffVersion, find_fee_quote, find_fee_quote_by_token, find_tariff_source,
    insert_fee_quote, keep_tariff_version,
};
use storage::testing::TestStore;
use storage::{Store, Tx};

const SOURCE: &str = "title = \"Tassa sui rifiuti, città\"\n";

fn digest() -> String {
    "0a".repeat(32)
}

/// The quote of the position of [`position`].
fn quote(base: u64, token: &str) -> StoredQuote {
    StoredQuote {
        token: token.to_owned(),
        content: [7; 32],
        institution: city(),
        notice_number: number(base),
        position_key: position(base).key,
        service: "tari".to_owned(),
        tariff: "tari-abitazione".to_owned(),
        version: "2026-01-01".to_owned(),
        digest: digest(),
        inputs: r#"{"superficie":"80"}"#.to_owned(),
        result: r#"{"status":"due","total":"120.50"}"#.to_owned(),
        today: day("2026-11-23"),
        evaluator: "0.1.0".to_owned(),
        created_at: noon(),
    }
}

fn version(digest: &str) -> TariffVersion<'_> {
    TariffVersion {
        digest,
        id: "tari-abitazione",
        version: "2026-01-01",
        source: SOURCE,
    }
}

/// Keeps a position, the version and the quote.
async fn keep(tx: &mut Tx, base: u64, token: &str) -> Result<(), StorageError> {
    insert_position(tx, &position(base), noon()).await.unwrap();
    keep_tariff_version(tx, version(&digest()), noon()).await.unwrap();
    insert_fee_quote(tx, &quote(base, token)).await
}

async fn kept(store: &Store, base: u64, token: &str) -> Result<(), StorageError> {
    let mut tx = store.begin().await.unwrap();
    keep(&mut tx, base, token).await?;
    tx.commit().await
}

async fn by_number(store: &Store, number: &NoticeNumber) -> Option<StoredQuote> {
    let mut snapshot = store.glance().await.unwrap();
    find_fee_quote(&mut snapshot, &city(), number).await.unwrap()
}

pub(crate) async fn a_quote_is_read_back_as_it_was_written(store: &TestStore) {
    with_institutions(store).await;
    kept(store, 1, "token-1").await.unwrap();
    kept(store, 2, "token-2").await.unwrap();
    let mut snapshot = store.read().await.unwrap();
    for (base, token) in [(1, "token-1"), (2, "token-2")] {
        let expected = Some(quote(base, token));
        let found = find_fee_quote(&mut snapshot, &city(), &number(base)).await;
        assert!(found.unwrap() == expected, "{base}");
        let found = find_fee_quote_by_token(&mut snapshot, token).await;
        assert!(found.unwrap() == expected, "{base}");
    }
    let found = find_fee_quote_by_token(&mut snapshot, "token-3").await;
    assert!(found.unwrap().is_none());
}

pub(crate) async fn a_notice_of_another_institution_or_without_a_quote_has_none(store: &TestStore) {
    with_institutions(store).await;
    kept(store, 1, "token-1").await.unwrap();
    insert(store, &position(2)).await;
    assert!(by_number(store, &number(2)).await.is_none());
    let mut snapshot = store.glance().await.unwrap();
    let found = find_fee_quote(&mut snapshot, &company(), &number(1)).await;
    assert!(found.unwrap().is_none());
}

pub(crate) async fn a_token_keeps_one_quote(store: &TestStore) {
    with_institutions(store).await;
    kept(store, 1, "token-1").await.unwrap();
    let second = kept(store, 2, "token-1").await;
    assert!(matches!(second, Err(StorageError::Conflict)), "{second:?}");
    assert_eq!(by_number(store, &number(1)).await, Some(quote(1, "token-1")));
    assert!(by_number(store, &number(2)).await.is_none());
}

pub(crate) async fn of_many_under_one_token_at_once_one_is_kept(store: &TestStore) {
    with_institutions(store).await;
    let mut tasks = tokio::task::JoinSet::new();
    for base in 0..8 {
        let store = (**store).clone();
        tasks.spawn(async move { kept(&store, base, "token-1").await });
    }
    let outcomes = tasks.join_all().await;
    let count = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(count, 1, "{outcomes:?}");
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Ok(()) | Err(StorageError::Conflict))),
        "{outcomes:?}"
    );
}

pub(crate) async fn a_version_of_a_tariff_is_kept_once_with_its_text(store: &TestStore) {
    let mut tx = store.begin().await.unwrap();
    let digest = digest();
    for _ in 0..2 {
        keep_tariff_version(&mut tx, version(&digest), noon())
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let mut snapshot = store.read().await.unwrap();
    let found = find_tariff_source(&mut snapshot, &digest).await.unwrap();
    assert_eq!(found.as_deref(), Some(SOURCE));
    let other = find_tariff_source(&mut snapshot, &"0b".repeat(32)).await;
    assert_eq!(other.unwrap(), None);
}

pub(crate) async fn a_quote_without_its_version_or_its_position_is_refused(store: &TestStore) {
    with_institutions(store).await;
    let mut tx = store.begin().await.unwrap();
    insert_position(&mut tx, &position(1), noon()).await.unwrap();
    assert!(insert_fee_quote(&mut tx, &quote(1, "token-1")).await.is_err());
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    keep_tariff_version(&mut tx, version(&digest()), noon())
        .await
        .unwrap();
    assert!(insert_fee_quote(&mut tx, &quote(1, "token-1")).await.is_err());
}
