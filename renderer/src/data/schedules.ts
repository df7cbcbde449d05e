// Jobs on a schedule and the history of their runs, kept current by events.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CronAddParams, CronJob, CronRunEntry } from '../../../gateway-core/src/protocol/index.js';
import type { Gateway } from './gateway.js';
import { callNamed, type NamedParams, type NamedResult } from './named-calls.js';

export type JobPatch = NamedParams<'cron.update'>['patch'];

export interface SchedulesState {
  jobs: readonly CronJob[];
  /** How many jobs the gateway has; more than it lists here when there are very many. */
  total: number;
  /** False while the whole scheduler is switched off in the config. */
  isEnabled: boolean;
  loaded: boolean;
  error?: unknown;
}

export interface Schedules {
  store: StoreApi<SchedulesState>;
  /** Loads now, and again after each event; the result stops it. */
  follow(): () => void;
  load(): Promise<void>;
  /** The actions reject with the gateway's error, and load the list again. */
  add(job: CronAddParams): Promise<CronJob>;
  update(id: string, patch: JobPatch): Promise<CronJob>;
  remove(id: string): Promise<void>;
  /** Runs it now, whatever its schedule says. */
  run(id: string): Promise<NamedResult<'cron.run'>>;
  /** The latest runs of a job, newest first. */
  runs(id: string): Promise<readonly CronRunEntry[]>;
}

const LIST_LIMIT = 200;
const RUNS_LIMIT = 50;

/** Loads the list and the switch of the whole scheduler; the newest call wins. */
function createLoader(gateway: Gateway, store: StoreApi<SchedulesState>): () => Promise<void> {
  let turn = 0;
  return async () => {
    const own = ++turn;
    try {
      const [{ jobs, total }, { enabled: isEnabled }] = await Promise.all([
        callNamed(gateway, 'cron.list', { includeDisabled: true, limit: LIST_LIMIT }),
        callNamed(gateway, 'cron.status', {}),
      ]);
      if (own === turn) store.setState({ jobs, total, isEnabled, loaded: true, error: undefined });
    } catch (error) {
      if (own === turn) store.setState({ error });
    }
  };
}

export function createSchedules(gateway: Gateway): Schedules {
  const store = createStore<SchedulesState>(() => ({ jobs: [], total: 0, isEnabled: true, loaded: false }));
  const load = createLoader(gateway, store);
  const thenLoad = async <T>(action: Promise<T>): Promise<T> => {
    try {
      return await action;
    } finally {
      await load();
    }
  };
  return {
    store,
    load,
    follow() {
      const reload = () => void load();
      if (gateway.state().phase === 'ready') reload();
      const offs = [gateway.on('cron', reload), gateway.onReady(reload), gateway.onGap(reload)];
      return () => offs.forEach((off) => off());
    },
    add: (job) => thenLoad(callNamed(gateway, 'cron.add', job)),
    update: (id, patch) => thenLoad(callNamed(gateway, 'cron.update', { id, patch })),
    remove: async (id) => void (await thenLoad(callNamed(gateway, 'cron.remove', { id }))),
    run: (id) => thenLoad(callNamed(gateway, 'cron.run', { id, mode: 'force' })),
    runs: async (id) => (await callNamed(gateway, 'cron.runs', { id, limit: RUNS_LIMIT, sortDir: 'desc' })).entries,
  };
}
