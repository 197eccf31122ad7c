// Who is who in a network of N nodes: names, roles and accounts, worked out from N alone.

/** What a name in the table is, in the order in which the nodes start. Others are `node-7`, ... */
const NAMES = ['alice', 'bob', 'charlie', 'dave', 'eve', 'ferdie'];
/** More would be too many for one machine and one terminal. */
export const MAXIMUM_NODES = 12;
/** An optimum is judged by three; the fourth takes the place of one that is absent. */
const EVALUATORS = 4;
/** How long the late joiner waits, in milliseconds. */
export const LATE = 45_000;

const capitalized = (name) => name[0].toUpperCase() + name.slice(1);

/**
 * The nodes: `{ name, secret, authority, optimizer, evaluators: [secret], late }`. The first is the boot node. From four
 * nodes on the third relays only, and the last joins late. The others are authorities; they evaluate and optimize in turn.
 */
export function plan(count) {
  if (!Number.isInteger(count) || count < 2 || count > MAXIMUM_NODES) {
    throw new Error(`a network has 2 to ${MAXIMUM_NODES} nodes, not ${count}`);
  }
  const nodes = Array.from({ length: count }, (_, index) => {
    const name = NAMES[index] ?? `node-${index + 1}`;
    return {
      name,
      secret: `//${capitalized(name)}`,
      boot: index === 0,
      authority: true,
      optimizer: false,
      evaluators: [],
      late: false,
    };
  });
  if (count >= 4) {
    nodes[2].authority = false;
    nodes[count - 1].authority = false;
    nodes[count - 1].late = true;
  }
  const authorities = nodes.filter(({ authority }) => authority);
  authorities.filter((_, index) => index % 3 === 0).forEach((node) => (node.optimizer = true));
  const evaluating = authorities.filter(({ optimizer }) => !optimizer);
  const hosts = evaluating.length ? evaluating : authorities;
  for (let index = 0; index < Math.max(EVALUATORS, hosts.length); index++) {
    const host = hosts[index % hosts.length];
    // An optimizer is never drawn for its own optimum: where it is the only host, its evaluators are other accounts.
    const round = Math.floor(index / hosts.length) + (host.optimizer ? 1 : 0);
    host.evaluators.push(round === 0 ? host.secret : `${host.secret}//evaluator${round}`);
  }
  return nodes;
}

/** The roles in short, for the table. */
export function rolesOf(node) {
  const roles = [
    node.boot && 'boot',
    node.authority && 'auth',
    node.optimizer && 'opt',
    node.evaluators.length > 0 && `eval${node.evaluators.length > 1 ? `×${node.evaluators.length}` : ''}`,
    node.late && 'late',
  ].filter(Boolean);
  return roles.some((role) => !['boot', 'late'].includes(role)) ? roles.join(' ') : [...roles, 'relay'].join(' ');
}
