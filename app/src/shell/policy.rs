//! The content security policy of a page: what is not named is not allowed.

/// The policy for a page with this nonce, whose forms may lead to this checkout.
pub(super) fn content_security_policy(nonce: &str, checkout_origin: &str) -> String {
    [
        "default-src 'none'",
        // Browsers that know `strict-dynamic` ignore 'self'; the others load our two files with it.
        &format!("script-src 'nonce-{nonce}' 'strict-dynamic' 'self' 'wasm-unsafe-eval'"),
        &format!("style-src 'nonce-{nonce}' 'self'"),
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        // A form's redirects count too: the payment form is answered with pagoPA's address.
        &format!("form-action 'self' {checkout_origin}"),
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inline_is_allowed_without_the_nonce() {
        let policy = content_security_policy("abc", "https://checkout.pagopa.it");
        assert!(policy.starts_with("default-src 'none'; "));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        assert!(policy.contains("'nonce-abc'"));
        assert!(policy.contains("form-action 'self' https://checkout.pagopa.it"));
    }
}
