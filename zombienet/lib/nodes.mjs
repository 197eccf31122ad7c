// The nodes of a scenario as the checks see them: over RPC only, whoever started them.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiPromise, WsProvider } from '@polkadot/api';
import { request, until } from '../../devnet/lib/node.mjs';

/** How long a node may take to answer a client, in milliseconds. */
const CONNECT_TIMEOUT = 60_000;

/** A node that answers RPC. */
export class Node {
  constructor({ name, wsUri, prometheusUri, logPath }) {
    Object.assign(this, { name, wsUri, prometheusUri, logPath });
    this.url = wsUri.replace(/^ws/, 'http');
  }

  request(method, params, timeout) {
    return request(this.url, method, params, timeout);
  }

  async finalized() {
    return Number.parseInt((await this.request('chain_getHeader', [await this.request('chain_getFinalizedHead')])).number, 16);
  }

  async best() {
    return Number.parseInt((await this.request('chain_getHeader')).number, 16);
  }

  hash(number) {
    return this.request('chain_getBlockHash', [number]);
  }

  /** A client as everybody uses it: no types, no extensions, nothing of ours. */
  async connect() {
    if (!this.api) {
      this.provider = new WsProvider(this.wsUri, 1000);
      this.api = new ApiPromise({ provider: this.provider, noInitWarn: true });
      await until(`@polkadot/api connects to ${this.name}`, () => this.api.isReadyOrError, { timeout: CONNECT_TIMEOUT });
    }
    return this.api;
  }

  /** Its Prometheus metrics, by name with labels: `{ 'substrate_block_height{status="best",chain="doin_local"}': 7, ... }`. */
  async metrics() {
    const text = await (await fetch(this.prometheusUri, { signal: AbortSignal.timeout(10_000) })).text();
    const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
    return Object.fromEntries(
      lines.map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
    );
  }

  /** The sum of all series of a metric whose labels contain `labels`. 0 where there is none. */
  async metric(name, labels = '') {
    const all = Object.entries(await this.metrics());
    const series = all.filter(([key]) => (key === name || key.startsWith(`${name}{`)) && key.includes(labels));
    return series.reduce((sum, [, value]) => sum + value, 0);
  }

  async disconnect() {
    await this.api?.disconnect();
    this.api = undefined;
  }
}

/** All nodes: those of zombienet, and those that a check has started beside them (kept in a file of the network). */
export class Nodes {
  constructor({ nodesByName, tmpDir }) {
    this.folder = tmpDir;
    this.file = join(tmpDir, 'more-nodes.json');
    const more = existsSync(this.file) ? JSON.parse(readFileSync(this.file, 'utf8')) : [];
    const ours = Object.values(nodesByName).map((node) => ({ ...node, logPath: join(tmpDir, `${node.name}.log`) }));
    this.all = [...ours, ...more].map((node) => new Node(node));
  }

  get(name) {
    const node = this.all.find((node) => node.name === name);
    if (!node) {
      throw new Error(`no node is called ${name}`);
    }
    return node;
  }

  /** Adds a node for all checks that follow. */
  add(node) {
    const more = existsSync(this.file) ? JSON.parse(readFileSync(this.file, 'utf8')) : [];
    writeFileSync(this.file, JSON.stringify([...more, node]));
    this.all.push(new Node(node));
    return this.all.at(-1);
  }

  async disconnect() {
    await Promise.all(this.all.map((node) => node.disconnect()));
  }
}
