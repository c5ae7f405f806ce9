//! A receipt, with everything the national specifications ask of it.

use super::missing::not_found_with;
use crate::Language;
use crate::api::receipts::{Person, ReceiptPage as Data, TransferLine};
use crate::calendar::Day;
use crate::components::reactive::{print_page, scripted_button};
use crate::components::{Tone, alert, breadcrumb, fact, icon};
use crate::markup::{Markup, markup};
use crate::messages::euro;
use crate::messages::find_receipt::FindReceipt;
use crate::messages::receipt::{self, Receipt};
use crate::site::{name_page, use_language};

/// A receipt by its link.
pub(super) fn receipt_page(receipt: Option<Data>) -> Markup {
    let language = use_language();
    match receipt {
        Some(data) => receipt_view(&data),
        None => not_found_with(
            Receipt::UnknownTitle.text(language),
            Receipt::UnknownText.text(language),
            None,
        ),
    }
}

fn receipt_view(data: &Data) -> Markup {
    let language = use_language();
    let text = move |message: Receipt| message.text(language);
    name_page(text(Receipt::Title), false);
    let warning = receipt::effect(data.effect, language).map(|words| {
        alert(
            Tone::Warning,
            markup! { h2 { (text(Receipt::CheckTitle)) } p { (words) } },
        )
    });
    let stand_in = data
        .stand_in
        .then(|| alert(Tone::Information, markup! { p { (text(Receipt::StandIn)) } }));
    let transfers: Vec<Markup> = data
        .transfers
        .iter()
        .map(|line| transfer_row(line, language))
        .collect();
    let print = scripted_button("btn btn-primary", "print", text(Receipt::Print), "", print_page);
    markup! {
        div class="container" {
            (breadcrumb(FindReceipt::One.text(language)))
            div class="row" {
                div class="col-12 col-lg-8" {
                    article class="notice-card" {
                        div class="notice-head" {
                            p class="eyebrow" { (data.institution_name.clone()) }
                            h1 tabindex="-1" { (text(Receipt::Title)) }
                            p class="amount amount-lg" { (euro(data.amount, language)) }
                            p class="status status-paid" { "pagoPA" }
                            p { (text(Receipt::Lead)) }
                        }
                        div class="notice-body" { (facts(data, language)) }
                    }
                    (warning)
                    (stand_in)
                    table class="table" {
                        caption { (text(Receipt::Transfers)) }
                        thead {
                            tr {
                                th scope="col" { (text(Receipt::Beneficiary)) }
                                th scope="col" { (text(Receipt::Reason)) }
                                th scope="col" class="text-end" { (text(Receipt::Share)) }
                            }
                        }
                        tbody { (transfers) }
                    }
                    div class="actions" { (print) }
                    p class="no-print" { (icon("locked")) " " (text(Receipt::LinkNote)) }
                }
            }
        }
    }
}

fn facts(data: &Data, language: Language) -> Markup {
    let text = move |message: Receipt| message.text(language);
    let code = |code: &str| markup! { span class="code" { (code.to_owned()) } };
    let day = |day: Day| markup! { time datetime=(day.iso()) { (day.written(language)) } };
    let paid_at = data.paid_at.map_or_else(
        || markup! { (text(Receipt::NotStated)) },
        |at| markup! { time datetime=(at.iso()) { (at.written(language)) } },
    );
    let rows = [
        Some(fact(text(Receipt::PaidAt), paid_at)),
        Some(fact(text(Receipt::Subject), data.subject.clone())),
        Some(fact(
            text(Receipt::Amount),
            markup! { span class="amount" { (euro(data.amount, language)) } },
        )),
        data.fee.map(|fee| {
            fact(
                text(Receipt::Fee),
                markup! { span class="amount" { (euro(fee, language)) } },
            )
        }),
        Some(fact(text(Receipt::Institution), data.institution_name.clone())),
        Some(fact(
            text(Receipt::InstitutionCode),
            code(data.institution.as_str()),
        )),
        data.office
            .clone()
            .map(|office| fact(text(Receipt::Office), office)),
        Some(fact(text(Receipt::Number), code(&data.number.grouped()))),
        Some(fact(text(Receipt::Iuv), code(data.iuv.as_str()))),
        Some(fact(text(Receipt::UniqueNumber), code(&data.receipt_id))),
        Some(fact(text(Receipt::Debtor), person(&data.debtor))),
        data.payer
            .as_ref()
            .map(|payer| fact(text(Receipt::Payer), person(payer))),
        Some(fact(text(Receipt::Provider), data.provider.clone())),
        data.provider_code
            .as_deref()
            .map(|provider| fact(text(Receipt::ProviderCode), code(provider))),
        data.method
            .as_deref()
            .map(|method| fact(text(Receipt::Method), receipt::method(method, language))),
        (!data.channel.is_empty()).then(|| fact(text(Receipt::Channel), data.channel.clone())),
        data.applied_on.map(|on| fact(text(Receipt::AppliedOn), day(on))),
        data.transferred_on
            .map(|on| fact(text(Receipt::TransferredOn), day(on))),
    ];
    let rows: Vec<Markup> = rows.into_iter().flatten().collect();
    markup! { dl class="facts" { (rows) } }
}

fn person(person: &Person) -> String {
    match &person.code {
        Some(code) => [&person.name, " (", code, ")"].concat(),
        None => person.name.clone(),
    }
}

fn transfer_row(line: &TransferLine, language: Language) -> Markup {
    let text = move |message: Receipt| message.text(language);
    let beneficiary = match &line.beneficiary_name {
        Some(name) => [name, " (", line.beneficiary.as_str(), ")"].concat(),
        None => line.beneficiary.to_string(),
    };
    let stamp = line
        .is_stamp_duty
        .then(|| [text(Receipt::StampDuty), ". "].concat());
    markup! {
        tr {
            td data-label=(text(Receipt::Beneficiary)) { (beneficiary) }
            td data-label=(text(Receipt::Reason)) { (stamp) (line.reason.clone()) }
            td data-label=(text(Receipt::Share)) class="text-end" {
                span class="amount" { (euro(line.amount, language)) }
            }
        }
    }
}
