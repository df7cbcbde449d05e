// Pure: which open secrets of a config can move elsewhere, under which names, and the plan that moves them.
import { isRecord, type JsonRecord, pathText, valueAt } from '../json-value.js';
import type { SecretRef } from '../secret-ref.js';
import { collectSecretInputs, isOpenSecret, type SecretInput } from '../surface/secret-inputs.js';
import type { SecretTarget } from '../surface/targets.js';
import type { SecretsPlan } from './plan.js';

/** A secret that lies open in the config as text, and where. */
export interface MovableSecret {
  path: string[];
  target: SecretTarget;
  value: string;
}

export interface SecretMove {
  secret: Pick<MovableSecret, 'path' | 'target'>;
  ref: SecretRef;
}

const MAX_ID = 256;

/** True for an open secret that is text. */
function isMovable(input: SecretInput): boolean {
  return isOpenSecret(input) && !input.overridden && input.content.kind === 'value' && isText(input.content.value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isOfAgent(config: unknown, path: readonly string[], agentId: string): boolean {
  const agent = path[0] === 'agents' && path[1] === 'list' ? valueAt(config, path.slice(0, 3)) : undefined;
  return isRecord(agent) && agent.id === agentId;
}

/** Every open secret of `config` that can move; with `agentId` only those that stand in that agent's entry. */
export function movableSecrets(config: unknown, agentId?: string): MovableSecret[] {
  return collectSecretInputs(config)
    .filter(isMovable)
    .filter(({ path }) => agentId === undefined || isOfAgent(config, path, agentId))
    .flatMap(({ path, target, content }) =>
      target && content.kind === 'value' && isText(content.value) ? [{ path, target, value: content.value }] : [],
    );
}

/** The name under which the keychain keeps the secret of a place: its path, with what an id may hold. */
export function keychainIdFor(path: readonly string[]): string {
  const id = pathText(path).replace(/[^A-Za-z0-9._:/-]/g, '-');
  return id.replace(/^[^A-Za-z0-9]+/, '').slice(0, MAX_ID);
}

/** The name that a variable for the secret of a place would usually have, e.g. OPENAI_API_KEY. */
export function variableFor(path: readonly string[]): string {
  const last = path.at(-1) ?? '';
  const owner = path[0] === 'models' && path[1] === 'providers' ? [path[2] ?? ''] : path.slice(0, -1);
  const words = [...owner, last].join('_').replace(/([a-z0-9])([A-Z])/g, '$1_$2');
  return words
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^[^A-Z]+/, '');
}

/** The plan that puts a reference in the place of each secret. */
export function planMoves(
  moves: readonly SecretMove[],
  providers: { upserts?: Record<string, JsonRecord>; deletes?: readonly string[] } = {},
): SecretsPlan {
  return {
    targets: moves.map(({ secret, ref }) => ({ path: secret.path, target: secret.target, ref })),
    providerUpserts: providers.upserts ?? {},
    providerDeletes: [...(providers.deletes ?? [])],
    scrubEnv: true,
  };
}
