// Networks of several nodes: chain files with short sessions, and boot nodes.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BINARY, sleep } from './node.mjs';

/** Writes a chain file: the development chain with these parameters of proof of optimization, and `change` of the rest. */
export function chainFile(folder, id, parameters, change = () => {}) {
  const { status, stdout, stderr } = spawnSync(BINARY, ['export-chain-spec', '--chain', 'dev'], { maxBuffer: 1 << 28 });
  if (status !== 0) {
    throw new Error(`export-chain-spec: ${stderr}`);
  }
  const specification = JSON.parse(stdout);
  const { patch } = specification.genesis.runtimeGenesis;
  Object.assign(patch.proofOfOptimization.parameters, parameters);
  Object.assign(specification, { id, name: id, chainType: 'Local' });
  change(patch);
  const path = join(folder, `${id}.json`);
  writeFileSync(path, JSON.stringify(specification));
  return path;
}

/** Where a running node is dialled: /tcp/N/p2p/ID for authorities, /tcp/N/ws/p2p/ID for others. */
export async function addressOf(node) {
  const addresses = await node.request('system_localListenAddresses');
  return addresses.find((address) => address.includes('/ip4/127.0.0.1/tcp/'));
}

/** Asks again until the answer is neither undefined nor false. */
export async function until(what, timeout, ask) {
  const end = Date.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) {
      return answer;
    }
    if (Date.now() > end) {
      throw new Error(`not within ${timeout / 1000} s: ${what}`);
    }
    await sleep(500);
  }
}

/** The number of the best block, or of the last final one. */
export async function height(node, { final = false } = {}) {
  const hash = final ? await node.request('chain_getFinalizedHead') : await node.request('chain_getBlockHash');
  return Number((await node.request('chain_getHeader', [hash])).number);
}

/** The value of a metric, summed over its labels. */
export async function metric(node, name) {
  const lines = (await node.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').pop()), 0);
}
