// The stages of an optimum, as the chain's events tell them.

/** The events that mark the stages, in order. */
export const STAGES = {
  commit: 'Optimae.OptimumCommitted',
  reveal: 'Optimae.OptimumRevealed',
  draw: 'Quorum.Drawn',
  voteCommit: 'Quorum.VoteCommitted',
  voteReveal: 'Quorum.VoteRevealed',
  decision: 'Quorum.Decided',
  end: 'Optimae.OptimumEnded',
};
export const OPTIMIZATION_BLOCK = 'ProofOfOptimization.OptimizationBlockMade';
export const POT = 'Coin.PotMinted';

/** Collects the stages of all optima from blocks that are given in order. */
export class Optima {
  constructor() {
    /** By commitment: the block of the commit. */
    this.commits = new Map();
    /** By number: `{ id, commitment, commit, reveal, draw, votesCommitted, votesRevealed, decision, end, outcome }`. */
    this.optima = new Map();
    /** `{ height, block, reward }` of each optimization block. */
    this.optimizationBlocks = [];
  }

  add({ number, events }) {
    for (const { name, fields } of events) {
      const optimum = fields.optimum === undefined ? undefined : this.of(fields.optimum.toString());
      switch (name) {
        case STAGES.commit:
          this.commits.set(fields.commitment.toHex(), number);
          break;
        case STAGES.reveal:
          optimum.commitment = fields.commitment.toHex();
          optimum.commit = this.commits.get(optimum.commitment);
          optimum.reveal = number;
          break;
        case STAGES.draw:
          optimum.draw ??= number;
          optimum.evaluators = fields.evaluators.map((who) => who.toString());
          break;
        case STAGES.voteCommit:
          optimum.votesCommitted.push({ block: number, evaluator: fields.evaluator.toString() });
          break;
        case STAGES.voteReveal:
          optimum.votesRevealed.push({ block: number, evaluator: fields.evaluator.toString() });
          break;
        case STAGES.decision:
          optimum.decision = number;
          break;
        case STAGES.end:
          optimum.end = number;
          optimum.outcome = fields.outcome.toString();
          break;
        case OPTIMIZATION_BLOCK:
          this.optimizationBlocks.push({
            height: fields.height.toNumber(),
            block: number,
            reward: fields.reward.toBigInt(),
          });
          break;
      }
    }
  }

  of(id) {
    if (!this.optima.has(id)) {
      this.optima.set(id, { id, votesCommitted: [], votesRevealed: [] });
    }
    return this.optima.get(id);
  }

  /** The optima that were accepted, with all their stages. */
  accepted() {
    return [...this.optima.values()].filter(({ outcome }) => outcome === 'Accepted');
  }
}
