// Calls handlers the way the server does: params and results are checked against the protocol tables.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  describeFaults,
  type ErrorShape,
  type EventSpec,
  events,
  type MethodSpec,
  wholeWireEvents,
  wholeWireMethods,
} from '../../src/protocol/index.js';
import { describeFailure } from '../../src/server/wire-error.js';
import { silentLogger } from '../../src/shared/logger.js';
import type { BroadcastOptions, Caller, ConnectedClient, RequestContext } from '../../src/shared/wire.js';
import type { WireFrame } from './raw-client.js';

const allMethods: Record<string, MethodSpec | undefined> = wholeWireMethods;
const allEvents: Record<string, EventSpec> = { ...events, ...wholeWireEvents };

export interface SentEvent {
  event: string;
  payload: unknown;
  connIds?: ReadonlySet<string>;
}

export interface Answer {
  ok: boolean;
  payload?: unknown;
  error?: ErrorShape;
  acknowledged?: unknown;
}

export const ADMIN: Caller = {
  connId: 'conn-admin',
  role: 'operator',
  scopes: ['operator.admin', 'operator.approvals', 'operator.pairing', 'operator.read', 'operator.write'],
  caps: [],
  clientId: 'gateway-client',
  clientMode: 'ui',
  displayName: 'rec',
  isLocal: true,
  protocol: 3,
};

export function nodeCaller(nodeId: string, connId = `conn-${nodeId}`): Caller {
  return { ...ADMIN, connId, role: 'node', scopes: [], deviceId: nodeId, clientId: 'node-host', clientMode: 'node' };
}

export function nodeClient(
  nodeId: string,
  more: Partial<ConnectedClient> & { platform?: string } = {},
): ConnectedClient {
  const { platform = 'linux', ...rest } = more;
  return {
    caller: { ...nodeCaller(nodeId), caps: ['system', 'canvas', 'camera'] },
    client: { id: 'node-host', version: '1.0.0', platform, mode: 'node', displayName: 'node one' },
    commands: ['canvas.navigate', 'camera.snap', 'system.run', 'system.which', 'system.notify', 'evil.cmd'],
    permissions: { 'camera.capture': true },
    connectedAtMs: 5,
    ...rest,
  };
}

/** Collects events, and checks each against its schema. */
export class EventLog {
  readonly seen: SentEvent[] = [];

  readonly broadcast = (event: string, payload: unknown, options?: BroadcastOptions): void => {
    const spec = allEvents[event];
    if (!spec) throw new Error(`no such event: ${event}`);
    const faults = describeFaults(spec.payload, JSON.parse(JSON.stringify(payload)));
    if (faults) throw new Error(`${event}: ${faults}`);
    this.seen.push({ event, payload, connIds: options?.connIds });
  };

  /** What the last event of this name carried. */
  payload<T>(event: string): T {
    const sent = this.last(event);
    if (!sent) throw new Error(`${event} was not sent`);
    return sent.payload as T;
  }

  last(event: string): SentEvent | undefined {
    return this.seen.findLast((sent) => sent.event === event);
  }
}

type Loose = (params: unknown, context: RequestContext) => unknown;

/** Answers one call as a `res` frame would. */
export async function call(handlers: object, method: string, params: unknown = {}, caller = ADMIN): Promise<Answer> {
  const spec = allMethods[method];
  const handler = (handlers as Record<string, Loose | undefined>)[method];
  if (!spec || !handler) throw new Error(`no such method: ${method}`);
  const faults = describeFaults(spec.params, params);
  if (faults) return { ok: false, error: { code: 'INVALID_REQUEST', message: `invalid ${method} params: ${faults}` } };
  let acknowledged: unknown;
  const context: RequestContext = {
    caller,
    signal: new AbortController().signal,
    log: silentLogger,
    acknowledge: (payload) => (acknowledged = payload),
  };
  try {
    const payload = JSON.parse(JSON.stringify(await handler(params, context))) as unknown;
    const wrong = describeFaults(spec.result, payload);
    if (wrong) throw new Error(`the result of ${method} does not fit its schema: ${wrong}`);
    return { ok: true, payload, ...(acknowledged !== undefined && { acknowledged }) };
  } catch (error) {
    const { error: shape, isBug } = describeFailure(error);
    if (isBug) throw error;
    return { ok: false, error: shape };
  }
}

/** The code and text of an error, and of its details what the recording has. */
export function errorFaults(recorded: WireFrame['error'], ours: Answer['error']): string[] {
  if (!recorded) return ours ? [`refused: ${ours.message}`] : [];
  if (!ours) return ['was not refused'];
  const faults = [];
  if (recorded.code !== ours.code) faults.push(`code ${ours.code} in place of ${recorded.code}`);
  if (recorded.message !== ours.message) faults.push(`"${ours.message}" in place of "${recorded.message}"`);
  for (const [key, value] of Object.entries((recorded.details ?? {}) as object)) {
    const mine = (ours.details as Record<string, unknown> | undefined)?.[key];
    if (JSON.stringify(mine) !== JSON.stringify(value)) faults.push(`details.${key} is ${JSON.stringify(mine)}`);
  }
  return faults;
}

/** Lets everything that waits for the next turn of the event loop happen. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export async function withTempDir(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(path.join(tmpdir(), 'openclaw-wire-'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}
