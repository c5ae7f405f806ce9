//! The addresses of the portal's pages, in both languages, in one place.
//!
//! Everything a page needs to be shown again is in its address: no cookie, no storage.

mod cart;
mod translation;

pub use cart::{CART_MAX, CartNotices, NoticeKey};
pub use translation::in_language;

use crate::Language;
use domain::{Cents, CreditorFiscalCode, NoticeNumber};
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

/// A service by its institution and code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceKey {
    /// The institution that offers it.
    pub institution: CreditorFiscalCode,
    /// Its code.
    pub code: String,
}

impl ServiceKey {
    fn parse(institution: &str, code: &str) -> Option<Self> {
        Some(Self {
            institution: CreditorFiscalCode::parse(institution).ok()?,
            code: code.to_owned(),
        })
    }
}

/// What is looked for among the services. All of it is empty when they are shown whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sought {
    /// Words of its name.
    pub text: String,
    /// Name of a life event.
    pub event: String,
    /// Fiscal code of an institution.
    pub institution: String,
}

/// What the names of a calculator's answers begin with in an address or a form: a tariff may call a question as the
/// portal calls something else.
const ANSWER: &str = "d-";

/// The name of the field with the answer to a question.
pub fn answer_field(id: &str) -> String {
    [ANSWER, id].concat()
}

/// The answers among the fields of a form.
pub fn answers_among(fields: &[(String, String)]) -> Vec<(String, String)> {
    fields
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(ANSWER)?.to_owned(), value.clone())))
        .collect()
}

/// A page of the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// The form for a code.
    Home,
    /// What a typed code leads to.
    Search {
        /// What was typed.
        text: String,
        /// The cart the notice found goes into.
        cart: CartNotices,
    },
    /// A notice.
    Notice {
        /// Which.
        key: NoticeKey,
        /// The amount on the paper it was read from, when known.
        printed: Option<Cents>,
    },
    /// A notice to print, for who has a link to it.
    NoticeDocument {
        /// Which.
        key: NoticeKey,
        /// What the link bears.
        link: DocumentLink,
    },
    /// The summary before the payment.
    Cart(CartNotices),
    /// What became of a payment.
    Outcome(String),
    /// The form for finding a receipt.
    FindReceipt {
        /// The code already typed.
        code: String,
    },
    /// A receipt by its link.
    Receipt(String),
    /// The services, those that fit what is looked for.
    Services(Sought),
    /// The calculator of a service's fee.
    Calculator {
        /// Whose service, and which.
        service: ServiceKey,
        /// Answers by the name of their question, as they were written.
        answers: Vec<(String, String)>,
    },
    /// The rates a fee is worked out with.
    Rates(ServiceKey),
    /// A page of text.
    Document(DocumentPage),
}

/// What opens a notice's document for a time; the server alone can make one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLink {
    /// The last second it opens it in, from the epoch.
    pub expires: i64,
    /// The server's signature.
    pub signature: String,
}

impl DocumentLink {
    /// Names of its parts in addresses.
    const WORDS: [(&str, &str); 2] = [("scade", "expires"), ("firma", "signature")];

    /// The link in an address; `None` where there is none.
    pub fn from_query(query: &ParamsMap) -> Option<Self> {
        let [expires, signature] = Self::WORDS.map(|(italian, english)| query_value(query, italian, english));
        Some(Self {
            expires: expires?.parse().ok()?,
            signature: signature?,
        })
    }

    /// As it stands in an address, from the question mark on.
    pub fn query(&self, language: Language) -> String {
        let [expires, signature] = Self::WORDS.map(|(italian, english)| language.pick(italian, english));
        let parts = ["?", expires, "=", &self.expires.to_string(), "&", signature, "="];
        [&parts.concat(), encoded(&self.signature).as_str()].concat()
    }
}

/// Where a notice's page offers its document.
pub const PRINT_ID: &str = "avviso-da-stampare";

/// A page of text, drawn by the server alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentPage {
    /// Frequently asked questions.
    Help,
    /// Privacy notice.
    Privacy,
    /// Legal notes.
    LegalNotes,
    /// Accessibility.
    Accessibility,
}

impl DocumentPage {
    /// Every page of text.
    pub const ALL: [Self; 4] = [Self::Help, Self::Privacy, Self::LegalNotes, Self::Accessibility];

    /// Its path.
    pub const fn path(self, language: Language) -> &'static str {
        match self {
            Self::Help => language.pick("/aiuto", "/en/help"),
            Self::Privacy => language.pick("/privacy", "/en/privacy"),
            Self::LegalNotes => language.pick("/note-legali", "/en/legal-notes"),
            Self::Accessibility => language.pick("/accessibilita", "/en/accessibility"),
        }
    }

    /// The page at this path, in either language.
    pub fn at(path: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|page| Language::ALL.iter().any(|language| page.path(*language) == path))
    }
}

impl Page {
    /// The page at a path, in either language; `None` where there is none.
    pub fn at(path: &str, query: &ParamsMap) -> Option<Self> {
        let path = in_language(path, Language::Italian);
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        Some(match segments[..] {
            [] => Self::Home,
            ["avviso"] => Self::Search {
                text: query_value(query, "codice", "code").unwrap_or_default(),
                cart: CartNotices::from_query(query),
            },
            ["avviso", institution, number] => Self::Notice {
                key: NoticeKey {
                    institution: CreditorFiscalCode::parse(institution).ok()?,
                    number: NoticeNumber::parse(number).ok()?,
                },
                printed: query_value(query, "importo", "amount")
                    .and_then(|cents| cents.parse().ok())
                    .map(Cents::new),
            },
            ["avviso", institution, number, "documento"] => Self::NoticeDocument {
                key: NoticeKey {
                    institution: CreditorFiscalCode::parse(institution).ok()?,
                    number: NoticeNumber::parse(number).ok()?,
                },
                link: DocumentLink::from_query(query).unwrap_or_default(),
            },
            ["carrello"] => Self::Cart(CartNotices::from_query(query)),
            ["esito", token] => Self::Outcome(token.to_owned()),
            ["ricevuta"] => Self::FindReceipt {
                code: query_value(query, "codice", "code").unwrap_or_default(),
            },
            ["ricevuta", token] => Self::Receipt(token.to_owned()),
            ["servizi"] => {
                let value = |italian, english| query_value(query, italian, english).unwrap_or_default();
                Self::Services(Sought {
                    text: value("cerca", "search"),
                    event: value("evento", "event"),
                    institution: value("ente", "institution"),
                })
            }
            ["calcola", institution, code] => Self::Calculator {
                service: ServiceKey::parse(institution, code)?,
                answers: answers_among(
                    &query
                        .clone()
                        .into_iter()
                        .map(|(name, value)| (name.into_owned(), value))
                        .collect::<Vec<_>>(),
                ),
            },
            ["calcola", institution, code, "tariffe"] => Self::Rates(ServiceKey::parse(institution, code)?),
            _ => Self::Document(DocumentPage::at(&path)?),
        })
    }

    /// The Wasm module that takes it over in the browser; pages drawn by the server alone load no script.
    pub const fn module(&self) -> Option<&'static str> {
        match self {
            Self::Document(_) | Self::Rates(_) => None,
            Self::Calculator { .. } => Some("calculator"),
            Self::Home
            | Self::Search { .. }
            | Self::Notice { .. }
            | Self::NoticeDocument { .. }
            | Self::Cart(_)
            | Self::Outcome(_)
            | Self::FindReceipt { .. }
            | Self::Receipt(_)
            | Self::Services(_) => Some("frontend"),
        }
    }

    /// Whether search engines may list it: only pages that are the same for everybody.
    pub const fn is_indexable(&self) -> bool {
        matches!(
            self,
            Self::Home | Self::Services(_) | Self::Calculator { .. } | Self::Rates(_) | Self::Document(_)
        )
    }

    /// Its address in a language.
    pub fn address(&self, language: Language) -> String {
        match self {
            Self::Home => language.pick("/", "/en").to_owned(),
            Self::Search { text, cart } => {
                let path = language.pick("/avviso?codice=", "/en/notice?code=");
                let mut address = [path, &encoded(text)].concat();
                push_cart(&mut address, '&', cart, language);
                address
            }
            Self::Notice { key, printed } => {
                let path = language.pick("/avviso/", "/en/notice/");
                let mut address = [path, key.institution.as_str(), "/", key.number.as_str()].concat();
                if let Some(printed) = printed {
                    address.push_str(language.pick("?importo=", "?amount="));
                    address.push_str(&printed.as_i64().to_string());
                }
                address
            }
            Self::NoticeDocument { key, link } => {
                [&document_path(key, language), link.query(language).as_str()].concat()
            }
            Self::Cart(cart) => {
                let mut address = language.pick("/carrello", "/en/cart").to_owned();
                push_cart(&mut address, '?', cart, language);
                address
            }
            Self::Outcome(token) => [language.pick("/esito/", "/en/outcome/"), &encoded(token)].concat(),
            Self::FindReceipt { code } => {
                let path = language.pick("/ricevuta", "/en/receipt");
                if code.is_empty() {
                    path.to_owned()
                } else {
                    [path, language.pick("?codice=", "?code="), &encoded(code)].concat()
                }
            }
            Self::Receipt(token) => [language.pick("/ricevuta/", "/en/receipt/"), &encoded(token)].concat(),
            Self::Services(sought) => {
                let mut address = language.pick("/servizi", "/en/services").to_owned();
                let mut separator = '?';
                for (italian, english, value) in [
                    ("cerca", "search", &sought.text),
                    ("evento", "event", &sought.event),
                    ("ente", "institution", &sought.institution),
                ] {
                    if !value.is_empty() {
                        push_pair(
                            &mut address,
                            &mut separator,
                            language.pick(italian, english),
                            value,
                        );
                    }
                }
                address
            }
            Self::Calculator { service, answers } => {
                let mut address = calculator_path(service, language);
                let mut separator = '?';
                for (id, value) in answers {
                    push_pair(&mut address, &mut separator, &answer_field(id), value);
                }
                address
            }
            Self::Rates(service) => [
                calculator_path(service, language).as_str(),
                language.pick("/tariffe", "/rates"),
            ]
            .concat(),
            Self::Document(page) => page.path(language).to_owned(),
        }
    }
}

fn document_path(key: &NoticeKey, language: Language) -> String {
    let (path, document) = language.pick(("/avviso/", "/documento"), ("/en/notice/", "/document"));
    [path, key.institution.as_str(), "/", key.number.as_str(), document].concat()
}

/// The address of a receipt as a file.
pub fn receipt_file(token: &str, language: Language) -> String {
    let receipt = Page::Receipt(token.to_owned()).address(language);
    [receipt.as_str(), language.pick("/documento.pdf", "/document.pdf")].concat()
}

/// The address of a notice as a file.
pub fn notice_file(key: &NoticeKey, link: &DocumentLink, language: Language) -> String {
    [&document_path(key, language), ".pdf", &link.query(language)].concat()
}

fn calculator_path(service: &ServiceKey, language: Language) -> String {
    let path = language.pick("/calcola/", "/en/calculate/");
    [path, service.institution.as_str(), "/", &encoded(&service.code)].concat()
}

fn push_pair(address: &mut String, separator: &mut char, name: &str, value: &str) {
    address.push(*separator);
    *separator = '&';
    for part in [&encoded(name), "=", &encoded(value)] {
        address.push_str(part);
    }
}

/// A value of the query under its Italian or its English name.
pub fn query_value(query: &ParamsMap, italian: &str, english: &str) -> Option<String> {
    query.get(italian).or_else(|| query.get(english))
}

fn push_cart(address: &mut String, first: char, cart: &CartNotices, language: Language) {
    for (place, notice) in cart.notices().iter().enumerate() {
        address.push(if place == 0 { first } else { '&' });
        address.push_str(language.pick("avviso=", "notice="));
        address.push_str(&notice.written());
    }
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub fn encoded(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(HEX[usize::from(byte >> 4)]));
            encoded.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: &str) -> NoticeKey {
        NoticeKey {
            institution: CreditorFiscalCode::parse("00856930102").unwrap(),
            number: NoticeNumber::parse(number).unwrap(),
        }
    }

    fn fee_pages() -> [Page; 4] {
        let service = ServiceKey {
            institution: CreditorFiscalCode::parse("00856930102").unwrap(),
            code: "suolo-pubblico".to_owned(),
        };
        let answer = |id: &str, value: &str| (id.to_owned(), value.to_owned());
        [
            Page::Services(Sought::default()),
            Page::Services(Sought {
                text: "mensa".to_owned(),
                event: "home".to_owned(),
                institution: String::new(),
            }),
            Page::Calculator {
                service: service.clone(),
                // A question may be called as the portal calls something else.
                answers: vec![answer("importo", "12.30"), answer("codice", "1")],
            },
            Page::Rates(service),
        ]
    }

    fn query_of(address: &str) -> ParamsMap {
        let (_, query) = address.split_once('?').unwrap_or((address, ""));
        let mut map = ParamsMap::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap();
            map.insert(name.to_owned(), value.to_owned());
        }
        map
    }

    #[test]
    fn a_cart_is_read_back_from_its_address_in_both_languages() {
        for language in Language::ALL {
            for count in 0..=CART_MAX {
                let mut cart = CartNotices::default();
                for place in 0..count {
                    cart.add(key(&format!("30201234567890123{place}")));
                }
                let address = Page::Cart(cart.clone()).address(language);
                assert_eq!(CartNotices::from_query(&query_of(&address)), cart, "{address}");
                assert_eq!(CartNotices::parse(&cart.written()), cart);
            }
        }
    }

    #[test]
    fn a_cart_takes_five_notices_and_not_six_and_none_twice() {
        let mut cart = CartNotices::default();
        for place in 0..CART_MAX {
            assert!(cart.add(key(&format!("30201234567890123{place}"))));
        }
        assert!(
            cart.add(key("302012345678901230")),
            "one that is there already stays"
        );
        assert_eq!(cart.notices().len(), CART_MAX);
        assert!(!cart.add(key("302012345678901239")));
        assert!(cart.without(0).add(key("302012345678901239")));
    }

    #[test]
    fn what_is_not_a_notice_is_left_out_of_a_cart() {
        let query =
            query_of("/carrello?avviso=x&avviso=00856930102-1&avviso=00856930102-302012345678901234&altro=1");
        assert_eq!(
            CartNotices::from_query(&query).notices(),
            [key("302012345678901234")]
        );
    }

    #[test]
    fn every_page_in_one_language_leads_to_itself_in_the_other() {
        let mut cart = CartNotices::default();
        cart.add(key("302012345678901234"));
        cart.add(key("302012345678901245"));
        let pages = [
            Page::Home,
            Page::Search {
                text: "3020 1234|é&=".to_owned(),
                cart: cart.clone(),
            },
            Page::Notice {
                key: key("302012345678901234"),
                printed: None,
            },
            Page::Notice {
                key: key("302012345678901234"),
                printed: Some(Cents::new(3_892)),
            },
            Page::NoticeDocument {
                key: key("302012345678901234"),
                link: DocumentLink {
                    expires: 1_795_641_600,
                    signature: "a-Z_9".to_owned(),
                },
            },
            Page::Cart(cart),
            Page::Outcome("0a1b2c".to_owned()),
            Page::FindReceipt { code: String::new() },
            Page::FindReceipt {
                code: "3020".to_owned(),
            },
            Page::Receipt("0a1b2c".to_owned()),
        ];
        let pages = pages.into_iter().chain(fee_pages());
        for page in pages.chain(DocumentPage::ALL.map(Page::Document)) {
            for (from, to) in [
                (Language::Italian, Language::English),
                (Language::English, Language::Italian),
            ] {
                assert_eq!(in_language(&page.address(from), to), page.address(to), "{page:?}");
                assert_eq!(Language::of_path(&page.address(from)), from, "{page:?}");
            }
        }
    }

    #[test]
    fn every_page_is_read_back_from_its_address() {
        let mut cart = CartNotices::default();
        cart.add(key("302012345678901234"));
        let pages = [
            Page::Home,
            Page::Search {
                text: "3020".to_owned(),
                cart: cart.clone(),
            },
            Page::Notice {
                key: key("302012345678901234"),
                printed: Some(Cents::new(3_892)),
            },
            Page::NoticeDocument {
                key: key("302012345678901234"),
                link: DocumentLink {
                    expires: 1_795_641_600,
                    signature: "a-Z_9".to_owned(),
                },
            },
            Page::Cart(cart),
            Page::Outcome("0a1b2c".to_owned()),
            Page::FindReceipt {
                code: "3020".to_owned(),
            },
            Page::Receipt("0a1b2c".to_owned()),
        ];
        let pages = pages.into_iter().chain(fee_pages());
        for page in pages.chain(DocumentPage::ALL.map(Page::Document)) {
            for language in Language::ALL {
                let address = page.address(language);
                let path = address.split('?').next().unwrap();
                assert_eq!(
                    Page::at(path, &query_of(&address)),
                    Some(page.clone()),
                    "{address}"
                );
            }
        }
    }

    #[test]
    fn an_address_of_nothing_is_no_page() {
        for path in [
            "/avviso/1",
            "/avviso/1/2",
            "/esito",
            "/nessuno",
            "/en/nobody",
            "/avviso/00856930102/1",
        ] {
            assert_eq!(Page::at(path, &ParamsMap::new()), None, "{path}");
        }
    }

    #[test]
    fn search_engines_list_only_pages_that_are_the_same_for_everybody() {
        assert!(Page::Home.is_indexable() && Page::Document(DocumentPage::Privacy).is_indexable());
        assert!(
            !Page::Outcome(String::new()).is_indexable()
                && !Page::FindReceipt { code: String::new() }.is_indexable()
                && !Page::NoticeDocument {
                    key: key("302012345678901234"),
                    link: DocumentLink::default()
                }
                .is_indexable()
        );
    }

    #[test]
    fn nothing_in_a_typed_text_can_leave_its_place_in_the_address() {
        assert_eq!(encoded("a b&c=d#é/"), "a%20b%26c%3Dd%23%C3%A9%2F");
    }
}
