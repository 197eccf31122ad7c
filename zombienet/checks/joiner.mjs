// A node that joins late: `joiner,full` or `joiner,warp`. It comes to the finalised chain of the others, has the whole
// history of blocks in the end, and stays for the checks that follow.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NodeProcess, freePort, until } from '../../devnet/lib/node.mjs';

/** How long it may take to catch up, in milliseconds. */
const PATIENCE = 180_000;

export default async function check({ node, nodes, network, args: [mode] }) {
  const name = `late-${mode}`;
  const folder = join(nodes.folder, name);
  mkdirSync(folder);
  const [rpcPort, port, prometheusPort] = [await freePort(), await freePort(), await freePort()];
  const logPath = join(nodes.folder, `${name}.log`);
  // zombienet has put the first node into the specification as boot node.
  const args = ['--chain', network.chainSpecPath, '--base-path', folder, '--name', name, '--sync', mode];
  args.push('--rpc-port', rpcPort, '--prometheus-port', prometheusPort, '--listen-addr', `/ip4/127.0.0.1/tcp/${port}/ws`);
  args.push('--no-mdns', '--no-telemetry', '--node-key', randomBytes(32).toString('hex'));
  args.push('--db-cache', 32, '--trie-cache-size', 32 * 1024 * 1024);
  if (mode === 'full') {
    args.push('--state-pruning', 'archive');
  }
  const url = `http://127.0.0.1:${rpcPort}`;
  const joiner = new NodeProcess({ name, binary: process.env.DOIN_NODE, args, url, logPath }).start();
  joiner.child.unref();
  await joiner.answers();

  const target = await node.finalized();
  const late = nodes.add({ name, wsUri: `ws://127.0.0.1:${rpcPort}`, prometheusUri: `http://127.0.0.1:${prometheusPort}/metrics`, logPath });
  await until(`${name} has finalised block ${target}`, async () => (await late.finalized()) >= target, { timeout: PATIENCE });
  const log = readFileSync(logPath, 'utf8');
  const warped = /Warp sync is complete/.test(log);
  if (warped !== (mode === 'warp')) {
    throw new Error(`${name}: ${warped ? 'a warp sync was done' : 'no warp sync was done'}; see ${logPath}`);
  }
  // A warp sync fills in the blocks before its target afterwards. A full node replays them, and an archive keeps each state.
  await until(
    `${name} has all blocks`,
    async () => {
      for (const number of [1, Math.floor(target / 2), target]) {
        const hash = await node.hash(number);
        if ((await late.hash(number)) !== hash || !(await late.request('chain_getBlock', [hash]))) {
          return false;
        }
      }
      return true;
    },
    { timeout: PATIENCE },
  );
  // It goes on with the others. (After a warp sync no state is there before its target's: clients want the parent's too.)
  const then = await node.finalized();
  await until(`${name} goes on`, async () => (await late.finalized()) >= then + 3, { timeout: PATIENCE });
  if (mode === 'full') {
    const first = await late.hash(1);
    const { block } = await late.request('doin_status', [first]);
    if (block.number !== 1) {
      throw new Error(`the archive answers for block ${block.number} when asked for block 1`);
    }
  }
  console.log(`joiner: ${name} has followed to block ${await late.finalized()}, ${target} was final when it came`);
}
