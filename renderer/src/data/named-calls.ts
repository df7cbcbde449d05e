// Calls that an older gateway may not know: by name, with the types of the wire where it has them.
import type { Static } from 'typebox';
import type {
  configWriteMethods,
  ModelsSetKeyParams,
  ModelsSetKeyResult,
  SignInStartResult,
  SignInStatusResult,
  WholeWireMethods,
} from '../../../gateway-core/src/protocol/index.js';
import type { Gateway, RequestOptions } from './gateway.js';

type WireTable = WholeWireMethods & typeof configWriteMethods;

/** Methods of this product only; other gateways do not have them. */
interface OwnTable {
  'desktop.models.test': { params: ModelsTestParams; result: ModelsTestResult };
  'desktop.models.setKey': { params: ModelsSetKeyParams; result: ModelsSetKeyResult };
  'desktop.models.removeKey': { params: { provider: string }; result: { ok: true; removed: boolean } };
  'desktop.models.detect': { params: Record<string, never>; result: ModelsDetectResult };
  'desktop.models.signIn.start': { params: { provider: string }; result: SignInStartResult };
  'desktop.models.signIn.status': { params: { signInId: string }; result: SignInStatusResult };
  'desktop.models.signIn.cancel': { params: { signInId: string }; result: { ok: true; cancelled: boolean } };
  'desktop.devices.rename': {
    params: { deviceId: string; displayName: string };
    result: { deviceId: string; displayName?: string };
  };
  'desktop.setupCode': { params: Record<string, never>; result: SetupCodeResult };
}

export interface ModelsTestParams {
  provider: string;
  baseUrl?: string;
  api?: string;
  /** Left out: the saved one is used. */
  apiKey?: string;
}

export interface ModelsTestResult {
  ok: boolean;
  latencyMs: number;
  models: string[];
  error?: { code: string; message: string; hint?: string };
}

export interface ModelsDetectResult {
  found: Array<{ provider: 'ollama' | 'lmstudio'; baseUrl: string; models: string[] }>;
}

export interface SetupCodeResult {
  setupCode: string;
  url: string;
  /** Epoch milliseconds. */
  expiresAtMs: number;
}

export type NamedMethod = keyof WireTable | keyof OwnTable;
export type NamedParams<M extends NamedMethod> = M extends keyof OwnTable
  ? OwnTable[M]['params']
  : M extends keyof WireTable
    ? Static<WireTable[M]['params']>
    : never;
export type NamedResult<M extends NamedMethod> = M extends keyof OwnTable
  ? OwnTable[M]['result']
  : M extends keyof WireTable
    ? Static<WireTable[M]['result']>
    : never;

export type PairList = NamedResult<'device.pair.list'>;
export type PendingDevice = PairList['pending'][number];
export type PairedDevice = PairList['paired'][number];

/** Rejects like `Gateway.request`. */
export function callNamed<M extends NamedMethod>(
  gateway: Pick<Gateway, 'call'>,
  method: M,
  params: NamedParams<M>,
  options?: RequestOptions,
): Promise<NamedResult<M>> {
  return gateway.call(method, params, options) as Promise<NamedResult<M>>;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}

/** True when the gateway is too old to have this method. */
export function isUnknownMethod(error: unknown): boolean {
  return messageOf(error).startsWith('unknown method');
}

/** True when this window may not do it. */
export function isForbidden(error: unknown): boolean {
  return messageOf(error).startsWith('missing scope');
}

/** True when somebody else wrote the config since it was read. */
export function isStale(error: unknown): boolean {
  return messageOf(error).startsWith('config changed since last load');
}
