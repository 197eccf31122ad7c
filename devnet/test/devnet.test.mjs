// The whole thing, without a terminal: starts a network, waits for its first optimization block, and leaves nothing.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const DEVNET = fileURLToPath(new URL('../devnet.mjs', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'doin-devnet-test-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** The command lines of all processes that mention `text`. */
function processesWith(text) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // it has ended meanwhile
      }
    })
    .filter((line) => line.includes(text) && line.includes('--base-path'));
}

function run(args) {
  const child = spawn(process.execPath, [DEVNET, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const result = { child, output: '' };
  child.stdout.on('data', (data) => (result.output += data));
  child.stderr.on('data', (data) => (result.output += data));
  result.exited = new Promise((resolve) => child.once('close', (status, signal) => resolve({ status, signal })));
  after(() => child.kill('SIGKILL'));
  return result;
}

async function until(what, timeout, attempt) {
  for (const deadline = Date.now() + timeout; ; ) {
    const result = attempt();
    if (result) {
      return result;
    }
    assert.ok(Date.now() < deadline, what);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('four nodes make an optimization block; the end leaves no process', async () => {
  const folder = join(scratch, 'kept');
  const devnet = run(['--nodes', '4', '--keep', folder, '--until-height', '1', '--timeout', '240']);
  const { status } = await devnet.exited;
  assert.equal(status, 0, devnet.output);
  assert.match(devnet.output, /optimization block 1/);
  assert.match(devnet.output, /nodes stopped, none runs/);
  assert.deepEqual(processesWith(folder), [], devnet.output);
  assert.ok(existsSync(join(folder, 'alice', 'node.log')), 'with --keep the data stay');
  // A second network does not fall into the folder of the first.
  const second = run(['--keep', folder]);
  assert.equal((await second.exited).status, 2, second.output);
});

test('Ctrl-C stops all nodes and removes the temporary folder', async () => {
  const devnet = run(['--nodes', '2']);
  const [, folder] = await until('the folder is named', 30_000, () => /logs in (\S+)/.exec(devnet.output));
  await until('both nodes run', 60_000, () => processesWith(folder).length === 2);
  await until('they answer', 60_000, () => /bob answers/.test(devnet.output));
  devnet.child.kill('SIGINT');
  const { status } = await devnet.exited;
  assert.equal(status, 0, devnet.output);
  assert.deepEqual(processesWith(folder), [], devnet.output);
  assert.ok(!existsSync(folder), 'the temporary folder is gone');
});

test('a node that dies is shown as dead; killing the network kills its nodes', async () => {
  const folder = join(scratch, 'dying');
  const devnet = run(['--nodes', '2', '--keep', folder]);
  await until('both nodes answer', 90_000, () => /bob answers/.test(devnet.output));
  const pids = readdirSync('/proc').filter((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return line.includes(join(folder, 'bob')) && line.includes('--validator');
    } catch {
      return false;
    }
  });
  assert.equal(pids.length, 1);
  process.kill(Number(pids[0]), 'SIGKILL');
  await until('the death is told', 10_000, () => /bob \(.*\): DEAD \(signal SIGKILL; last line: .+\); log: /.test(devnet.output));
  devnet.child.kill('SIGKILL');
  await devnet.exited;
  await until('alice is gone as well', 10_000, () => processesWith(folder).length === 0);
});

test('a mistake on the command line is one clear line', async () => {
  for (const [args, words] of [
    [['--nodes', '99'], /--nodes must be 2 to 12, not 99/],
    [['--nodes', 'four'], /--nodes takes a whole number/],
    [['--node', '4'], /usage/],
  ]) {
    const devnet = run(args);
    assert.equal((await devnet.exited).status, 2);
    assert.match(devnet.output, words);
  }
});
