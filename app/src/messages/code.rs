//! What to say of a text that is, or is not, the code of a notice.

use crate::Language;
use domain::citizen_code::{LookAlike, Refusal};

super::messages!(
    /// What a code leads to.
    Search {
        ErrorTitle => "Controlla il codice", "Check the code";
        CorrectionTitle => "È questo il codice?", "Is this the code?";
        CorrectionConfirm => "Sì, vedi l’avviso", "Yes, see the notice";
        CorrectionRefuse => "No, lo riscrivo", "No, I will type it again";
        SeveralTitle => "Quale avviso vuoi pagare?", "Which notice do you want to pay?";
        SeveralText => "Lo stesso codice è usato da più enti. Scegli quello scritto sul tuo avviso.", "More than one institution uses this code. Choose the one on your notice.";
        ReferenceText => "Hai scritto il codice IUV: è una parte del codice avviso. Con questo IUV troviamo:", "You typed the IUV code, which is part of the notice code. With this IUV we find:";
        NotFoundTitle => "Non troviamo questo avviso", "We cannot find this notice";
        NotFoundText => "Il codice è scritto bene, ma fra gli avvisi di questo portale non c’è.", "The code is well written, but it is not among the notices of this portal.";
        NotFoundWhy => "Può essere per uno di questi motivi:", "It may be for one of these reasons:";
        NotFoundOther => "l’avviso è di un altro ente: guarda il nome dell’ente creditore in alto sul foglio;", "the notice was issued by another institution: see the name of the creditor at the top of the page;";
        NotFoundNew => "l’avviso è appena stato emesso: riprova domani;", "the notice has only just been issued: try again tomorrow;";
        NotFoundTypo => "una cifra è diversa da quella stampata: rileggi il codice a gruppi di quattro.", "one digit differs from the printed one: read the code again in groups of four.";
        NotFoundCheckout => "Paga un avviso di un altro ente su checkout.pagopa.it", "Pay another institution’s notice on checkout.pagopa.it";
        TryAnother => "Prova un altro codice", "Try another code";
        Look => "Cerca sull’avviso le parole «Codice avviso», accanto al codice QR: sono 18 cifre.", "On the notice look for the words “Codice avviso”, beside the QR code: it has 18 digits.";
    }
);

/// What is wrong with a text, in one sentence.
pub(crate) fn refusal(refusal: &Refusal, language: Language) -> String {
    use Refusal as R;
    let fixed = match refusal {
        R::TooFewDigits { found } | R::TooManyDigits { found } => return count(*found, language),
        R::UnknownFirstDigit { digit } => {
            let mut utf8 = [0; 4];
            let digit: &str = digit.encode_utf8(&mut utf8);
            return match language {
                Language::Italian => [
                    "Il codice comincia con ",
                    digit,
                    ": dovrebbe cominciare con 0, 1, 2 o 3.",
                ]
                .concat(),
                Language::English => [
                    "The code begins with ",
                    digit,
                    ": it should begin with 0, 1, 2 or 3.",
                ]
                .concat(),
            };
        }
        R::LettersInside { .. } => (
            "Nel codice ci sono delle lettere: il codice avviso ha solo cifre.",
            "There are letters in the code: a notice code has digits only.",
        ),
        R::Empty => ("Scrivi il codice dell’avviso.", "Type the code of the notice."),
        R::TooLong => (
            "Il testo è troppo lungo: scrivi solo il codice.",
            "The text is too long: type the code only.",
        ),
        R::NoDigits => (
            "Qui servono le cifre del codice avviso.",
            "The digits of the notice code are needed here.",
        ),
        R::WrongCheckDigits { .. } => (
            "C’è un errore di battitura: una cifra non è giusta, o due sono scambiate.",
            "There is a typing error: one digit is wrong, or two are swapped.",
        ),
        R::SeveralCodes => (
            "Ci sono più codici: scrivine uno alla volta. Potrai aggiungere gli altri dopo.",
            "There are several codes: type one at a time. You can add the others later.",
        ),
        R::CreditorCode => (
            "Questo è il codice fiscale dell’ente, non il codice dell’avviso.",
            "This is the institution’s tax code, not the code of the notice.",
        ),
        R::CardNumber => (
            "Questo è il numero di una carta di pagamento: non scriverlo qui. La carta servirà dopo, sulla pagina di pagoPA.",
            "This is the number of a payment card: do not write it here. You will need the card later, on pagoPA’s page.",
        ),
        R::PersonalFiscalCode => (
            "Questo è un codice fiscale personale: per vedere l’avviso non serve.",
            "This is a personal tax code: you do not need it to see the notice.",
        ),
        R::Iban => (
            "Questo è l’IBAN di un conto, non il codice dell’avviso.",
            "This is the IBAN of an account, not the code of the notice.",
        ),
        R::CbillCode => (
            "Questo è il codice CBILL dell’ente: qui serve il codice dell’avviso.",
            "This is the institution’s CBILL code: here the code of the notice is needed.",
        ),
        R::PostalAccountNumber => (
            "Questo è il numero di un conto corrente postale, non il codice dell’avviso.",
            "This is the number of a postal account, not the code of the notice.",
        ),
        R::FileNumber => (
            "Questo sembra il numero di un verbale o di una pratica, non il codice dell’avviso.",
            "This looks like the number of a report or of a file, not the code of the notice.",
        ),
        R::WrongReferenceCheckDigits => (
            "Il codice che comincia con RF ha un errore: ricopialo.",
            "The code that begins with RF has a mistake in it: copy it again.",
        ),
        R::UnreadableQr(_) => (
            "Il testo del codice QR è incompleto o rovinato.",
            "The text of the QR code is incomplete or damaged.",
        ),
        R::UnreadableDataMatrix(_) => (
            "Il testo del codice del bollettino è incompleto o rovinato.",
            "The text of the postal slip’s code is incomplete or damaged.",
        ),
        R::LinkWithoutCode => (
            "In questo collegamento non c’è il codice di un avviso.",
            "There is no notice code in this link.",
        ),
    };
    language.pick(fixed.0, fixed.1).to_owned()
}

fn count(found: usize, language: Language) -> String {
    let digits = found.to_string();
    let one = found == 1;
    match language {
        Language::Italian => [
            "Hai scritto ",
            &digits,
            if one { " cifra" } else { " cifre" },
            ": ne servono 18.",
        ]
        .concat(),
        Language::English => [
            "You typed ",
            &digits,
            if one { " digit" } else { " digits" },
            ": 18 are needed.",
        ]
        .concat(),
    }
}

/// No notice has the payment reference typed, which has this many digits.
pub(crate) fn reference_not_found(digits: usize, language: Language) -> String {
    let digits = digits.to_string();
    match language {
        Language::Italian => [
            "Non c’è nessun avviso con questo IUV. Hai scritto ",
            &digits,
            " cifre: il codice avviso ne ha 18.",
        ]
        .concat(),
        Language::English => [
            "There is no notice with this IUV. You typed ",
            &digits,
            " digits: a notice code has 18.",
        ]
        .concat(),
    }
}

/// What to look for on the paper, beyond the general advice.
pub(crate) const fn advice(refusal: &Refusal, language: Language) -> &'static str {
    use Refusal as R;
    match refusal {
        R::WrongCheckDigits { .. } | R::LettersInside { .. } | R::UnknownFirstDigit { .. } => language.pick(
            "Rileggi il codice dal foglio, quattro cifre alla volta. Attenzione a 0 e O, 1 e I, 6 e 8.",
            "Read the code again from the page, four digits at a time. Mind 0 and O, 1 and I, 6 and 8.",
        ),
        R::TooFewDigits { .. } | R::TooManyDigits { .. } => language.pick(
            "Sul foglio il codice è stampato a gruppi di quattro cifre: controlla di non averne saltato o ripetuto uno.",
            "On the page the code is printed in groups of four digits: check that none was skipped or repeated.",
        ),
        R::CreditorCode | R::CbillCode | R::PostalAccountNumber => language.pick(
            "Il codice dell’avviso è stampato lì vicino, dopo le parole «Codice avviso»: ha 18 cifre.",
            "The code of the notice is printed nearby, after the words “Codice avviso”: it has 18 digits.",
        ),
        R::UnreadableQr(_) | R::UnreadableDataMatrix(_) | R::LinkWithoutCode => language.pick(
            "Inquadra di nuovo il codice, o scrivi a mano le 18 cifre stampate accanto.",
            "Scan the code again, or type the 18 digits printed beside it.",
        ),
        R::Empty
        | R::TooLong
        | R::NoDigits
        | R::SeveralCodes
        | R::CardNumber
        | R::PersonalFiscalCode
        | R::Iban
        | R::FileNumber
        | R::WrongReferenceCheckDigits => Search::Look.text(language),
    }
}

/// What was read as something else: `Abbiamo letto O come 0 …`.
pub(crate) fn correction(changed: &[LookAlike], language: Language) -> String {
    let mut pairs = String::new();
    for (place, change) in changed.iter().enumerate() {
        // The same letter is said once, however often it was typed.
        if changed[..place]
            .iter()
            .any(|other| other.written == change.written)
        {
            continue;
        }
        if place > 0 {
            pairs.push_str(", ");
        }
        pairs.push('«');
        pairs.push(change.written);
        pairs.push_str(language.pick("» come «", "» as «"));
        pairs.push(change.digit);
        pairs.push('»');
    }
    [
        language.pick(
            "Nel codice ci sono solo cifre, perciò abbiamo letto ",
            "A code has digits only, so we read ",
        ),
        &pairs,
        ".",
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::citizen_code::{Verdict, read};

    #[test]
    fn every_refusal_a_person_meets_is_explained_in_both_languages() {
        let texts = [
            "",
            "ciao",
            "123",
            "3020123456789012345678",
            "302012345678901200",
            "999912345678901234",
            "00856930102",
            "4111111111111111",
            "RSSMRA80A01H501U",
            "IT60X0542811101000000123456",
            "PAGOPA|002|1|2|3",
            "https://www.comune.example.it/",
            "RF00123",
        ];
        for text in texts {
            let Verdict::Refused(reason) = read(text) else {
                continue;
            };
            for language in Language::ALL {
                assert!(refusal(&reason, language).len() > 10, "{text}: {reason:?}");
                assert!(advice(&reason, language).len() > 10, "{text}: {reason:?}");
            }
        }
    }

    #[test]
    fn the_digits_written_are_counted() {
        assert_eq!(
            count(17, Language::Italian),
            "Hai scritto 17 cifre: ne servono 18."
        );
        assert_eq!(count(1, Language::English), "You typed 1 digit: 18 are needed.");
    }

    #[test]
    fn a_correction_says_what_was_changed() {
        let changed = [
            LookAlike {
                place: 3,
                written: 'O',
                digit: '0',
            },
            LookAlike {
                place: 5,
                written: 'l',
                digit: '1',
            },
        ];
        let text = correction(&changed, Language::Italian);
        assert!(
            text.ends_with("abbiamo letto «O» come «0», «l» come «1»."),
            "{text}"
        );
    }
}
