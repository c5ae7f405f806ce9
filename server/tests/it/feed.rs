//! `lanterna hub feed`, as people run it.

use crate::support::city::INSTITUTIONS;
use crate::support::engines;
use crate::support::portal::Portal;
use crate::support::program::{configuration, run};

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_says_how_it_stands_and_loses_nothing_while_the_hub_is_away() {
    for store in engines().await {
        let portal = Portal::on(store).await;
        let database = portal.database();
        let status = || run(&["hub", "feed", "status", "--database", &database]);
        let before = status();
        assert_eq!((before.code, before.err.as_str()), (Some(0), ""), "{before:?}");
        for institution in INSTITUTIONS {
            assert!(before.out.contains(&format!("{institution}: ")), "{before:?}");
        }
        assert!(before.out.contains(" to tell; nothing sent yet"), "{before:?}");

        let folder = tempfile::tempdir().unwrap();
        let file = configuration(folder.path(), &database);
        let config = file.to_str().unwrap();
        let run_feed = || run(&["hub", "feed", "run", "--config", config]);
        let unset = run_feed();
        assert_eq!(unset.code, Some(1));
        assert!(unset.err.contains("add [hub.products.aca]"), "{unset:?}");
        assert_eq!(status().out, before.out);

        // Nobody listens there.
        let mut text = std::fs::read_to_string(&file).unwrap();
        text.push_str("aca.url = \"http://127.0.0.1:1/aca\"\n");
        std::fs::write(&file, text).unwrap();
        let away = run_feed();
        assert_eq!(away.code, Some(0), "{away:?}");
        assert!(away.out.contains("the hub cannot be reached"), "{away:?}");
        assert!(!away.out.contains("refused"), "{away:?}");
        // What nobody is owed any more needed no telling; the rest waits.
        assert!(away.out.contains(" to tell; nothing sent yet"), "{away:?}");
        assert_eq!(status().out, away.out);

        let compared = run(&["hub", "feed", "compare", "--config", config, "--dry-run"]);
        assert_eq!(compared.code, Some(1), "{compared:?}");
        assert!(compared.err.contains("the hub cannot be reached"), "{compared:?}");
        let retried = run(&["hub", "feed", "retry", "--database", &database]);
        assert_eq!(retried.out, "0 refused positions are tried again\n");
        let wrong = run(&["hub", "feed", "compare", "--config", config, "--institution", "1"]);
        assert_eq!(wrong.code, Some(2), "{wrong:?}");
    }
}
