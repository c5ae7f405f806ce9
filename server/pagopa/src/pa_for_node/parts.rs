//! Parts that several messages share: head, QR code, subject, metadata.

use crate::Reason;
use crate::values;
use crate::writer::Writer;
use crate::xml::{Element, Fields, leaf};
use domain::subject::Address;
use domain::{CreditorFiscalCode, NoticeNumber, Subject, SubjectKind};

/// Who a request addresses, and through whom: as written, because it may be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Fiscal code of the institution addressed (`idPA`).
    pub institution: String,
    /// Its broker (`idBrokerPA`).
    pub broker: String,
    /// Its station (`idStation`).
    pub station: String,
}

impl Head {
    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, Reason> {
        Ok(Self {
            institution: values::text(fields.required("idPA")?, "idPA", 35)?,
            broker: values::text(fields.required("idBrokerPA")?, "idBrokerPA", 35)?,
            station: values::text(fields.required("idStation")?, "idStation", 35)?,
        })
    }

    pub(super) fn write(&self, w: &mut Writer) {
        w.text("idPA", &self.institution, 35);
        w.text("idBrokerPA", &self.broker, 35);
        w.text("idStation", &self.station, 35);
    }
}

/// `qrCode`: the institution and the notice.
pub(super) fn read_qr_code(fields: &mut Fields<'_>) -> Result<(CreditorFiscalCode, NoticeNumber), Reason> {
    let mut code = Fields::of(fields.required("qrCode")?)?;
    let fiscal_code = values::fiscal_code(code.required("fiscalCode")?, "fiscalCode")?;
    let notice_number = values::notice_number(code.required("noticeNumber")?)?;
    code.end()?;
    Ok((fiscal_code, notice_number))
}

pub(super) fn write_qr_code(w: &mut Writer, fiscal_code: &CreditorFiscalCode, notice_number: &NoticeNumber) {
    w.element("qrCode", |w| {
        w.leaf("fiscalCode", fiscal_code.as_str());
        w.leaf("noticeNumber", notice_number.as_str());
    });
}

/// `ctSubject`.
pub(super) fn read_subject(element: &Element) -> Result<Subject, Reason> {
    let mut fields = Fields::of(element)?;
    let mut identifier = Fields::of(fields.required("uniqueIdentifier")?)?;
    let kind = match leaf(identifier.required("entityUniqueIdentifierType")?)? {
        "F" => SubjectKind::Natural,
        "G" => SubjectKind::Legal,
        _ => {
            return Err(Reason::Value {
                element: "entityUniqueIdentifierType",
                rule: "is not F or G",
            });
        }
    };
    let code = leaf(identifier.required("entityUniqueIdentifierValue")?)?;
    if !is_subject_code(code) {
        return Err(Reason::Value {
            element: "entityUniqueIdentifierValue",
            rule: "is not 2 to 16 characters",
        });
    }
    identifier.end()?;
    let full_name = values::text(fields.required("fullName")?, "fullName", 70)?;
    let mut text = |name, max| {
        fields
            .optional(name)
            .map(|element| values::text(element, name, max))
            .transpose()
    };
    let mut address = Address {
        street: text("streetName", 70)?,
        number: text("civicNumber", 16)?,
        postal_code: text("postalCode", 16)?,
        city: text("city", 35)?,
        province: text("stateProvinceRegion", 35)?,
        country: None,
    };
    if let Some(element) = fields.optional("country") {
        let country = leaf(element)?;
        if !values::is_two_capitals(country) {
            return Err(Reason::Value {
                element: "country",
                rule: "is not two capital letters",
            });
        }
        address.country = Some(country.to_owned());
    }
    let email = fields.optional("e-mail").map(leaf).transpose()?;
    if email.is_some_and(|email| !values::is_email(email)) {
        return Err(Reason::Value {
            element: "e-mail",
            rule: "is not an address the schema accepts",
        });
    }
    fields.end()?;
    Ok(Subject {
        kind,
        code: code.to_owned(),
        full_name,
        address,
        email: email.map(str::to_owned),
    })
}

pub(super) fn write_subject(w: &mut Writer, name: &str, subject: &Subject) {
    let address = &subject.address;
    w.element(name, |w| {
        w.element("uniqueIdentifier", |w| {
            let kind = match subject.kind {
                SubjectKind::Natural => "F",
                SubjectKind::Legal => "G",
            };
            w.leaf("entityUniqueIdentifierType", kind);
            let code = if is_subject_code(&subject.code) {
                &subject.code
            } else {
                Subject::ANONYMOUS
            };
            w.leaf("entityUniqueIdentifierValue", code);
        });
        w.text("fullName", &subject.full_name, 70);
        w.optional_text("streetName", address.street.as_deref(), 70);
        w.optional_text("civicNumber", address.number.as_deref(), 16);
        w.optional_text("postalCode", address.postal_code.as_deref(), 16);
        w.optional_text("city", address.city.as_deref(), 35);
        w.optional_text("stateProvinceRegion", address.province.as_deref(), 35);
        w.optional_text(
            "country",
            address.country.as_deref().filter(|c| values::is_two_capitals(c)),
            2,
        );
        w.optional_text(
            "e-mail",
            subject.email.as_deref().filter(|email| values::is_email(email)),
            256,
        );
    });
}

fn is_subject_code(code: &str) -> bool {
    (2..=16).contains(&code.chars().count())
}

/// The most pairs `metadata` holds.
pub(super) const MAX_PAIRS: usize = 15;

/// `ctMetadata`, which may be missing.
pub(super) fn read_metadata(fields: &mut Fields<'_>) -> Result<Vec<(String, String)>, Reason> {
    let Some(element) = fields.optional("metadata") else {
        return Ok(Vec::new());
    };
    let mut entries = Fields::of(element)?;
    let mut pairs = Vec::new();
    let mut next = Some(entries.required("mapEntry")?);
    while let Some(entry) = next {
        if pairs.len() == MAX_PAIRS {
            return Err(Reason::Value {
                element: "metadata",
                rule: "has more than 15 entries",
            });
        }
        let mut pair = Fields::of(entry)?;
        let key = values::text(pair.required("key")?, "key", 140)?;
        let value = values::text(pair.required("value")?, "value", 140)?;
        pair.end()?;
        pairs.push((key, value));
        next = entries.optional("mapEntry");
    }
    entries.end()?;
    Ok(pairs)
}

/// Pairs beyond the fifteenth, and those with nothing in them, are left out.
pub(super) fn write_metadata(w: &mut Writer, pairs: &[(String, String)]) {
    let mut pairs = pairs
        .iter()
        .filter(|(key, value)| !key.is_empty() && !value.is_empty())
        .take(MAX_PAIRS)
        .peekable();
    if pairs.peek().is_none() {
        return;
    }
    w.element("metadata", |w| {
        for (key, value) in pairs {
            w.element("mapEntry", |w| {
                w.text("key", key, 140);
                w.text("value", value, 140);
            });
        }
    });
}
