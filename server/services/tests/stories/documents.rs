//! Who may have which document, and that it is noted.

use crate::support::{
    CITY, City, LINK_KEY, cities, code, documents, mario, number, position, position_of, postal, receipt,
    record_message,
};
use ::documents::Language;
use ::documents::notice::{Field, NoticeError, Payments, Rule};
use chrono::Duration;
use domain::{DebtPosition, DebtPositionStatus, OptionKind, Receipt, ReceiptId};
use services::clock::Clock;
use services::documents::access::{
    Asked, NoticeInHand, NoticeProofError, ReachError, Wanted, accesses_to, make_link, notice_by_command,
    notice_by_link, notice_key, prove_notice, receipt_by_link, receipt_by_token, receipt_key,
    receipts_of_person,
};
use services::documents::draw;
use services::documents::imprint::Imprint;
use services::documents::links::{DocumentKey, LinkProblem, Signature};
use services::documents::prepare::Extent;
use services::receipts::{list_receipts_of_notice, take_receipt};
use services::{Services, documents::Busy};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use storage::document_accesses::{HandedOut, Reached};
use storage::messages::delete_messages_before;
use storage::receipts::OfPerson;
use storage::{imprints, institutions};

const CITIZEN: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 77));

fn pdf() -> Asked {
    Asked {
        form: HandedOut::Pdf,
        languages: Wanted::Usual,
        extent: Extent::Position,
        from: Some(CITIZEN),
        is_handed_out: true,
    }
}

async fn prove(city: &City, base: u64, proof: &str) -> Result<Signature, NoticeProofError> {
    let (institution, number) = (code(CITY), number(base));
    prove_notice(
        &city.services,
        &institution,
        &number,
        proof,
        Language::It,
        CITIZEN,
    )
    .await
}

async fn open(services: &Services, base: u64, link: &Signature) -> Result<NoticeInHand, ReachError> {
    notice_by_link(services, &code(CITY), &number(base), link, pdf()).await
}

/// How a document was reached and what was handed out, the oldest first.
async fn reached(city: &City, key: &DocumentKey) -> Vec<(Reached, Option<HandedOut>, Option<String>)> {
    let mut accesses = accesses_to(&city.services, key).await.unwrap();
    accesses.reverse();
    accesses
        .into_iter()
        .map(|access| (access.reached, access.form, access.network))
        .collect()
}

fn of_notice(base: u64) -> DocumentKey {
    notice_key(&code(CITY), &number(base))
}

async fn prints(city: &City, imprint: &Imprint) {
    let mut tx = city.services.store.begin().await.unwrap();
    imprints::upsert_imprint(&mut tx, &code(CITY), imprint)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// The network of [`CITIZEN`].
fn here() -> String {
    "192.0.2.0/24".to_owned()
}

#[tokio::test]
async fn a_proof_leads_to_a_link_and_the_link_to_the_notice_and_both_are_noted() {
    for city in cities().await {
        city.owes(&position(1)).await;
        let link = prove(&city, 1, " a562s ").await.unwrap();
        let in_hand = open(&city.services, 1, &link).await.unwrap();
        assert_eq!(in_hand.service, "mensa");
        assert_eq!(in_hand.notice.recipient.person.name, "Mario Rossi");
        let document = ::documents::notice::document(&in_hand.notice).unwrap().document;
        let place = city.services.documents.place().await.unwrap();
        let bytes = draw(place, document).await.unwrap();
        assert!(bytes.starts_with(b"%PDF-"));
        assert_eq!(
            reached(&city, &of_notice(1)).await,
            [
                (Reached::Proof, None, Some(here())),
                (Reached::SignedLink, Some(HandedOut::Pdf), Some(here())),
            ]
        );
    }
}

#[tokio::test]
async fn a_wrong_proof_a_draft_and_a_notice_that_does_not_exist_are_refused_alike() {
    for city in cities().await {
        city.owes(&position(1)).await;
        let draft = DebtPosition {
            status: DebtPositionStatus::Draft,
            ..position(2)
        };
        city.owes(&draft).await;
        for (base, proof) in [(1, "A562T"), (1, ""), (2, "A562S"), (3, "A562S")] {
            let refused = prove(&city, base, proof).await;
            assert!(
                matches!(refused, Err(NoticeProofError::NotOpened)),
                "{base} {proof}"
            );
        }
        let refused = (Reached::ProofRefused, None, Some(here()));
        assert_eq!(reached(&city, &of_notice(1)).await, [refused.clone(), refused]);
        for base in [2, 3] {
            assert_eq!(reached(&city, &of_notice(base)).await, [], "{base}");
        }
    }
}

#[tokio::test]
async fn a_proof_cannot_be_guessed_by_trying() {
    for city in cities().await {
        city.owes(&position(1)).await;
        for _ in 1..=5 {
            assert!(matches!(
                prove(&city, 1, "AAAAA").await,
                Err(NoticeProofError::NotOpened)
            ));
        }
        let sixth = prove(&city, 1, "A562S").await;
        assert!(matches!(sixth, Err(NoticeProofError::TooMany(_))));
        city.clock.advance(Duration::minutes(10));
        assert!(prove(&city, 1, "A562S").await.is_ok());
    }
}

#[tokio::test]
async fn a_link_opens_its_own_notice_for_a_quarter_of_an_hour() {
    for city in cities().await {
        city.owes(&position(1)).await;
        city.owes(&position(2)).await;
        let link = prove(&city, 1, "A562S").await.unwrap();
        let problem = |outcome: Result<NoticeInHand, ReachError>| match outcome {
            Err(ReachError::Link(problem)) => Some(problem),
            Ok(_) | Err(_) => None,
        };
        let forged = Signature {
            expires: link.expires + 1,
            ..link.clone()
        };
        assert_eq!(
            problem(open(&city.services, 1, &forged).await),
            Some(LinkProblem::Forged)
        );
        assert_eq!(
            problem(open(&city.services, 2, &link).await),
            Some(LinkProblem::Forged)
        );
        city.clock.advance(Duration::minutes(15));
        assert!(open(&city.services, 1, &link).await.is_ok());
        city.clock.advance(Duration::seconds(1));
        assert_eq!(
            problem(open(&city.services, 1, &link).await),
            Some(LinkProblem::Expired)
        );
        assert_eq!(reached(&city, &of_notice(1)).await.len(), 2);
        assert_eq!(reached(&city, &of_notice(2)).await, []);
    }
}

#[tokio::test]
async fn links_outlive_the_key_that_signed_them_as_long_as_it_is_named() {
    for city in cities().await {
        city.owes(&position(1)).await;
        let link = prove(&city, 1, "A562S").await.unwrap();
        let with = |key, previous| Services {
            documents: Arc::new(documents(key, previous, city.batches.path())),
            ..city.services.clone()
        };
        let new_key = "another key of links, long enough";
        assert!(open(&with(new_key, Some(LINK_KEY)), 1, &link).await.is_ok());
        let without = open(&with(new_key, None), 1, &link).await;
        assert!(matches!(without, Err(ReachError::Link(LinkProblem::Forged))));
    }
}

#[tokio::test]
async fn a_notice_with_nothing_left_to_pay_is_not_printed() {
    for city in cities().await {
        city.owes(&position(1)).await;
        let link = prove(&city, 1, "A562S").await.unwrap();
        city.deliver(&receipt("r1", 1)).await;
        let refused = open(&city.services, 1, &link).await;
        let expected = NoticeError {
            field: Field::Position,
            rule: Rule::NothingToPay,
        };
        assert!(
            matches!(&refused, Err(ReachError::Refused(error)) if *error == expected),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_notice_shows_every_way_to_pay_its_debt_or_the_one_asked_for() {
    for city in cities().await {
        city.owes(&position_of(&[
            (OptionKind::Whole, &[1]),
            (OptionKind::InstalmentPlan, &[2, 3]),
        ]))
        .await;
        let with = async |base, extent| {
            let asked = Asked { extent, ..pdf() };
            let in_hand = notice_by_command(&city.services, &code(CITY), &number(base), asked).await;
            in_hand.unwrap().notice.payments
        };
        let Payments::Instalments { whole, parts } = with(3, Extent::Position).await else {
            panic!("not in instalments");
        };
        assert_eq!((whole.unwrap().number, parts.len()), (number(1), 2));
        let Payments::Whole(payment) = with(3, Extent::Instalment).await else {
            panic!("more than the one");
        };
        assert_eq!(payment.number, number(3));
    }
}

#[tokio::test]
async fn a_name_in_other_letters_is_given_in_latin_ones_and_the_notice_says_so() {
    for city in cities().await {
        let mut foreign = position(1);
        foreign.debtor.full_name = "Тарас Шевченко".to_owned();
        city.owes(&foreign).await;
        let link = prove(&city, 1, "A562S").await.unwrap();
        let person = open(&city.services, 1, &link)
            .await
            .unwrap()
            .notice
            .recipient
            .person;
        assert!(person.transliterated && person.name.is_ascii(), "{person:?}");
        city.owes(&position(2)).await;
        let link = prove(&city, 2, "A562S").await.unwrap();
        let person = open(&city.services, 2, &link)
            .await
            .unwrap()
            .notice
            .recipient
            .person;
        assert!(!person.transliterated);
    }
}

#[tokio::test]
async fn slips_are_printed_where_all_goes_to_postal_accounts_and_the_imprint_is_complete() {
    for city in cities().await {
        city.owes(&position(1)).await;
        city.owes(&postal(position(2))).await;
        let mut tx = city.services.store.begin().await.unwrap();
        let mut served = institutions::find_institution(&mut tx, &code(CITY))
            .await
            .unwrap()
            .unwrap();
        served.postal_iban = Some("IT63J0760101400000012345678".parse().unwrap());
        institutions::upsert_institution(&mut tx, &served).await.unwrap();
        tx.commit().await.unwrap();
        city.services.directory.refresh();
        let slip = async |base| {
            let in_hand = notice_by_command(&city.services, &code(CITY), &number(base), pdf()).await;
            in_hand.unwrap().notice.institution.postal
        };
        assert_eq!(slip(2).await, None, "nobody said whose account it is");
        let complete = Imprint {
            postal_holder: Some("Comune di Prova".to_owned()),
            postal_authorisation: Some("AUT. DB/SSIC/E 00000 DEL 01/01/2026".to_owned()),
            ..Imprint::default()
        };
        prints(&city, &complete).await;
        assert_eq!(slip(1).await, None, "it is paid into a bank");
        let printed = slip(2).await.unwrap();
        assert_eq!(printed.account.as_str(), "000012345678");
        assert_eq!(printed.holder, "Comune di Prova");
    }
}

#[tokio::test]
async fn a_receipt_is_handed_out_by_its_own_link_and_noted() {
    for city in cities().await {
        city.owes(&position(1)).await;
        city.deliver(&receipt("r1", 1)).await;
        let kept = list_receipts_of_notice(&city.services, &code(CITY), &number(1)).await;
        let token = kept.unwrap().remove(0).access_token;
        let asked = Asked {
            languages: Wanted::Also(Language::En),
            ..pdf()
        };
        let in_hand = receipt_by_token(&city.services, &token, asked).await.unwrap();
        assert_eq!((in_hand.language, in_hand.original), (Language::En, None));
        assert_eq!(in_hand.receipt.service.as_deref(), Some("mensa"));
        let unknown = receipt_by_token(&city.services, "none-such", pdf()).await;
        assert!(matches!(unknown, Err(ReachError::NotFound)));
        let key = receipt_key(&code(CITY), &ReceiptId::parse("r1").unwrap());
        let accesses = accesses_to(&city.services, &key).await.unwrap();
        assert_eq!(accesses.len(), 1);
        assert_eq!(
            (accesses[0].reached, accesses[0].language.as_str(), accesses[0].at),
            (Reached::ReceiptLink, "en", city.clock.now())
        );
    }
}

/// Takes a receipt whose message is this.
async fn deliver_as(city: &City, receipt: &Receipt, message: &[u8]) {
    let id = record_message(&city.services, message).await;
    take_receipt(&city.services, id, receipt, [9; 32]).await.unwrap();
}

#[tokio::test]
async fn the_digital_duplicate_holds_the_hubs_message_as_long_as_that_is_kept() {
    for city in cities().await {
        city.owes(&position(1)).await;
        deliver_as(&city, &receipt("r1", 1), b"<paSendRTV2/>").await;
        let id = ReceiptId::parse("r1").unwrap();
        let key = receipt_key(&code(CITY), &id);
        let link = make_link(&city.services, &key, Duration::days(1_000))
            .await
            .unwrap();
        let asked = Asked {
            form: HandedOut::Original,
            ..pdf()
        };
        let open = async || receipt_by_link(&city.services, &code(CITY), &id, &link, asked).await;
        let original = open().await.unwrap().original.unwrap();
        assert_eq!(original.bytes, b"<paSendRTV2/>");
        assert_eq!(
            (original.name.as_str(), original.media_type),
            ("ricevuta-r1.xml", "application/xml")
        );
        let mut tx = city.services.store.begin().await.unwrap();
        let later = city.clock.now() + Duration::days(1);
        delete_messages_before(&mut tx, later, 100).await.unwrap();
        tx.commit().await.unwrap();
        assert!(matches!(open().await, Err(ReachError::OriginalGone)));
        assert_eq!(
            reached(&city, &key).await,
            [
                (Reached::LinkMade, None, None),
                (Reached::SignedLink, Some(HandedOut::Original), Some(here())),
            ]
        );
    }
}

#[tokio::test]
async fn no_link_is_made_to_what_is_not_there() {
    for city in cities().await {
        for key in [
            of_notice(404),
            receipt_key(&code(CITY), &ReceiptId::parse("none").unwrap()),
        ] {
            let made = make_link(&city.services, &key, Duration::hours(1)).await;
            assert!(matches!(made, Err(ReachError::NotFound)), "{key:?}");
        }
    }
}

#[tokio::test]
async fn a_persons_receipts_are_handed_out_page_by_page_and_each_is_noted() {
    for city in cities().await {
        for base in 1..=3 {
            city.owes(&position(base)).await;
            deliver_as(&city, &receipt(&format!("r{base}"), base), b"x").await;
        }
        let institution = code(CITY);
        let person = mario().code;
        let sought = OfPerson {
            recipient: &institution,
            person: &person,
            from: city.clock.now(),
            before: city.clock.now() + Duration::seconds(1),
        };
        let asked = Asked { from: None, ..pdf() };
        let first = receipts_of_person(&city.services, sought, asked, 0, 2)
            .await
            .unwrap();
        let after = first.last().unwrap().0;
        let rest = receipts_of_person(&city.services, sought, asked, after, 2)
            .await
            .unwrap();
        let ids = [first, rest]
            .concat()
            .into_iter()
            .map(|(_, in_hand)| in_hand.receipt.receipt_id);
        assert_eq!(ids.collect::<Vec<_>>(), ["r1", "r2", "r3"]);
        for id in ["r1", "r2", "r3"] {
            let key = receipt_key(&institution, &ReceiptId::parse(id).unwrap());
            let noted = reached(&city, &key).await;
            assert_eq!(noted, [(Reached::CommandLine, Some(HandedOut::Pdf), None)]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_finds_no_room_to_draw_is_told_to_come_back() {
    let documents = documents(LINK_KEY, None, std::path::Path::new("nowhere"));
    let mut places = Vec::new();
    for _ in 0..services::documents::DRAWN_AT_ONCE_MAX {
        places.push(documents.place().await.unwrap());
    }
    assert_eq!(documents.place().await.map(drop), Err(Busy));
    places.pop();
    assert!(documents.place().await.is_ok());
}
