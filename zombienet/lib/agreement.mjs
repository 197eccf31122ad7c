// What must hold after each scenario: one finalised chain on all nodes, and all coin accounted for.

import { until } from '../../devnet/lib/node.mjs';

/** How long the slowest node may take to finalise what the fastest has, in milliseconds. */
const TIMEOUT = 60_000;

function expect(condition, message) {
  if (!condition) {
    throw new Error(message);
  }
}

/** One value for all nodes, or an error that tells who says what. */
async function same(what, nodes, ask) {
  const answers = await Promise.all(nodes.map(async (node) => [node.name, await ask(node)]));
  const [[, first]] = answers;
  const text = answers.map(([name, answer]) => `${name}: ${answer}`).join(', ');
  expect(first !== null && answers.every(([, answer]) => answer === first), `${what} differs: ${text}`);
  return first;
}

/** All coin of all accounts at a block: free and reserved. What is held or frozen is part of these. */
export async function sumOfBalances(api, hash) {
  const accounts = await (await api.at(hash)).query.system.account.entries();
  return accounts.reduce((sum, [, { data }]) => sum + data.free.toBigInt() + data.reserved.toBigInt(), 0n);
}

/**
 * All nodes have finalised the same chain up to the highest finalised block that any of them has now, with equal
 * states; on each the issuance equals the sum of the balances and what was minted less what was burned. Resolves with
 * `{ number, hash, stateRoot, issuance }`.
 */
export async function agreement(nodes) {
  const heights = await Promise.all(nodes.map((node) => node.finalized()));
  const number = Math.max(...heights);
  expect(number > 0, 'nothing is final');
  await until(
    `all nodes finalise block ${number}`,
    async () => (await Promise.all(nodes.map((node) => node.finalized()))).every((height) => height >= number),
    { timeout: TIMEOUT },
  );
  const hash = await same(`the finalised block ${number}`, nodes, (node) => node.hash(number));
  const stateRoot = await same('the state root', nodes, async (node) => (await node.request('chain_getHeader', [hash])).stateRoot);
  for (const middle of [1, Math.floor(number / 3), Math.floor((2 * number) / 3)].filter((height) => height > 0)) {
    await same(`the block ${middle}`, nodes, (node) => node.hash(middle));
  }
  const issuance = await same('the issuance', nodes, async (node) => {
    const api = await node.connect();
    const issuance = (await (await api.at(hash)).query.balances.totalIssuance()).toBigInt();
    const sum = await sumOfBalances(api, hash);
    expect(issuance === sum, `${node.name}: the issuance is ${issuance}, the sum of the balances ${sum}`);
    const supply = await node.request('doin_supply', [hash]);
    const counted = BigInt(supply.genesis) + BigInt(supply.minted) - BigInt(supply.burned);
    expect(BigInt(supply.issuance) === issuance, `${node.name}: doin_supply says ${supply.issuance}, not ${issuance}`);
    expect(counted === issuance, `${node.name}: genesis + minted − burned is ${counted}, not ${issuance}`);
    return issuance;
  });
  return { number, hash, stateRoot, issuance };
}

/** Remembers what is final on each node now: `[{ name, number, hash }]`. */
export function finalities(nodes) {
  return Promise.all(
    nodes.map(async (node) => {
      const number = await node.finalized();
      return { name: node.name, number, hash: await node.hash(number) };
    }),
  );
}

/** Nothing that was final is reverted: every remembered block is still in the chain of every node. */
export async function nothingReverted(nodes, remembered) {
  for (const { name, number, hash } of remembered) {
    for (const node of nodes) {
      const now = await node.hash(number);
      expect(now === hash, `block ${number} was final on ${name} as ${hash}; on ${node.name} it is ${now}`);
    }
  }
}
