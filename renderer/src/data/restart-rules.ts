// Pure: which settings the gateway takes on while it runs, and which need a restart (spec/gateway-config.md §5).

export type ReloadMode = 'off' | 'restart' | 'hot' | 'hybrid';

/** The first prefix that fits counts; anything else needs a restart. */
const RULES: ReadonlyArray<readonly [prefix: string, needsRestart: boolean]> = [
  ['gateway.remote', false],
  ['gateway.reload', false],
  ['gateway.channelHealthCheckMinutes', false],
  ['gateway.channelStaleEventThresholdMinutes', false],
  ['gateway.channelMaxRestartsPerHour', false],
  ['diagnostics.stuckSessionWarnMs', false],
  ['plugins', true],
  ['gateway', true],
  ['discovery', true],
  ['canvasHost', true],
  ...[
    'hooks',
    'models',
    'agents',
    'agent',
    'cron',
    'browser',
    'channels',
    'web',
    'meta',
    'identity',
    'wizard',
    'logging',
    'tools',
    'bindings',
    'audio',
    'routing',
    'messages',
    'session',
    'talk',
    'skills',
    'secrets',
    'ui',
  ].map((prefix) => [prefix, false] as const),
];

/** The reload mode of a config value; the gateway's own default is hybrid. */
export function readReloadMode(value: unknown): ReloadMode {
  return value === 'off' || value === 'restart' || value === 'hot' ? value : 'hybrid';
}

/** True when a change of `path` (`gateway.port`) takes effect only after a restart. */
export function needsRestart(path: string, mode: ReloadMode): boolean {
  // `off` applies nothing by itself; `restart` would do so without asking.
  if (mode === 'off' || mode === 'restart') return true;
  const rule = RULES.find(([prefix]) => path === prefix || path.startsWith(`${prefix}.`));
  return rule?.[1] ?? true;
}
