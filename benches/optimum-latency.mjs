// How long an optimum takes from its commit to its decision, on a development network of one node: in blocks and in
// seconds, stage by stage. Needs what the end-to-end tests need:
//
//   DOIN_NODE=target/doin-node node benches/optimum-latency.mjs [OPTIMAE]
//
// A season has about eight optimae; more of them wait for the next season.

import { Node } from '../tests/e2e/lib/node.mjs';
import { followBlocks } from '../tests/e2e/lib/chain.mjs';

const wanted = Number(process.argv[2] ?? 6);
const STAGES = {
  'optimae.OptimumCommitted': 'commit',
  'optimae.OptimumRevealed': 'reveal',
  'quorum.Drawn': 'draw',
  'quorum.RevealsOpened': 'votes committed',
  'quorum.Decided': 'decision',
};

const node = await Node.start(['--dev', '--tmp']);
const api = await node.connect();
const runs = [];
let current;
await followBlocks(api, { from: 1, timeout: 600_000 + wanted * 60_000, what: `${wanted} decisions` }, async ({ number, hash, events }) => {
  const time = (await (await api.at(hash)).query.timestamp.now()).toNumber();
  for (const { name } of events) {
    const stage = STAGES[name.charAt(0).toLowerCase() + name.slice(1)];
    if (stage === 'commit') {
      current = {};
    }
    if (stage && current && !(stage in current)) {
      current[stage] = { number, time };
    }
    if (stage === 'decision' && current) {
      runs.push(current);
      current = undefined;
    }
  }
  return runs.length >= wanted ? true : undefined;
});
await node.stop();

const quantiles = (values) => {
  const sorted = values.sort((a, b) => a - b);
  return [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted[sorted.length - 1]];
};
console.log(`| from the commit to | blocks (min, median, max) | seconds (min, median, max) |\n|---|---|---|`);
for (const stage of Object.values(STAGES).slice(1)) {
  const complete = runs.filter((run) => run[stage] && run.commit);
  const blocks = quantiles(complete.map((run) => run[stage].number - run.commit.number));
  const seconds = quantiles(complete.map((run) => (run[stage].time - run.commit.time) / 1000));
  console.log(`| ${stage} | ${blocks.join(', ')} | ${seconds.join(', ')} |`);
}
