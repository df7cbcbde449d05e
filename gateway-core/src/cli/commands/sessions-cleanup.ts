// `openclaw sessions cleanup`: what of the conversations is beyond the limits, and removing it.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { acquireGatewayLock, type LoadedConfig } from '../../config/index.js';
import type { SessionRow } from '../../protocol/index.js';
import {
  applyPlan,
  copyLargeIndex,
  countActions,
  createSessionStore,
  type EntryAction,
  maintenanceSettings,
  type MaintenancePlan,
  type MaintenanceSettings,
  type PlanContext,
  type PlannedEntry,
  planMaintenance,
  readStoreFacts,
  removePlannedFiles,
  type StoredSession,
} from '../../sessions/index.js';
import { readJsonIfExists } from '../../shared/json-file.js';
import { silentLogger } from '../../shared/logger.js';
import { systemClock } from '../../shared/clock.js';
import { requireValidConfig } from '../config-gate.js';
import type { CommandContext } from '../context.js';
import { GatewayAccessError, type GatewaySession, withGateway } from '../gateway-access.js';
import { agentIds, indexPath } from '../session-files.js';
import { resolveLocalTarget } from '../target.js';
import { columns, formatAge, shortenMiddle } from '../text-format.js';
import { sessionFlags } from './sessions.js';

export interface CleanupOptions {
  json?: boolean;
  agent?: string;
  allAgents?: boolean;
  store?: string;
  dryRun?: boolean;
  enforce?: boolean;
  fixMissing?: boolean;
}

/** The conversations of one agent, and what to do with them. */
interface Target {
  agentId: string;
  indexFile: string;
  plan: MaintenancePlan;
  context: PlanContext;
}

interface Removal {
  conversations: number;
  files: number;
}

const WIDTHS = [12, 26, 9, 14];
const CONNECT_MS = 3_000;
const LOCK_MS = 2_000;

function isStored(value: unknown): value is StoredSession {
  return typeof value === 'object' && value !== null && typeof (value as StoredSession).sessionId === 'string';
}

async function plan(
  context: CommandContext,
  { agentId, indexFile }: Pick<Target, 'agentId' | 'indexFile'>,
  settings: MaintenanceSettings,
  fixMissing: boolean,
): Promise<Target> {
  const stored = (await readJsonIfExists<Record<string, unknown>>(indexFile)) ?? {};
  const entries = Object.entries(stored).flatMap(([key, entry]) => (isStored(entry) ? [[key, entry] as const] : []));
  const planContext: PlanContext = { agentId, now: context.host.now(), isActive: () => false, fixMissing };
  const facts = await readStoreFacts(indexFile, entries);
  return { agentId, indexFile, plan: planMaintenance(facts, settings, planContext), context: planContext };
}

function places(context: CommandContext, { config }: LoadedConfig, options: CleanupOptions) {
  const ids = agentIds(config);
  const chosen = options.allAgents ? ids : [options.agent?.trim().toLowerCase() ?? ids[0] ?? 'main'];
  return chosen.map((agentId) => ({ agentId, indexFile: options.store ?? indexPath(context, config, agentId) }));
}

const isGoing = ({ action }: PlannedEntry) => action !== 'keep';

/** A gateway that has these conversations open removes them itself: it would write back what we took out. */
async function throughGateway({ client }: GatewaySession, target: Target): Promise<Removal | undefined> {
  const { agentId, indexFile } = target;
  const listed = await client.request('sessions.list', { agentId, includeGlobal: true, includeUnknown: true });
  if (path.resolve(listed.path) !== path.resolve(indexFile)) return undefined;
  const rows = new Map(listed.sessions.map((row) => [row.key, row]));
  await copyLargeIndex(target.plan, indexFile, target.context.now);
  let conversations = 0;
  for (const { key, entry, isPurged } of target.plan.entries.filter(isGoing)) {
    const row = rows.get(key);
    const isSame = row?.sessionId === entry.sessionId && row.updatedAt === entry.updatedAt;
    if (!isSame || row.status === 'running') continue;
    const { archived, deleted } = await client.request('sessions.delete', { key, deleteTranscript: true });
    if (deleted) conversations += 1;
    if (isPurged) for (const file of archived) await rm(file, { force: true });
  }
  const files = await removePlannedFiles(target.plan, path.dirname(indexFile));
  return { conversations, files: files.length };
}

/** Without a gateway; none can start meanwhile. */
async function inFiles(context: CommandContext, env: NodeJS.ProcessEnv, target: Target): Promise<Removal> {
  const { configPath, stateDir, defaultWorkspaceDir } = context.paths;
  const lock = await acquireGatewayLock({ configPath, env, timeoutMs: LOCK_MS });
  try {
    const store = await createSessionStore(
      {
        stateDir,
        indexTemplate: () => target.indexFile,
        workspaceDir: () => defaultWorkspaceDir,
        clock: { ...systemClock, now: () => context.host.now() },
        log: silentLogger,
      },
      [target.agentId],
    );
    try {
      const { removed, files } = await applyPlan(store, target.plan, target.context);
      return { conversations: removed.length, files: files.length };
    } finally {
      await store.stop();
    }
  } finally {
    await lock.release();
  }
}

async function remove(context: CommandContext, loaded: LoadedConfig, target: Target): Promise<Removal> {
  const { config, path: configPath, env } = loaded;
  const access = {
    target: resolveLocalTarget({ flags: {}, env, config, configPath }),
    profile: 'cli',
    timeoutMs: CONNECT_MS,
  } as const;
  try {
    const removed = await withGateway(context, access, (session) => throughGateway(session, target));
    if (removed) return removed;
  } catch (error) {
    if (!(error instanceof GatewayAccessError) || error.code !== 'gateway.unreachable') throw error;
  }
  return inFiles(context, env, target);
}

function label(action: EntryAction): string {
  return action.startsWith('prune') ? 'prune' : action === 'keep' ? 'keep' : (action.split('-')[0] ?? action);
}

function planRow({ key, entry, action }: PlannedEntry, nowMs: number): string {
  const row: SessionRow = { ...entry, key, kind: 'direct' };
  const cells = [label(action), shortenMiddle(key, WIDTHS[1] ?? 26), formatAge(nowMs - entry.updatedAt)];
  return columns([...cells, row.model ?? '-', sessionFlags(row).join(' ')], WIDTHS);
}

/** The text form of what would happen. */
function planLines({ indexFile, plan: whole, context: { now } }: Target, mode: string): string[] {
  const { entries, files } = whole;
  const going = entries.filter(isGoing).length;
  const evicted = countActions(whole, 'evict-budget');
  return [
    `Session store: ${indexFile}`,
    `Maintenance mode: ${mode}`,
    `Entries: ${entries.length} -> ${entries.length - going} (remove ${going})`,
    `Would prune missing transcripts: ${countActions(whole, 'prune-missing')}`,
    `Would prune stale: ${countActions(whole, 'prune-stale')}`,
    `Would cap overflow: ${countActions(whole, 'cap-overflow')}`,
    ...(evicted > 0 ? [`Would make room on disk: ${evicted}`] : []),
    ...(files.length > 0 ? [`Would remove old files: ${files.length}`] : []),
    ...(entries.length === 0
      ? []
      : [
          '',
          'Planned session actions:',
          columns(['Action', 'Key', 'Age', 'Model', 'Flags'], WIDTHS),
          ...entries.map((entry) => planRow(entry, now)),
        ]),
  ];
}

function summary({ agentId, indexFile, plan: planned }: Target, mode: string, dryRun: boolean, removed?: Removal) {
  const going = planned.entries.filter(isGoing).length;
  return {
    agentId,
    storePath: indexFile,
    mode,
    dryRun,
    beforeCount: planned.entries.length,
    afterCount: planned.entries.length - (dryRun ? going : (removed?.conversations ?? 0)),
    missing: countActions(planned, 'prune-missing'),
    pruned: countActions(planned, 'prune-stale'),
    capped: countActions(planned, 'cap-overflow'),
    evicted: countActions(planned, 'evict-budget'),
    files: planned.files.length,
    diskBytes: { before: planned.bytesBefore, after: planned.bytesAfter },
    wouldMutate: going > 0 || planned.files.length > 0,
    ...(removed && { applied: true, appliedCount: removed.conversations }),
  };
}

function tell(context: CommandContext, target: Target, mode: string, removed: Removal | undefined): void {
  const { entries } = target.plan;
  if (!removed) {
    for (const line of planLines(target, mode)) context.out(line);
    return;
  }
  const left = entries.length - removed.conversations;
  context.out(`Session store: ${target.indexFile}`);
  context.out(`Maintenance mode: ${mode}`);
  context.out(`Entries: ${entries.length} -> ${left} (removed ${removed.conversations})`);
  context.out(`Files removed: ${removed.files}`);
}

const NOTHING_REMOVED = 'Nothing was removed: the maintenance mode is warn. Add --enforce to remove.';

export async function run(context: CommandContext, options: CleanupOptions): Promise<number> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return 1;
  const settings = maintenanceSettings(loaded.config.session);
  const mode = options.enforce ? 'enforce' : settings.mode;
  const dryRun = options.dryRun ?? false;
  const summaries: unknown[] = [];
  for (const place of places(context, loaded, options)) {
    const target = await plan(context, place, settings, options.fixMissing ?? false);
    const removed = dryRun || mode === 'warn' ? undefined : await remove(context, loaded, target);
    summaries.push(summary(target, mode, dryRun, removed));
    if (!options.json) tell(context, target, mode, removed);
  }
  if (options.json) {
    context.json(options.allAgents ? { allAgents: true, mode, dryRun, stores: summaries } : summaries[0]);
  } else if (!dryRun && mode === 'warn') {
    context.err(NOTHING_REMOVED);
  }
  return 0;
}
