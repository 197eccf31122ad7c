// Machines of a network on one machine: a network namespace for each node, joined by bridges that can be cut apart.
// To be used within namespaces of one's own (scripts/zombienet.sh), which leave nothing behind when they end.

import { execFileSync } from 'node:child_process';

const ip = (...args) => execFileSync('ip', args.map(String), { stdio: ['ignore', 'ignore', 'inherit'] });

/** How often the system sends a packet again that nobody acknowledges, before it gives the connection up. */
const RETRIES = 6;

export class Machines {
  constructor(count) {
    this.count = count;
    // The names of namespaces lie in a folder of this mount namespace only.
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
    execFileSync('mkdir', ['-p', '/run/netns']);
    for (const side of ['west', 'east']) {
      ip('link', 'add', side, 'type', 'bridge');
      ip('link', 'set', side, 'up');
    }
    for (let index = 0; index < count; index++) {
      const space = `node${index}`;
      ip('netns', 'add', space);
      ip('-n', space, 'link', 'set', 'lo', 'up');
      // A connection that is cut ends after half a minute instead of a quarter of an hour, and has to be made anew.
      this.run(index, ['sysctl', '--quiet', '--write', `net.ipv4.tcp_retries2=${RETRIES}`]);
      // What the nodes talk over, which is cut.
      ip('link', 'add', `port${index}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space);
      ip('-n', space, 'address', 'add', `${this.address(index)}/24`, 'dev', 'eth0');
      ip('-n', space, 'link', 'set', 'eth0', 'up');
      ip('link', 'set', `port${index}`, 'master', 'west');
      ip('link', 'set', `port${index}`, 'up');
      // What we ask them over, a line to each: nothing is forwarded from one to another.
      ip('link', 'add', `line${index}`, 'type', 'veth', 'peer', 'name', 'line', 'netns', space);
      ip('address', 'add', `10.78.${index}.1/30`, 'dev', `line${index}`);
      ip('link', 'set', `line${index}`, 'up');
      ip('-n', space, 'address', 'add', `${this.line(index)}/30`, 'dev', 'line');
      ip('-n', space, 'link', 'set', 'line', 'up');
    }
  }

  /** The address under which other nodes reach a node. */
  address(index) {
    return `10.77.0.${index + 1}`;
  }

  /** The address under which we reach it. */
  line(index) {
    return `10.78.${index}.2`;
  }

  run(index, command) {
    const [program, ...args] = [...this.launcher(index), ...command];
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  /** The command that runs another one on the machine of a node. */
  launcher(index) {
    return ['nsenter', `--net=/run/netns/node${index}`];
  }

  /** Cuts these nodes off from the others; they still reach one another. */
  cut(indices) {
    indices.forEach((index) => ip('link', 'set', `port${index}`, 'master', 'east'));
  }

  /** Joins all nodes again. */
  heal() {
    for (let index = 0; index < this.count; index++) {
      ip('link', 'set', `port${index}`, 'master', 'west');
    }
  }
}
