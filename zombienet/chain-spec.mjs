// The chain of the scenarios, printed for zombienet: `chain-spec.mjs CHAIN|FILE [--raw]`, as doin-node export-chain-spec.
// CHAIN is the local preset; Ferdie is given a reputation like the others, and the seasons of the quadratic domain are
// shorter: it is soon optimized, and the next optimization block would wait for the next season.

import { existsSync } from 'node:fs';
import { exportSpecification, toJson } from '../devnet/lib/chain.mjs';
import { keysOf, runBinary } from '../devnet/lib/node.mjs';

const binary = process.env.DOIN_NODE;
/** In slots; a season has to be as long as the way of an optimum may be with two rounds of votes. */
const DEADLINES = { reveal: 20, vote_commit: 10, vote_reveal: 10 };
const SEASON = 80;

const [chain, raw] = process.argv.slice(2);
if (existsSync(chain)) {
  const options = raw ? ['--raw'] : [];
  process.stdout.write(await runBinary(binary, ['export-chain-spec', '--chain', chain, ...options]));
} else {
  const specification = await exportSpecification(binary, chain);
  const { domains, reputation } = specification.genesis.runtimeGenesis.patch;
  Object.assign(domains.domains[0].specification, { season_length: SEASON, deadlines: DEADLINES });
  const { address } = await keysOf(binary, '//Ferdie');
  const [[, points]] = reputation.accounts;
  reputation.accounts.push([address, points]);
  process.stdout.write(toJson(specification));
}
