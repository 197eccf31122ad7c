// The picture of the network: lines of text, made from its state alone. The terminal is devnet.mjs's business.

import { rolesOf } from './plan.mjs';

/** The columns of the table: what stands above, the width, and the text of a node. Together 79 wide. */
const COLUMNS = [
  ['node', 8, ({ name }) => name],
  ['roles', 15, (node) => rolesOf(node)],
  ['peers', 5, ({ state }) => state.peers],
  ['best', 6, ({ state }) => state.best],
  ['final', 6, ({ state }) => state.finalized],
  ['opt', 4, ({ state }) => state.height],
  ['Σ/T', 13, ({ state }) => `${state.accumulated.toFixed(4)}/${short(state.threshold)}`],
  ['metric', 9, ({ state }) => (state.metric === undefined ? 'unknown' : state.metric.toFixed(2))],
  ['rep', 5, ({ state }) => state.reputation.toFixed(2)],
];
/** Numbers stand to the right. */
const TO_THE_RIGHT = new Set(['peers', 'best', 'final', 'opt', 'Σ/T', 'metric', 'rep']);
/** From this width on there is a column with each node's last event. */
const WIDE = 110;

const short = (value) => (value < 10 ? value.toFixed(4) : value.toPrecision(4));

/** How many cells of a terminal a text takes: emoji and the like take two. */
export function width(text) {
  let cells = 0;
  for (const character of text) {
    cells += /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uff00-\uff60]/u.test(character) ? 2 : 1;
  }
  return cells;
}

/** Cuts a text to a width, with an ellipsis where something is missing. */
export function cut(text, cells) {
  // Control characters and escape sequences of a log would disturb the terminal.
  const clean = text.replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, '').replaceAll(/\p{Cc}/gu, ' ');
  if (width(clean) <= cells) {
    return clean;
  }
  let result = '';
  for (const character of clean) {
    if (width(result) + width(character) > cells - 1) {
      break;
    }
    result += character;
  }
  return `${result}…`;
}

function cell(title, cells, text) {
  const fitting = cut(String(text), cells);
  const padding = ' '.repeat(Math.max(0, cells - width(fitting)));
  return TO_THE_RIGHT.has(title) ? padding + fitting : fitting + padding;
}

/** What there is to say of a node that does not answer. */
function absent(node, now) {
  const { process } = node;
  if (!process) {
    const seconds = node.joinsAt === undefined ? undefined : Math.max(0, Math.ceil((node.joinsAt - now) / 1000));
    return seconds === undefined ? 'not started yet' : `joins in ${seconds} s`;
  }
  if (process.exit) {
    return `DEAD (${process.lastWords()})`;
  }
  return node.silentSince === undefined ? 'starting' : 'does not answer';
}

/** The table's lines for one node: one, or with the place of its log two. */
function rows(node, columns, now) {
  const name = cell('node', 8, node.name);
  const roles = cell('roles', 15, rolesOf(node));
  if (node.process?.exit || !node.state || node.silentSince !== undefined) {
    const lines = [cut(`${name} ${roles} ${absent(node, now)}`, columns)];
    if (node.process?.exit) {
      lines.push(cut(`         log: ${node.logPath}`, columns));
    }
    return lines;
  }
  const cells = COLUMNS.map(([title, cells, text]) => cell(title, cells, text(node)));
  if (columns >= WIDE) {
    cells.push(cut(node.lastEvent ?? '', columns - 80));
  }
  return [cut(cells.join(' '), columns)];
}

/** One line about the network as a whole. */
export function summary({ nodes, startedAt, now }) {
  const states = nodes.filter(({ process, state }) => process?.isRunning && state).map(({ state }) => state);
  const minutes = Math.floor((now - startedAt) / 60_000);
  const seconds = String(Math.floor((now - startedAt) / 1000) % 60).padStart(2, '0');
  const running = nodes.filter(({ process }) => process?.isRunning).length;
  const parts = [`DOIN devnet ${minutes}:${seconds}`, `${running} of ${nodes.length} nodes run`];
  if (states.length) {
    parts.push(`block ${Math.max(...states.map(({ best }) => best))}`);
    parts.push(`final ${Math.max(...states.map(({ finalized }) => finalized))}`);
    parts.push(`opt. height ${Math.max(...states.map(({ height }) => height))}`);
  }
  return parts.join(' · ');
}

/** The whole picture, as exactly `size.rows` lines of at most `size.columns` cells. */
export function picture({ nodes, events, startedAt, folder, note, now = Date.now() }, size) {
  const { columns } = size;
  const head = COLUMNS.map(([title, cells]) => cell(title, cells, title));
  if (columns >= WIDE) {
    head.push('last event');
  }
  const lines = [cut(summary({ nodes, startedAt, now }), columns), cut(head.join(' '), columns)];
  for (const node of nodes) {
    lines.push(...rows(node, columns, now));
  }
  lines.push('─'.repeat(columns));
  const foot = cut(note ?? `Ctrl-C stops all · logs: ${folder}/NODE/node.log`, columns);
  const room = Math.max(0, size.rows - lines.length - 1);
  const shown = room === 0 ? [] : events.slice(-room);
  for (const event of shown) {
    lines.push(cut(eventLine(event), columns));
  }
  while (lines.length < size.rows - 1) {
    lines.push('');
  }
  return [...lines.slice(0, size.rows - 1), foot];
}

/** An event as a line. */
export function eventLine({ time, text, node }) {
  return `${time} ${node ? `${node}: ` : ''}${text}`;
}

/** The state of a node as a line, for an output that is no terminal. */
export function plainLine(node, now = Date.now()) {
  const { state } = node;
  if (node.process?.exit || !state || node.silentSince !== undefined) {
    return `${node.name} (${rolesOf(node)}): ${absent(node, now)}${node.process?.exit ? `; log: ${node.logPath}` : ''}`;
  }
  const metric = state.metric === undefined ? 'unknown' : state.metric.toFixed(4);
  return (
    `${node.name} (${rolesOf(node)}): ${state.peers} peers, best ${state.best}, final ${state.finalized}, ` +
    `optimization height ${state.height}, Σ ${state.accumulated.toFixed(4)} of T ${short(state.threshold)}, ` +
    `best metric ${metric}, reputation ${state.reputation.toFixed(2)}`
  );
}
