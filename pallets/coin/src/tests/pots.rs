//! What optimization blocks mint, and how it is divided.

use super::*;
use crate::{GenesisIssuance, Minted};
use doin_primitives::{traits::OptimizerPool, DOIN};

#[test]
fn issuance_after_n_optimization_blocks_is_exact() {
    Builder.build_and_execute(|| {
        let genesis = GenesisIssuance::<Test>::get();
        assert_eq!(genesis, 1_000 * DOIN + EXISTENTIAL_DEPOSIT);
        for blocks in 1..=250 {
            Coin::credit_optimizer(&2, units(7));
            assert_pot(AUTHOR);
            assert_eq!(Balances::total_issuance(), genesis + 50 * DOIN * blocks);
            assert_eq!(Minted::<Test>::get(), 50 * DOIN * blocks);
        }
    });
}

#[test]
fn a_pot_is_split_65_30_5_exactly() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(1));
        Coin::credit_evaluator(&3, units(1));
        let height = assert_pot(AUTHOR);
        assert_claim(height, 2, 32_500 * MILLI);
        assert_claim(height, 3, 15_000 * MILLI);
        assert_claim(height, AUTHOR, 2_500 * MILLI);
        assert_eq!(Unclaimed::<Test>::get(), 0);
        assert_eq!(Balances::balance(&Coin::account_id()), EXISTENTIAL_DEPOSIT);
    });
}

const MILLI: Balance = doin_primitives::MILLI_DOIN;

#[test]
fn a_pool_without_points_goes_to_the_author() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(1));
        let height = assert_pot(AUTHOR);
        assert_claim(height, AUTHOR, 17_500 * MILLI);
        assert_claim(height, 2, 32_500 * MILLI);
        let nobody = assert_pot(AUTHOR);
        assert_claim(nobody, AUTHOR, 50 * DOIN);
    });
}

#[test]
fn points_of_a_pot_do_not_reach_into_the_next() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(5));
        let first = assert_pot(AUTHOR);
        Coin::credit_optimizer(&3, units(1));
        let second = assert_pot(AUTHOR);
        assert_claim(first, 2, 32_500 * MILLI);
        assert_claim(second, 3, 32_500 * MILLI);
        assert!(Coin::claimable(&2, 10).is_empty());
        assert_eq!(Coin::claimable(&AUTHOR, 10), vec![first, second]);
        assert_eq!(Coin::claimable(&AUTHOR, 1), vec![first]);
    });
}

#[test]
fn the_pot_halves_after_210_000_optimization_blocks() {
    Builder.build_and_execute(|| {
        // As if the heights before had been minted and claimed.
        LastHeight::<Test>::put(209_999);
        Minted::<Test>::put(subsidy::minted_until(209_999));
        Balances::mint_into(&5, subsidy::minted_until(209_999)).expect("mints");
        assert_eq!(Coin::next_optimizer_pool(), 32_500 * MILLI);
        assert_pot(AUTHOR);
        assert_eq!(Coin::next_optimizer_pool(), 16_250 * MILLI);
        assert_eq!(Coin::supply().next_reward, 25 * DOIN);
        assert_pot(AUTHOR);
        assert_eq!(Minted::<Test>::get(), 10_500_025 * DOIN);
    });
}

#[test]
fn when_nothing_is_left_to_mint_the_chain_goes_on() {
    Builder.build_and_execute(|| {
        let last = 46 * subsidy::HALVING_INTERVAL;
        LastHeight::<Test>::put(last - 1);
        Minted::<Test>::put(subsidy::minted_until(last - 1));
        Balances::mint_into(&5, subsidy::minted_until(last - 1)).expect("mints");
        // The last pot is one smallest unit, the author's; then they are empty, and shares in them clear for nothing.
        let smallest = assert_pot(AUTHOR);
        Coin::credit_optimizer(&2, units(5));
        let empty = assert_pot(AUTHOR);
        assert_eq!(Coin::claimable(&2, 10), vec![empty]);
        assert_claim(empty, 2, 0);
        assert_eq!(Coin::claimable(&AUTHOR, 10), vec![smallest]);
        assert!(subsidy::minted_until(u64::MAX) < subsidy::CAP);
    });
}

#[test]
fn a_height_out_of_order_mints_nothing_and_loses_no_points() {
    Builder.build_and_execute(|| {
        Coin::credit_optimizer(&2, units(5));
        for height in [0, 2, u64::MAX] {
            assert_eq!(Coin::on_optimization_block(height, &AUTHOR), 0);
            System::assert_last_event(Event::PotRefused { height }.into());
        }
        let first = assert_pot(AUTHOR);
        assert_eq!(Coin::on_optimization_block(first, &AUTHOR), 0);
        System::assert_last_event(Event::PotRefused { height: first }.into());
        assert_claim(first, 2, 32_500 * MILLI);
    });
}

#[test]
fn supply_tells_the_whole_state_of_issuance() {
    Builder.build_and_execute(|| {
        let height = assert_pot(AUTHOR);
        assert_claim(height, AUTHOR, 50 * DOIN);
        assert_pot(AUTHOR);
        let supply = Coin::supply();
        assert_eq!(supply.genesis, 1_000 * DOIN + EXISTENTIAL_DEPOSIT);
        assert_eq!(
            (supply.minted, supply.unclaimed, supply.burned),
            (100 * DOIN, 50 * DOIN, 0)
        );
        assert_eq!(supply.issuance, supply.genesis + supply.minted - supply.burned);
        assert_eq!(supply.next_reward, 50 * DOIN);
    });
}
