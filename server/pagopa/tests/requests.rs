//! Requests in the shapes the hub may send, and in those it may not.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::{demand_request, get_request, receipt, receipt_request, stamp_duty, verify_request};
use domain::receipt::ReceiptDestination;
use pagopa::pa_for_node::{Operation, Request, read_request};
use pagopa::{FaultCode, Reason, WireError};

fn refused(message: &str) -> WireError {
    read_request(message.as_bytes()).expect_err(message)
}

#[test]
fn the_same_request_is_read_from_every_way_to_write_it() {
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    let paf = "http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd";
    let fields = "<idPA>00856930102</idPA><idBrokerPA>00856930102</idBrokerPA><idStation>00856930102_01</idStation>\
        <qrCode><fiscalCode>00856930102</fiscalCode><noticeNumber>312202600000002502</noticeNumber></qrCode>";
    let ways = [
        format!(
            "<a:Envelope xmlns:a='{soap}'><a:Body><b:paVerifyPaymentNoticeReq xmlns:b='{paf}'>{fields}</b:paVerifyPaymentNoticeReq></a:Body></a:Envelope>"
        ),
        // A default namespace, undone on every child.
        format!(
            "<Envelope xmlns='{soap}'><Body><paVerifyPaymentNoticeReq xmlns='{paf}'>{}</paVerifyPaymentNoticeReq></Body></Envelope>",
            fields
                .replace("<id", "<id xmlns='' ")
                .replace("<id xmlns='' PA", "<idPA xmlns=''")
                .replace("<id xmlns='' BrokerPA", "<idBrokerPA xmlns=''")
                .replace("<id xmlns='' Station", "<idStation xmlns=''")
                .replace("<qrCode>", "<qrCode xmlns=''>")
        ),
        // Comments, an instruction, white space, CDATA, references, schema hints, a header nobody knows.
        format!(
            "\u{FEFF}<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\r\n<!-- hub --><a:Envelope xmlns:a='{soap}' xmlns:b='{paf}' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' a:encodingStyle='x'>\r\n\t<a:Header><w:Trace xmlns:w='urn:w' w:id='1'>7</w:Trace></a:Header>\n<a:Body wsu:Id='b' xmlns:wsu='urn:wsu'><?pi x?> <b:paVerifyPaymentNoticeReq xsi:type='b:paVerifyPaymentNoticeReq'>{}</b:paVerifyPaymentNoticeReq> </a:Body></a:Envelope>\n<!-- end -->",
            fields.replace("><", "> <").replace("> </", "></").replace(
                "<idPA>00856930102",
                "<!-- who --><idPA><![CDATA[0085]]>6930&#49;<!-- x -->0&#x32;"
            )
        ),
    ];
    for way in ways {
        assert_eq!(
            read_request(way.as_bytes()),
            Ok(Request::VerifyPaymentNotice(verify_request())),
            "{way}"
        );
    }
}

#[test]
fn a_broken_request_tells_its_operation_and_what_is_wrong() {
    let cases: [(&str, &str, Reason); 10] = [
        (
            "<idPA>00856930102</idPA>",
            "",
            Reason::Missing { element: "idPA" },
        ),
        (
            "<idPA>00856930102</idPA>",
            "<idPA></idPA>",
            Reason::Value {
                element: "idPA",
                rule: "is empty or too long",
            },
        ),
        (
            "<idPA>00856930102</idPA>",
            "<idPA/>",
            Reason::Value {
                element: "idPA",
                rule: "is empty or too long",
            },
        ),
        (
            "<idPA>",
            "<idPA xmlns=\"urn:x\">",
            Reason::Missing { element: "idPA" },
        ),
        (
            "<idPA>",
            "<idPA lang=\"it\">",
            Reason::Attribute {
                element: "idPA".into(),
            },
        ),
        (
            "<idPA>00856930102",
            "<idPA><b/>00856930102",
            Reason::Unexpected { element: "b".into() },
        ),
        (
            "02502<",
            "0250<",
            Reason::Value {
                element: "noticeNumber",
                rule: "is not 18 digits",
            },
        ),
        (
            "</qrCode>",
            "</qrCode><qrCode/>",
            Reason::Unexpected {
                element: "qrCode".into(),
            },
        ),
        (
            "<qrCode>",
            "<qrCode>x",
            Reason::Text {
                element: "qrCode".into(),
            },
        ),
        ("</qrCode>", "", Reason::NotXml),
    ];
    for (from, to, reason) in cases {
        let message = verify_request().write();
        assert!(message.contains(from));
        let error = refused(&message.replacen(from, to, 1));
        assert_eq!(
            error,
            WireError {
                operation: Some(Operation::VerifyPaymentNotice),
                reason
            }
        );
        assert_eq!(error.fault_code(), FaultCode::Syntax);
        assert!(
            !error.to_string().contains("00856930102"),
            "no values in sentences"
        );
    }
}

#[test]
fn amounts_types_and_dates_of_a_payment_request_are_read_strictly() {
    for (from, to) in [
        ("199.50", "199,50"),
        ("199.50", "199"),
        ("199.50", "1000000000.00"),
        ("PAGOPA", "pagopa"),
        ("2026-12-31", "31/12/2026"),
        ("<paymentNote>cart-42</paymentNote>", "<paymentNote/>"),
        ("cart-42", &"x".repeat(211)),
    ] {
        let error = refused(&get_request().write().replacen(from, to, 1));
        assert_eq!(
            (error.operation, error.fault_code()),
            (Some(Operation::GetPaymentV2), FaultCode::Syntax),
            "{to}"
        );
    }
    let zoned = get_request().write().replace("2026-12-31", "2026-12-31+01:00");
    assert_eq!(
        read_request(zoned.as_bytes()),
        Ok(Request::GetPayment(get_request()))
    );
}

#[test]
fn what_is_no_operation_of_the_service_is_not_recognised() {
    for root in [
        "paSurprise",
        "paVerifyPaymentNoticeRes",
        "PAVERIFYPAYMENTNOTICEREQ",
    ] {
        let message = verify_request().write().replace("paVerifyPaymentNoticeReq", root);
        assert_eq!(
            refused(&message),
            WireError {
                operation: None,
                reason: Reason::UnknownOperation
            },
            "{root}"
        );
    }
    let elsewhere = verify_request()
        .write()
        .replace("pa/paForNode.xsd", "pa/nodeForPsp.xsd");
    assert_eq!(refused(&elsewhere).operation, None);
}

#[test]
fn a_demand_that_breaks_the_schema_is_told_from_service_data_that_break_theirs() {
    let message = demand_request().write();
    for (from, to) in [
        ("00007", "0007"),
        ("GE001", "GE0012"),
        ("<idServizio>00007</idServizio>", ""),
        ("datiSpecificiServizioRequest", "datiSpecificiServizio"),
        (
            "<datiSpecificiServizioRequest>",
            "<datiSpecificiServizioRequest>!",
        ),
    ] {
        let error = refused(&message.replace(from, to));
        assert_eq!(
            (error.operation, error.fault_code()),
            (Some(Operation::DemandPaymentNotice), FaultCode::Syntax),
            "{to}"
        );
    }
    let data = |base64: &str| {
        let (head, rest) = message.split_once("<datiSpecificiServizioRequest>").unwrap();
        let (_, tail) = rest.split_once("</datiSpecificiServizioRequest>").unwrap();
        let name = "datiSpecificiServizioRequest";
        refused(&format!("{head}<{name}>{base64}</{name}>{tail}"))
    };
    // Nothing; "hello"; `<a`; an element of canone unico that is not its root.
    for base64 in [
        "",
        "aGVsbG8=",
        "PGE=",
        "PGEgeG1sbnM9Imh0dHA6Ly9QdW50b0FjY2Vzc29QU1Auc3Bjb29wLmdvdi5pdC9DdXAiLz4=",
    ] {
        let error = data(base64);
        assert_eq!(
            (error.operation, error.fault_code()),
            (Some(Operation::DemandPaymentNotice), FaultCode::ServiceDataSyntax),
            "{base64}"
        );
    }
}

#[test]
fn the_manuals_spelling_of_a_demand_is_not_the_schemas() {
    let message = demand_request().write();
    let misnamed = message.replace("paDemandPaymentNoticeRequest", "paDemandPaymentNoticeReq");
    assert_eq!(refused(&misnamed).operation, None);
    let folded = message.replace(
        "<datiSpecificiServizioRequest>PD94",
        "<datiSpecificiServizioRequest>\n  PD\r\n94 ",
    );
    assert_ne!(folded, message);
    assert_eq!(
        read_request(folded.as_bytes()),
        Ok(Request::DemandPaymentNotice(Box::new(demand_request()))),
        "white space in base64 means nothing"
    );
}

#[test]
fn hostile_messages_are_refused_before_they_cost_anything() {
    let message = verify_request().write();
    let laughs = message.replace(
        "?>\n",
        "?>\n<!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>",
    );
    assert_eq!(refused(&laughs).reason, Reason::Doctype);
    assert_eq!(
        refused(&message.replace("<idPA>", "<idPA>&xxe;")).reason,
        Reason::Entity
    );
    let deep = message.replace("<idPA>", &"<a>".repeat(5_000));
    assert_eq!(refused(&deep).reason, Reason::TooDeep);
    let many = message.replace("<idPA>", &format!("{}<idPA>", "<a/>".repeat(5_000)));
    assert_eq!(refused(&many).reason, Reason::TooManyElements);
    let long = message.replace("<idPA>", &format!("<idPA>{}", "x".repeat(200_000)));
    assert_eq!(refused(&long).reason, Reason::TextTooLong);
    let huge = message.replace(
        "<idPA>",
        &format!("<idPA>{}", "x".repeat(pagopa::MAX_MESSAGE_BYTES)),
    );
    assert_eq!(
        refused(&huge),
        WireError {
            operation: None,
            reason: Reason::TooLarge
        }
    );
    let bindings: Vec<String> = (0..5_000).map(|n| format!(" xmlns:n{n}='urn:{n}'")).collect();
    let bound = message.replace("<idPA>", &format!("<idPA{}>", bindings.concat()));
    assert!(matches!(
        refused(&bound).reason,
        Reason::NotXml | Reason::TooManyAttributes
    ));
}

#[test]
fn a_receipt_is_not_lost_to_the_spelling_or_place_of_stand_in() {
    let mut expected = receipt_request();
    expected.receipt.stand_in = true;
    let message = receipt_request().write();
    let last = "<standIn>false</standIn>";
    for (from, to) in [
        (last, "<standIn>true</standIn>"),
        (last, "<standin>true</standin>"),
        (last, "<standIn> 1 </standIn>"),
        ("<receipt>", "<receipt><standIn>true</standIn>"),
        ("<fee>", "<standin>1</standin><fee>"),
        ("</receipt>", "</receipt><standIn>true</standIn>"),
    ] {
        let read = read_request(message.replace(from, to).as_bytes());
        assert_eq!(read, Ok(Request::SendRt(Box::new(expected.clone()))), "{to}");
    }
    let missing = read_request(message.replace(last, "").as_bytes());
    assert_eq!(missing, Ok(Request::SendRt(Box::new(receipt_request()))));
    assert!(read_request(message.replace(last, "<standIn>maybe</standIn>").as_bytes()).is_err());
}

#[test]
fn a_receipt_is_read_through_any_station_and_with_its_bundle_data() {
    let message = receipt_request().write().replace("00856930102_01", "00856930102_77").replace(
        "</fee>",
        "</fee><primaryCiIncurredFee>0.00</primaryCiIncurredFee><idBundle>b</idBundle><idCiBundle>c</idCiBundle>",
    );
    match read_request(message.as_bytes()) {
        Ok(Request::SendRt(request)) => {
            assert_eq!(request.head.station, "00856930102_77");
            assert_eq!(request.receipt, receipt());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_receipt_is_not_lost_to_a_stamp_that_is_none() {
    let message = receipt_request().write();
    let attachment = stamp_duty().write_unsigned();
    for (base64, digest) in [
        (attachment.as_str(), Some(stamp_duty().document_digest)),
        ("PGEvPg==", None),
    ] {
        match read_request(message.replace("PGEvPg==", base64).as_bytes()) {
            Ok(Request::SendRt(request)) => assert_eq!(
                request.receipt.transfers[1].destination,
                ReceiptDestination::StampDuty {
                    attachment: base64.to_owned(),
                    document_digest: digest,
                }
            ),
            other => panic!("{other:?}"),
        }
    }
    let error = refused(&message.replace("PGEvPg==", "PGEvPg="));
    assert_eq!(error.fault_code(), FaultCode::Syntax);
}

#[test]
fn a_receipt_of_nothing_paid_or_for_nobody_is_refused() {
    let message = receipt_request().write();
    let error = refused(&message.replace("<outcome>OK<", "<outcome>KO<"));
    assert_eq!(
        (error.reason.clone(), error.fault_code()),
        (Reason::NotPaid, FaultCode::Semantic)
    );
    let error = refused(&message.replace("<idPA>00856930102<", "<idPA>C_D969<"));
    assert_eq!(
        (error.reason.clone(), error.fault_code()),
        (Reason::Institution, FaultCode::WrongInstitution)
    );
    let six = message.replace("</transferList>", &{
        let transfer = message
            .split("<transfer>")
            .nth(1)
            .unwrap()
            .split("</transfer>")
            .next()
            .unwrap();
        format!(
            "{}</transferList>",
            format!("<transfer>{transfer}</transfer>").repeat(4)
        )
    });
    assert_eq!(
        refused(&six).reason,
        Reason::Value {
            element: "transferList",
            rule: "has more than 5 transfers"
        }
    );
}

#[test]
fn sentences_name_the_element_and_the_rule() {
    let error = refused(&verify_request().write().replace("02502<", "0250<"));
    assert_eq!(error.to_string(), "noticeNumber is not 18 digits");
    assert_eq!(
        Reason::Missing { element: "idPA" }.to_string(),
        "idPA is missing, or not in its place"
    );
}
