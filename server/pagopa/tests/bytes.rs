//! What is written, to the byte.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::{
    canone_unico, demand_request, demanded, due, fault, first_edition, head, identity_card, payment,
    receipt_request, subject, verify_request,
};
use domain::Subject;
use domain::at_provider::ServiceData;
use pagopa::pa_for_node::demand_payment_notice::write_service_data;
use pagopa::pa_for_node::{Answer, Edition, Operation, demand_payment_notice, send_rt, write_refusal};

/// The message inside the fixed envelope.
fn inside(message: &str) -> &str {
    message
        .strip_prefix(concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" ",
            "xmlns:paf=\"http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd\"><soapenv:Header/><soapenv:Body>",
        ))
        .and_then(|rest| rest.strip_suffix("</soapenv:Body></soapenv:Envelope>"))
        .expect("the fixed envelope")
}

#[test]
fn a_verify_request() {
    assert_eq!(
        inside(&verify_request().write()),
        "<paf:paVerifyPaymentNoticeReq><idPA>00856930102</idPA><idBrokerPA>00856930102</idBrokerPA>\
         <idStation>00856930102_01</idStation><qrCode><fiscalCode>00856930102</fiscalCode>\
         <noticeNumber>312202600000002502</noticeNumber></qrCode></paf:paVerifyPaymentNoticeReq>"
    );
}

#[test]
fn a_notice_that_is_due() {
    assert_eq!(
        inside(&Answer::Ok(due()).write()),
        "<paf:paVerifyPaymentNoticeRes><outcome>OK</outcome><paymentList><paymentOptionDescription>\
         <amount>120.50</amount><options>EQ</options><dueDate>2026-12-31</dueDate>\
         <detailDescription>Mensa, ottobre &amp; novembre</detailDescription><allCCP>false</allCCP>\
         </paymentOptionDescription></paymentList><paymentDescription>Refezione scolastica</paymentDescription>\
         <fiscalCodePA>00856930102</fiscalCodePA><companyName>Comune di prova</companyName>\
         <officeName>Ufficio mense</officeName></paf:paVerifyPaymentNoticeRes>"
    );
}

#[test]
fn a_refusal_has_the_root_of_its_operation() {
    for operation in Operation::ALL {
        let root = operation.response_root();
        assert_eq!(
            inside(&write_refusal(operation, &fault())),
            format!(
                "<paf:{root}><outcome>KO</outcome><fault><faultCode>PAA_PAGAMENTO_SCADUTO</faultCode>\
                 <faultString>Pagamento in attesa risulta scaduto all’Ente Creditore</faultString>\
                 <id>00856930102</id><description>scaduto il 31/12</description></fault></paf:{root}>"
            )
        );
    }
}

const DEBTOR: &str = "<uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType>\
    <entityUniqueIdentifierValue>RSSMRA85T10A562S</entityUniqueIdentifierValue></uniqueIdentifier>\
    <fullName>Mario Rossi</fullName><streetName>Via Garibaldi</streetName><civicNumber>9</civicNumber>\
    <postalCode>16124</postalCode><city>Genova</city><stateProvinceRegion>GE</stateProvinceRegion>\
    <country>IT</country><e-mail>mario.rossi@example.it</e-mail>";

#[test]
fn a_payment_with_a_stamp_duty() {
    assert_eq!(
        inside(&Answer::Ok(payment()).write(Edition::Second)),
        format!(
            "<paf:paGetPaymentV2Response><outcome>OK</outcome><data>\
             <creditorReferenceId>12202600000002502</creditorReferenceId><paymentAmount>206.00</paymentAmount>\
             <dueDate>2026-12-31</dueDate><description>TARI 2026</description>\
             <companyName>Comune di prova</companyName><debtor>{DEBTOR}</debtor><transferList><transfer>\
             <idTransfer>1</idTransfer><transferAmount>190.00</transferAmount><fiscalCodePA>00856930102</fiscalCodePA>\
             <companyName>Comune di prova</companyName><IBAN>IT92P0617501400000000123456</IBAN>\
             <remittanceInformation>TARI 2026</remittanceInformation><transferCategory>9/0101101IM/</transferCategory>\
             <metadata><mapEntry><key>TARI-TEFA-1</key><value>D969|2026|3944</value></mapEntry></metadata></transfer>\
             <transfer><idTransfer>2</idTransfer><transferAmount>16.00</transferAmount>\
             <fiscalCodePA>00856930102</fiscalCodePA><companyName>Comune di prova</companyName>\
             <richiestaMarcaDaBollo><hashDocumento>JtST9dN+2S++MicVNPKmAFx9GoYvb7Iq8gl2xB8CIKo=</hashDocumento>\
             <tipoBollo>01</tipoBollo><provinciaResidenza>GE</provinciaResidenza></richiestaMarcaDaBollo>\
             <remittanceInformation>Imposta di bollo</remittanceInformation>\
             <transferCategory>9/0115103TS/</transferCategory></transfer></transferList></data>\
             </paf:paGetPaymentV2Response>"
        )
    );
}

#[test]
fn a_receipt_and_its_acknowledgement() {
    assert_eq!(
        inside(&receipt_request().write()),
        format!(
            "<paf:paSendRTV2Request><idPA>00856930102</idPA><idBrokerPA>00856930102</idBrokerPA>\
             <idStation>00856930102_01</idStation><receipt><receiptId>11112222333344445555666677778888</receiptId>\
             <noticeNumber>312202600000002502</noticeNumber><fiscalCode>00856930102</fiscalCode><outcome>OK</outcome>\
             <creditorReferenceId>12202600000002502</creditorReferenceId><paymentAmount>206.00</paymentAmount>\
             <description>TARI 2026</description><companyName>Comune di prova</companyName><debtor>{DEBTOR}</debtor>\
             <transferList><transfer><idTransfer>1</idTransfer><transferAmount>190.00</transferAmount>\
             <fiscalCodePA>00856930102</fiscalCodePA><companyName>Comune di prova</companyName>\
             <IBAN>IT92P0617501400000000123456</IBAN><remittanceInformation>TARI 2026</remittanceInformation>\
             <transferCategory>9/0101101IM/</transferCategory><metadata><mapEntry><key>TARI-TEFA-1</key>\
             <value>D969|2026|3944</value></mapEntry></metadata></transfer><transfer><idTransfer>2</idTransfer>\
             <transferAmount>16.00</transferAmount><fiscalCodePA>00856930102</fiscalCodePA>\
             <MBDAttachment>PGEvPg==</MBDAttachment><remittanceInformation>Imposta di bollo</remittanceInformation>\
             <transferCategory>0115103TS</transferCategory></transfer></transferList><idPSP>PSPXITR1XXX</idPSP>\
             <pspFiscalCode>99999999990</pspFiscalCode><pspPartitaIVA>99999999990</pspPartitaIVA>\
             <PSPCompanyName>Banca di prova</PSPCompanyName><idChannel>99999999990_01</idChannel>\
             <channelDescription>app</channelDescription><payer><uniqueIdentifier>\
             <entityUniqueIdentifierType>F</entityUniqueIdentifierType>\
             <entityUniqueIdentifierValue>RSSMRA85T10A562S</entityUniqueIdentifierValue></uniqueIdentifier>\
             <fullName>Mario Rossi</fullName></payer><paymentMethod>creditCard</paymentMethod>\
             <paymentNote>cart-42</paymentNote><fee>1.30</fee><paymentDateTime>2026-11-20T10:15:30</paymentDateTime>\
             <applicationDate>2026-11-20</applicationDate><transferDate>2026-11-21</transferDate>\
             <standIn>false</standIn></receipt></paf:paSendRTV2Request>"
        )
    );
    for (edition, response) in [
        (Edition::First, "paSendRTRes"),
        (Edition::Second, "paSendRTV2Response"),
    ] {
        assert_eq!(
            inside(&Answer::Ok(()).write(edition)),
            format!("<paf:{response}><outcome>OK</outcome></paf:{response}>")
        );
    }
}

#[test]
fn the_first_edition_names_nobody_credited_and_has_no_note() {
    let mut payment = first_edition(payment());
    payment.transfers.truncate(1);
    let transfer = "<transferList><transfer><idTransfer>1</idTransfer><transferAmount>190.00</transferAmount>\
        <fiscalCodePA>00856930102</fiscalCodePA><IBAN>IT92P0617501400000000123456</IBAN>\
        <remittanceInformation>TARI 2026</remittanceInformation><transferCategory>9/0101101IM/</transferCategory>\
        <metadata><mapEntry><key>TARI-TEFA-1</key><value>D969|2026|3944</value></mapEntry></metadata></transfer>";
    assert_eq!(
        inside(&Answer::Ok(payment).write(Edition::First)),
        format!(
            "<paf:paGetPaymentRes><outcome>OK</outcome><data>\
             <creditorReferenceId>12202600000002502</creditorReferenceId><paymentAmount>190.00</paymentAmount>\
             <dueDate>2026-12-31</dueDate><description>TARI 2026</description>\
             <companyName>Comune di prova</companyName><debtor>{DEBTOR}</debtor>{transfer}</transferList></data>\
             </paf:paGetPaymentRes>"
        )
    );
    let receipt = send_rt::Request {
        edition: Edition::First,
        ..receipt_request()
    }
    .write();
    assert!(
        receipt.contains("<paf:paSendRTReq>") && receipt.contains(transfer),
        "{receipt}"
    );
    assert!(
        !receipt.contains("paymentNote")
            && receipt.contains("<paymentMethod>creditCard</paymentMethod><fee>")
    );
}

#[test]
fn what_does_not_fit_is_cut_left_out_or_made_anonymous() {
    let mut payment = payment();
    payment.description = "è".repeat(141);
    payment.company_name = String::new();
    payment.debtor = Subject {
        code: "A-CODE-TOO-LONG-FOR-THE-HUB".into(),
        full_name: "A\u{0}B\nC".into(),
        email: Some("perché@example.it".into()),
        ..subject()
    };
    payment.debtor.address.country = Some("Italia".into());
    payment.debtor.address.number = Some(String::new());
    payment.transfers[1].metadata = (0..17).map(|n| (format!("k{n}"), "v".to_owned())).collect();
    let message = Answer::Ok(payment).write(Edition::Second);
    assert!(message.contains(&format!("<description>{}</description>", "è".repeat(140))));
    assert!(message.contains("</description><companyName>-</companyName>"));
    assert!(message.contains("<entityUniqueIdentifierValue>ANONIMO</entityUniqueIdentifierValue>"));
    assert!(message.contains("<fullName>A B\nC</fullName>"));
    for left_out in ["<e-mail>", "<country>", "<civicNumber>", "k15"] {
        assert!(!message.contains(left_out), "{left_out}");
    }
    assert!(message.contains("k14"));
}

#[test]
fn a_receipts_recipient_is_the_institution_it_is_written_to() {
    let mut request = receipt_request();
    request.head = pagopa::pa_for_node::Head {
        institution: "99999999999".into(),
        ..head()
    };
    assert!(request.write().contains("<idPA>00856930102</idPA>"));
}

#[test]
fn a_demand_and_its_answer() {
    assert_eq!(
        String::from_utf8(write_service_data(&identity_card())).unwrap(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <pagamentoCIE xmlns=\"http://PuntoAccessoPSP.spcoop.gov.it/pagamentoCIE\"><codiceCausale>1</codiceCausale>\
         <codiceFiscaleComune>00856930102</codiceFiscaleComune><intestatario>\
         <codiceFiscaleIntestatario>RSSMRA85T10A562S</codiceFiscaleIntestatario>\
         <denominazioneIntestatario>Mario Rossi</denominazioneIntestatario></intestatario></pagamentoCIE>"
    );
    assert_eq!(
        String::from_utf8(write_service_data(&canone_unico())).unwrap(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><pagamentoCup xmlns=\"http://PuntoAccessoPSP.spcoop.gov.it/Cup\">\
         <organizationFiscalCode>00856930102</organizationFiscalCode><companyName>Comune di prova</companyName>\
         <debtorFiscalCode>RSSMRA85T10A562S</debtorFiscalCode><debtorFullName>Mario Rossi</debtorFullName>\
         <debtorEmail>mario.rossi@example.it</debtorEmail><amount>50.00</amount></pagamentoCup>"
    );
    let other = demand_payment_notice::Request {
        data: ServiceData::Other(b"<a/>".to_vec()),
        ..demand_request()
    };
    assert_eq!(
        inside(&other.write()),
        "<paf:paDemandPaymentNoticeRequest><idPA>00856930102</idPA><idBrokerPA>00856930102</idBrokerPA>\
         <idStation>00856930102_01</idStation><idServizio>00007</idServizio>\
         <idSoggettoServizio>GE001</idSoggettoServizio>\
         <datiSpecificiServizioRequest>PGEvPg==</datiSpecificiServizioRequest></paf:paDemandPaymentNoticeRequest>"
    );
    assert_eq!(
        inside(&Answer::Ok(demanded()).write()),
        "<paf:paDemandPaymentNoticeResponse><outcome>OK</outcome><qrCode><fiscalCode>00856930102</fiscalCode>\
         <noticeNumber>312202600000002502</noticeNumber></qrCode><paymentList><paymentOptionDescription>\
         <amount>120.50</amount><options>EQ</options><dueDate>2026-12-31</dueDate>\
         <detailDescription>Mensa, ottobre &amp; novembre</detailDescription><allCCP>false</allCCP>\
         </paymentOptionDescription></paymentList><paymentDescription>Refezione scolastica</paymentDescription>\
         <fiscalCodePA>00856930102</fiscalCodePA><companyName>Comune di prova</companyName>\
         <officeName>Ufficio mense</officeName></paf:paDemandPaymentNoticeResponse>"
    );
}
