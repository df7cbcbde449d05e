// Asks the gateway which commands it answers itself.
import type { CommandEntry } from '../../../../../gateway-core/src/protocol/index.js';
import { isRecord } from '../../../data/config-values.js';
import type { Gateway } from '../../../data/gateway.js';

/** A list is a help and no more: an older gateway, or none, gives an empty one. Never rejects. */
export function loadCommands(gateway: Pick<Gateway, 'call'>, agentId: string): Promise<readonly CommandEntry[]> {
  return gateway.call('commands.list', { agentId, includeArgs: true }).then(
    (answer) => (isRecord(answer) && Array.isArray(answer.commands) ? (answer.commands as CommandEntry[]) : []),
    () => [],
  );
}
