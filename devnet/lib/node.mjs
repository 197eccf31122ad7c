// A doin-node process: starts it, asks it over JSON-RPC, reads what it logs, and stops or kills it.
// Also what zombienet/ uses for the nodes that it starts by itself.

import { randomBytes } from 'node:crypto';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** How long a node may take from its start to answering RPC, in milliseconds. */
const START_TIMEOUT = 90_000;
/** How long a node may take to stop when it is asked to, before it is killed, in milliseconds. */
const STOP_TIMEOUT = 15_000;

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

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

/** Runs the binary to its end and resolves with its standard output. Fails with its last line of errors. */
export async function runBinary(binary, args) {
  try {
    const { stdout } = await promisify(execFile)(binary, args, { maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const lines = (error.stderr ?? '').trim().split('\n');
    throw new Error(`${binary} ${args.join(' ')}: ${lines.at(-1) || error.message}`);
  }
}

/** A plain JSON-RPC request over HTTP. */
export async function request(url, method, params = [], timeout = 10_000) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(timeout),
  });
  const { result, error } = await response.json();
  if (error) {
    throw Object.assign(new Error(`${method}: ${error.message}`), { code: error.code, data: error.data });
  }
  return result;
}

/** Waits until `attempt` returns something true, and resolves with it. An error of `attempt` counts as "not yet". */
export async function until(what, attempt, { timeout = 60_000, interval = 500 } = {}) {
  const deadline = Date.now() + timeout;
  let last;
  for (;;) {
    try {
      const result = await attempt();
      if (result) {
        return result;
      }
      last = undefined;
    } catch (error) {
      if (error.final) {
        throw error;
      }
      last = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`not within ${timeout / 1000} s: ${what}${last ? ` (${last.message})` : ''}`);
    }
    await sleep(interval);
  }
}

/** Public keys of a secret such as `//Alice`, as the binary derives them: `{ sr25519, ed25519, address }`. */
export async function keysOf(binary, secret) {
  const inspect = async (scheme) =>
    JSON.parse(await runBinary(binary, ['key', 'inspect', '--scheme', scheme, '--output-type', 'json', secret]));
  const [sr25519, ed25519] = await Promise.all([inspect('sr25519'), inspect('ed25519')]);
  return {
    secret,
    address: sr25519.ss58Address,
    sr25519: sr25519.publicKey,
    ed25519: ed25519.publicKey,
    ed25519Address: ed25519.ss58Address,
  };
}

/** A new network identity, kept in FOLDER: `{ file, peer }`. */
export async function newIdentity(binary, folder) {
  const file = join(folder, 'node-key');
  writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
  return { file, peer: (await runBinary(binary, ['key', 'inspect-node-key', '--file', file])).trim() };
}

/** Writes the session keys of `keys` into the keystore of a node that has not started yet. */
export function writeSessionKeys(basePath, chain, keys) {
  const keystore = join(basePath, 'chains', chain, 'keystore');
  mkdirSync(keystore, { recursive: true, mode: 0o700 });
  const types = { doin: keys.sr25519, gran: keys.ed25519 };
  for (const [type, key] of Object.entries(types)) {
    const file = join(keystore, Buffer.from(type).toString('hex') + key.slice(2));
    writeFileSync(file, JSON.stringify(keys.secret), { mode: 0o600 });
  }
}

/** A command that ends what it runs when we die, however we die; nothing where the system has no such command. */
const tether = (() => {
  const command = ['setpriv', '--pdeathsig', 'KILL'];
  const { status } = spawnSync(command[0], [...command.slice(1), 'true'], { stdio: 'ignore' });
  return status === 0 ? command : [];
})();

export class NodeProcess {
  /**
   * `args` are those of doin-node. `launcher` is a command that runs it, such as `['ip', 'netns', 'exec', 'a']`.
   * `url` is where its RPC answers, `logPath` where its output goes; a restart appends to it.
   */
  constructor({ name, binary, args, url, logPath, launcher = [] }) {
    Object.assign(this, { name, url, logPath });
    this.command = [...launcher, ...tether, binary, ...args.map(String)];
    this.offset = 0;
    this.rest = '';
  }

  get isRunning() {
    return this.child !== undefined && this.exit === undefined;
  }

  start() {
    const log = openSync(this.logPath, 'a');
    const child = spawn(this.command[0], this.command.slice(1), { stdio: ['ignore', log, log] });
    closeSync(log);
    this.exit = undefined;
    this.child = child;
    this.startedAt = Date.now();
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => resolve({ error: error.message }));
      child.once('exit', (status, signal) => resolve({ status, signal }));
    }).then((exit) => (this.exit = exit));
    return this;
  }

  request(method, params, timeout) {
    return request(this.url, method, params, timeout);
  }

  /** Waits until the RPC answers. Fails at once when the process ends. */
  answers(timeout = START_TIMEOUT) {
    return until(
      `${this.name} answers RPC`,
      () => {
        if (this.exit) {
          throw Object.assign(new Error(`${this.name} ended at its start: ${this.lastWords()}`), { final: true });
        }
        return this.request('system_health', [], 2_000);
      },
      { timeout, interval: 200 },
    );
  }

  /** What it has logged since the last call, in whole lines. */
  newLines() {
    let size;
    try {
      ({ size } = statSync(this.logPath));
    } catch {
      return [];
    }
    if (size <= this.offset) {
      return [];
    }
    const bytes = Buffer.alloc(Math.min(size - this.offset, 1024 * 1024));
    const log = openSync(this.logPath, 'r');
    const count = readSync(log, bytes, 0, bytes.length, this.offset);
    closeSync(log);
    this.offset += count;
    const lines = (this.rest + bytes.toString('utf8', 0, count)).split('\n');
    this.rest = lines.pop();
    return lines;
  }

  /** The end of its log, in whole lines. */
  lastLines(count) {
    try {
      const { size } = statSync(this.logPath);
      const bytes = Buffer.alloc(Math.min(size, 64 * 1024));
      const log = openSync(this.logPath, 'r');
      readSync(log, bytes, 0, bytes.length, size - bytes.length);
      closeSync(log);
      return bytes.toString('utf8').trimEnd().split('\n').slice(-count);
    } catch {
      return [];
    }
  }

  /** How it ended, and the last line of its log. */
  lastWords() {
    const { status, signal, error } = this.exit ?? {};
    const how = error ?? (signal ? `signal ${signal}` : `exit status ${status}`);
    return `${how}; last line: ${this.lastLines(1)[0] ?? '(none)'}`;
  }

  /** As a power failure would: no time to write anything. */
  async kill() {
    if (this.isRunning) {
      this.child.kill('SIGKILL');
      await this.exited;
    }
  }

  /** As an operator would; by force when it takes too long. */
  async stop(timeout = STOP_TIMEOUT) {
    if (!this.isRunning) {
      return;
    }
    this.child.kill('SIGINT');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), timeout);
    await this.exited;
    clearTimeout(timer);
  }
}
