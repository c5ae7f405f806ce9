//! One `OpenAPI` document, ready to judge calls and answers.

use axum::http::Method;
use jsonschema::Validator;
use reqwest::Url;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The most differences told of one message.
const MAX_REASONS: usize = 20;

/// A service's published interface.
#[derive(Debug)]
pub(crate) struct Interface {
    operations: Vec<Operation>,
}

/// A message: what it says it is, and its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'m> {
    /// Without parameters, lower case.
    pub(crate) content_type: &'m str,
    pub(crate) bytes: &'m [u8],
}

#[derive(Debug)]
struct Operation {
    method: Method,
    template: String,
    parameters: Vec<Parameter>,
    body: Content,
    answers: HashMap<String, Content>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    place: Place,
    is_required: bool,
    kind: Option<String>,
    validator: Validator,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    Query,
}

/// The schema of each kind of content; none for a kind without one.
type Content = HashMap<String, Option<Validator>>;

impl Interface {
    /// Reads a document.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        mend(&mut document);
        let schemas = Schemas(document["components"].clone());
        let paths = document["paths"].as_object().ok_or("it has no paths")?;
        let mut operations = Vec::new();
        for (template, item) in paths {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let Ok(method @ (Method::GET | Method::POST | Method::PUT | Method::DELETE | Method::PATCH)) =
                    Method::from_bytes(method.to_ascii_uppercase().as_bytes())
                else {
                    continue;
                };
                operations.push(Operation {
                    method,
                    template: template.clone(),
                    parameters: schemas.parameters(&operation["parameters"])?,
                    body: schemas.content(&operation["requestBody"]["content"])?,
                    answers: operation["responses"]
                        .as_object()
                        .into_iter()
                        .flatten()
                        .map(|(status, answer)| Ok((status.clone(), schemas.content(&answer["content"])?)))
                        .collect::<Result<_, String>>()?,
                });
            }
        }
        Ok(Self { operations })
    }

    /// What of a call is not as published. The address starts after the service's base.
    pub(crate) fn check_request(&self, method: &Method, address: &str, message: Message<'_>) -> Vec<String> {
        let Some((operation, url)) = self.find(method, address) else {
            return vec![format!("{method} {address} is not in the published interface")];
        };
        let mut reasons = Vec::new();
        let path = captured(&operation.template, url.path());
        let query: Vec<(String, String)> = url
            .query_pairs()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        for (place, given) in [(Place::Path, &path), (Place::Query, &query)] {
            let known = operation
                .parameters
                .iter()
                .filter(|parameter| parameter.place == place);
            for parameter in known.clone() {
                let values = given
                    .iter()
                    .filter(|(name, _)| *name == parameter.name)
                    .map(|(_, value)| value);
                let mut values = values.peekable();
                if parameter.is_required && values.peek().is_none() {
                    reasons.push(format!("parameter {} is missing", parameter.name));
                }
                for value in values {
                    reasons.extend(differences(
                        &parameter.validator,
                        &parameter.read(value),
                        &parameter.name,
                    ));
                }
            }
            let strangers = given
                .iter()
                .filter(|(name, _)| known.clone().all(|parameter| parameter.name != *name));
            reasons.extend(
                strangers.map(|(name, _)| format!("parameter {name} is not in the published interface")),
            );
        }
        if !operation.body.is_empty() {
            reasons.extend(judge(&operation.body, message));
        }
        reasons
    }

    /// What of an answer is not as published.
    pub(crate) fn check_answer(
        &self,
        method: &Method,
        address: &str,
        status: u16,
        message: Message<'_>,
    ) -> Vec<String> {
        let Some((operation, _)) = self.find(method, address) else {
            return Vec::new();
        };
        match operation.answers.get(&status.to_string()) {
            None => vec![format!("status {status} is not in the published interface")],
            Some(content) if content.is_empty() => Vec::new(),
            Some(content) => judge(content, message),
        }
    }

    /// The operation at an address: of several, the one with fewest parameters in its path.
    fn find(&self, method: &Method, address: &str) -> Option<(&Operation, Url)> {
        let url = Url::parse("http://hub").ok()?.join(address).ok()?;
        let operation = self
            .operations
            .iter()
            .filter(|operation| operation.method == *method && fits(&operation.template, url.path()))
            .min_by_key(|operation| operation.template.matches('{').count())?;
        Some((operation, url))
    }
}

impl Parameter {
    /// A value of the address, as the schema's kind.
    fn read(&self, text: &str) -> Value {
        let as_json = || serde_json::from_str(text).unwrap_or_else(|_| json!(text));
        match self.kind.as_deref() {
            Some("integer" | "number" | "boolean") => as_json(),
            _ => json!(text),
        }
    }
}

/// Builds validators: every schema sees the document's components.
struct Schemas(Value);

impl Schemas {
    fn validator(&self, schema: &Value) -> Result<Validator, String> {
        let root = json!({ "components": self.0, "allOf": [schema] });
        jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&root)
            .map_err(|error| error.to_string())
    }

    fn content(&self, content: &Value) -> Result<Content, String> {
        let kinds = content.as_object().into_iter().flatten();
        kinds
            .map(|(kind, media)| {
                let is_json = kind.ends_with("json");
                let schema = media.get("schema").filter(|schema| is_json && !schema.is_null());
                Ok((
                    kind.clone(),
                    schema.map(|schema| self.validator(schema)).transpose()?,
                ))
            })
            .collect()
    }

    fn parameters(&self, parameters: &Value) -> Result<Vec<Parameter>, String> {
        let mut read = Vec::new();
        for parameter in parameters.as_array().into_iter().flatten() {
            let place = match parameter["in"].as_str() {
                Some("path") => Place::Path,
                Some("query") => Place::Query,
                _ => continue,
            };
            let schema = &parameter["schema"];
            read.push(Parameter {
                name: parameter["name"]
                    .as_str()
                    .ok_or("a parameter has no name")?
                    .to_owned(),
                place,
                is_required: parameter["required"].as_bool() == Some(true),
                kind: schema["type"].as_str().map(ToOwned::to_owned),
                validator: self.validator(schema)?,
            });
        }
        Ok(read)
    }
}

/// Makes a published schema one a validator takes: patterns on numbers mean nothing (and are too large), `\h` is of
/// another dialect, `nullable` and limits that exclude themselves are of the edition before.
fn mend(value: &mut Value) {
    match value {
        Value::Object(members) => {
            mend_pattern(members);
            mend_limit(members, "exclusiveMaximum", "maximum");
            mend_limit(members, "exclusiveMinimum", "minimum");
            if members.get("nullable") == Some(&Value::Bool(true))
                && let Some(Value::String(kind)) = members.get("type").cloned()
            {
                members.insert("type".to_owned(), json!([kind, "null"]));
            }
            members.values_mut().for_each(mend);
        }
        Value::Array(items) => items.iter_mut().for_each(mend),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A limit that excludes itself was a word beside the limit in the edition before.
fn mend_limit(members: &mut Map<String, Value>, exclusive: &str, limit: &str) {
    let Some(&Value::Bool(excludes)) = members.get(exclusive) else {
        return;
    };
    members.remove(exclusive);
    if excludes && let Some(value) = members.remove(limit) {
        members.insert(exclusive.to_owned(), value);
    }
}

fn mend_pattern(members: &mut Map<String, Value>) {
    let Some(Value::String(pattern)) = members.get("pattern") else {
        return;
    };
    let mended = pattern.replace("\\h", " \\t");
    if members.get("type").and_then(Value::as_str) == Some("string") {
        members.insert("pattern".to_owned(), json!(mended));
    } else {
        members.remove("pattern");
    }
}

fn judge(content: &Content, message: Message<'_>) -> Vec<String> {
    let Some(validator) = content.get(message.content_type) else {
        let kinds: Vec<&str> = content.keys().map(String::as_str).collect();
        return vec![format!(
            "content type {:?} instead of {}",
            message.content_type,
            kinds.join(" or ")
        )];
    };
    let Some(validator) = validator else {
        return Vec::new();
    };
    match serde_json::from_slice(message.bytes) {
        Ok(value) => differences(validator, &value, "body"),
        Err(error) => vec![format!("the body is not JSON: {error}")],
    }
}

fn differences(validator: &Validator, value: &Value, name: &str) -> Vec<String> {
    validator
        .iter_errors(value)
        .take(MAX_REASONS)
        .map(|error| format!("{name}{}: {error}", error.instance_path()))
        .collect()
}

fn fits(template: &str, path: &str) -> bool {
    let mut path = path.split('/');
    template.split('/').all(|wanted| {
        path.next()
            .is_some_and(|given| wanted.starts_with('{') || wanted == given)
    }) && path.next().is_none()
}

/// The values of the parameters in a path.
fn captured(template: &str, path: &str) -> Vec<(String, String)> {
    let pairs = template.split('/').zip(path.split('/'));
    pairs
        .filter_map(|(wanted, given)| {
            let name = wanted.strip_prefix('{')?.strip_suffix('}')?;
            Some((name.to_owned(), given.to_owned()))
        })
        .collect()
}
