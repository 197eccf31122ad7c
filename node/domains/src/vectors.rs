//! Vectors of numbers as bytes: little-endian `f64`, one after another.

use crate::DomainError;

/// Largest magnitude of a parameter.
pub const MOST_MAGNITUDE: f64 = 1e6;

/// Bytes of a number.
const BYTES: usize = size_of::<f64>();

/// Encodes parameters. The same numbers give the same bytes.
pub fn encode(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Decodes the parameters of a model with that many dimensions.
///
/// # Errors
///
/// [`DomainError::BadParameters`] when the length is wrong, or a value is not a number, infinite, or of magnitude above
/// [`MOST_MAGNITUDE`].
pub fn decode(bytes: &[u8], dimensions: usize) -> Result<Vec<f64>, DomainError> {
    let values = numbers(bytes, dimensions).map_err(DomainError::BadParameters)?;
    match values.iter().position(|value| value.abs() > MOST_MAGNITUDE) {
        None => Ok(values),
        Some(place) => Err(DomainError::BadParameters(format!(
            "parameter {place} is {}, its magnitude must not exceed {MOST_MAGNITUDE}",
            values[place]
        ))),
    }
}

/// Decodes `count` finite numbers; the error says what is wrong.
pub(crate) fn numbers(bytes: &[u8], count: usize) -> Result<Vec<f64>, String> {
    if bytes.len() != count * BYTES {
        return Err(format!(
            "{} bytes instead of {} for {count} numbers",
            bytes.len(),
            count * BYTES
        ));
    }
    bytes
        .chunks_exact(BYTES)
        .enumerate()
        .map(|(place, chunk)| {
            let mut number = [0; BYTES];
            number.copy_from_slice(chunk);
            let value = f64::from_le_bytes(number);
            if value.is_finite() {
                Ok(value)
            } else {
                Err(format!("number {place} is {value}"))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn there_and_back(values in prop::collection::vec(-MOST_MAGNITUDE..=MOST_MAGNITUDE, 0..50)) {
            let bytes = encode(&values);
            prop_assert_eq!(bytes.len(), values.len() * 8);
            prop_assert_eq!(&decode(&bytes, values.len()).unwrap(), &values);
            prop_assert!(decode(&bytes, values.len() + 1).is_err());
        }

        #[test]
        fn any_bytes_are_decoded_or_refused_but_never_anything_else(
            bytes in prop::collection::vec(any::<u8>(), 0..100),
            dimensions in 0usize..12,
        ) {
            match decode(&bytes, dimensions) {
                Ok(values) => {
                    prop_assert!(values.iter().all(|value| value.abs() <= MOST_MAGNITUDE));
                    prop_assert_eq!(encode(&values), bytes);
                },
                Err(error) => prop_assert!(matches!(error, DomainError::BadParameters(_))),
            }
        }
    }

    #[test]
    fn the_limits_of_the_range() {
        for good in [0.0, -0.0, MOST_MAGNITUDE, -MOST_MAGNITUDE, 5e-324] {
            assert_eq!(decode(&encode(&[good]), 1), Ok(vec![good]));
        }
        for bad in [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            1_000_000.000_1,
            -1e7,
            f64::MAX,
        ] {
            let error = decode(&encode(&[1.0, bad]), 2).unwrap_err();
            assert!(error.to_string().contains(" 1 is "), "{error}");
        }
    }
}
