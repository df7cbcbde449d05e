// Collects the facts for the doctor: reads, looks and asks, and changes nothing.
import { randomBytes } from 'node:crypto';
import { access, constants, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  gatewayLockPath,
  type LoadedConfig,
  loadConfig,
  migrateLegacy,
  resolveGatewaySettings,
} from '../../config/index.js';
import { movableSecrets } from '../../secrets/index.js';
import { AppError, errorMessage } from '../../shared/app-error.js';
import { readJsonIfExists } from '../../shared/json-file.js';
import { modelsStatus } from '../commands/models.js';
import type { CommandContext } from '../context.js';
import { GatewayAccessError, withGateway } from '../gateway-access.js';
import { inspectPort } from '../port-listeners.js';
import { localPort, resolveTarget } from '../target.js';
import type { ConfigFacts, DoctorFacts, GatewayFacts, LockFacts, Place, ProbeFacts, StateFacts } from './facts.js';
import { gatherSessions } from './gather-sessions.js';

const PROBE_MS = 5_000;
const EMPTY = { config: {}, env: {}, missing: [], exists: false } as const;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Read anew each time: repairs change it. */
async function readConfig(context: CommandContext): Promise<LoadedConfig | AppError> {
  try {
    return await loadConfig({ paths: context.paths, env: context.env, cwd: context.host.cwd });
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

function configFacts(context: CommandContext, loaded: LoadedConfig | AppError): ConfigFacts {
  if (loaded instanceof AppError) {
    const nothing = { issues: [], legacyIssues: [], warnings: [], parsed: undefined, migrated: undefined };
    return { path: context.paths.configPath, exists: true, valid: false, unreadable: loaded.message, ...nothing };
  }
  const { path: file, exists, valid, issues, legacyIssues, warnings, parsed } = loaded;
  const migrated = isRecord(parsed) ? migrateLegacy(parsed).config : parsed;
  return { path: file, exists, valid, issues, legacyIssues, warnings, parsed, migrated };
}

/** A secret that is a reference counts as there: who reads it is the gateway. */
function gatewayFacts({ config, env, missing, exists }: Pick<LoadedConfig, 'config' | 'env' | 'missing' | 'exists'>) {
  const isRemote = config.gateway?.mode === 'remote';
  try {
    const context = { configExists: exists, unavailable: missing };
    const { auth } = resolveGatewaySettings(config, env, { allowUnconfigured: true }, context);
    const refs = missing.some(({ path: at }) => at.startsWith('gateway.auth.'));
    return { isRemote, authMode: auth.mode, hasSecret: Boolean(auth.token ?? auth.password) || refs };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { isRemote, authMode: 'none', hasSecret: false, refused: { message: error.message, hint: error.hint } };
  }
}

async function placeAt(file: string): Promise<Place | undefined> {
  try {
    const info = await stat(file);
    const mode = process.platform === 'win32' ? undefined : info.mode & 0o777;
    return { path: file, kind: info.isDirectory() ? 'folder' : 'file', mode };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

/** The config, and what holds secrets or conversations in the state folder. */
async function gatherPlaces({ paths }: CommandContext): Promise<Place[]> {
  const { stateDir, configPath } = paths;
  const folders = ['credentials', 'devices', 'identity', 'tls'].map((name) => path.join(stateDir, name));
  const inside = await Promise.all(
    folders.map(async (dir) => (await namesIn(dir)).map((name) => path.join(dir, name))),
  );
  const agents = (await namesIn(path.join(stateDir, 'agents'))).flatMap((id) =>
    ['sessions', 'sessions/sessions.json', 'agent/auth-profiles.json'].map((name) =>
      path.join(stateDir, 'agents', id, name),
    ),
  );
  const all = [stateDir, configPath, path.join(stateDir, '.env'), ...folders, ...inside.flat(), ...agents];
  const found = await Promise.all(all.map((file) => placeAt(file)));
  return found.filter((place) => place !== undefined);
}

async function gatherState({ paths }: CommandContext): Promise<StateFacts> {
  const { stateDir: dir, home } = paths;
  const exists = (await placeAt(dir)) !== undefined;
  const names = (await namesIn(home)).filter((name) => /^\.openclaw(?:-[\w-]+)?$/.test(name));
  const others = names.map((name) => path.join(home, name)).filter((other) => other !== dir);
  if (!exists) return { dir, exists, others };
  try {
    await access(dir, constants.W_OK);
    return { dir, exists, others };
  } catch (error) {
    return { dir, exists, others, unwritable: `${dir} cannot be written: ${errorMessage(error)}` };
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function gatherLock({ paths }: CommandContext): Promise<LockFacts | undefined> {
  const file = gatewayLockPath(paths.configPath);
  try {
    const owner = await readJsonIfExists<{ pid?: unknown }>(file);
    return typeof owner?.pid === 'number' ? { file, pid: owner.pid, isAlive: isAlive(owner.pid) } : undefined;
  } catch (error) {
    // Half a lock names nobody.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function probe(context: CommandContext, loaded: LoadedConfig): Promise<ProbeFacts> {
  const { config, env, path: configPath } = loaded;
  const target = resolveTarget({ flags: {}, env, config, configPath });
  try {
    const access = { target, profile: 'cli', timeoutMs: PROBE_MS } as const;
    return await withGateway(context, access, async ({ client, hello, connectMs }) => {
      await client.request('health');
      return { url: target.url, ok: true, detail: `answers in ${connectMs} ms, version ${hello.server.version}` };
    });
  } catch (error) {
    if (!(error instanceof GatewayAccessError)) throw error;
    return { url: target.url, ok: false, detail: error.refusal?.message ?? error.message };
  }
}

/** Looks at everything the checks need; with `deep` it also connects to the gateway. */
export async function gatherFacts(context: CommandContext, options: { deep: boolean }): Promise<DoctorFacts> {
  const loaded = await readConfig(context);
  const usable = loaded instanceof AppError ? EMPTY : loaded;
  const gateway: GatewayFacts = gatewayFacts({ ...usable, missing: [...usable.missing] });
  const config = configFacts(context, loaded);
  const [places, state, sessions, port, lock] = await Promise.all([
    gatherPlaces(context),
    gatherState(context),
    gatherSessions(context, usable.config),
    inspectPort(localPort(usable.env, usable.config), context.host.platform),
    gatherLock(context),
  ]);
  const models = loaded instanceof AppError ? undefined : modelsStatus(context, loaded);
  return {
    runtime: { node: process.versions.node, ...(process.versions.bun && { bun: process.versions.bun }) },
    ...{ config, gateway, places, state, sessions, port, lock },
    models: { default: models?.resolvedDefault ?? '', missing: models?.missing ?? [] },
    openSecrets: movableSecrets(config.parsed ?? {}).map(({ path: at }) => at.join('.')),
    ...(options.deep && !(loaded instanceof AppError) && { probe: await probe(context, loaded) }),
    newToken: randomBytes(32).toString('hex'),
    nowMs: context.host.now(),
  };
}
