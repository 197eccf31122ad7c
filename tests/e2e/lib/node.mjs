// A doin-node process: starts it on free ports, waits for its RPC, keeps its log, and stops or kills it.

import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiPromise, WsProvider } from '@polkadot/api';

/** The binary under test. */
export const BINARY = process.env.DOIN_NODE;
if (!BINARY) {
  throw new Error('set DOIN_NODE to the binary doin-node (scripts/test.sh e2e does)');
}

/** How long a node may take from its start to answering RPC. */
const START_TIMEOUT = 60_000;

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A TCP port that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A folder that is removed when the test process ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'doin-e2e-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Rejects after `milliseconds`, saying what was waited for. */
export function within(milliseconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${milliseconds / 1000} s: ${what}`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Runs the binary until it exits. Resolves with its exit status, signal and output. */
export function runToEnd(args, { timeout = 30_000, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(BINARY, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    child.once('error', reject);
    child.once('close', (status, signal) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ status, signal, output });
    });
  });
}

export class Node {
  /** Starts a node and waits until its RPC answers. `args` are added to the ports, `env` to the environment. */
  static async start(args, { env = {} } = {}) {
    const node = new Node();
    const [rpcPort, port, prometheusPort] = [await freePort(), await freePort(), await freePort()];
    node.startedAt = Date.now();
    node.rpcPort = rpcPort;
    node.port = port;
    node.prometheusPort = prometheusPort;
    node.logPath = join(temporaryFolder(), 'node.log');
    node.child = spawn(
      BINARY,
      [...args, '--rpc-port', rpcPort, '--port', port, '--prometheus-port', prometheusPort, '--no-mdns'].map(String),
      { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    running.add(node.child);
    const log = createWriteStream(node.logPath);
    node.child.stdout.pipe(log, { end: false });
    node.child.stderr.pipe(log, { end: false });
    node.exited = new Promise((resolve) => node.child.once('close', (status, signal) => resolve({ status, signal })));
    node.exited.then(() => running.delete(node.child));
    try {
      await within(START_TIMEOUT, 'the node answers RPC', node.answers());
    } catch (error) {
      node.printLog();
      node.child.kill('SIGKILL');
      throw error;
    }
    return node;
  }

  async answers() {
    let exit;
    this.exited.then((how) => (exit = how));
    while (!exit) {
      try {
        await this.request('system_health');
        return;
      } catch {
        await sleep(200);
      }
    }
    throw new Error(`the node ended at its start (${JSON.stringify(exit)})`);
  }

  /** A plain JSON-RPC request over HTTP. */
  async request(method, params = []) {
    const response = await fetch(`http://127.0.0.1:${this.rpcPort}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { result, error } = await response.json();
    if (error) {
      throw Object.assign(new Error(`${method}: ${error.message}`), { code: error.code, data: error.data });
    }
    return result;
  }

  /** A client as everybody uses it: no types, no extensions, nothing of ours. */
  async connect() {
    this.provider = new WsProvider(`ws://127.0.0.1:${this.rpcPort}`, 1000);
    const connecting = ApiPromise.create({ provider: this.provider, noInitWarn: true });
    this.api = await within(60_000, '@polkadot/api connects', connecting);
    return this.api;
  }

  /** The Prometheus metrics as text. */
  async metrics() {
    const response = await fetch(`http://127.0.0.1:${this.prometheusPort}/metrics`);
    return response.text();
  }

  get log() {
    return readFileSync(this.logPath, 'utf8');
  }

  /** Prints the end of the node's log, for failures. */
  printLog(lines = 120) {
    const tail = this.log.trimEnd().split('\n').slice(-lines);
    console.error(`--- the last ${tail.length} lines of the node's log ---\n${tail.join('\n')}\n--- end ---`);
  }

  /** Runs a test's body, and prints the node's log when it fails. */
  async observe(body) {
    try {
      return await body();
    } catch (error) {
      this.printLog();
      throw error;
    }
  }

  async disconnect() {
    await this.api?.disconnect();
    this.api = undefined;
  }

  /** As a power failure would: no time to write anything. */
  async kill() {
    await this.disconnect();
    this.child.kill('SIGKILL');
    return within(10_000, 'the killed node is gone', this.exited);
  }

  /** As an operator would. */
  async stop() {
    await this.disconnect();
    this.child.kill('SIGINT');
    try {
      return await within(30_000, 'the node stops', this.exited);
    } catch (error) {
      this.printLog();
      this.child.kill('SIGKILL');
      throw error;
    }
  }
}
