//! No error of the runtime goes without a cause and a remedy.

use codec::Encode;
use doin_rpc::explain::{Asked, Catalogue, Origin};

fn catalogue() -> Catalogue {
    let encoded = doin_runtime::Runtime::metadata().encode();
    Catalogue::from_metadata(&encoded).expect("the runtime's metadata decode")
}

#[test]
fn each_error_of_each_pallet_has_a_cause_and_a_remedy() {
    let catalogue = catalogue();
    let bare: Vec<&str> = catalogue
        .entries()
        .iter()
        .filter(|entry| entry.cause.len() < 10 || entry.remedy.len() < 10)
        .map(|entry| entry.name.as_str())
        .collect();
    assert!(
        bare.is_empty(),
        "these errors lack a cause or a remedy: {bare:?}. The comment above a pallet's error says both: \
         a first sentence with the cause, then what to do"
    );
}

#[test]
fn each_pallet_of_ours_has_errors_in_the_catalogue() {
    let catalogue = catalogue();
    for name in ["Domains", "Optimae", "Quorum", "Coin"] {
        assert!(
            catalogue.pallets().iter().any(|(_, pallet)| pallet == name),
            "{name} is missing"
        );
    }
}

#[test]
fn a_pallets_error_is_found_by_numbers_and_by_name() {
    let catalogue = catalogue();
    let entry = catalogue
        .entries()
        .iter()
        .find(|entry| entry.name == "Balances::InsufficientBalance")
        .expect("the runtime has balances");
    assert_eq!(entry.origin, Origin::Pallet);
    let pallet = i64::from(entry.pallet_index.expect("a pallet's error has its number"));
    let error = entry.error_index.expect("a pallet's error has its own number");
    let by_number = catalogue.explain(&Asked::Number(pallet), Some(&Asked::Number(i64::from(error))));
    assert_eq!(by_number, std::slice::from_ref(entry));
    let encoded = format!("0x{error:02x}000000");
    assert_eq!(
        catalogue.explain(&Asked::Number(pallet), Some(&Asked::Text(encoded))),
        std::slice::from_ref(entry)
    );
    for name in ["Balances::InsufficientBalance", "balances.InsufficientBalance"] {
        assert_eq!(
            catalogue.explain(&Asked::Text(name.into()), None),
            std::slice::from_ref(entry)
        );
    }
    let pair = catalogue.explain(
        &Asked::Text("Balances".into()),
        Some(&Asked::Text("InsufficientBalance".into())),
    );
    assert_eq!(pair, std::slice::from_ref(entry));
    let bare = catalogue.explain(&Asked::Text("InsufficientBalance".into()), None);
    assert!(
        bare.len() > 1 && bare.contains(entry),
        "a name of several pallets finds all of them"
    );
}
