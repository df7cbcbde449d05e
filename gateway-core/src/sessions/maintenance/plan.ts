// Pure: which conversations and files of an agent go (spec/gateway-config.md §6, session.maintenance).
import { mainSessionKey } from '../session-key.js';
import type { StoredSession } from '../session-entry.js';
import type { MaintenanceSettings } from './settings.js';
import type { EntryFacts, StoredFile, StoreFacts } from './store-facts.js';

export type EntryAction = 'keep' | 'prune-missing' | 'prune-stale' | 'cap-overflow' | 'evict-budget';

export interface PlannedEntry {
  key: string;
  entry: StoredSession;
  action: EntryAction;
  /** True when its transcript is not archived but removed: there is no room. */
  isPurged: boolean;
}

export interface MaintenancePlan {
  /** Latest first. */
  entries: PlannedEntry[];
  /** Names of files that go. */
  files: string[];
  /** Put a copy of the index aside. */
  copiesIndex: boolean;
  bytesBefore: number;
  bytesAfter: number;
}

export interface PlanContext {
  agentId: string;
  now: number;
  /** True for conversations with a run under way or waiting. */
  isActive: (key: string) => boolean;
  /** Conversations whose transcript is gone go too. */
  fixMissing?: boolean;
}

const DAY_MS = 24 * 60 * 60_000;
const BACKUPS = 3;

/** Conversations that stay whatever the settings say. */
export function isProtected(key: string, entry: StoredSession, { agentId, isActive }: PlanContext): boolean {
  return key === mainSessionKey(agentId) || key.endsWith(':global') || entry.status === 'running' || isActive(key);
}

type Row = PlannedEntry & { bytes: number; isProtected: boolean };

function firstAction({ entry, bytes }: EntryFacts, settings: MaintenanceSettings, context: PlanContext): EntryAction {
  if (context.fixMissing && bytes === undefined) return 'prune-missing';
  return context.now - entry.updatedAt > settings.pruneAfterMs ? 'prune-stale' : 'keep';
}

function planRows(facts: StoreFacts, settings: MaintenanceSettings, context: PlanContext): Row[] {
  const rows = facts.entries.map((known): Row => {
    const stays = isProtected(known.key, known.entry, context);
    const action = stays ? 'keep' : firstAction(known, settings, context);
    return { key: known.key, entry: known.entry, action, isPurged: false, bytes: known.bytes ?? 0, isProtected: stays };
  });
  rows.sort((a, b) => b.entry.updatedAt - a.entry.updatedAt);
  let left = rows.filter(({ action }) => action === 'keep').length;
  for (const row of rows.toReversed()) {
    if (left <= settings.maxEntries) break;
    if (row.isProtected || row.action !== 'keep') continue;
    row.action = 'cap-overflow';
    left -= 1;
  }
  return rows;
}

function isOld(file: StoredFile, keptMs: number | undefined, now: number): boolean {
  return keptMs !== undefined && now - file.at > keptMs;
}

function sum(files: ReadonlyArray<{ bytes: number }>): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}

interface Sweep {
  rows: Row[];
  files: StoredFile[];
  left: StoredFile[];
}

/** Files whose time is over, and those that stay. */
function sweepFiles(rows: Row[], facts: StoreFacts, settings: MaintenanceSettings, now: number): Sweep {
  const backups = facts.backups.toSorted((a, b) => b.at - a.at);
  const gone = new Set<StoredFile>([
    ...facts.archives.filter((file) =>
      isOld(file, file.kind === 'reset' ? settings.resetArchiveMs : settings.pruneAfterMs, now),
    ),
    ...backups.slice(BACKUPS),
  ]);
  const all = [...facts.archives, ...facts.kept, ...backups];
  return { rows, files: [...gone], left: all.filter((file) => !gone.has(file)) };
}

/** Makes room, what is least missed first: old files, then conversations, both oldest first. Bytes that are left. */
function makeRoom({ rows, files, left }: Sweep, used: number, goal: number): number {
  let bytes = used;
  for (const file of left.toSorted((a, b) => a.at - b.at)) {
    if (bytes <= goal) return bytes;
    files.push(file);
    bytes -= file.bytes;
  }
  const going = rows.filter(({ action }) => action !== 'keep');
  const staying = rows.filter((row) => row.action === 'keep' && !row.isProtected);
  for (const row of [...going.toReversed(), ...staying.toReversed()]) {
    if (bytes <= goal) return bytes;
    if (row.action === 'keep') row.action = 'evict-budget';
    row.isPurged = true;
    bytes -= row.bytes;
  }
  return bytes;
}

/** An index that is too large is copied aside, once a day at most. */
function wantsCopy({ indexBytes, backups }: StoreFacts, { rotateBytes }: MaintenanceSettings, now: number): boolean {
  return indexBytes > rotateBytes && !backups.some(({ at }) => now - at < DAY_MS);
}

/** What maintenance would do now. Main conversations, and those with a run, always stay. */
export function planMaintenance(
  facts: StoreFacts,
  settings: MaintenanceSettings,
  context: PlanContext,
): MaintenancePlan {
  const rows = planRows(facts, settings, context);
  const sweep = sweepFiles(rows, facts, settings, context.now);
  const bytesBefore = facts.indexBytes + sum(rows) + sum(facts.archives) + sum(facts.kept) + sum(facts.backups);
  const swept = bytesBefore - sum(sweep.files);
  const { maxDiskBytes, highWaterBytes = maxDiskBytes } = settings;
  const isFull = maxDiskBytes !== undefined && swept > maxDiskBytes;
  const bytesAfter = isFull ? makeRoom(sweep, swept, highWaterBytes ?? maxDiskBytes) : swept;
  return {
    entries: rows.map(({ key, entry, action, isPurged }) => ({ key, entry, action, isPurged })),
    files: sweep.files.map(({ name }) => name),
    copiesIndex: wantsCopy(facts, settings, context.now),
    bytesBefore,
    bytesAfter,
  };
}

/** How many conversations an action takes. */
export function countActions({ entries }: MaintenancePlan, action: EntryAction): number {
  return entries.filter((entry) => entry.action === action).length;
}
