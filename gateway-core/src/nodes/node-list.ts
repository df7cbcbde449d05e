// Pure: the nodes there are, paired ones and connected ones together.
import type { PairedDevice } from '../devices/index.js';
import type { NodeView } from '../protocol/index.js';
import type { ConnectedNode } from './node-registry.js';

const NODE_ROLE = 'node';

function isPairedNode(device: PairedDevice): boolean {
  return device.roles.includes(NODE_ROLE);
}

function away(device: PairedDevice): NodeView {
  const { deviceId, displayName, platform, deviceFamily, remoteIp } = device;
  return {
    nodeId: deviceId,
    ...(displayName !== undefined && { displayName }),
    ...(platform !== undefined && { platform }),
    ...(deviceFamily !== undefined && { deviceFamily }),
    ...(remoteIp !== undefined && { remoteIp }),
    caps: [],
    commands: [],
    paired: true,
    connected: false,
  };
}

function here({ connId: _connId, ...node }: ConnectedNode, paired: boolean): NodeView {
  return { ...node, paired, connected: true };
}

/** Connected ones first, then by name. */
export function listNodes(devices: readonly PairedDevice[], connected: readonly ConnectedNode[]): NodeView[] {
  const paired = devices.filter(isPairedNode);
  const pairedIds = new Set(paired.map(({ deviceId }) => deviceId));
  const hereIds = new Set(connected.map(({ nodeId }) => nodeId));
  const nodes = [
    ...connected.map((node) => here(node, pairedIds.has(node.nodeId))),
    ...paired.filter(({ deviceId }) => !hereIds.has(deviceId)).map(away),
  ];
  const name = (node: NodeView) => (node.displayName ?? node.nodeId).toLowerCase();
  return nodes.sort(
    (a, b) =>
      Number(b.connected) - Number(a.connected) || name(a).localeCompare(name(b)) || a.nodeId.localeCompare(b.nodeId),
  );
}
