//! Amounts of coin as people write them: in DOIN, exactly.

use doin_primitives::{Balance, DOIN};

/// How many digits a DOIN has after the point.
const DECIMALS: usize = 12;

/// The amount in DOIN, without trailing zeros: `1021.1 DOIN`.
pub fn words(amount: Balance) -> String {
    let fraction = format!("{:0DECIMALS$}", amount % DOIN);
    match fraction.trim_end_matches('0') {
        "" => format!("{} DOIN", amount / DOIN),
        digits => format!("{}.{digits} DOIN", amount / DOIN),
    }
}

/// Reads an amount in DOIN, such as `1021.1`.
///
/// # Errors
///
/// It is no decimal number, has more than 12 digits after the point, is nothing, or is more than can be.
pub fn parse(text: &str) -> Result<Balance, String> {
    let wrong = || format!("`{text}` is no amount in DOIN: write a decimal number such as 1021.5");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err(wrong());
    }
    if fraction.len() > DECIMALS {
        return Err(format!("`{text}` has more than {DECIMALS} digits after the point"));
    }
    let whole: Balance = whole.parse().map_err(|_| wrong())?;
    let fraction: Balance = format!("{fraction:0<DECIMALS$}").parse().map_err(|_| wrong())?;
    match whole.checked_mul(DOIN).and_then(|units| units.checked_add(fraction)) {
        Some(0) => Err("the amount is 0".into()),
        Some(amount) => Ok(amount),
        None => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written_exactly() {
        for (text, amount, written) in [
            ("1021", 1021 * DOIN, "1021 DOIN"),
            ("0.1", DOIN / 10, "0.1 DOIN"),
            ("1.000000000001", DOIN + 1, "1.000000000001 DOIN"),
            ("007.50", 7 * DOIN + DOIN / 2, "7.5 DOIN"),
        ] {
            assert_eq!(parse(text), Ok(amount), "{text}");
            assert_eq!(words(amount), written);
        }
        assert_eq!(words(0), "0 DOIN");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "1e3",
            "1,5",
            "ten",
            "0",
            "0.0",
            "1.0000000000001",
            " 1",
            "999999999999999999999999999999999999999",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
