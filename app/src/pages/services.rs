//! The services: those one can work out and pay, and those that wait for a notice.

use crate::Language;
use crate::address::{Page, ServiceKey, Sought};
use crate::api::catalogue::ServiceSummary;
use crate::components::breadcrumb;
use crate::markup::{Markup, markup};
use crate::messages::services::{ServiceList, life_event};
use crate::site::{name_page, use_language};
use domain::service::LifeEvent;

/// The list, and the form that narrows it.
pub(super) fn services_page(services: &[ServiceSummary], sought: &Sought) -> Markup {
    let language = use_language();
    let text = move |message: ServiceList| message.text(language);
    name_page(text(ServiceList::Title), false);
    let found: Vec<&ServiceSummary> = services.iter().filter(|service| fits(service, sought)).collect();
    let nothing = found
        .is_empty()
        .then(|| markup! { p class="lead" { (text(ServiceList::None)) } });
    let mut groups: Vec<Markup> = LifeEvent::ALL
        .into_iter()
        .map(|event| {
            let of_event = found.iter().filter(|service| service.events.contains(&event));
            group(life_event(event, language), of_event.copied().collect(), language)
        })
        .collect();
    let others = found.iter().filter(|service| service.events.is_empty());
    groups.push(group(
        text(ServiceList::Other),
        others.copied().collect(),
        language,
    ));
    markup! {
        div class="container" {
            (breadcrumb(text(ServiceList::Title)))
            h1 tabindex="-1" { (text(ServiceList::Title)) }
            p class="lead" { (text(ServiceList::Lead)) }
            (search_form(services, sought, language))
            (nothing)
            (groups)
        }
    }
}

/// Whether a service is what is looked for: every word is in its name, or in its institution's.
fn fits(service: &ServiceSummary, sought: &Sought) -> bool {
    let names = folded(&[&service.name, " ", &service.institution].concat());
    let words = folded(&sought.text);
    words.split_whitespace().all(|word| names.contains(word))
        && (sought.event.is_empty() || service.events.iter().any(|event| event.as_str() == sought.event))
        && (sought.institution.is_empty() || service.institution_code == sought.institution)
}

/// Small letters without accents.
fn folded(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            'à' | 'á' => 'a',
            'è' | 'é' => 'e',
            'ì' | 'í' => 'i',
            'ò' | 'ó' => 'o',
            'ù' | 'ú' => 'u',
            '’' | '\'' => ' ',
            other => other,
        })
        .collect()
}

fn search_form(services: &[ServiceSummary], sought: &Sought, language: Language) -> Markup {
    let text = move |message: ServiceList| message.text(language);
    let option = |value: String, label: String, chosen: &str| {
        let selected = value == chosen;
        markup! { option value=(value) selected=(selected) { (label) } }
    };
    let events: Vec<Markup> = LifeEvent::ALL
        .into_iter()
        .map(|event| {
            let label = life_event(event, language).to_owned();
            option(event.as_str().to_owned(), label, &sought.event)
        })
        .collect();
    let mut institutions: Vec<(String, String)> = Vec::new();
    for service in services {
        let institution = (service.institution_code.clone(), service.institution.clone());
        if !institutions.contains(&institution) {
            institutions.push(institution);
        }
    }
    let institutions: Vec<Markup> = institutions
        .into_iter()
        .map(|(code, name)| option(code, name, &sought.institution))
        .collect();
    let action = Page::Services(Sought::default()).address(language);
    let value = sought.text.clone();
    markup! {
        form method="get" action=(action) role="search" {
            div class="form-group" {
                label for="cerca" { (text(ServiceList::SearchLabel)) }
                input class="form-control field-medium" id="cerca" name=(language.pick("cerca", "search")) type="search" autocomplete="off" value=(value);
            }
            div class="form-group" {
                label for="evento" { (text(ServiceList::EventLabel)) }
                select class="form-select field-medium" id="evento" name=(language.pick("evento", "event")) {
                    option value="" { (text(ServiceList::AnyEvent)) }
                    (events)
                }
            }
            div class="form-group" {
                label for="ente" { (text(ServiceList::InstitutionLabel)) }
                select class="form-select field-medium" id="ente" name=(language.pick("ente", "institution")) {
                    option value="" { (text(ServiceList::AnyInstitution)) }
                    (institutions)
                }
            }
            div class="actions" { button class="btn btn-outline-primary" type="submit" { (text(ServiceList::Search)) } }
        }
    }
}

fn group(title: &'static str, services: Vec<&ServiceSummary>, language: Language) -> Markup {
    if services.is_empty() {
        return Markup::default();
    }
    let rows: Vec<Markup> = services
        .into_iter()
        .map(|service| row(service, language))
        .collect();
    markup! { h2 { (title) } ul class="rows" { (rows) } }
}

fn row(service: &ServiceSummary, language: Language) -> Markup {
    let text = move |message: ServiceList| message.text(language);
    let institution = service.institution.clone();
    let key = domain::CreditorFiscalCode::parse(&service.institution_code).ok();
    let address = key.filter(|_| service.has_tariff).map(|institution| {
        Page::Calculator {
            service: ServiceKey {
                institution,
                code: service.code.clone(),
            },
            answers: Vec::new(),
        }
        .address(language)
    });
    let way = text(if address.is_some() {
        ServiceList::Calculate
    } else {
        ServiceList::OnlyNotice
    });
    let name = service.name.clone();
    let plain = address.is_none().then(|| name.clone());
    let link = address.map(|address| markup! { a rel="external" href=(address) { (name) } });
    markup! {
        li {
            div { (link) (plain) p class="form-text" { (institution) } }
            p class="form-text" { (way) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service() -> ServiceSummary {
        ServiceSummary {
            name: "Città dell’infanzia".to_owned(),
            institution: "Comune di Genova".to_owned(),
            institution_code: "00856930102".to_owned(),
            code: "asili".to_owned(),
            events: vec![LifeEvent::SchoolAndFamily],
            has_tariff: true,
        }
    }

    fn sought(text: &str, event: &str) -> Sought {
        Sought {
            text: text.to_owned(),
            event: event.to_owned(),
            institution: String::new(),
        }
    }

    #[test]
    fn accents_apostrophes_and_order_of_words_do_not_matter() {
        for text in ["", "citta", "INFANZIA dell citta", "genova"] {
            assert!(fits(&service(), &sought(text, "")), "{text}");
        }
        assert!(!fits(&service(), &sought("citta mensa", "")));
    }

    #[test]
    fn a_topic_and_an_institution_narrow_the_list() {
        assert!(fits(&service(), &sought("", "school_and_family")));
        assert!(!fits(&service(), &sought("", "home")));
        let other = Sought {
            institution: "03001847015".to_owned(),
            ..Sought::default()
        };
        assert!(!fits(&service(), &other));
    }
}
