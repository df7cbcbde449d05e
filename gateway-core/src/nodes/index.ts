// The nodes room: devices that lend the gateway their senses and their shell.
/** Chat events for nodes that subscribed to a conversation. */
export { ChatRelay, type ChatRelayOptions } from './chat-relay.js';
export {
  acceptedCommands,
  allowedCommands,
  type CommandSettings,
  nodePlatform,
  refuseCommand,
} from './command-policy.js';
export type { RunDecision } from './invoke.js';
export type { NodeEventSinks, NodeMessage } from './node-events.js';
export type { ConnectedNode } from './node-registry.js';
export { createNodes, type Nodes, type NodesOptions } from './nodes.js';
export { createNodesMethods, type NodesMethodName } from './nodes-methods.js';
