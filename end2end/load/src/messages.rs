//! What is sent, ready to the byte: making it costs the sender next to nothing.

use domain::receipt::{Psp, ReceiptDestination, ReceiptTransfer};
use domain::subject::Address;
use domain::{Cents, CreditorFiscalCode, Iuv, NoticeNumber, Receipt, ReceiptId, Subject, SubjectKind};
use pagopa::pa_for_node::{Edition, Head, get_payment, send_rt, verify_payment_notice};

/// The demo city's municipality.
pub(crate) const INSTITUTION: &str = "00856930102";
/// Notices that are asked about, and never paid: the places from 0 on. An archive that grows has more of them.
pub(crate) const ASKED: u64 = 10_000;
/// The first of those that receipts pay.
pub(crate) const PAID_FROM: u64 = 10_000_000;
/// Notices that receipts pay; after the last, receipts come for the first again.
pub(crate) const PAID: u64 = 10_000;
/// What each notice asks.
pub(crate) const AMOUNT: Cents = Cents::new(12_050);

/// What a load does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Verify,
    Get,
    Receipt,
    /// A verify, answered by the bare echo.
    Echo,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Get => "get",
            Self::Receipt => "receipt",
            Self::Echo => "echo",
        }
    }
}

/// The notice in this place of the filled archive.
pub(crate) fn number(place: u64) -> NoticeNumber {
    let segregation = "12".parse().expect("two digits");
    NoticeNumber::issue(segregation, 1_000_000_000_000 + place).expect("the base is small enough")
}

/// Messages of one kind, each different from the one before.
pub(crate) struct Messages {
    kind: Kind,
    /// How many notices are asked about.
    asked: u64,
    /// A message without its notice number, reference and receipt id, cut where they belong.
    parts: Vec<(String, Hole)>,
    last: String,
}

#[derive(Clone, Copy)]
enum Hole {
    Number,
    Iuv,
    ReceiptId,
}

impl Messages {
    pub(crate) fn new(kind: Kind, asked: u64) -> Self {
        let model = model(kind);
        let (number, id) = (number(0), "receipt-0");
        let iuv: &Iuv = &number.iuv();
        let holes = [
            (number.as_str(), Hole::Number),
            (iuv.as_str(), Hole::Iuv),
            (id, Hole::ReceiptId),
        ];
        let mut parts = Vec::new();
        let mut rest = model.as_str();
        while let Some((at, text, hole)) = holes
            .iter()
            .filter_map(|(text, hole)| Some((rest.find(&format!(">{text}<"))? + 1, *text, *hole)))
            .min_by_key(|(at, ..)| *at)
        {
            parts.push((rest[..at].to_owned(), hole));
            rest = &rest[at + text.len()..];
        }
        let last = rest.to_owned();
        Self {
            kind,
            asked,
            parts,
            last,
        }
    }

    /// The message in this place of a load.
    pub(crate) fn message(&self, place: u64) -> String {
        let number = match self.kind {
            Kind::Receipt => number(PAID_FROM + place % PAID),
            // Neighbours in time are not neighbours in the archive.
            Kind::Verify | Kind::Get | Kind::Echo => number(place * 7_919 % self.asked),
        };
        let mut message = String::with_capacity(3_000);
        for (text, hole) in &self.parts {
            message.push_str(text);
            match hole {
                Hole::Number => message.push_str(number.as_str()),
                Hole::Iuv => message.push_str(number.iuv().as_str()),
                Hole::ReceiptId => message.extend(["load", &format!("{place:028}")]),
            }
        }
        message.push_str(&self.last);
        message
    }
}

fn model(kind: Kind) -> String {
    let institution = CreditorFiscalCode::parse(INSTITUTION).expect("eleven digits");
    let head = Head {
        institution: INSTITUTION.to_owned(),
        broker: INSTITUTION.to_owned(),
        station: format!("{INSTITUTION}_01"),
    };
    match kind {
        Kind::Verify | Kind::Echo => verify_payment_notice::Request {
            head,
            fiscal_code: institution,
            notice_number: number(0),
        }
        .write(),
        Kind::Get => get_payment::Request {
            edition: Edition::Second,
            head,
            fiscal_code: institution,
            notice_number: number(0),
            amount: Some(AMOUNT),
            payment_note: None,
            transfer_type: None,
            due_on: None,
        }
        .write(),
        Kind::Receipt => send_rt::Request {
            edition: Edition::Second,
            head,
            receipt: receipt(&institution),
        }
        .write(),
    }
}

fn receipt(institution: &CreditorFiscalCode) -> Receipt {
    let number = number(0);
    let person = Subject {
        kind: SubjectKind::Natural,
        code: "VRDLGU50A41D969T".to_owned(),
        full_name: "Luigia Verdi".to_owned(),
        address: Address::default(),
        email: None,
    };
    Receipt {
        id: ReceiptId::parse("receipt-0").expect("printable"),
        recipient: institution.clone(),
        issuer: institution.clone(),
        iuv: number.iuv(),
        notice_number: number,
        amount: AMOUNT,
        description: "Servizio mensa".to_owned(),
        company_name: "Comune di Genova".to_owned(),
        office_name: None,
        debtor: person.clone(),
        payer: Some(person),
        transfers: vec![ReceiptTransfer {
            id: 1,
            amount: AMOUNT,
            beneficiary: institution.clone(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use pagopa::pa_for_node::{Request, read_request};

    #[test]
    fn receipts_of_a_load_are_read_and_never_alike() {
        let messages = Messages::new(Kind::Receipt, ASKED);
        let read = |place| match read_request(messages.message(place).as_bytes()) {
            Ok(Request::SendRt(request)) => request.receipt,
            other => panic!("{other:?}"),
        };
        let (one, other) = (read(1), read(PAID + 1));
        assert_eq!(one.notice_number, number(PAID_FROM + 1));
        assert_eq!(one.iuv, one.notice_number.iuv());
        assert_eq!(other.notice_number, one.notice_number);
        assert_ne!(one.id, other.id);
    }

    #[test]
    fn questions_of_a_load_are_read_and_go_around() {
        for kind in [Kind::Verify, Kind::Get] {
            let messages = Messages::new(kind, ASKED);
            assert!(read_request(messages.message(3).as_bytes()).is_ok());
            assert_ne!(messages.message(3), messages.message(4));
            assert_eq!(messages.message(3), messages.message(3 + ASKED));
        }
    }
}
