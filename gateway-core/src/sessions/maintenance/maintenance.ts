// Keeps the conversations of all agents within their limits, in the background and when asked.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { OpenClawConfig } from '../../config/index.js';
import type { Clock } from '../../shared/clock.js';
import { copyWhole } from '../../shared/json-file.js';
import { inBackground, type Logger } from '../../shared/logger.js';
import type { SessionEvents } from '../session-events.js';
import type { SessionStore } from '../session-store.js';
import { type EntryAction, isProtected, type MaintenancePlan, type PlanContext, planMaintenance } from './plan.js';
import { maintenanceSettings, type MaintenanceSettings } from './settings.js';
import { archiveStamp, readStoreFacts } from './store-facts.js';

export interface SessionMaintenanceOptions {
  store: SessionStore;
  agents: { ids(): readonly string[] };
  config: () => OpenClawConfig;
  clock: Clock;
  log: Logger;
  /** Hears of conversations that went. */
  events?: Pick<SessionEvents, 'changed'>;
  /** True for a conversation with a run that the index does not know yet. */
  isActive?: (key: string) => boolean;
  /** First run after this, then again and again; milliseconds. */
  firstMs?: number;
  everyMs?: number;
}

export interface MaintenanceReport {
  agentId: string;
  mode: MaintenanceSettings['mode'];
  plan: MaintenancePlan;
  /** Conversations that went; empty in mode `warn`. */
  removed: Array<{ key: string; action: EntryAction }>;
  /** Names of files that went. */
  files: string[];
}

export interface SessionMaintenance {
  /** Waits for a run that is under way. */
  stop(): Promise<void>;
  /** Looks at every agent now; while a run is under way, that one. Throws AppError state.unwritable. */
  runNow(): Promise<MaintenanceReport[]>;
}

const FIRST_MS = 2 * 60_000;
const EVERY_MS = 6 * 60 * 60_000;

/** What maintenance of one agent would do. Looks at files, changes none. */
export async function planForAgent(
  store: SessionStore,
  settings: MaintenanceSettings,
  context: PlanContext,
): Promise<MaintenancePlan> {
  const index = await store.index(context.agentId);
  const entries = index.keys().flatMap((key) => {
    const entry = index.get(key);
    return entry ? [[key, entry] as const] : [];
  });
  return planMaintenance(await readStoreFacts(index.file, entries), settings, context);
}

/** Removes the files of a plan; `folder` is the one it was made for. */
export async function removePlannedFiles(plan: MaintenancePlan, folder: string): Promise<string[]> {
  for (const name of plan.files) await rm(path.join(folder, path.basename(name)), { force: true });
  return plan.files;
}

/** Puts a copy of a large index aside when the plan says so. */
export async function copyLargeIndex(plan: MaintenancePlan, indexFile: string, now: number): Promise<void> {
  if (plan.copiesIndex) await copyWhole(indexFile, `${indexFile}.bak.${archiveStamp(now)}`);
}

/** Carries a plan out, except for conversations that changed meanwhile. */
export async function applyPlan(
  store: SessionStore,
  plan: MaintenancePlan,
  context: PlanContext,
): Promise<Pick<MaintenanceReport, 'removed' | 'files'>> {
  const { agentId, now } = context;
  const { file, folder } = await store.index(agentId);
  const going = new Map(plan.entries.flatMap((row) => (row.action === 'keep' ? [] : [[row.key, row] as const])));
  await copyLargeIndex(plan, file, now);
  // Oldest first: what a crash leaves undone is what is missed most.
  const removed = await store.prune(agentId, [...going.keys()].toReversed(), (key, entry) => {
    const planned = going.get(key)?.entry;
    const isSame = planned?.sessionId === entry.sessionId && planned.updatedAt === entry.updatedAt;
    return isSame && !isProtected(key, entry, context);
  });
  for (const { key, archived } of removed) {
    if (going.get(key)?.isPurged) for (const name of archived) await rm(name, { force: true });
  }
  const files = await removePlannedFiles(plan, folder);
  return { removed: removed.map(({ key }) => ({ key, action: going.get(key)?.action ?? 'prune-stale' })), files };
}

class Maintenance implements SessionMaintenance {
  #running: Promise<MaintenanceReport[]> | undefined;
  readonly #timers: Array<{ cancel(): void }>;

  constructor(private readonly options: SessionMaintenanceOptions) {
    const { clock, firstMs = FIRST_MS, everyMs = EVERY_MS, log } = options;
    const run = () => inBackground(this.runNow(), log, 'Conversations could not be tidied.');
    this.#timers = [clock.after(firstMs, run), clock.every(everyMs, run)];
  }

  runNow(): Promise<MaintenanceReport[]> {
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    await Promise.allSettled([this.#running]);
  }

  async #runAll(): Promise<MaintenanceReport[]> {
    const reports: MaintenanceReport[] = [];
    for (const agentId of this.options.agents.ids()) reports.push(await this.#run(agentId));
    return reports;
  }

  async #run(agentId: string): Promise<MaintenanceReport> {
    const { store, config, clock, isActive = () => false } = this.options;
    const settings = maintenanceSettings(config().session);
    const context: PlanContext = { agentId, now: clock.now(), isActive };
    const plan = await planForAgent(store, settings, context);
    const done = settings.mode === 'enforce' ? await applyPlan(store, plan, context) : { removed: [], files: [] };
    const report = { agentId, mode: settings.mode, plan, ...done };
    this.#tell(report);
    return report;
  }

  #tell({ agentId, mode, plan, removed, files }: MaintenanceReport): void {
    const { events, log } = this.options;
    for (const { key } of removed) events?.changed(key, 'delete');
    const going = plan.entries.filter(({ action }) => action !== 'keep').length;
    if (mode === 'warn' && going + plan.files.length > 0) {
      const facts = { agentId, conversations: going, files: plan.files.length };
      log.warn('Conversations are beyond their limits. Nothing was removed: session.maintenance.mode is warn.', facts);
    }
    if (removed.length + files.length > 0) {
      log.info('Conversations were tidied.', { agentId, conversations: removed.length, files: files.length });
    }
  }
}

/**
 * Tidies the conversations of all agents a while after the start and every few hours (spec/gateway-config.md §6,
 * session.maintenance). Main conversations and those with a run stay. Stop it before the store.
 */
export function startSessionMaintenance(options: SessionMaintenanceOptions): SessionMaintenance {
  return new Maintenance(options);
}
