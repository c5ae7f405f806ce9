//! The published interfaces, when their files are at hand: every call to the sandbox's REST services and every answer of
//! theirs is held against them, and so is what an institution answers about payment options. The files are pagoPA's and are not shipped here.
//!
//! Not checked: headers, what is inside a multipart form, answers with a status of the gateway itself.

mod document;

pub(crate) use document::{Interface, Message};

use crate::product::Product;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Why the published interfaces cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenApiError {
    /// The file is not there.
    #[error("cannot read {0}: is the folder the one of the published interfaces?")]
    Read(PathBuf, #[source] std::io::Error),
    /// The file is not an `OpenAPI` document.
    #[error("{0} is not an OpenAPI document: {1}")]
    Document(PathBuf, String),
}

/// The interface of payment options, which the institution serves.
const PAYMENT_OPTIONS_FILE: &str = "odp/orgs_payment_options.json";

/// The interfaces known: none without their folder.
#[derive(Debug, Default)]
pub(crate) struct Interfaces {
    services: HashMap<Product, Interface>,
    /// Of the institution, not ours.
    pub(crate) payment_options: Option<Interface>,
}

impl Interfaces {
    /// Reads the interface of every service from a folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, OpenApiError> {
        let services = Product::ALL
            .iter()
            .map(|&product| Ok((product, read(folder, product.openapi_file())?)))
            .collect::<Result<_, OpenApiError>>()?;
        Ok(Self {
            services,
            payment_options: Some(read(folder, PAYMENT_OPTIONS_FILE)?),
        })
    }

    pub(crate) fn get(&self, product: Product) -> Option<&Interface> {
        self.services.get(&product)
    }
}

fn read(folder: &Path, name: &str) -> Result<Interface, OpenApiError> {
    let file = folder.join(name);
    let text = std::fs::read_to_string(&file).map_err(|error| OpenApiError::Read(file.clone(), error))?;
    Interface::parse(&text).map_err(|reason| OpenApiError::Document(file, reason))
}
