//! What stops the start, and what it says.

use super::{account, chain::MockChain, World};
use crate::config::{DomainRoles, EvaluateRole, OperatorAccount, OptimizeRole};

fn refusal(world: &mut World) -> String {
    let error = world.start().unwrap_err().to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

#[test]
fn an_unknown_domain_is_named_with_those_there_are() {
    let mut world = World::new();
    world
        .configuration
        .domains
        .insert("quadratik".into(), DomainRoles::default());
    let error = refusal(&mut world);
    for words in [
        "worker.domains.quadratik",
        "no domain of this name",
        "it has: quadratic",
        "wait_for_registration",
    ] {
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn a_domain_may_be_waited_for() {
    let mut world = World::new();
    world
        .chain
        .change(|state| state.info.specification.name = b"other".to_vec().try_into().unwrap());
    world.chain.seal();
    world
        .configuration
        .domains
        .get_mut("quadratic")
        .unwrap()
        .wait_for_registration = true;
    world.start().unwrap();
    world.blocks(5);
    assert!(world.chain.sent("commit").is_empty());
    world
        .chain
        .change(|state| state.info.specification.name = b"quadratic".to_vec().try_into().unwrap());
    world.until(60, |chain| chain.accepted() > 0);
}

#[test]
fn a_key_that_is_not_there_is_named_with_what_to_do() {
    let mut world = World::new();
    let stranger = OperatorAccount::Address(account("//Stranger"));
    let roles = world.configuration.domains.get_mut("quadratic").unwrap();
    roles.optimize = Some(OptimizeRole::new(stranger.clone()));
    let error = refusal(&mut world);
    for words in [
        "worker.domains.quadratic.optimize.account",
        &stranger.to_string(),
        "key insert --key-type oper",
    ] {
        assert!(error.contains(words), "{error}");
    }
    let roles = world.configuration.domains.get_mut("quadratic").unwrap();
    roles.optimize = None;
    roles.evaluate = Some(EvaluateRole {
        accounts: vec![stranger],
        register: false,
    });
    assert!(refusal(&mut world).contains("worker.domains.quadratic.evaluate.accounts"));
}

#[test]
fn a_kind_that_this_node_does_not_know_is_named() {
    let mut world = World::new();
    world
        .chain
        .change(|state| state.info.specification.kind = b"llm".to_vec().try_into().unwrap());
    world.chain.seal();
    let error = refusal(&mut world);
    for words in ["worker.domains.quadratic", "unknown domain kind \"llm\"", "quadratic"] {
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn a_journal_that_cannot_be_opened_is_named() {
    let mut world = World::new();
    let genesis = std::fs::read_dir(world.folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    world.kill();
    std::fs::remove_dir_all(&genesis).unwrap();
    std::fs::write(&genesis, b"in the way").unwrap();
    let error = refusal(&mut world);
    assert!(
        error.contains("journal") && error.contains(&*genesis.to_string_lossy()),
        "{error}"
    );
}

#[test]
fn a_worker_without_roles_ends_at_once() {
    let mut world = World::new();
    world.configuration.domains.clear();
    world.start().unwrap();
    futures::executor::block_on(world.worker.take().unwrap().run());
    let _: &MockChain = &world.chain;
}
