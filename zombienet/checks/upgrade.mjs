// The runtime of NEXT_RUNTIME (scripts/next-runtime.sh) is put on the running chain. All nodes run it, a client sees its
// version and is understood, the worker goes on, and optimization blocks are made.

import { readFileSync } from 'node:fs';
import { until } from '../../devnet/lib/node.mjs';
import { pair, send } from '../lib/transactions.mjs';

/** How long the network may take to go on, in milliseconds. */
const PATIENCE = 240_000;
/** An amount to transfer. */
const ONE_DOIN = 10n ** 12n;

const version = async (node) => (await node.request('state_getRuntimeVersion')).specVersion;

export default async function check({ node, nodes }) {
  const file = process.env.NEXT_RUNTIME;
  if (!file) {
    throw new Error('NEXT_RUNTIME names no file (scripts/zombienet.sh sets it)');
  }
  const code = `0x${readFileSync(file).toString('hex')}`;
  const before = await version(node);
  const [alice, ferdie] = [pair('//Alice'), pair('//Ferdie')];
  const api = await node.connect();
  const setCode = api.tx.sudo.sudoUncheckedWeight(api.tx.system.setCode(code), { refTime: 0, proofSize: 0 });
  const { hash } = await send(api, setCode, alice);
  for (const each of nodes.all) {
    await until(`${each.name} runs version ${before + 1}`, async () => (await version(each)) === before + 1, { timeout: PATIENCE });
  }
  const { number } = await api.rpc.chain.getHeader(hash);
  console.log(`upgrade: version ${before} in block ${number}, version ${before + 1} after it`);

  // A new client, and the one that was there before the upgrade.
  const other = await nodes.get('charlie').connect();
  if (other.runtimeVersion.specVersion.toNumber() !== before + 1) {
    throw new Error(`a new client sees version ${other.runtimeVersion.specVersion}`);
  }
  await until('the old client has noticed', () => api.runtimeVersion.specVersion.toNumber() === before + 1);
  await send(other, other.tx.balances.transferKeepAlive(alice.address, ONE_DOIN), ferdie);
  await send(api, api.tx.balances.transferKeepAlive(alice.address, ONE_DOIN), ferdie);

  const height = async (at) => (await at.request('doin_status')).optimizationHeight;
  const start = await height(node);
  for (const each of nodes.all) {
    await until(`${each.name} has optimization blocks of the new runtime`, async () => (await height(each)) >= start + 2, { timeout: PATIENCE });
  }
  console.log(`upgrade: optimization height ${start} then, ${await height(node)} now`);
}
