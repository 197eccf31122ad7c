// A second domain is registered by transaction while the first is worked on, and approved. Optima of both are accepted,
// and their parameters are where they are worked on: alice and bob work on both domains, charlie on the first, dave on
// the second, eve on none.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../devnet/lib/node.mjs';
import { follow } from '../lib/events.mjs';
import { pair, send } from '../lib/transactions.mjs';

/** How long an optimum of each domain may take, in milliseconds. */
const PATIENCE = 600_000;
/** The bytes of the artifacts protocol, both ways. */
const BYTES = 'doin_artifacts_bytes_total';
/** The chunks of parameters, both ways. */
const CHUNKS = 'doin_artifacts_chunks_total';
/** The quadratic domain of the preset weighs 1. */
const WEIGHT = 10n ** 18n;

function expect(condition, message) {
  if (!condition) {
    throw new Error(message);
  }
}

/** The names of the files in which the node keeps parameters. */
function stored(folder, name) {
  const base = join(folder, name, 'data', 'chains', 'doin_local', 'worker');
  return readdirSync(base, { recursive: true }).map(String);
}

/** Whether the node has parameters with this root. */
const has = (folder, name, root) => stored(folder, name).some((file) => file.includes(root.slice(2)));

/** Registers a domain like the first under the name `second`: resolves with its number. */
async function register(node, owner) {
  const api = await node.connect();
  const { specification } = (await api.query.domains.domains(0)).unwrap();
  const { baseline } = (await api.query.domains.bests(0)).unwrap();
  const changed = { ...specification.toJSON(), name: 'second', model: specification.model.toHex() };
  // toJSON writes names in camel case and whole numbers exactly: what the call takes.
  const { events } = await send(api, api.tx.domains.register(changed, baseline.artifact, baseline.metric), owner);
  const { event } = events.find(({ event }) => api.events.domains.DomainRegistered.is(event));
  const [number] = event.data;
  await send(api, api.tx.sudo.sudo(api.tx.domains.approve(number, WEIGHT)), owner);
  return number.toNumber();
}

export default async function check({ node, nodes }) {
  const folder = nodes.folder;
  const bytes = (name) => nodes.get(name).metric(BYTES);
  // Before there is a second domain, whoever waits for it transfers nothing, while the first is worked on.
  expect((await bytes('charlie')) > 0, 'charlie has transferred nothing of the first domain');
  // Who has a store may be asked what is in there, which takes some 40 bytes, but neither gets nor gives parameters.
  const early = await nodes.get('dave').metric(CHUNKS);
  expect(early === 0, `dave has transferred ${early} chunks, and works on no domain yet`);
  expect((await bytes('eve')) === 0, `eve has transferred ${await bytes('eve')} bytes, and has no store`);

  const from = (await node.best()) + 1;
  const second = await register(node, pair('//Alice'));
  console.log(`domains: the second domain has number ${second}`);
  const accepted = { 0: [], [second]: [] };
  await follow(node, { from, timeout: PATIENCE, what: 'an optimum of each domain is accepted' }, async ({ events }) => {
    const revealed = events.filter(({ name }) => name === 'Optimae.OptimumEnded').filter(({ fields }) => fields.outcome.isAccepted);
    for (const { fields } of revealed) {
      const { artifact } = await node.request('doin_optimum', [fields.optimum.toNumber()]);
      accepted[fields.domain.toNumber()].push(artifact.root);
    }
    return Object.values(accepted).every((roots) => roots.length > 0) || undefined;
  });

  const takesPart = { alice: [0, second], bob: [0, second], charlie: [0], dave: [second] };
  for (const [name, domains] of Object.entries(takesPart)) {
    for (const domain of [0, second]) {
      for (const root of accepted[domain]) {
        if (domains.includes(domain)) {
          await until(`${name} has ${root} of domain ${domain}`, () => has(folder, name, root), { timeout: 60_000 });
        } else {
          expect(!has(folder, name, root), `${name} has ${root} of domain ${domain}, on which it does not work`);
        }
      }
    }
  }
  expect((await bytes('dave')) > 0, 'dave has transferred nothing of the second domain');
  expect((await bytes('eve')) === 0, `eve has transferred ${await bytes('eve')} bytes, and works on no domain`);
  const figures = await Promise.all(Object.keys({ ...takesPart, eve: [] }).map(async (name) => `${name} ${await bytes(name)}`));
  console.log(`domains: ${accepted[0].length} and ${accepted[second].length} optima accepted; bytes of parameters: ${figures.join(', ')}`);
}
