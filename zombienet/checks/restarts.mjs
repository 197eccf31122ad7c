// Five authorities of equal weight. Four of five are more than two thirds: without eve everything goes on. Three of five
// are not: without eve and dave blocks are made and nothing is finalised. When both are back, what was made meanwhile
// becomes final, and nothing that was final before is reverted.

import { until, sleep } from '../../devnet/lib/node.mjs';
import { finalities, nothingReverted } from '../lib/agreement.mjs';
import { kill, start } from '../lib/processes.mjs';

/** How long a stage may take on a slow machine, in milliseconds. */
const PATIENCE = 180_000;
/** A vote that was on its way when dave was killed may still finalise something: what is final is looked at after this. */
const LAST_VOTES = 10_000;

export default async function check({ nodes }) {
  const { authorities } = await nodes.get('alice').request('doin_status');
  if (authorities.length !== 5 || new Set(authorities.map(({ weight }) => weight)).size !== 1) {
    throw new Error(`not five authorities of equal weight: ${JSON.stringify(authorities)}`);
  }
  const dead = ['dave', 'eve'].map((name) => nodes.get(name));
  const alive = nodes.all.filter((node) => !dead.includes(node));
  const [alice] = alive;
  const before = await finalities(nodes.all);

  await kill(nodes.folder, 'eve');
  const withoutEve = await alice.finalized();
  await until('finality goes on with four of five', async () => (await alice.finalized()) >= withoutEve + 3, { timeout: PATIENCE });
  console.log(`restarts: without eve finality went from block ${withoutEve} to ${await alice.finalized()}`);

  await kill(nodes.folder, 'dave');
  await sleep(LAST_VOTES);
  const stands = await alice.finalized();
  const best = await alice.best();
  await until('blocks are made with three of five', async () => (await alice.best()) >= best + 4, { timeout: PATIENCE });
  const now = await alice.finalized();
  if (now !== stands) {
    throw new Error(`three of five authorities have finalised block ${now}; ${stands} was final before`);
  }
  console.log(`restarts: without eve and dave blocks went from ${best} to ${await alice.best()}, and ${stands} remained the last final`);

  const made = await alice.best();
  dead.forEach(({ name }) => start(nodes.folder, name));
  await until(`block ${made} is final on all five`, async () => (await finalities(nodes.all)).every(({ number }) => number >= made), {
    timeout: PATIENCE,
  });
  await nothingReverted(nodes.all, before);
  console.log(`restarts: with all five again, block ${made} is final everywhere`);
}
