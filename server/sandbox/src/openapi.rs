//! The published interfaces, when their files are at hand: every call to the sandbox's REST services and every answer of
//! theirs is held against them. The files are pagoPA's and are not shipped here.
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

/// The interfaces known, by service: none without their folder.
#[derive(Debug, Default)]
pub(crate) struct Interfaces(HashMap<Product, Interface>);

impl Interfaces {
    /// Reads the interface of every service from a folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, OpenApiError> {
        let read = |product: Product| {
            let file = folder.join(product.openapi_file());
            let text =
                std::fs::read_to_string(&file).map_err(|error| OpenApiError::Read(file.clone(), error))?;
            let interface = Interface::parse(&text).map_err(|reason| OpenApiError::Document(file, reason))?;
            Ok((product, interface))
        };
        Product::ALL
            .iter()
            .copied()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(crate) fn get(&self, product: Product) -> Option<&Interface> {
        self.0.get(&product)
    }
}
