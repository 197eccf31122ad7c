// The processes of the native provider, killed and started again without zombienet: its own `restart` keeps the time
// between to itself, and that is what is to be looked at. They belong to the process group of the run, which
// scripts/zombienet.sh ends as a whole.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../devnet/lib/node.mjs';

/** The arguments of a process; undefined when it has ended. */
function argumentsOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return undefined;
  }
}

/** The process of a node, by its name and the folder of its network: `{ pid, command }`. */
function processOf(folder, name) {
  const found = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => ({ pid: Number(pid), command: argumentsOf(pid) }))
    .filter(({ command }) => command?.[command.indexOf('--name') + 1] === name)
    .filter(({ command }) => command.some((argument) => argument.startsWith(`${folder}/`)))
    // The shell that zombienet starts it with may be there as well.
    .filter(({ command }) => !/sh$/.test(command[0]));
  if (found.length !== 1) {
    throw new Error(`${found.length} processes are the node ${name}`);
  }
  return found[0];
}

const commandFile = (folder, name) => join(folder, `${name}.command.json`);

/** Kills a node as a power failure would, and remembers how it was started. */
export async function kill(folder, name) {
  const { pid, command } = processOf(folder, name);
  writeFileSync(commandFile(folder, name), JSON.stringify(command));
  process.kill(pid, 'SIGKILL');
  await until(`${name} is gone`, () => !argumentsOf(pid)?.length, { timeout: 10_000, interval: 50 });
}

/** Starts a killed node again, with its data and its log. */
export function start(folder, name) {
  const command = JSON.parse(readFileSync(commandFile(folder, name), 'utf8'));
  const log = openSync(join(folder, `${name}.log`), 'a');
  spawn(command[0], command.slice(1), { stdio: ['ignore', log, log] }).unref();
  closeSync(log);
}
