//! The text of an expression as a tree, not yet checked. Grammar: section 4.3 of the specification.

use crate::expression::Operator;
use crate::number::Number;

/// Bytes of an expression at most.
const LENGTH_MAX: usize = 4 * 1024;
/// Nodes of an expression at most.
const NODES_MAX: usize = 512;
/// How deep an expression may be.
const DEPTH_MAX: usize = 32;

/// A node and where it begins in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) at: usize,
    pub(crate) kind: NodeKind,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Number(Number),
    Money(Number),
    Text(String),
    Boolean(bool),
    /// `superficie`, `sanzione.minimo`.
    Name(String),
    Call(String, Vec<Node>),
    Negated(Box<Node>),
    Not(Box<Node>),
    Binary(Operator, Box<(Node, Node)>),
    If(Box<(Node, Node, Node)>),
}

/// Why a text is not an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) at: usize,
    pub(crate) what: String,
    pub(crate) how: String,
}

fn refuse<T>(at: usize, what: impl Into<String>, how: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal {
        at,
        what: what.into(),
        how: how.into(),
    })
}

/// Reads an expression.
pub(crate) fn parse(text: &str) -> Result<Node, Refusal> {
    if text.len() > LENGTH_MAX {
        return refuse(0, "the expression is too long", "break it into steps");
    }
    let tokens = tokens(text)?;
    let mut reader = Reader {
        tokens: &tokens,
        next: 0,
        end: text.len(),
        nodes: 0,
        depth: 0,
    };
    let node = reader.expression()?;
    match reader.tokens.get(reader.next) {
        None => Ok(node),
        Some((at, Token::Symbol(symbol))) if is_comparison(symbol) => refuse(
            *at,
            "comparisons cannot be chained",
            "join two comparisons with `and`",
        ),
        Some((at, token)) => refuse(
            *at,
            format!("{} is not expected here", token.written()),
            "an operator is missing, or a bracket is too much",
        ),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Number(Number),
    Money(Number),
    Percent(Number),
    Text(String),
    Word(String),
    Symbol(&'static str),
}

impl Token {
    fn written(&self) -> String {
        match self {
            Self::Number(number) => format!("`{number}`"),
            Self::Money(number) => format!("`{number}€`"),
            Self::Percent(_) => "a percentage".to_owned(),
            Self::Text(text) => format!("'{text}'"),
            Self::Word(word) => format!("`{word}`"),
            Self::Symbol(symbol) => format!("`{symbol}`"),
        }
    }
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 14] = [
    "<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "(", ")", ",", ".",
];

fn is_comparison(symbol: &str) -> bool {
    ["<", "<=", ">", ">=", "==", "!="].contains(&symbol)
}

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Refusal> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = |accepted: fn(char) -> bool| rest.find(|c: char| !accepted(c)).unwrap_or(rest.len());
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if first.is_ascii_digit() {
            let digits = length(|c| c.is_ascii_digit() || c == '.');
            let Some(number) = Number::parse(&rest[..digits]) else {
                return refuse(
                    at,
                    format!("`{}` is not a number", &rest[..digits]),
                    "write digits and at most one point between them",
                );
            };
            let (token, more) = match rest[digits..].chars().next() {
                Some('€') => (Token::Money(number), '€'.len_utf8()),
                Some('%') => (Token::Percent(number), 1),
                Some(',') if rest[digits + 1..].starts_with(|c: char| c.is_ascii_digit()) => {
                    return refuse(
                        at,
                        "a number is written with a comma",
                        "decimals follow a point: `12.30`",
                    );
                }
                Some(_) | None => (Token::Number(number), 0),
            };
            tokens.push((at, token));
            at += digits + more;
        } else if first.is_ascii_alphabetic() || first == '_' {
            let letters = length(|c| c.is_ascii_alphanumeric() || c == '_');
            tokens.push((at, Token::Word(rest[..letters].to_owned())));
            at += letters;
        } else if first == '\'' {
            let Some(end) = rest[1..].find('\'') else {
                return refuse(at, "a text has no end", "close it with a single quote");
            };
            tokens.push((at, Token::Text(rest[1..=end].to_owned())));
            at += end + 2;
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            tokens.push((at, Token::Symbol(symbol)));
            at += symbol.len();
        } else {
            let how = match first {
                '=' => "equality is written `==`",
                '"' => "texts in an expression stand in single quotes",
                '×' | '·' => "multiplication is written `*`",
                '÷' | ':' => "division is written `/`",
                '&' => "write `and`",
                '|' => "write `or`",
                '!' => "write `not`, or `!=` between two values",
                '€' => "the euro sign follows its number without a space: `5.00€`",
                _ => "use names, numbers, + - * / comparisons and brackets",
            };
            return refuse(at, format!("`{first}` means nothing in an expression"), how);
        }
    }
    Ok(tokens)
}

struct Reader<'a> {
    tokens: &'a [(usize, Token)],
    next: usize,
    end: usize,
    nodes: usize,
    depth: usize,
}

impl Reader<'_> {
    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |(at, _)| *at)
    }

    fn node(&mut self, at: usize, kind: NodeKind) -> Result<Node, Refusal> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return refuse(at, "the expression has too many parts", "break it into steps");
        }
        Ok(Node { at, kind })
    }

    fn takes_symbol(&mut self, symbol: &str) -> bool {
        let takes = matches!(self.tokens.get(self.next), Some((_, Token::Symbol(next))) if *next == symbol);
        self.next += usize::from(takes);
        takes
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let takes = matches!(self.tokens.get(self.next), Some((_, Token::Word(next))) if next == word);
        self.next += usize::from(takes);
        takes
    }

    fn wants(&mut self, symbol: &str) -> Result<(), Refusal> {
        if self.takes_symbol(symbol) {
            return Ok(());
        }
        refuse(
            self.at(),
            format!("`{symbol}` is missing"),
            "every bracket that opens closes, and arguments have commas between them",
        )
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return refuse(
                self.at(),
                "the expression is nested too deep",
                "break it into steps",
            );
        }
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn expression(&mut self) -> Result<Node, Refusal> {
        self.deeper(|reader| {
            let at = reader.at();
            if !reader.takes_word("if") {
                return reader.disjunction();
            }
            let condition = reader.expression()?;
            if !reader.takes_word("then") {
                return refuse(reader.at(), "`then` is missing", "write `if … then … else …`");
            }
            let first = reader.expression()?;
            if !reader.takes_word("else") {
                return refuse(
                    reader.at(),
                    "`else` is missing",
                    "say what holds otherwise: `if … then … else …`",
                );
            }
            let second = reader.expression()?;
            reader.node(at, NodeKind::If(Box::new((condition, first, second))))
        })
    }

    fn disjunction(&mut self) -> Result<Node, Refusal> {
        let mut left = self.conjunction()?;
        while self.takes_word("or") {
            let right = self.conjunction()?;
            left = self.node(left.at, NodeKind::Binary(Operator::Or, Box::new((left, right))))?;
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Node, Refusal> {
        let mut left = self.negation()?;
        while self.takes_word("and") {
            let right = self.negation()?;
            left = self.node(left.at, NodeKind::Binary(Operator::And, Box::new((left, right))))?;
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Node, Refusal> {
        let at = self.at();
        if !self.takes_word("not") {
            return self.comparison();
        }
        let inner = self.deeper(Self::negation)?;
        self.node(at, NodeKind::Not(Box::new(inner)))
    }

    fn comparison(&mut self) -> Result<Node, Refusal> {
        let left = self.sum()?;
        let operators = [
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        for (symbol, operator) in operators {
            if self.takes_symbol(symbol) {
                let right = self.sum()?;
                return self.node(left.at, NodeKind::Binary(operator, Box::new((left, right))));
            }
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Node, Refusal> {
        let mut left = self.product()?;
        loop {
            let operator = if self.takes_symbol("+") {
                Operator::Add
            } else if self.takes_symbol("-") {
                Operator::Subtract
            } else {
                return Ok(left);
            };
            let right = self.product()?;
            left = self.node(left.at, NodeKind::Binary(operator, Box::new((left, right))))?;
        }
    }

    fn product(&mut self) -> Result<Node, Refusal> {
        let mut left = self.unary()?;
        loop {
            let operator = if self.takes_symbol("*") {
                Operator::Multiply
            } else if self.takes_symbol("/") {
                Operator::Divide
            } else {
                return Ok(left);
            };
            let right = self.unary()?;
            left = self.node(left.at, NodeKind::Binary(operator, Box::new((left, right))))?;
        }
    }

    fn unary(&mut self) -> Result<Node, Refusal> {
        let at = self.at();
        if self.takes_symbol("-") {
            let inner = self.deeper(Self::unary)?;
            return self.node(at, NodeKind::Negated(Box::new(inner)));
        }
        if self.takes_symbol("(") {
            let inner = self.expression()?;
            self.wants(")")?;
            return Ok(inner);
        }
        let Some((_, token)) = self.tokens.get(self.next) else {
            return refuse(at, "the expression ends too early", "a value is missing");
        };
        let kind = match token {
            Token::Number(number) => NodeKind::Number(*number),
            Token::Money(number) => NodeKind::Money(*number),
            Token::Percent(number) => {
                match number.checked_mul(Number::from_parts(1, 2).unwrap_or(Number::ZERO)) {
                    Some(share) => NodeKind::Number(share),
                    None => return refuse(at, "a percentage has too many digits", "write fewer decimals"),
                }
            }
            Token::Text(text) => NodeKind::Text(text.clone()),
            Token::Word(word) => return self.named(at, &word.clone()),
            Token::Symbol(symbol) => {
                return refuse(
                    at,
                    format!("`{symbol}` is not expected here"),
                    "a value is missing before it",
                );
            }
        };
        self.next += 1;
        self.node(at, kind)
    }

    fn named(&mut self, at: usize, word: &str) -> Result<Node, Refusal> {
        self.next += 1;
        match word {
            "true" => return self.node(at, NodeKind::Boolean(true)),
            "false" => return self.node(at, NodeKind::Boolean(false)),
            "if" => {
                return refuse(
                    at,
                    "`if` inside an expression stands in brackets",
                    "write `( if … then … else … )`",
                );
            }
            "then" | "else" | "and" | "or" | "not" => {
                return refuse(
                    at,
                    format!("`{word}` is not expected here"),
                    "a value is missing before it",
                );
            }
            _ => {}
        }
        let mut name = word.to_owned();
        if self.takes_symbol(".") {
            let Some((_, Token::Word(column))) = self.tokens.get(self.next) else {
                return refuse(
                    self.at(),
                    "a column's name is missing after the point",
                    "write `table.column(key)`",
                );
            };
            name.push('.');
            name.push_str(column);
            self.next += 1;
        }
        if !self.takes_symbol("(") {
            return self.node(at, NodeKind::Name(name));
        }
        let mut arguments = Vec::new();
        if !self.takes_symbol(")") {
            loop {
                arguments.push(self.expression()?);
                if !self.takes_symbol(",") {
                    break;
                }
            }
            self.wants(")")?;
        }
        self.node(at, NodeKind::Call(name, arguments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_at(text: &str) -> usize {
        parse(text).expect_err(text).at
    }

    #[test]
    fn products_bind_closer_than_sums_and_comparisons_than_and() {
        let node = parse("a + 2 * b > 3 and not c").expect("an expression");
        let NodeKind::Binary(Operator::And, sides) = node.kind else {
            panic!("{node:?}")
        };
        let NodeKind::Binary(Operator::Greater, compared) = &sides.0.kind else {
            panic!("{sides:?}")
        };
        assert!(matches!(&compared.0.kind, NodeKind::Binary(Operator::Add, _)));
        assert!(matches!(&sides.1.kind, NodeKind::Not(_)));
    }

    #[test]
    fn a_mistake_is_told_where_it_is() {
        assert_eq!(refused_at("1 + "), 4);
        assert_eq!(refused_at("a = 2"), 2);
        assert_eq!(refused_at("a < b < c"), 6);
        assert_eq!(refused_at("if a then b"), 11);
        assert_eq!(refused_at("(a"), 2);
        assert_eq!(refused_at("a b"), 2);
        assert_eq!(refused_at("12,30€"), 0);
        assert_eq!(refused_at("x + 'abc"), 4);
        assert_eq!(refused_at("a. + 1"), 3);
        assert_eq!(refused_at("1 + if a then b else c"), 4);
    }

    #[test]
    fn a_percentage_is_a_hundredth_and_an_amount_has_its_sign() {
        assert!(matches!(parse("20%").map(|node| node.kind), Ok(NodeKind::Number(n)) if n.plain() == "0.2"));
        assert!(matches!(parse("5.00€").map(|node| node.kind), Ok(NodeKind::Money(n)) if n.plain() == "5"));
    }

    #[test]
    fn size_and_depth_have_a_limit() {
        assert!(parse(&format!("{}1{}", "(".repeat(31), ")".repeat(31))).is_ok());
        assert!(parse(&format!("{}1{}", "(".repeat(40), ")".repeat(40))).is_err());
        assert!(parse(&format!("{}1", "-".repeat(4_000))).is_err());
        assert!(parse(&format!("{}true", "not ".repeat(900))).is_err());
        assert!(parse(&format!("1{}", "+1".repeat(1_000))).is_err());
        assert!(parse(&"1".repeat(5_000)).is_err());
    }
}
