//! Contacts and the links every public site must have, under the names the validator looks for.

use super::words::Around;
use crate::address::{DocumentPage, Page};
use crate::messages::layout::Layout;
use crate::{Language, PortalSettings};
use leptos::prelude::*;

pub(super) fn footer(settings: &PortalSettings, language: Language) -> AnyView {
    let text = move |message: Around| message.text(language);
    let links = &settings.links;
    let faq = links
        .faq
        .clone()
        .filter(|faq| faq != DocumentPage::Help.path(Language::Italian));
    let faq = faq.unwrap_or_else(|| DocumentPage::Help.path(language).to_owned());
    let funded = links
        .funded_by_next_generation_eu
        .then(|| view! { <p>{text(Around::Funded)}</p> });
    let document = |page: DocumentPage| page.path(language);
    view! {
        <footer class="it-footer" id="footer" tabindex="-1">
            <div class="it-footer-main"><div class="container"><div class="footer-columns">
                <section>
                    <h2>{settings.municipality.clone()}</h2>
                    {contacts(settings, language)}
                    <p><a href=links.main_site.clone()>{without_scheme(&links.main_site)}</a></p>
                </section>
                <section>
                    <h2>{Layout::Help.text(language)}</h2>
                    <ul class="footer-list">
                        <li><a rel="external" data-element="faq" href=faq>{text(Around::Faq)}</a></li>
                        <li><a data-element="report-inefficiency" href=links.report_inefficiency.clone()>{text(Around::ReportInefficiency)}</a></li>
                        <li><a data-element="appointment-booking" href=links.appointment.clone()>{text(Around::Appointment)}</a></li>
                        <li><a href=Page::FindReceipt { code: String::new() }.address(language)>{Layout::FindReceipt.text(language)}</a></li>
                    </ul>
                </section>
                <section>
                    <h2>{text(Around::OpenSource)}</h2>
                    <p>{text(Around::OpenSourceText)}</p>
                    {funded}
                </section>
            </div></div></div>
            <div class="it-footer-small-prints"><div class="container">
                <nav aria-label=text(Around::FooterLinks)><ul class="footer-list">
                    <li><a rel="external" data-element="privacy-policy-link" href=document(DocumentPage::Privacy)>{text(Around::Privacy)}</a></li>
                    <li><a rel="external" data-element="legal-notes" href=document(DocumentPage::LegalNotes)>{text(Around::LegalNotes)}</a></li>
                    <li><a data-element="accessibility-link" href=links.accessibility_statement.clone()>{text(Around::AccessibilityStatement)}</a></li>
                    <li><a rel="external" href=document(DocumentPage::Accessibility)>{text(Around::Accessibility)}</a></li>
                    <li><a href=links.data_protection_officer.clone()>{text(Around::DataProtectionOfficer)}</a></li>
                </ul></nav>
            </div></div>
        </footer>
    }
    .into_any()
}

fn contacts(settings: &PortalSettings, language: Language) -> AnyView {
    let contact = &settings.contact;
    let line = |label: Around, value: &Option<String>, scheme: &'static str| {
        value.clone().map(|value| {
            let shown = if scheme.is_empty() {
                value.clone().into_any()
            } else {
                let href = [scheme, &value.replace(' ', "")].concat();
                view! { <a href=href>{value.clone()}</a> }.into_any()
            };
            view! { <br/>{label.text(language)}": "{shown} }
        })
    };
    let any = *contact != crate::PortalContact::default();
    any.then(|| {
        view! {
            <p>
                {contact.address.clone()}
                {line(Around::FiscalCode, &contact.fiscal_code, "")}
                {line(Around::Telephone, &contact.telephone, "tel:")}
                {line(Around::CertifiedEmail, &contact.certified_email, "mailto:")}
                {line(Around::Email, &contact.email, "mailto:")}
            </p>
        }
        .into_any()
    })
    .into_any()
}

fn without_scheme(address: &str) -> String {
    address
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .to_owned()
}
