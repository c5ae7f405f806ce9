//! A message as an event of the log the hub's rules ask for (technical manual, appendix "Event log").

use chrono::SecondsFormat;
use domain::NoticeNumber;
use serde_json::{Map, Value};
use storage::messages::{Direction, MessageKind, NewMessage};

/// The hub itself, among the products of the platform.
const HUB: &str = "nodo";

/// The fields of an event, in the order of the manual; the last two are ours.
pub(super) const FIELDS: [&str; 19] = [
    "eventDateTime",
    "domainId",
    "iuv",
    "contextCode",
    "noticeNumber",
    "psp",
    "paymentType",
    "component",
    "category",
    "type",
    "subtype",
    "requester",
    "responder",
    "station",
    "channel",
    "parameters",
    "outcome",
    "receiptId",
    "durationMs",
];

/// The values of an event, in the order of [`FIELDS`]; empty where nothing is known.
pub(super) fn values(message: &NewMessage) -> [String; FIELDS.len()] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let component = message.component.as_deref().unwrap_or(HUB).to_owned();
    // Who is addressed by name: the station, or the institution where no station is.
    let ours = message
        .station
        .as_ref()
        .or(message.institution.as_ref())
        .cloned()
        .unwrap_or_default();
    let (requester, responder) = match message.direction {
        Direction::Inbound => (component.clone(), ours),
        Direction::Outbound => (ours, component.clone()),
    };
    let iuv = message.iuv.clone().or_else(|| {
        let number = NoticeNumber::parse(message.notice_number.as_deref()?).ok()?;
        Some(number.iuv().to_string())
    });
    [
        message.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        text(&message.institution),
        text(&iuv),
        text(&message.context_code),
        text(&message.notice_number),
        text(&message.psp),
        text(&message.payment_type),
        component,
        "INTERFACE".to_owned(),
        message.operation.clone(),
        match message.kind {
            MessageKind::Request => "REQ",
            MessageKind::Response => "RESP",
        }
        .to_owned(),
        requester,
        responder,
        text(&message.station),
        text(&message.channel),
        format!("peer={}", message.peer),
        text(&message.outcome),
        text(&message.receipt_id),
        message
            .duration_ms
            .map(|duration| duration.to_string())
            .unwrap_or_default(),
    ]
}

/// The event as a JSON object with the message in it, what is not known left out.
pub(super) fn json(message: &NewMessage) -> Value {
    let mut object = Map::new();
    for (field, value) in FIELDS.into_iter().zip(values(message)) {
        if !value.is_empty() {
            object.insert(field.to_owned(), Value::String(value));
        }
    }
    let body = String::from_utf8_lossy(&message.body).into_owned();
    object.insert("body".to_owned(), Value::String(body));
    Value::Object(object)
}

/// A line of a CSV file for Italian spreadsheets: semicolons, every value quoted, none taken for a formula.
pub(super) fn csv_line<'v>(values: impl IntoIterator<Item = &'v str>) -> String {
    let quoted: Vec<String> = values
        .into_iter()
        .map(|value| {
            let guard = if value.starts_with(['=', '+', '-', '@', '\t', '\r']) {
                "'"
            } else {
                ""
            };
            format!("\"{guard}{}\"", value.replace('"', "\"\""))
        })
        .collect();
    format!("{}\r\n", quoted.join(";"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use storage::messages::MessageId;

    fn message(direction: Direction) -> NewMessage {
        let at = "2026-11-23T10:00:00.123456Z".parse().unwrap();
        NewMessage {
            institution: Some("00856930102".to_owned()),
            notice_number: Some("312202600000001787".to_owned()),
            station: Some("00856930102_01".to_owned()),
            peer: "10.0.0.1".to_owned(),
            outcome: Some("OK".to_owned()),
            duration_ms: Some(12),
            ..NewMessage::new(
                MessageId::new(at, [0; 8]),
                at,
                direction,
                MessageKind::Response,
                "paVerifyPaymentNotice",
                b"<a/>".to_vec(),
            )
        }
    }

    fn field(message: &NewMessage, name: &str) -> String {
        let place = FIELDS.iter().position(|field| *field == name).unwrap();
        values(message)[place].clone()
    }

    #[test]
    fn an_event_says_who_asked_whom_and_when_to_the_millisecond() {
        let inbound = message(Direction::Inbound);
        assert_eq!(field(&inbound, "eventDateTime"), "2026-11-23T10:00:00.123Z");
        assert_eq!(field(&inbound, "requester"), "nodo");
        assert_eq!(field(&inbound, "responder"), "00856930102_01");
        assert_eq!(field(&inbound, "subtype"), "RESP");
        assert_eq!(field(&inbound, "iuv"), "12202600000001787");
        let outbound = NewMessage {
            station: None,
            component: Some("checkout".to_owned()),
            ..message(Direction::Outbound)
        };
        assert_eq!(field(&outbound, "requester"), "00856930102");
        assert_eq!(field(&outbound, "responder"), "checkout");
    }

    #[test]
    fn a_value_is_never_taken_for_a_formula_or_for_two_values() {
        assert_eq!(
            csv_line(["=1+1", "a;b", "say \"no\"", ""]),
            "\"'=1+1\";\"a;b\";\"say \"\"no\"\"\";\"\"\r\n"
        );
    }
}
