//! Flow reports: laws, bounds, and the official samples and schemas where they are.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::{skipped, spec, wire_text};
use domain::Cents;
use domain::flow_report::{FlowKey, FlowOutcome, FlowParty, FlowReport, FlowRow, FlowTotals, check_flow};
use pagopa::Reason;
use pagopa::flow_reports::{
    MAX_FILE_BYTES, MAX_ROWS, ReadFileError, read_head, read_list, read_rows, read_xml, write_xml,
};
use pagopa::receipts::read_receipt;
use proptest::prelude::*;
use std::fs;
use std::process::Command;

fn row(index: u32, cents: i64, outcome: FlowOutcome) -> FlowRow {
    FlowRow {
        index,
        iuv: format!("1220260000000{index:04}"),
        iur: format!("{index:032x}"),
        transfer_id: None,
        amount: Cents::new(cents),
        outcome,
        paid_on: "2026-11-20".parse().unwrap(),
    }
}

fn report(rows: &[FlowRow]) -> FlowReport {
    FlowReport {
        key: FlowKey {
            institution: "00856930102".parse().unwrap(),
            psp: "PSPXITR1XXX".to_owned(),
            id: "2026-11-21PSPXITR1XXX-0000001".parse().unwrap(),
            revision: 1,
        },
        made_at: "2026-11-22T06:00:00".parse().unwrap(),
        regulation: "0306912345678901234567890IT".to_owned(),
        regulated_on: "2026-11-21".parse().unwrap(),
        bank: None,
        sender: FlowParty {
            code: "PSPXITR1XXX".to_owned(),
            name: Some("Banca di prova".to_owned()),
        },
        receiver: FlowParty {
            code: "00856930102".to_owned(),
            name: None,
        },
        declared: FlowTotals {
            count: rows.len() as u64,
            sum: Cents::sum(rows.iter().map(|row| row.amount)).unwrap(),
        },
        computed: None,
    }
}

fn any_row() -> impl Strategy<Value = FlowRow> {
    (
        wire_text(35),
        wire_text(35),
        proptest::option::of(1..=5_u8),
        1..=99_999_999_999_i64,
        proptest::sample::select(FlowOutcome::ALL.to_vec()),
        any::<bool>(),
    )
        .prop_map(|(iuv, iur, transfer_id, cents, outcome, negative)| {
            let sign = if negative && outcome == FlowOutcome::Revoked {
                -1
            } else {
                1
            };
            FlowRow {
                iuv,
                iur,
                transfer_id,
                ..row(0, sign * cents, outcome)
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_file_is_read_as_written(
        mut rows in proptest::collection::vec(any_row(), 1..20),
        regulation in wire_text(35), name in proptest::option::of(wire_text(140)), bank in proptest::option::of(wire_text(35)),
        micros in 0..1_000_000_u32, cents in 0..=99_999_999_999_i64,
    ) {
        for (row, index) in rows.iter_mut().zip(1..) {
            row.index = index;
        }
        let head = report(&[row(1, cents, FlowOutcome::Executed)]);
        let head = FlowReport {
            regulation,
            bank,
            receiver: FlowParty { name, ..head.receiver.clone() },
            made_at: "2026-11-22".parse::<chrono::NaiveDate>().unwrap().and_hms_micro_opt(6, 0, 0, micros).unwrap(),
            ..head
        };
        let file = write_xml(&head, &rows);
        prop_assert_eq!(read_xml(file.as_bytes(), 1), Ok((head, rows)));
    }

    #[test]
    fn no_file_makes_the_reader_stop(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0..2_000_usize) {
        let rows = [row(1, 1, FlowOutcome::Executed)];
        let mut file = write_xml(&report(&rows), &rows).into_bytes();
        let at = at.min(file.len());
        file.splice(at..at, bytes);
        let _ = read_xml(&file, 1);
    }

    #[test]
    fn no_answer_makes_a_reader_stop(
        bytes in proptest::collection::vec(any::<u8>(), 0..100), at in 0..400_usize, cut in 0..40_usize,
    ) {
        let city = "00856930102".parse().unwrap();
        let answer = br#"{"metadata":{"totPage":1},"data":[{"fdr":"a","pspId":"b","revision":1,"published":
            "2026-11-20T10:00:00Z","index":1,"iuv":"1","iur":"1","idTransfer":1,"pay":1.00,"payStatus":"EXECUTED",
            "payDate":"2026-11-20T10:00:00Z"}],"fdrDate":"2026-11-20T10:00:00Z","regulation":"1"}"#;
        let at = at.min(answer.len());
        let end = (at + cut).min(answer.len());
        let mut body = answer.to_vec();
        body.splice(at..end, bytes);
        let _ = (read_list(&city, &body), read_rows(&body, 0), read_receipt(&city, &body));
        let _ = read_head(&report(&[]).key, &body);
    }
}

#[test]
fn a_flow_of_many_payments_is_read_and_one_of_too_many_is_not() {
    let rows: Vec<_> = (1..=100_000)
        .map(|index| row(index, 100, FlowOutcome::Executed))
        .collect();
    let file = write_xml(&report(&rows), &rows);
    let (head, read) = read_xml(file.as_bytes(), 1).unwrap();
    assert_eq!((read.len(), check_flow(&head, &read)), (100_000, Vec::new()));

    let one = "<datiSingoliPagamenti><identificativoUnivocoVersamento>1</identificativoUnivocoVersamento>\
               <identificativoUnivocoRiscossione>1</identificativoUnivocoRiscossione><singoloImportoPagato>0.01\
               </singoloImportoPagato><codiceEsitoSingoloPagamento>0</codiceEsitoSingoloPagamento>\
               <dataEsitoSingoloPagamento>2026-11-20</dataEsitoSingoloPagamento></datiSingoliPagamenti>";
    let head = write_xml(&report(&[]), &[]);
    let (before, after) = head.split_once("</FlussoRiversamento>").unwrap();
    let fits = (MAX_FILE_BYTES - head.len()) / one.len();
    assert!(fits < MAX_ROWS, "rows this long reach the limit of bytes first");
    let file = format!(
        "{before}{}</FlussoRiversamento>{after}{}",
        one.repeat(fits),
        " ".repeat(one.len())
    );
    assert_eq!(read_xml(file.as_bytes(), 1), Err(ReadFileError::TooLarge));
}

#[test]
fn what_breaks_the_schema_is_told_with_its_place() {
    let rows = [
        row(1, 100, FlowOutcome::Executed),
        row(2, 200, FlowOutcome::StandIn),
    ];
    let file = write_xml(&report(&rows), &rows);
    for (from, to, expected) in [
        (
            "<singoloImportoPagato>2.00<",
            "<singoloImportoPagato>2<",
            "payment 2: singoloImportoPagato is not",
        ),
        (
            "Pagamento>4<",
            "Pagamento>7<",
            "payment 2: codiceEsitoSingoloPagamento is not",
        ),
        (
            "versioneOggetto>1.0<",
            "versioneOggetto>2.0<",
            "versioneOggetto is not 1.0 or 1.1",
        ),
        (
            "<identificativoFlusso>2",
            "<identificativoFlusso>/",
            "identificativoFlusso is not",
        ),
        (
            "<importoTotalePagamenti>3.00</importoTotalePagamenti>",
            "",
            "importoTotalePagamenti is missing",
        ),
        ("xmlns=", "xmlns:other=", "the file is not a flow report"),
        (
            "</FlussoRiversamento>",
            "<altro/></FlussoRiversamento>",
            "altro does not belong here",
        ),
        ("</FlussoRiversamento>", "", "not well-formed XML"),
    ] {
        let broken = file.replace(from, to);
        assert_ne!(broken, file);
        let said = read_xml(broken.as_bytes(), 1).unwrap_err().to_string();
        assert!(said.starts_with(expected), "{to}: {said}");
    }
    let none = write_xml(&report(&[]), &[]);
    assert_eq!(
        read_xml(none.as_bytes(), 1),
        Err(ReadFileError::Broken(Reason::Missing {
            element: "datiSingoliPagamenti"
        }))
    );
}

#[test]
fn every_official_sample_is_read() {
    let Some(spec) = spec() else { return };
    let folder = spec.join("samples/fdr");
    let mut files = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "xml") {
            let found = read_xml(&fs::read(&path).unwrap(), 1).map(|(head, rows)| check_flow(&head, &rows));
            assert_eq!(found, Ok(Vec::new()), "{}", path.display());
            files += 1;
        }
    }
    assert_eq!(files, 3);

    let city = "00856930102".parse().unwrap();
    let list = read_list(&city, &fs::read(folder.join("rest-01-list.json")).unwrap()).unwrap();
    assert_eq!((list.flows.len(), list.unreadable, list.pages), (1, 0, 1));
    let key = &list.flows[0].key;
    let head = read_head(key, &fs::read(folder.join("rest-02-flow.json")).unwrap()).unwrap();
    let page = read_rows(&fs::read(folder.join("rest-03-payments.json")).unwrap(), 0).unwrap();
    assert_eq!(
        head.declared,
        FlowTotals {
            count: 3,
            sum: Cents::new(35_550)
        }
    );
    assert_eq!(check_flow(&head, &page.rows), []);
    assert_eq!(page.pages, 1);
}

#[test]
fn files_written_validate() {
    let Some(spec) = spec() else { return };
    let rows: Vec<_> = (1..)
        .zip([FlowOutcome::Executed, FlowOutcome::NoRpt])
        .map(|(index, outcome)| FlowRow {
            transfer_id: Some(5),
            ..row(index, 100, outcome)
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flow.xml");
    fs::write(&file, write_xml(&report(&rows), &rows)).unwrap();
    for schema in ["FlussoRiversamento_1_0_4.xsd", "FlussoRiversamento_1_0_5.xsd"] {
        let mut command = Command::new("xmllint");
        command
            .args(["--noout", "--nonet", "--schema"])
            .arg(spec.join("fdr").join(schema))
            .arg(&file);
        let Ok(output) = command.output() else {
            skipped("install xmllint (package libxml2-utils) to validate what is written");
            return;
        };
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
