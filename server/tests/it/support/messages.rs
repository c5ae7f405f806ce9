//! What the hub sends.

use domain::at_provider::{BodyCode, CanoneUnicoData, CieData, CieReason, ServiceData};
use domain::receipt::{Psp, ReceiptDestination, ReceiptTransfer};
use domain::subject::Address;
use domain::{Cents, CreditorFiscalCode, NoticeNumber, Receipt, ReceiptId, Subject, SubjectKind};
use pagopa::pa_for_node::get_payment::{self, TransferType};
use pagopa::pa_for_node::{Edition, Head, demand_payment_notice, send_rt, verify_payment_notice};

/// The demo city's municipality, which is its own broker.
pub(crate) const MUNICIPALITY: &str = "00856930102";
/// The waste company of the demo city.
pub(crate) const COMPANY: &str = "03001847015";
/// An institution that is not served here.
pub(crate) const STRANGER: &str = "01199250158";

pub(crate) fn code(text: &str) -> CreditorFiscalCode {
    CreditorFiscalCode::parse(text).unwrap()
}

/// The municipality's notice with this progressive number.
pub(crate) fn number(base: u64) -> NoticeNumber {
    NoticeNumber::issue("12".parse().unwrap(), base).unwrap()
}

pub(crate) fn head(institution: &str) -> Head {
    Head {
        institution: institution.to_owned(),
        broker: MUNICIPALITY.to_owned(),
        station: format!("{MUNICIPALITY}_01"),
    }
}

pub(crate) fn verify(institution: &str, number: &str) -> verify_payment_notice::Request {
    verify_payment_notice::Request {
        head: head(institution),
        fiscal_code: code(institution),
        notice_number: NoticeNumber::parse(number).unwrap(),
    }
}

pub(crate) fn get(institution: &str, number: &str, accounts: Option<TransferType>) -> get_payment::Request {
    get_payment::Request {
        edition: Edition::Second,
        head: head(institution),
        fiscal_code: code(institution),
        notice_number: NoticeNumber::parse(number).unwrap(),
        amount: None,
        payment_note: None,
        transfer_type: accounts,
        due_on: None,
    }
}

/// What a payer says to pay canone unico to the municipality.
pub(crate) fn canone_unico(cents: i64) -> CanoneUnicoData {
    CanoneUnicoData {
        body: BodyCode::FiscalCode(code(MUNICIPALITY)),
        company_name: "Comune di Genova".to_owned(),
        debtor_code: "RSSMRA85T10A562S".to_owned(),
        debtor_name: "Mario Rossi".to_owned(),
        debtor_email: Some("mario.rossi@example.it".to_owned()),
        amount: Cents::new(cents),
    }
}

/// What a payer says to get an identity card from the municipality.
pub(crate) fn identity_card() -> CieData {
    CieData {
        reason: CieReason::First,
        municipality: code(MUNICIPALITY),
        holder_code: "VRDLGU50A41D969T".to_owned(),
        holder_name: "Luigia Verdi".to_owned(),
    }
}

/// The demand that a provider sends to the municipality for a service of the demo city.
pub(crate) fn demand(service_id: &str, data: ServiceData) -> demand_payment_notice::Request {
    demand_payment_notice::Request {
        head: head(MUNICIPALITY),
        service_id: service_id.to_owned(),
        subject_id: "GE001".to_owned(),
        data,
    }
}

/// The municipality's receipt for one of its notices.
pub(crate) fn receipt(id: &str, number: &NoticeNumber, amount: Cents) -> Receipt {
    let payer = Subject {
        kind: SubjectKind::Natural,
        code: "VRDLGU50A41D969T".to_owned(),
        full_name: "Luigia Verdi".to_owned(),
        address: Address::default(),
        email: None,
    };
    Receipt {
        id: ReceiptId::parse(id).unwrap(),
        recipient: code(MUNICIPALITY),
        issuer: code(MUNICIPALITY),
        notice_number: number.clone(),
        iuv: number.iuv(),
        amount,
        description: "Servizio mensa".to_owned(),
        company_name: "Comune di Genova".to_owned(),
        office_name: None,
        debtor: payer.clone(),
        payer: Some(payer),
        transfers: vec![ReceiptTransfer {
            id: 1,
            amount,
            beneficiary: code(MUNICIPALITY),
            beneficiary_name: Some("Comune di Genova".to_owned()),
            destination: ReceiptDestination::Account("IT92P0617501400000000123456".to_owned()),
            remittance_information: "Servizio mensa".to_owned(),
            category: "9/0107101TS/".to_owned(),
            metadata: Vec::new(),
        }],
        psp: Psp {
            id: "PSPXITR1XXX".to_owned(),
            name: "Banca di prova".to_owned(),
            fiscal_code: Some("99999999990".to_owned()),
            vat_number: None,
            channel: "99999999990_01".to_owned(),
            channel_description: "app".to_owned(),
        },
        payment_method: Some("creditCard".to_owned()),
        payment_note: None,
        fee: Some(Cents::new(130)),
        paid_at: "2026-11-23T10:15:30".parse().ok(),
        applied_on: "2026-11-23".parse().ok(),
        transferred_on: "2026-11-24".parse().ok(),
        stand_in: false,
        metadata: Vec::new(),
    }
}

/// The message that delivers a receipt to its recipient.
pub(crate) fn delivery(receipt: &Receipt) -> String {
    delivery_in(Edition::Second, receipt)
}

/// The same in an edition of the hub's choice.
pub(crate) fn delivery_in(edition: Edition, receipt: &Receipt) -> String {
    send_rt::Request {
        edition,
        head: head(receipt.recipient.as_str()),
        receipt: receipt.clone(),
    }
    .write()
}
