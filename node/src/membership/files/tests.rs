use super::*;
use sp_runtime::traits::OpaqueKeys;

const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

fn parameters() -> KeystoreParams {
    KeystoreParams {
        keystore_path: None,
        password_interactive: false,
        password: None,
        password_filename: None,
    }
}

fn home(base: &Path) -> Home {
    Home::open(Some(base), "chain", &parameters(), false).unwrap()
}

#[test]
fn an_operator_is_made_once_and_found_again() {
    let base = tempfile::tempdir().unwrap();
    let (account, origin) = home(base.path()).operator(None, None, true).unwrap();
    let Origin::Made(phrase) = origin else {
        panic!("it was not made")
    };
    assert_eq!(AccountId::from(pair(&phrase, None).unwrap().public()), account);

    let again = home(base.path());
    let (same, origin) = again.operator(None, None, true).unwrap();
    assert_eq!(same, account);
    assert!(matches!(origin, Origin::Found));

    // A second one: now it must be said which is meant.
    let (imported, _) = again
        .operator(None, Some(SecretString::new(PHRASE.into())), true)
        .unwrap();
    let Err(error) = again.operator(None, None, true) else {
        panic!("there are two")
    };
    assert!(
        error.contains(&account.to_ss58check()) && error.contains(&imported.to_ss58check()),
        "{error}"
    );
    let wanted = OperatorAccount::Address(imported.clone());
    assert_eq!(again.operator(Some(&wanted), None, true).unwrap().0, imported);
}

#[test]
fn an_account_whose_key_is_missing_is_not_taken() {
    let base = tempfile::tempdir().unwrap();
    let wanted = OperatorAccount::Address(AccountId::new([7; 32]));
    let Err(error) = home(base.path()).operator(Some(&wanted), None, true) else {
        panic!("it is missing")
    };
    assert!(error.contains("--suri-file"), "{error}");
    let secret = SecretString::new(PHRASE.into());
    let Err(error) = home(base.path()).operator(Some(&wanted), Some(secret), true) else {
        panic!("another's secret")
    };
    assert!(error.contains("not of"), "{error}");
    let Err(error) = home(base.path()).operator(None, None, false) else {
        panic!("none may be made here")
    };
    assert!(!error.contains(PHRASE), "{error}");
}

#[test]
fn a_dry_run_makes_no_folder() {
    let base = tempfile::tempdir().unwrap();
    Home::open(Some(base.path()), "chain", &parameters(), true).unwrap();
    assert_eq!(fs::read_dir(base.path()).unwrap().count(), 0);
}

#[test]
fn the_node_keeps_its_identity() {
    let base = tempfile::tempdir().unwrap();
    let first = home(base.path()).peer_id().unwrap();
    assert_eq!(home(base.path()).peer_id().unwrap(), first);
}

#[test]
fn session_keys_come_with_a_proof_for_their_owner_and_nobody_else() {
    let base = tempfile::tempdir().unwrap();
    let home = home(base.path());
    let (owner, thief) = (AccountId::new([1; 32]), AccountId::new([2; 32]));
    let (keys, proof) = home.make_session_keys(&owner).unwrap();
    assert!(home.holds(&keys));
    assert!(keys.ownership_proof_is_valid(&owner.encode(), &proof));
    assert!(!keys.ownership_proof_is_valid(&thief.encode(), &proof));
    let (other, _) = home.make_session_keys(&owner).unwrap();
    assert_ne!(keys, other);
    assert!(home.holds(&keys), "the old ones stay");
}

#[test]
fn roles_are_entered_once_beside_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.json");
    let account = AccountId::new([1; 32]);
    let role = |optimize, evaluate| Role {
        domain: "quadratic".into(),
        optimize,
        evaluate,
    };
    assert!(
        enter_roles(&path, &[role(true, false)], &account, true).unwrap(),
        "it would be written"
    );
    assert!(!path.exists());
    assert!(enter_roles(&path, &[role(true, false)], &account, false).unwrap());
    assert!(
        !enter_roles(&path, &[role(true, false)], &account, false).unwrap(),
        "nothing is missing"
    );

    let by_hand = json!({"worker": {"compute": {"backend": "cpu"}, "domains": {
        "quadratic": {"evaluate": {"accounts": ["//Bob"]}, "optimize": null},
    }}});
    fs::write(&path, by_hand.to_string()).unwrap();
    assert!(enter_roles(&path, &[role(true, true)], &account, false).unwrap());
    let address = account.to_ss58check();
    let expected = json!({"worker": {"compute": {"backend": "cpu"}, "domains": {
        "quadratic": {"evaluate": {"accounts": ["//Bob", address]}, "optimize": {"account": address}},
    }}});
    let written: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(written, expected);

    let other = AccountId::new([2; 32]);
    let error = enter_roles(&path, &[role(true, false)], &other, false).unwrap_err();
    assert!(error.contains(&address), "another's role is not taken away: {error}");
}

#[test]
fn a_configuration_that_the_node_would_refuse_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.json");
    fs::write(&path, r#"{"wroker": {}}"#).unwrap();
    let error = enter_roles(&path, &[], &AccountId::new([1; 32]), false).unwrap_err();
    assert!(error.contains("wroker"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), r#"{"wroker": {}}"#);
}
