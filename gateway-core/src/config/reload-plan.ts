// What a changed config asks of the running gateway (spec/gateway-config.md §5). Pure.

export type ReloadMode = 'off' | 'restart' | 'hot' | 'hybrid';

/** Parts that start anew with the new config while connections stay. */
export type HotAction =
  | 'restart-health-monitor'
  | 'restart-gmail-watcher'
  | 'reload-hooks'
  | 'restart-heartbeat'
  | 'restart-cron'
  | 'restart-browser-control';

export type ReloadRule =
  | { prefix: string; kind: 'dynamic' }
  | { prefix: string; kind: 'restart' }
  | { prefix: string; kind: 'hot'; actions: readonly HotAction[] }
  | { prefix: string; kind: 'channel'; channel?: string };

const dynamic = (...prefixes: string[]): ReloadRule[] => prefixes.map((prefix) => ({ prefix, kind: 'dynamic' }));
const restart = (...prefixes: string[]): ReloadRule[] => prefixes.map((prefix) => ({ prefix, kind: 'restart' }));
const hot = (actions: readonly HotAction[], ...prefixes: string[]): ReloadRule[] =>
  prefixes.map((prefix) => ({ prefix, kind: 'hot', actions }));

/** The first rule whose prefix fits counts; what fits none restarts. */
export const RELOAD_RULES: readonly ReloadRule[] = [
  ...dynamic('gateway.remote', 'gateway.reload'),
  ...hot(
    ['restart-health-monitor'],
    'gateway.channelHealthCheckMinutes',
    'gateway.channelStaleEventThresholdMinutes',
    'gateway.channelMaxRestartsPerHour',
  ),
  ...dynamic('diagnostics.stuckSessionWarnMs'),
  ...hot(['restart-gmail-watcher', 'reload-hooks'], 'hooks.gmail'),
  ...hot(['reload-hooks'], 'hooks'),
  ...hot(
    ['restart-heartbeat'],
    'agents.defaults.heartbeat',
    'agents.defaults.models',
    'agents.defaults.model',
    'models',
    'agent.heartbeat',
  ),
  ...hot(['restart-cron'], 'cron'),
  ...hot(['restart-browser-control'], 'browser'),
  { prefix: 'channels', kind: 'channel' },
  { prefix: 'web', kind: 'channel', channel: 'whatsapp' },
  ...dynamic('meta', 'identity', 'wizard', 'logging', 'agents', 'tools', 'bindings', 'audio', 'agent', 'routing'),
  ...dynamic('messages', 'session', 'talk', 'skills', 'secrets', 'ui'),
  ...restart('plugins', 'gateway', 'discovery', 'canvasHost'),
];

/** Parts that this gateway does not have: their settings are kept, and nobody is told that they took effect. */
const ABSENT: ReadonlySet<HotAction> = new Set(['restart-health-monitor', 'restart-gmail-watcher']);

export interface ReloadPlan {
  mode: ReloadMode;
  /** Every changed path. */
  changed: readonly string[];
  /** Paths that are read anew at each use. */
  dynamicPaths: readonly string[];
  hotPaths: readonly string[];
  /** Those of `hotPaths` that no part of this gateway reads. */
  idlePaths: readonly string[];
  restartPaths: readonly string[];
  /** What to start anew now; empty when the plan restarts or nothing may be applied. */
  actions: readonly HotAction[];
  /** Channels to start anew now. */
  channels: readonly string[];
  /** The gateway has to restart. */
  restart: boolean;
  /** The sentences for the log. */
  log: ReadonlyArray<{ level: 'info' | 'warn'; message: string }>;
}

interface Sorted {
  dynamicPaths: string[];
  hotPaths: string[];
  idlePaths: string[];
  restartPaths: string[];
  actions: Set<HotAction>;
  channels: Set<string>;
}

function ruleOf(path: string): ReloadRule | undefined {
  return RELOAD_RULES.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}.`));
}

function sortPath(path: string, sorted: Sorted): void {
  const rule = ruleOf(path);
  if (!rule || rule.kind === 'restart') {
    sorted.restartPaths.push(path);
  } else if (rule.kind === 'dynamic') {
    sorted.dynamicPaths.push(path);
  } else if (rule.kind === 'hot') {
    sorted.hotPaths.push(path);
    for (const action of rule.actions) sorted.actions.add(action);
    if (rule.actions.every((action) => ABSENT.has(action))) sorted.idlePaths.push(path);
  } else {
    const channel = rule.channel ?? path.split('.')[1];
    // `channels` as a whole names no channel that could start anew.
    if (channel === undefined) sorted.restartPaths.push(path);
    else {
      sorted.hotPaths.push(path);
      sorted.idlePaths.push(path);
      sorted.channels.add(channel);
    }
  }
}

const paths = (list: readonly string[]) => list.join(', ');

function sentences(mode: ReloadMode, changed: readonly string[], sorted: Sorted): ReloadPlan['log'] {
  const { dynamicPaths, idlePaths, restartPaths } = sorted;
  const hotPaths = sorted.hotPaths.filter((path) => !idlePaths.includes(path));
  if (changed.length === 0) return [];
  if (mode === 'off') {
    return [{ level: 'info', message: `config reload disabled (gateway.reload.mode=off): ${paths(changed)}` }];
  }
  if (mode === 'restart' || (mode === 'hybrid' && restartPaths.length > 0)) {
    const why = mode === 'restart' ? changed : restartPaths;
    return [{ level: 'info', message: `config change requires gateway restart (${paths(why)})` }];
  }
  const ignored = {
    level: 'warn' as const,
    message: `config change needs a gateway restart and is ignored (gateway.reload.mode=hot): ${paths(restartPaths)}`,
  };
  const applied = [
    ...(hotPaths.length > 0 ? [`config hot reload applied (${paths(hotPaths)})`] : []),
    ...(hotPaths.length === 0 && dynamicPaths.length > 0
      ? [`config change applied (dynamic reads: ${paths(dynamicPaths)})`]
      : []),
    ...(idlePaths.length > 0 ? [`config change noted, no part of this gateway reads it (${paths(idlePaths)})`] : []),
  ];
  return [
    ...(restartPaths.length > 0 ? [ignored] : []),
    ...applied.map((message) => ({ level: 'info' as const, message })),
  ];
}

/** Sorts changed paths by what they ask for and decides, for the mode of the new config, what happens. */
export function planReload(changed: readonly string[], mode: ReloadMode): ReloadPlan {
  const sorted: Sorted = {
    dynamicPaths: [],
    hotPaths: [],
    idlePaths: [],
    restartPaths: [],
    actions: new Set(),
    channels: new Set(),
  };
  for (const path of changed) sortPath(path, sorted);
  const needsRestart = mode === 'restart' ? changed.length > 0 : mode === 'hybrid' && sorted.restartPaths.length > 0;
  const applies = mode !== 'off' && !needsRestart;
  return {
    mode,
    changed,
    dynamicPaths: sorted.dynamicPaths,
    hotPaths: sorted.hotPaths,
    idlePaths: sorted.idlePaths,
    restartPaths: sorted.restartPaths,
    actions: applies ? [...sorted.actions] : [],
    channels: applies ? [...sorted.channels] : [],
    restart: needsRestart,
    log: sentences(mode, changed, sorted),
  };
}
