// The chain of a network: the local preset with the authorities, operators and evaluators of the plan.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keysOf, runBinary } from './node.mjs';

/** What an operator has to begin with: 100 000 DOIN. */
const ENDOWMENT = 100_000n * 10n ** 12n;
/** Its points of reputation, unless others are asked for. */
const REPUTATION = 10;

/** Marks a whole number that a double cannot hold while it stands in JSON as a text. */
const MARK = 'exactly ';

/** Reads JSON; whole numbers that a double may not hold become BigInt. */
export function fromJson(text) {
  const marked = text.replaceAll(/([:[,]\s*)(-?\d{16,})(?=\s*[,\]}])/g, `$1"${MARK}$2"`);
  const restore = (item) => (typeof item === 'string' && item.startsWith(MARK) ? BigInt(item.slice(MARK.length)) : item);
  return JSON.parse(marked, (_, item) => restore(item));
}

/** Writes JSON; BigInt become whole numbers. */
export function toJson(value) {
  const text = JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${MARK}${item}` : item), 2);
  return text.replaceAll(new RegExp(`"${MARK}(-?\\d+)"`, 'g'), '$1');
}

/** The plain specification of a built-in chain, as JSON. */
export async function exportSpecification(binary, chain) {
  return fromJson(await runBinary(binary, ['export-chain-spec', '--chain', chain]));
}

/**
 * Writes `FOLDER/chain.json` for the nodes of a plan, adds each node's `keys` to it, and resolves with
 * `{ path, id }`. `parameters` replaces some of those of `proofOfOptimization`; `reputations` gives some accounts
 * (by secret) other points than ten.
 */
export async function writeChain({ binary, folder, nodes, parameters = {}, reputations = {} }) {
  const specification = await exportSpecification(binary, 'local');
  specification.name = 'DOIN devnet';
  specification.id = 'doin_devnet';
  const genesis = specification.genesis.runtimeGenesis.patch;

  const accounts = new Map();
  for (const node of nodes) {
    node.keys = await keysOf(binary, node.secret);
    accounts.set(node.secret, node.keys.address);
    for (const secret of node.evaluators) {
      if (!accounts.has(secret)) {
        accounts.set(secret, (await keysOf(binary, secret)).address);
      }
    }
  }

  const balances = new Map(genesis.balances.balances);
  for (const address of accounts.values()) {
    balances.set(address, balances.get(address) ?? ENDOWMENT);
  }
  genesis.balances.balances = [...balances];
  genesis.session.keys = nodes
    .filter(({ authority }) => authority)
    .map(({ keys }) => [keys.address, keys.address, { doin: keys.address, grandpa: keys.ed25519Address }]);
  genesis.reputation.accounts = [...accounts].map(([secret, address]) => [
    address,
    String(BigInt(reputations[secret] ?? REPUTATION) * 10n ** 18n),
  ]);
  genesis.quorum.evaluators = nodes.flatMap(({ evaluators }) => evaluators).map((secret) => [0, accounts.get(secret)]);
  const authorities = genesis.session.keys.length;
  genesis.proofOfOptimization.parameters = {
    ...genesis.proofOfOptimization.parameters,
    minimumAuthorities: Math.min(genesis.proofOfOptimization.parameters.minimumAuthorities, authorities),
    ...parameters,
  };

  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'chain.json');
  writeFileSync(path, toJson(specification));
  return { path, id: specification.id };
}

/** The configuration of a node: its roles in the quadratic domain. Undefined for one that only relays. */
export function configurationOf(node) {
  if (!node.optimizer && !node.evaluators.length) {
    return undefined;
  }
  const roles = {};
  if (node.optimizer) {
    roles.optimize = { account: node.secret };
  }
  if (node.evaluators.length) {
    roles.evaluate = { accounts: node.evaluators };
  }
  // Several nodes share one machine: the processor's cores do for this small problem, and start at once.
  return { worker: { domains: { quadratic: roles }, compute: { backend: 'cpu' } } };
}
