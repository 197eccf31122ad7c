// A local network: N node processes with their chain, started in order, watched, and stopped together.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationOf, writeChain } from './chain.mjs';
import { NodeProcess, freePort, newIdentity, runBinary, writeSessionKeys } from './node.mjs';
import { LATE, plan } from './plan.mjs';

/** Below this the SDK's caches suffice for chains of this size; by default each node would take a GiB twice. */
const CACHES = ['--db-cache', '32', '--trie-cache-size', String(32 * 1024 * 1024)];

export class Network {
  constructor({ binary, folder, count }) {
    Object.assign(this, { binary, folder });
    this.nodes = plan(count);
    this.stopping = false;
  }

  /** Writes the chain and all configurations. Nothing runs yet. */
  async prepare() {
    mkdirSync(this.folder, { recursive: true });
    const { id, path } = await writeChain({ binary: this.binary, folder: this.folder, nodes: this.nodes });
    // The raw form spares each node the building of genesis.
    const raw = join(this.folder, 'chain-raw.json');
    writeFileSync(raw, await runBinary(this.binary, ['export-chain-spec', '--chain', path, '--raw']));
    this.chain = { id, path: raw };
    for (const node of this.nodes) {
      await this.#prepare(node);
    }
  }

  async #prepare(node) {
    const folder = join(this.folder, node.name);
    mkdirSync(folder, { recursive: true });
    const [rpcPort, port, prometheusPort] = [await freePort(), await freePort(), await freePort()];
    const args = ['--chain', this.chain.path, '--base-path', folder, '--name', node.name];
    args.push('--rpc-port', rpcPort, '--listen-addr', `/ip4/127.0.0.1/tcp/${port}`, '--prometheus-port', prometheusPort);
    args.push('--no-mdns', '--no-telemetry', ...CACHES);
    const { file, peer } = await newIdentity(this.binary, folder);
    args.push('--node-key-file', file);
    if (node.boot) {
      this.bootAddress = `/ip4/127.0.0.1/tcp/${port}/p2p/${peer}`;
    } else {
      args.push('--bootnodes', this.bootAddress);
    }
    if (node.authority) {
      args.push('--validator');
      writeSessionKeys(folder, this.chain.id, node.keys);
    }
    const configuration = configurationOf(node);
    if (configuration) {
      const path = join(folder, 'node.json');
      writeFileSync(path, `${JSON.stringify(configuration, null, 2)}\n`);
      args.push('--config', path);
    }
    node.url = `http://127.0.0.1:${rpcPort}`;
    node.logPath = join(folder, 'node.log');
    node.args = args;
  }

  #start(node) {
    const { name, args, url, logPath } = node;
    node.process = new NodeProcess({ name, binary: this.binary, args, url, logPath }).start();
  }

  /** Starts the nodes; the late one comes later by itself. */
  start() {
    for (const node of this.nodes.filter(({ late }) => !late)) {
      this.#start(node);
    }
    for (const node of this.nodes.filter(({ late }) => late)) {
      node.joinsAt = Date.now() + LATE;
      this.timer = setTimeout(() => !this.stopping && this.#start(node), LATE);
    }
  }

  get running() {
    return this.nodes.filter(({ process }) => process?.isRunning);
  }

  /** Stops all nodes, and resolves when none is left. */
  async stop() {
    this.stopping = true;
    clearTimeout(this.timer);
    await Promise.all(this.nodes.map(({ process }) => process?.stop()));
  }
}
