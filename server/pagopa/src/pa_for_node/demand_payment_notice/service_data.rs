//! What a payer says of a service, in the XML of that service's own schema (catalogue of services).

use crate::values;
use crate::writer::Writer;
use crate::xml::{CANONE_UNICO, CIE, Element, Fields, Space, leaf};
use crate::{Reason, encoding, xml};
use domain::at_provider::{BodyCode, CanoneUnicoData, CieData, CieReason, ServiceData};

/// Reads service data. What belongs to a service that is not understood here is well-formed XML, no more.
pub fn read_service_data(bytes: &[u8]) -> Result<ServiceData, Reason> {
    let root = xml::read(&encoding::decode(bytes)?, |_, _| ())?;
    match root.space {
        Space::CanoneUnico => read_canone_unico(&root).map(ServiceData::CanoneUnico),
        Space::Cie => read_cie(&root).map(ServiceData::Cie),
        Space::Unqualified
        | Space::Soap11
        | Space::Soap12
        | Space::PaForNode
        | Space::Payments
        | Space::StampDuty
        | Space::Signature
        | Space::Foreign => Ok(ServiceData::Other(bytes.to_vec())),
    }
}

/// Writes service data.
pub fn write_service_data(data: &ServiceData) -> Vec<u8> {
    let mut writer = Writer::new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    match data {
        ServiceData::CanoneUnico(data) => {
            writer.declaring("pagamentoCup", &[("xmlns", CANONE_UNICO)], |w| {
                match &data.body {
                    BodyCode::FiscalCode(code) => w.leaf("organizationFiscalCode", code.as_str()),
                    BodyCode::Istat(code) => w.leaf("istatCode", code),
                    BodyCode::Cadastral(code) => w.leaf("catastaleCode", code),
                }
                w.text("companyName", &data.company_name, 140);
                w.text("debtorFiscalCode", &data.debtor_code, 20);
                w.text("debtorFullName", &data.debtor_name, 70);
                let email = data.debtor_email.as_deref();
                w.optional_text("debtorEmail", email.filter(|email| values::is_email(email)), 256);
                w.leaf("amount", &data.amount.to_wire());
            });
        }
        ServiceData::Cie(data) => writer.declaring("pagamentoCIE", &[("xmlns", CIE)], |w| {
            w.leaf("codiceCausale", data.reason.as_str());
            w.leaf("codiceFiscaleComune", data.municipality.as_str());
            w.element("intestatario", |w| {
                w.leaf("codiceFiscaleIntestatario", &data.holder_code);
                w.text("denominazioneIntestatario", &data.holder_name, 50);
            });
        }),
        ServiceData::Other(bytes) => return bytes.clone(),
    }
    writer.finish("").into_bytes()
}

/// The root of a service's data, which must have that name.
fn fields_of<'e>(root: &'e Element, name: &'static str) -> Result<Fields<'e>, Reason> {
    if root.name == name {
        Fields::within(root.space, root)
    } else {
        Err(Reason::Missing { element: name })
    }
}

/// `ctPagamentoCup`
fn read_canone_unico(root: &Element) -> Result<CanoneUnicoData, Reason> {
    let mut fields = fields_of(root, "pagamentoCup")?;
    let body = if let Some(code) = fields.optional("organizationFiscalCode") {
        BodyCode::FiscalCode(values::fiscal_code(code, "organizationFiscalCode")?)
    } else if let Some(code) = fields.optional("istatCode") {
        BodyCode::Istat(of_length(
            code,
            "istatCode",
            0..=6,
            "is longer than 6 characters",
        )?)
    } else {
        let code = fields.required("catastaleCode")?;
        BodyCode::Cadastral(of_length(code, "catastaleCode", 4..=4, "is not 4 characters")?)
    };
    let company_name = values::text(fields.required("companyName")?, "companyName", 140)?;
    let debtor_code = values::text(fields.required("debtorFiscalCode")?, "debtorFiscalCode", 20)?;
    let debtor_name = values::text(fields.required("debtorFullName")?, "debtorFullName", 70)?;
    let debtor_email = fields.optional("debtorEmail").map(leaf).transpose()?;
    if debtor_email.is_some_and(|email| !values::is_email(email)) {
        return Err(Reason::Value {
            element: "debtorEmail",
            rule: "is not an address the schema accepts",
        });
    }
    let amount = values::amount(fields.required("amount")?, "amount")?;
    fields.end()?;
    Ok(CanoneUnicoData {
        body,
        company_name,
        debtor_code,
        debtor_name,
        debtor_email: debtor_email.map(str::to_owned),
        amount,
    })
}

/// `ctPagamentoCIE`
fn read_cie(root: &Element) -> Result<CieData, Reason> {
    let mut fields = fields_of(root, "pagamentoCIE")?;
    let reason = leaf(fields.required("codiceCausale")?)?;
    let reason = CieReason::ALL
        .into_iter()
        .find(|known| known.as_str() == reason)
        .ok_or(Reason::Value {
            element: "codiceCausale",
            rule: "is not 1, 2, 4, 7, 9, 10 or 11",
        })?;
    let municipality = values::fiscal_code(fields.required("codiceFiscaleComune")?, "codiceFiscaleComune")?;
    let mut holder = Fields::within(root.space, fields.required("intestatario")?)?;
    let holder_code = leaf(holder.required("codiceFiscaleIntestatario")?)?;
    if !is_personal_code(holder_code) {
        return Err(Reason::Value {
            element: "codiceFiscaleIntestatario",
            rule: "is not shaped as a person's fiscal code",
        });
    }
    let name = "denominazioneIntestatario";
    let holder_name = values::text(holder.required(name)?, name, 50)?;
    holder.end()?;
    fields.end()?;
    Ok(CieData {
        reason,
        municipality,
        holder_code: holder_code.to_owned(),
        holder_name,
    })
}

fn of_length(
    element: &Element,
    name: &'static str,
    length: std::ops::RangeInclusive<usize>,
    rule: &'static str,
) -> Result<String, Reason> {
    let text = leaf(element)?;
    if length.contains(&text.chars().count()) {
        Ok(text.to_owned())
    } else {
        Err(Reason::Value { element: name, rule })
    }
}

/// `stCFPersona`: the shape only, letters in place of digits allowed.
fn is_personal_code(code: &str) -> bool {
    let digit = |b: u8| b.is_ascii_digit() || (b'L'..=b'V').contains(&b) && b != b'O';
    code.len() == 16
        && code.bytes().zip(0..).all(|(b, place)| match place {
            0..=5 | 11 | 15 => b.is_ascii_uppercase(),
            8 => b"ABCDEHLMPRST".contains(&b),
            _ => digit(b),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Cents;

    fn canone() -> ServiceData {
        ServiceData::CanoneUnico(CanoneUnicoData {
            body: BodyCode::Cadastral("D969".to_owned()),
            company_name: "Comune di prova".to_owned(),
            debtor_code: "RSSMRA85T10A562S".to_owned(),
            debtor_name: "Mario & Anna".to_owned(),
            debtor_email: Some("mario@example.it".to_owned()),
            amount: Cents::new(5_000),
        })
    }

    fn card() -> ServiceData {
        ServiceData::Cie(CieData {
            reason: CieReason::Expiring,
            municipality: "00856930102".parse().expect("a code"),
            holder_code: "RSSMRA85T10A56NH".to_owned(),
            holder_name: "Mario Rossi".to_owned(),
        })
    }

    fn refused(data: &ServiceData, from: &str, to: &str) -> Reason {
        let xml = String::from_utf8(write_service_data(data)).expect("UTF-8");
        assert!(xml.contains(from), "{xml}");
        read_service_data(xml.replacen(from, to, 1).as_bytes()).expect_err(to)
    }

    #[test]
    fn service_data_are_read_as_written() {
        let other = ServiceData::Other(b"<x:a xmlns:x='urn:x'/>".to_vec());
        for data in [canone(), card(), other] {
            assert_eq!(read_service_data(&write_service_data(&data)), Ok(data));
        }
    }

    #[test]
    fn data_of_canone_unico_that_break_the_schema_are_refused() {
        for (from, to) in [
            (">D969<", ">D96<"),
            (
                "<catastaleCode>D969</catastaleCode>",
                "<istatCode>0100255</istatCode>",
            ),
            (
                "<catastaleCode>D969</catastaleCode>",
                "<organizationFiscalCode>1</organizationFiscalCode>",
            ),
            ("<catastaleCode>D969</catastaleCode>", ""),
            ("<companyName>", "<istatCode>010025</istatCode><companyName>"),
            ("Comune di prova", ""),
            ("RSSMRA85T10A562S", "123456789012345678901"),
            ("mario@example.it", "mario"),
            (">50.00<", ">50<"),
            (">50.00<", ">-50.00<"),
            ("<amount>50.00</amount>", ""),
            ("</pagamentoCup>", "<altro/></pagamentoCup>"),
            ("<amount>", "<amount xmlns=\"\">"),
            ("<pagamentoCup ", "<pagamentoCup a=\"1\" "),
        ] {
            let reason = refused(&canone(), from, to);
            assert!(!reason.to_string().contains("RSSMRA"), "no values in sentences");
        }
        let xml = String::from_utf8(write_service_data(&canone())).expect("UTF-8");
        let renamed = xml.replace("pagamentoCup", "altro");
        assert!(read_service_data(renamed.as_bytes()).is_err());
        assert!(read_service_data(b"").is_err());
        assert_eq!(
            read_service_data(b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"),
            Err(Reason::Doctype)
        );
    }

    #[test]
    fn data_of_an_identity_card_that_break_the_schema_are_refused() {
        for (from, to) in [
            (">10<", ">3<"),
            (">10<", "> 10<"),
            (">00856930102<", ">C_D969<"),
            ("RSSMRA85T10A56NH", "rssmra85t10a56nh"),
            ("RSSMRA85T10A56NH", "RSSMRA85F10A56NH"),
            ("RSSMRA85T10A56NH", "RSSMRA85T10A56OH"),
            ("RSSMRA85T10A56NH", "RSSMRA85T10A56N"),
            ("Mario Rossi", &"x".repeat(51)),
            ("<intestatario>", "<intestatario>x"),
            ("</intestatario>", "</intestatario><altro/>"),
        ] {
            refused(&card(), from, to);
        }
    }
}
