// What the scenarios call as js-script: runs checks/NAME.mjs with the name of the node, the network and the arguments.
// zombienet loads such a script with require(), and the checks are modules: hence this step between.

exports.run = async (node, network, [name, ...args]) => {
  const { default: check } = await import(`./checks/${name}.mjs`);
  const { Nodes } = await import('./lib/nodes.mjs');
  const nodes = new Nodes(network);
  try {
    await check({ node: nodes.get(node), nodes, network, args });
  } finally {
    await nodes.disconnect();
  }
};
