// Pure: may this caller use this method (spec/gateway-protocol.md §4).
import { findMethod } from '../protocol/index.js';
import type { Member } from './connection.js';

/** Methods of the node role; operators may not call them, whether we have them or not. */
const NODE_METHODS: ReadonlySet<string> = new Set([
  'node.invoke.result',
  'node.event',
  'node.pending.drain',
  'node.pending.pull',
  'node.pending.ack',
  'node.canvas.capability.refresh',
  'skills.bins',
]);

export type Denial = { message: string; isRoleError: boolean };

/** Why the call is not allowed, or undefined. An unknown method needs admin before it is called unknown. */
export function denyCall({ caller, grants }: Member, method: string): Denial | undefined {
  if (method === 'health') return undefined;
  const isForNodes = NODE_METHODS.has(method);
  if (isForNodes !== (caller.role === 'node')) {
    return { message: `unauthorized role: ${caller.role}`, isRoleError: true };
  }
  const spec = findMethod(method);
  if (isForNodes && !spec) return { message: `unknown method: ${method}`, isRoleError: false };
  const scope = spec?.scope ?? 'operator.admin';
  if (scope !== 'any' && scope !== 'node' && !grants.has(scope)) {
    return { message: `missing scope: ${scope}`, isRoleError: false };
  }
  return spec ? undefined : { message: `unknown method: ${method}`, isRoleError: false };
}
