// What is sent, what must come back, and the handlers that watch what reaches them.
import { type ConnectParams, findMethod, type MethodName, methods } from '../../../src/protocol/index.js';
import type { MethodHandlers } from '../../../src/shared/wire.js';
import type { Seeded } from '../seeded.js';
import { signConnect, type TestDevice } from '../test-device.js';
import type { WireEnd } from './ends.js';
import { mutate } from './mutate.js';
import { fitsPlainly, make, type PlainSchema } from './schema-walk.js';

export const METHODS = Object.keys(methods) as MethodName[];
const SCOPES = ['operator.admin', 'operator.read', 'operator.write', 'operator.approvals', 'operator.pairing'];

function paramsSchema(method: string): PlainSchema {
  return (findMethod(method)?.params ?? {}) as unknown as PlainSchema;
}

export interface Watch {
  handlers: MethodHandlers;
  calls: number;
  /** Calls with params that the schema does not allow. */
  misfits: string[];
}

/** Handlers that answer now, later, or with a failure, and note params that should not have come through. */
export function createWatch(): Watch {
  const watch: Watch = { handlers: {} as MethodHandlers, calls: 0, misfits: [] };
  const handler = (name: string) => (params: unknown) => {
    watch.calls += 1;
    if (!fitsPlainly(paramsSchema(name), params)) watch.misfits.push(`${name} ${JSON.stringify(params).slice(0, 200)}`);
    return watch.calls % 3 === 0 ? Promise.resolve({}) : {};
  };
  watch.handlers = Object.fromEntries(METHODS.map((name) => [name, handler(name)])) as unknown as MethodHandlers;
  return watch;
}

export function requestFrame(random: Seeded, id: string, names: readonly string[] = METHODS): object {
  const method = random.chance(0.03)
    ? random.pick(['connect', 'no.such', '__proto__', 'toString'])
    : random.pick(names);
  return { type: 'req', id, method, params: make(paramsSchema(method), random) };
}

export function connectFrame(token: string, nonce: string, device?: TestDevice): object {
  const plain: ConnectParams = {
    minProtocol: 3,
    maxProtocol: 4,
    client: { id: 'cli', version: '1.0.0', platform: 'linux', mode: 'cli' },
    role: 'operator',
    scopes: SCOPES,
    auth: { token },
  };
  const params = device ? signConnect(plain, device, { nonce, ts: Date.now() }) : plain;
  return { type: 'req', id: 'connect', method: 'connect', params };
}

/** The id under which a frame must be answered; undefined for text that is not JSON, which is never answered. */
export function answerId(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const id = value !== null && typeof value === 'object' ? (value as { id?: unknown }).id : undefined;
  return typeof id === 'string' && id !== '' ? id : 'invalid';
}

function tally(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** Ids that were not answered exactly as often as they were sent. */
export function unanswered(sent: readonly string[], got: readonly string[]): string[] {
  const want = tally(sent);
  const have = tally(got);
  const ids = new Set([...want.keys(), ...have.keys()]);
  return [...ids].filter((id) => want.get(id) !== have.get(id));
}

/** Half a surrogate pair does not survive the way; the other side must be judged by what it gets. */
function asSent(text: string): string {
  return Buffer.from(text).toString();
}

export interface Faults {
  frames: number;
  /** Texts that got another number of answers than one. */
  wrong: string[];
}

/** Sends `count` damaged requests on one signed-in connection; ends early on the documented close. */
export async function storm(end: WireEnd, random: Seeded, count: number, names = METHODS): Promise<Faults> {
  end.responses.length = 0;
  const sent: string[] = [];
  let frames = 0;
  for (; frames < count && !end.closed; frames += 1) {
    const text = asSent(mutate(random, requestFrame(random, `r${frames}`, names)));
    const id = answerId(text);
    if (id !== undefined) sent.push(id);
    end.send(text);
  }
  await end.until(
    () => end.closed !== undefined || end.responses.length >= sent.length,
    `answers to ${sent.length} frames`,
  );
  if (end.closed) {
    const isDocumented = end.closed.code === 1008 && end.closed.reason === 'repeated unauthorized calls';
    return { frames, wrong: isDocumented ? [] : [`closed with ${end.closed.code} ${end.closed.reason}`] };
  }
  return {
    frames,
    wrong: unanswered(
      sent,
      end.responses.map(({ id }) => String(id)),
    ),
  };
}

const FRAME_KEYS: ReadonlySet<string> = new Set(['type', 'id', 'method', 'params', 'traceparent', 'expectedProfileId']);

function isFrame(text: string): boolean {
  const value = JSON.parse(text) as unknown;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const { type, id, method, traceparent, expectedProfileId } = value as Record<string, unknown>;
  const areTexts = [traceparent, expectedProfileId].every((extra) => extra === undefined || typeof extra === 'string');
  const isNamed = typeof id === 'string' && id !== '' && typeof method === 'string' && method !== '';
  return type === 'req' && isNamed && areTexts && Object.keys(value).every((key) => FRAME_KEYS.has(key));
}

const REFUSAL_CODES = [1002, 1008];

/** Sends one damaged `connect`; undefined when it ended as documented (spec/gateway-protocol.md §3.3). */
export async function knock(end: WireEnd, random: Seeded, frame: object): Promise<string | undefined> {
  const text = asSent(mutate(random, frame));
  end.send(text);
  await end.until(() => end.closed !== undefined || end.responses.length > 0, 'the end of the handshake');
  const [answer] = end.responses;
  if (answer && !answer.ok) await end.until(() => end.closed !== undefined, 'the close after a refusal');
  const ended = `${end.responses.length} answers, closed ${JSON.stringify(end.closed)}, after ${text.slice(0, 300)}`;
  if (answerId(text) === undefined) return end.closed?.code === 1000 && !answer ? undefined : ended;
  if (!isFrame(text)) return end.closed?.code === 1008 && !answer ? undefined : ended;
  if (!answer || end.responses.length !== 1 || answer.id !== answerId(text)) return ended;
  if (answer.ok) return end.closed ? ended : undefined;
  return REFUSAL_CODES.includes(end.closed?.code ?? 0) ? undefined : ended;
}
