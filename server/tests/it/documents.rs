//! Receipts and notices as files: who gets them, under which name, with which headers, and what the others are told.

use crate::support::engines;
use crate::support::messages::{MUNICIPALITY, code, delivery, number, receipt};
use crate::support::portal::{Answer, Portal};
use crate::support::program::{Said, configuration, run};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use domain::{Cents, NoticeNumber, Subject};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use storage::debt_positions::find_position_by_notice;
use storage::document_accesses::{Access, DocumentKind, HandedOut, Reached, list_accesses};
use storage::testing::TestStore;

/// A notice of the municipality that can be paid, and who owes.
async fn owed(portal: &Portal) -> (NoticeNumber, Subject) {
    let codes = server::demo::codes(&portal.services).await.unwrap();
    let payable = codes
        .into_iter()
        .find(|code| code.payable && code.institution == MUNICIPALITY)
        .unwrap();
    let number = NoticeNumber::parse(&payable.notice_number).unwrap();
    let mut snapshot = portal.services.store.read().await.unwrap();
    let stored = find_position_by_notice(&mut snapshot, &code(MUNICIPALITY), &number).await;
    (number, stored.unwrap().unwrap().position.debtor)
}

fn proof_of(debtor: &Subject) -> &str {
    &debtor.code[debtor.code.len() - 5..]
}

fn page_of(number: &NoticeNumber) -> String {
    format!("/avviso/{MUNICIPALITY}/{number}")
}

/// Sends the proof from the page of a notice.
async fn prove_in(portal: &Portal, language: &str, number: &NoticeNumber, proof: &str) -> Answer {
    let request = Request::post("/api/documents/prove")
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let form = format!("institution={MUNICIPALITY}&number={number}&language={language}&proof={proof}");
    portal.send(request.body(Body::from(form)).unwrap()).await
}

async fn prove(portal: &Portal, number: &NoticeNumber, proof: &str) -> Answer {
    prove_in(portal, "italian", number, proof).await
}

/// Where the document is as a file, of an answer that leads to its page.
fn file_of(led: &Answer) -> String {
    assert_eq!(led.status, StatusCode::SEE_OTHER, "{}", led.text());
    let page = led.header("location");
    page.replace("documento?", "documento.pdf?")
        .replace("document?", "document.pdf?")
}

async fn accesses(portal: &Portal, kind: DocumentKind, reference: &str) -> Vec<Access> {
    let mut snapshot = portal.services.store.read().await.unwrap();
    let mut accesses = list_accesses(&mut snapshot, &code(MUNICIPALITY), kind, reference)
        .await
        .unwrap();
    accesses.reverse();
    accesses
}

/// What every answer with something of one person carries.
fn is_private(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("etag"), "");
}

/// No document and nobody's name, but what to do.
fn is_refusal(answer: &Answer, status: StatusCode, words: &str, debtor: &Subject) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.text().contains(words), "{words}: {}", answer.text());
    assert!(!answer.text().contains(&debtor.full_name));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_leads_to_the_notice_as_a_file_with_a_good_name() {
    for store in engines().await {
        let portal = Portal::on(store).await;
        let (number, debtor) = owed(&portal).await;
        let form = portal.open(&page_of(&number)).await;
        assert_eq!(form.status, StatusCode::OK);
        assert!(form.text().contains("name=\"proof\"") && !form.text().contains(&debtor.full_name));

        let led = prove(&portal, &number, proof_of(&debtor)).await;
        let link = file_of(&led);
        assert!(link.starts_with(&format!("{}/documento.pdf?scade=", page_of(&number))));
        // Who only looks whether it is there is handed nothing, and it is not noted.
        let looked = portal
            .send(Request::head(&link).body(Body::empty()).unwrap())
            .await;
        assert_eq!((looked.status, looked.body.len()), (StatusCode::OK, 0));
        let document = portal.open(&link).await;
        assert_eq!(document.status, StatusCode::OK);
        assert!(document.body.starts_with(b"%PDF-"));
        is_private(&document);
        assert_eq!(document.header("content-type"), "application/pdf");
        assert_eq!(document.header("content-encoding"), "");
        let disposition = document.header("content-disposition");
        assert!(
            disposition.starts_with("inline; filename=\"avviso-")
                && disposition.ends_with(&format!("-{number}.pdf\"")),
            "{disposition}"
        );
        let saved = portal.open(&format!("{link}&scarica=1")).await;
        assert!(saved.header("content-disposition").starts_with("attachment; "));
        assert_eq!(saved.body, document.body, "the same data give the same bytes");

        let page = portal.open(led.header("location")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains(&debtor.full_name), "{}", page.text());
        assert!(page.header("cache-control").contains("no-store"));
        assert_eq!(page.header("referrer-policy"), "no-referrer");

        let noted = accesses(&portal, DocumentKind::Notice, number.as_str()).await;
        let how: Vec<_> = noted.iter().map(|access| (access.reached, access.form)).collect();
        let pdf = (Reached::SignedLink, Some(HandedOut::Pdf));
        let data = (Reached::SignedLink, Some(HandedOut::Data));
        assert_eq!(how, [(Reached::Proof, None), pdf, pdf, data]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_notice_says_is_given_to_the_browser_that_draws_it_itself() {
    let portal = Portal::start().await;
    let (number, debtor) = owed(&portal).await;
    let file = file_of(&prove(&portal, &number, proof_of(&debtor)).await);
    let link = file.replace("documento.pdf", "documento.json");
    let data = portal.open(&link).await;
    is_private(&data);
    let notice: documents::notice::Notice = serde_json::from_slice(&data.body).unwrap();
    assert_eq!(notice.recipient.person.name, debtor.full_name);
    let drawn = documents::notice::document(&notice).unwrap().document;
    let place = portal.services.documents.place().await.unwrap();
    let drawn = services::documents::draw(place, drawn).await.unwrap();
    let pdf = portal.open(&file).await;
    assert_eq!(drawn, pdf.body, "both draw the same");
    let forged = portal.open(&link.replace("firma=", "firma=A")).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(forged.text(), r#"{"problem":"forged"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_english_page_leads_to_a_bilingual_notice() {
    let portal = Portal::start().await;
    let (number, debtor) = owed(&portal).await;
    let led = prove_in(&portal, "english", &number, proof_of(&debtor)).await;
    let link = file_of(&led).replace("document.pdf", "document.json");
    assert!(link.contains("expires=") && link.contains("signature="), "{link}");
    let data: Value = serde_json::from_slice(&portal.open(&link).await.body).unwrap();
    assert_eq!(data["languages"]["first"], "it");
    assert_eq!(data["languages"]["second"]["language"], "en");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_proof_opens_nothing_and_five_of_them_close_the_door() {
    let portal = Portal::start().await;
    let (number, debtor) = owed(&portal).await;
    let back = |problem: &str| format!("{}?problema={problem}", page_of(&number));
    let empty = prove(&portal, &number, "").await;
    assert_eq!(empty.header("location"), back("proof"));
    let nobodys = crate::support::messages::number(9);
    let nobody = prove(&portal, &nobodys, "A562S").await;
    let (_, said) = nobody.header("location").split_once('?').unwrap();
    for _ in 0..5 {
        let wrong = prove(&portal, &number, "00000").await;
        assert_eq!(wrong.status, StatusCode::SEE_OTHER);
        assert_eq!(wrong.header("location"), back("not-opened"));
        assert!(wrong.header("location").ends_with(said), "said alike");
    }
    let sixth = prove(&portal, &number, proof_of(&debtor)).await;
    assert_eq!(sixth.header("location"), back("too-many"));
    for (problem, status, words) in [
        ("proof", StatusCode::UNPROCESSABLE_ENTITY, "Scrivi gli ultimi 5"),
        (
            "not-opened",
            StatusCode::UNPROCESSABLE_ENTITY,
            "l’avviso non si apre",
        ),
        ("too-many", StatusCode::TOO_MANY_REQUESTS, "troppi tentativi"),
    ] {
        let page = portal.open(&back(problem)).await;
        is_refusal(&page, status, words, &debtor);
    }
    let noted = accesses(&portal, DocumentKind::Notice, number.as_str()).await;
    assert_eq!(noted.len(), 5);
    assert!(noted.iter().all(|access| access.reached == Reached::ProofRefused));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_forged_or_over_opens_a_page_that_says_what_to_do() {
    let portal = Portal::start().await;
    let (number, debtor) = owed(&portal).await;
    let link = file_of(&prove(&portal, &number, proof_of(&debtor)).await);
    let (path, _) = link.split_once('?').unwrap();
    for forged in [
        path.to_owned(),
        link.replace("firma=", "firma=A"),
        link.replace("scade=1", "scade=9"),
        format!("{path}?scade=x&firma=%00"),
    ] {
        let answer = portal.open(&forged).await;
        is_refusal(&answer, StatusCode::FORBIDDEN, "Link non valido", &debtor);
        assert!(answer.text().contains(&page_of(&number)), "the way to a new one");
        let page = portal.open(&forged.replace("documento.pdf", "documento")).await;
        is_refusal(&page, StatusCode::FORBIDDEN, "Collegamento non valido", &debtor);
    }
    // Signed by our key for a moment that is over.
    let key = services::documents::access::notice_key(&code(MUNICIPALITY), &number);
    let over = portal.services.clock.now() - chrono::Duration::seconds(1);
    let signature = portal.services.documents.keys.sign(&key, over);
    let expired = format!("{path}?scade={}&firma={}", signature.expires, signature.text);
    is_refusal(
        &portal.open(&expired).await,
        StatusCode::GONE,
        "Il link è scaduto",
        &debtor,
    );
    let page = portal.open(&expired.replace("documento.pdf", "documento")).await;
    is_refusal(&page, StatusCode::GONE, "Il collegamento è scaduto", &debtor);
    let english = expired
        .replace("/avviso/", "/en/notice/")
        .replace("documento", "document");
    is_refusal(
        &portal.open(&english).await,
        StatusCode::GONE,
        "The link has expired",
        &debtor,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_is_paid_is_not_printed_and_the_page_says_why() {
    let portal = Portal::start().await;
    let (number, debtor) = owed(&portal).await;
    let link = file_of(&prove(&portal, &number, proof_of(&debtor)).await);
    let paid = receipt("paid", &number, Cents::new(100));
    assert_eq!(portal.tell(delivery(&paid)).await.outcome(), "OK");
    let only = format!("{link}&solo=1");
    let answer = portal.open(&only).await;
    is_refusal(&answer, StatusCode::CONFLICT, "non ha nulla da pagare", &debtor);
}

/// Pays a notice and tells the path of its receipt.
async fn paid(portal: &Portal) -> String {
    let (number, _) = owed(portal).await;
    let message = delivery(&receipt("r-document", &number, Cents::new(7420)));
    assert_eq!(portal.tell(message).await.outcome(), "OK");
    let mut snapshot = portal.services.store.read().await.unwrap();
    let kept =
        storage::receipts::find_receipt(&mut snapshot, &code(MUNICIPALITY), &"r-document".parse().unwrap())
            .await;
    format!("/ricevuta/{}", kept.unwrap().unwrap().access_token)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_a_file_under_its_own_link() {
    for store in engines().await {
        let portal = Portal::on(store).await;
        let path = paid(&portal).await;
        let document = portal.open(&format!("{path}/documento.pdf")).await;
        assert_eq!(document.status, StatusCode::OK, "{:?}", document.headers);
        is_private(&document);
        assert!(document.body.starts_with(b"%PDF-"));
        let disposition = document.header("content-disposition");
        assert!(
            disposition.starts_with("inline; filename=\"ricevuta-2026-"),
            "{disposition}"
        );
        let english = path.replace("/ricevuta/", "/en/receipt/");
        for address in [
            format!("{path}/documento.pdf?lingua=en"),
            format!("{english}/document.pdf"),
        ] {
            let document = portal.open(&address).await;
            let disposition = document.header("content-disposition").to_owned();
            assert!(
                disposition.contains("\"receipt-2026-"),
                "{address}: {disposition}"
            );
        }
        let head = Request::builder()
            .method(Method::HEAD)
            .uri(format!("{path}/documento.pdf"));
        let head = portal.send(head.body(Body::empty()).unwrap()).await;
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
        assert_eq!(head.header("content-length"), document.body.len().to_string());
        let data = portal.open(&format!("{path}/documento.json")).await;
        let says: documents::receipt::Receipt = serde_json::from_slice(&data.body).unwrap();
        assert_eq!(says.receipt_id, "r-document");
        is_private(&data);
        let nobodys = portal.open("/ricevuta/none-such/documento.pdf").await;
        assert_eq!(nobodys.status, StatusCode::NOT_FOUND);
        assert!(nobodys.text().contains("Documento non trovato"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_digital_duplicate_holds_the_message_the_hub_sent() {
    let portal = Portal::start().await;
    let path = paid(&portal).await;
    let plain = portal.open(&format!("{path}/documento.pdf")).await;
    let duplicate = portal.open(&format!("{path}/documento.pdf?originale=1")).await;
    assert_eq!(duplicate.status, StatusCode::OK);
    assert!(duplicate.body.len() > plain.body.len());
    let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    assert!(holds(&duplicate.body, b"/EmbeddedFile") && !holds(&plain.body, b"/EmbeddedFile"));
    let noted = accesses(&portal, DocumentKind::Receipt, "r-document").await;
    let forms: Vec<_> = noted.iter().map(|access| access.form.unwrap()).collect();
    assert_eq!(forms, [HandedOut::Pdf, HandedOut::Original]);
}

/// A city whose archive commands look at.
struct Office {
    portal: Portal,
    folder: tempfile::TempDir,
    configuration: String,
}

impl Office {
    async fn on(store: TestStore) -> Self {
        let portal = Portal::of_today(store).await;
        let folder = tempfile::tempdir().unwrap();
        let file = configuration(folder.path(), &portal.database());
        let mut text = std::fs::read_to_string(&file).unwrap();
        let batches = folder.path().join("batches");
        writeln!(
            text,
            "
[documents]
batches = {:?}",
            batches.display().to_string()
        )
        .unwrap();
        std::fs::write(&file, text).unwrap();
        Self {
            portal,
            configuration: file.display().to_string(),
            folder,
        }
    }

    fn document(&self, arguments: &[&str]) -> Said {
        let of_city = ["--institution", MUNICIPALITY, "--config", &self.configuration];
        run(&[&["document"], arguments, &of_city].concat())
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_prints_notices_and_receipts_one_by_one() {
    for store in engines().await {
        let office = Office::on(store).await;
        let (number, debtor) = owed(&office.portal).await;
        let out = office.file("notice.pdf");
        let notice = ["notice", "--number", number.as_str(), "--out", &out];
        let said = office.document(&notice);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.out.contains("avviso-") && !said.out.contains(&debtor.full_name));
        assert!(std::fs::read(&out).unwrap().starts_with(b"%PDF-"));
        let again = office.document(&notice);
        assert_eq!(again.code, Some(2));
        assert!(again.err.contains("is there already"), "{}", again.err);
        let german = office.file("german.pdf");
        let said = office.document(&[
            "notice",
            "--number",
            number.as_str(),
            "--language",
            "it",
            "--second",
            "de",
            "--out",
            &german,
        ]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let none = office.document(&["notice", "--key", "none", "--out", &office.file("none.pdf")]);
        assert_eq!(none.code, Some(2), "{none:?}");
        assert!(!Path::new(&office.file("none.pdf")).exists());

        paid(&office.portal).await;
        let receipt = office.file("receipt.pdf");
        let said = office.document(&[
            "receipt",
            "--receipt",
            "r-document",
            "--original",
            "--out",
            &receipt,
        ]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let noted = office.document(&["accesses", "--receipt", "r-document"]);
        // It takes an archive alone.
        assert_eq!(noted.code, Some(2), "{noted:?}");
        let database = office.portal.database();
        let noted = run(&[
            "document",
            "accesses",
            "--notice",
            number.as_str(),
            "--institution",
            MUNICIPALITY,
            "--database",
            &database,
        ]);
        assert_eq!(noted.out.lines().count(), 2, "{noted:?}");
        assert!(
            noted.out.contains("it+de") && noted.out.contains("command_line"),
            "{noted:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_receipts_are_one_file() {
    let office = Office::on(TestStore::sqlite().await).await;
    let (first, second) = (number(9001), number(9002));
    for (id, notice) in [("z1", &first), ("z2", &second), ("z3", &second)] {
        let message = delivery(&receipt(id, notice, Cents::new(100)));
        assert_eq!(office.portal.tell(message).await.outcome(), "OK");
    }
    let debtor = receipt("z", &first, Cents::new(1)).debtor.code;
    let out = office.file("receipts.zip");
    let said = office.document(&["receipts", "--person", &debtor, "--out", &out]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&out).unwrap()).unwrap();
    let names: Vec<String> = archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    assert!(
        names.iter().filter(|name| name.contains(second.as_str())).count() == 2,
        "{names:?}"
    );
    assert!(
        names
            .iter()
            .any(|name| name.ends_with(&format!("{second}-2.pdf"))),
        "{names:?}"
    );
    let mut bytes = Vec::new();
    archive.by_index(0).unwrap().read_to_end(&mut bytes).unwrap();
    assert!(bytes.starts_with(b"%PDF-"));
    let nobody = office.document(&[
        "receipts",
        "--person",
        "XXXXXX00X00X000X",
        "--out",
        &office.file("n.zip"),
    ]);
    assert_eq!(nobody.code, Some(2));
    assert!(!Path::new(&office.file("n.zip")).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_makes_a_link_that_the_portal_opens() {
    let office = Office::on(TestStore::sqlite().await).await;
    let (number, _) = owed(&office.portal).await;
    let said = office.document(&["link", "--notice", number.as_str(), "--hours", "1"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let address = said.out.lines().next().unwrap();
    let path = address.strip_prefix("http://127.0.0.1:3000").unwrap();
    let document = office.portal.open(path).await;
    assert_eq!(document.status, StatusCode::OK);
    assert!(document.body.starts_with(b"%PDF-"));
    paid(&office.portal).await;
    let said = office.document(&["link", "--receipt", "r-document", "--language", "en"]);
    let address = said.out.lines().next().unwrap().to_owned();
    let path = address.strip_prefix("http://127.0.0.1:3000").unwrap();
    assert!(path.starts_with(&format!(
        "/en/receipt/{MUNICIPALITY}/r-document/document.pdf?expires="
    )));
    assert_eq!(office.portal.open(path).await.status, StatusCode::OK);
    let none = office.document(&["link", "--receipt", "none"]);
    assert_eq!((none.code, none.out.as_str()), (Some(2), ""), "{none:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_prints_a_batch_and_looks_at_it() {
    for store in engines().await {
        let office = Office::on(store).await;
        let said = office.document(&["batch", "start", "--volume", "10", "--order", "postal-code"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let batch = said
            .out
            .strip_prefix("batch ")
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .to_owned();
        let waiting = office.document(&["batch", "list"]);
        assert!(waiting.out.contains("choosing"), "{waiting:?}");
        let run = office.document(&["batch", "run"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.out.contains("printing"), "how far it is: {run:?}");
        let shown = office.document(&["batch", "show", &batch]);
        assert!(
            shown.out.contains("  done  ") && shown.out.contains("volume 1  avvisi-0001-"),
            "{shown:?}"
        );
        let listed = office.document(&["batch", "list", "--json"]);
        let listed: Value = serde_json::from_str(listed.out.trim()).unwrap();
        assert_eq!(listed["state"], "done");
        assert!(listed["printed"].as_u64().unwrap() > 10, "{listed}");
        let folder = shown
            .out
            .lines()
            .find_map(|line| line.strip_prefix("  in "))
            .unwrap();
        let index = std::fs::read_to_string(Path::new(folder).join("indice.csv")).unwrap();
        assert!(index.starts_with('\u{feff}'));
        let over = office.document(&["batch", "cancel", &batch]);
        assert_eq!(over.code, Some(2), "{over:?}");
        let wrong = office.document(&["batch", "start", "--service", "none-such"]);
        assert_eq!(wrong.code, Some(2), "{wrong:?}");
    }
}
