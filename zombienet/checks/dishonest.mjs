// Two who cheat. Ferdie claims that the present best is far better than it is. Eve, when she is drawn,
// votes what the optimizer claims without having measured anything. Ferdie is refuted, Eve is found out by an audit; both
// lose reputation and coin. Meanwhile Alice's optima are accepted, and optimization blocks are made.

import { randomBytes } from 'node:crypto';
import { until } from '../../devnet/lib/node.mjs';
import { follow } from '../lib/events.mjs';
import { fixed, optimum, vote } from '../lib/optimae.mjs';
import { pair, send } from '../lib/transactions.mjs';

/** How long it may take until both are caught, in milliseconds. */
const PATIENCE = 600_000;

const reputation = async (node, who) => Number((await node.request('doin_reputation', [who.address])).reputation);

/** All that an account has, whatever it may do with it. */
async function wealth(api, who) {
  const { data } = await api.query.system.account(who.address);
  return data.free.toBigInt() + data.reserved.toBigInt();
}

/**
 * A claim that is further from the truth than any tolerance: by half of the distance to perfection, which is 0, and at
 * least by ten. What has not been measured in this season is hundreds away from it.
 */
function embellished(metric) {
  const ten = 10n ** 19n;
  if (metric === null) {
    return -ten;
  }
  const half = -fixed(metric) / 2n;
  return fixed(metric) + (half > ten ? half : ten);
}

/** Commits and reveals a claim that is not true: resolves with its commitment. */
async function cheat(node, ferdie) {
  const api = await node.connect();
  const best = await node.request('doin_best', ['quadratic']);
  const claim = { domain: 0, optimizer: ferdie, artifact: best.artifact, reported: embellished(best.metric) };
  const { commitment, commit, reveal } = optimum(api, claim);
  await send(api, commit, ferdie, { inBlock: true });
  await send(api, reveal, ferdie, { inBlock: true });
  console.log(`dishonest: ferdie claims ${Number(claim.reported / 10n ** 12n) / 1e6} for parameters of ${best.metric}`);
  return commitment;
}

/** Eve, who reads along and never measures. */
class Eve {
  constructor(node, account) {
    Object.assign(this, { node, account, votes: new Map() });
  }

  /** What she does about an event. Errors are hers alone: she may be too late. */
  async act(api, { name, fields }) {
    const number = fields.optimum?.toString();
    const round = `${number}, round ${fields.round}`;
    if (name === 'Quorum.Drawn' && fields.evaluators.some((who) => who.toString() === this.account.address)) {
      const { reported } = await this.node.request('doin_optimum', [Number(number)]);
      const { metric } = await this.node.request('doin_best', [fields.domain.toNumber()]);
      const measured = {
        candidate: fixed(reported),
        incumbent: metric === null ? fixed(reported) : fixed(metric),
        probe: 0n,
        dataHash: randomBytes(32),
      };
      const values = { Measured: measured };
      const made = vote(api, { optimum: number, round: fields.round.toNumber(), evaluator: this.account, values });
      this.votes.set(round, made);
      await send(api, made.commit, this.account, { inBlock: true });
    } else if (name === 'Quorum.RevealsOpened' && this.votes.has(round)) {
      await send(api, this.votes.get(round).reveal, this.account, { inBlock: true });
      console.log(`dishonest: eve has voted what optimum ${number} claims`);
    }
  }
}

export default async function check({ node }) {
  const api = await node.connect();
  const [alice, bob, charlie, eve, ferdie] = ['//Alice', '//Bob', '//Charlie', '//Eve', '//Ferdie'].map(pair);
  const lazy = new Eve(node, eve);
  const names = { alice, bob, charlie, eve, ferdie };
  const before = {};
  for (const [name, who] of Object.entries(names)) {
    before[name] = { reputation: await reputation(node, who), wealth: await wealth(api, who) };
  }
  const bond = (await api.query.quorum.evaluatorBond()).toBigInt();
  const start = await node.best();
  const height = (await node.request('doin_status')).optimizationHeight;

  let commitment;
  let cheating = cheat(node, ferdie).then((made) => (commitment = made));
  let refuted;
  let discredited;
  let slashed = 0n;
  await follow(node, { from: start + 1, timeout: PATIENCE, what: 'both are caught' }, async ({ number, events }) => {
    for (const event of events) {
      const { name, fields } = event;
      // She does not wait for us, nor we for her.
      lazy.act(api, event).catch((error) => console.log(`dishonest: eve: ${error.message}`));
      if (name === 'Optimae.OptimumEnded' && fields.optimizer.toString() === ferdie.address) {
        const outcome = fields.outcome.toString();
        if (outcome === 'Superseded') {
          // Its season ended while it waited, or the best was better before it was drawn: nobody has measured it.
          console.log(`dishonest: ferdie's claim ended as ${outcome} in block ${number}; he tries again`);
          cheating = cheating.then(() => cheat(node, ferdie));
        } else {
          refuted = { outcome, burned: fields.burned.toBigInt(), number };
        }
      }
      if (name === 'Quorum.AuditConcluded' && fields.evaluator.toString() === eve.address && fields.finding.isDiscredited) {
        discredited ??= number;
      }
      if (name === 'Quorum.EvaluatorSlashed' && fields.who.toString() === eve.address) {
        slashed += fields.amount.toBigInt();
      }
    }
    return refuted && discredited ? true : undefined;
  });
  await cheating;
  if (!commitment || refuted.outcome !== 'Refuted' || refuted.burned <= 0n) {
    throw new Error(`ferdie's claim ended as ${refuted.outcome} in block ${refuted.number}, ${refuted.burned} of the bond burned`);
  }

  const after = { ferdie: await reputation(node, ferdie), eve: await reputation(node, eve) };
  if (!(after.ferdie < before.ferdie.reputation - 2.5) || !(after.eve < before.eve.reputation)) {
    throw new Error(`reputations: ferdie ${before.ferdie.reputation} to ${after.ferdie}, eve ${before.eve.reputation} to ${after.eve}`);
  }
  const lost = { ferdie: before.ferdie.wealth - (await wealth(api, ferdie)), eve: before.eve.wealth - (await wealth(api, eve)) };
  if (lost.ferdie < refuted.burned || slashed !== bond || lost.eve < bond) {
    throw new Error(`lost: ferdie ${lost.ferdie} (${refuted.burned} of the bond), eve ${lost.eve} (${slashed} of ${bond})`);
  }
  const [{ evaluators }] = await node.request('doin_domains');
  if (evaluators.includes(eve.address)) {
    throw new Error('eve can still be drawn');
  }
  console.log(
    `dishonest: ferdie was refuted in block ${refuted.number}: reputation ${after.ferdie}, ${lost.ferdie} lost; ` +
      `eve was discredited in block ${discredited}: reputation ${after.eve}, ${lost.eve} lost (${slashed} slashed)`,
  );

  await until(
    'optimization blocks are made without them',
    async () => (await node.request('doin_status')).optimizationHeight >= height + 2 && (await reputation(node, alice)) > before.alice.reputation,
    { timeout: PATIENCE, interval: 2_000 },
  );
  for (const [name, who] of Object.entries({ alice, bob, charlie })) {
    const now = await reputation(node, who);
    console.log(`dishonest: ${name}: reputation ${before[name].reputation} before, ${now} now`);
  }
}
