// The plan of `secrets apply`: which places get which refs, and which providers come or go.
import { AppError } from '../../shared/app-error.js';
import { isForbiddenKey, isRecord, type JsonRecord } from '../json-value.js';
import { readProvider } from '../providers/provider-settings.js';
import { asSecretRef, isProviderName, refFault, type SecretRef } from '../secret-ref.js';
import { fitsPattern, patternOfId, type SecretTarget, targetAt } from '../surface/targets.js';

export interface PlanTarget {
  path: string[];
  target: SecretTarget;
  ref: SecretRef;
}

export interface SecretsPlan {
  targets: PlanTarget[];
  providerUpserts: Record<string, JsonRecord>;
  providerDeletes: string[];
  /** Take moved secrets out of `.env`. */
  scrubEnv: boolean;
}

const VERSION = 1;

function invalid(message: string): AppError {
  return new AppError('request.invalid', {
    message,
    hint: 'Make a new plan with `openclaw secrets configure`, or correct the file.',
  });
}

/** `agents.list[0].id` → `['agents', 'list', '0', 'id']`. */
export function parsePath(text: string): string[] {
  return text.replace(/\[(\d+)\]/g, '.$1').split('.');
}

function readSegments(value: JsonRecord): string[] {
  const { path, pathSegments } = value;
  if (typeof path !== 'string' || path.trim() === '') throw invalid('A plan target has no path.');
  if (pathSegments === undefined) return parsePath(path.trim());
  const isList = Array.isArray(pathSegments) && pathSegments.every((item) => typeof item === 'string');
  // The segments say where a key with a dot in it ends; joined, they must still be the path.
  if (!isList || parsePath(path.trim()).join('.') !== pathSegments.join('.')) {
    throw invalid(`The path and the pathSegments of a plan target differ: ${path}`);
  }
  return pathSegments as string[];
}

function checkType(value: JsonRecord, path: readonly string[]): void {
  const { type } = value;
  if (type === undefined) return;
  const pattern = typeof type === 'string' ? patternOfId(type) : undefined;
  if (!pattern) throw invalid(`Unknown plan target type: ${String(type)}`);
  if (!fitsPattern(pattern, path)) throw invalid(`Invalid plan target path for ${String(type)}: ${path.join('.')}`);
}

function checkOwner(value: JsonRecord, path: readonly string[]): void {
  for (const [key, owner] of [
    ['providerId', path[2]],
    ['accountId', path[4]],
  ] as const) {
    if (value[key] !== undefined && value[key] !== owner) {
      throw invalid(`The ${key} of a plan target is not the one in its path: ${path.join('.')}`);
    }
  }
}

function readTarget(value: unknown): PlanTarget {
  if (!isRecord(value)) throw invalid('A plan target is not an object.');
  if (value.agentId !== undefined) {
    throw invalid(
      `Auth profiles are not changed by a plan: ${String(value.path)}. Put the reference at models.providers.<id>.apiKey.`,
    );
  }
  const path = readSegments(value);
  const text = path.join('.');
  if (path.some((segment) => segment === '' || isForbiddenKey(segment))) {
    throw invalid(`Invalid plan target path: ${text}`);
  }
  checkType(value, path);
  const target = targetAt(path);
  if (!target) throw invalid(`Invalid plan target path: ${text} is not a place for secrets.`);
  checkOwner(value, path);
  const ref = asSecretRef(value.ref, {}, true);
  if (!ref) throw invalid(`The plan has no complete reference for ${text}.`);
  const fault = refFault(ref);
  if (fault !== undefined) throw invalid(`The reference for ${text} is not valid: ${fault}.`);
  return { path, target, ref };
}

function readUpserts(value: unknown): Record<string, JsonRecord> {
  if (value === undefined) return {};
  if (!isRecord(value)) throw invalid('providerUpserts of the plan is not an object.');
  const entries = Object.entries(value).map(([name, settings]): [string, JsonRecord] => {
    if (!isProviderName(name)) throw invalid(`Invalid provider name in the plan: ${name}`);
    const read = readProvider(settings);
    if (!read.ok || !isRecord(settings)) {
      throw invalid(`The provider "${name}" of the plan cannot be used${read.ok ? '' : `: ${read.reason}`}.`);
    }
    return [name, settings];
  });
  return Object.fromEntries(entries);
}

function readDeletes(value: unknown): string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((name) => typeof name === 'string' && isProviderName(name))) return value;
  throw invalid('providerDeletes of the plan is not a list of provider names.');
}

/** Checks a plan that was read from a file or sent by a client. Throws `request.invalid` at the first fault. */
export function parsePlan(value: unknown): SecretsPlan {
  if (!isRecord(value) || value.version !== VERSION || value.protocolVersion !== VERSION) {
    throw invalid(`The plan is not one of version ${VERSION}.`);
  }
  if (!Array.isArray(value.targets)) throw invalid('The plan has no list of targets.');
  const targets = value.targets.map(readTarget);
  const twice = targets.find(
    (item, at) => targets.findIndex((other) => other.path.join('\0') === item.path.join('\0')) !== at,
  );
  if (twice) throw invalid(`The plan names ${twice.path.join('.')} twice.`);
  const options = isRecord(value.options) ? value.options : {};
  return {
    targets,
    providerUpserts: readUpserts(value.providerUpserts),
    providerDeletes: readDeletes(value.providerDeletes),
    scrubEnv: options.scrubEnv !== false,
  };
}

/** The plan as `secrets configure --plan-out` writes it; `parsePlan` reads it back. */
export function writePlan(plan: SecretsPlan, generatedAt: Date): JsonRecord {
  const targets = plan.targets.map(({ path, target, ref }) => ({
    type: target.alias ?? target.id,
    path: path.join('.'),
    pathSegments: path,
    ...(path[0] === 'models' ? { providerId: path[2] } : {}),
    ref,
  }));
  return {
    version: VERSION,
    protocolVersion: VERSION,
    generatedAt: generatedAt.toISOString(),
    generatedBy: 'openclaw secrets configure',
    ...(Object.keys(plan.providerUpserts).length > 0 ? { providerUpserts: plan.providerUpserts } : {}),
    ...(plan.providerDeletes.length > 0 ? { providerDeletes: plan.providerDeletes } : {}),
    targets,
    options: { scrubEnv: plan.scrubEnv },
  };
}
