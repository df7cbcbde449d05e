// `openclaw sandbox explain|list|recreate`: read from the config and the state folder; asks no gateway.
import type { LoadedConfig } from '../../config/index.js';
import {
  createSandboxes,
  explainLines,
  explainSandbox,
  realPlaces,
  type Sandboxes,
  type SandboxRow,
} from '../../sandbox/index.js';
import { silentLogger } from '../../shared/logger.js';
import { requireValidConfig } from '../config-gate.js';
import { agentFacts } from '../config-models.js';
import type { CommandContext } from '../context.js';
import { agentIds } from '../session-files.js';
import { columns, formatAge, shortenMiddle } from '../text-format.js';

export interface ExplainOptions {
  json?: boolean;
  session?: string;
  agent?: string;
}

export interface ListOptions {
  json?: boolean;
  browser?: boolean;
}

export interface RecreateOptions extends ListOptions {
  all?: boolean;
  session?: string;
  agent?: string;
  force?: boolean;
}

const WIDTHS = [44, 11, 8, 30, 10, 10];
const ONE_OF = 'Error: Choose one: --all, --session <key> or --agent <id>';

export async function runExplain(context: CommandContext, options: ExplainOptions): Promise<number> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return 1;
  const agents = agentFacts(loaded.config, context.paths);
  const question = {
    agentId: options.agent,
    session: options.session,
    workspaceOf: (id: string) =>
      agents.find((agent) => agent.id === id)?.workspace ?? context.paths.defaultWorkspaceDir,
  };
  const report = explainSandbox(loaded.config, question, realPlaces(context.paths));
  if (options.json) context.json(report);
  else for (const line of explainLines(report)) context.out(line);
  return 0;
}

function openSandboxes(context: CommandContext, loaded: LoadedConfig): Sandboxes {
  return createSandboxes({
    config: () => loaded.config,
    paths: context.paths,
    env: loaded.env,
    platform: context.host.platform,
    log: silentLogger,
    host: () => {
      throw new Error('the command line runs no tools');
    },
    prunesRegularly: false,
  });
}

async function withSandboxes<T>(
  context: CommandContext,
  loaded: LoadedConfig,
  work: (sandboxes: Sandboxes) => Promise<T>,
): Promise<T> {
  const sandboxes = openSandboxes(context, loaded);
  try {
    return await work(sandboxes);
  } finally {
    await sandboxes.stop();
  }
}

/** The text form, line by line. */
export function sandboxLines(rows: readonly SandboxRow[], nowMs: number): string[] {
  const running = rows.filter(({ isRunning }) => isRunning).length;
  const total = `Total: ${rows.length} (${running} running)`;
  if (rows.length === 0) return ['No sandbox runtimes found.', total];
  return [
    columns(['Name', 'Backend', 'State', 'For', 'Made', 'Used'], WIDTHS),
    ...rows.map((row) =>
      columns(
        [
          shortenMiddle(row.containerName, WIDTHS[0] ?? 44),
          row.backendId,
          row.backendId === 'docker' ? (row.isRunning ? 'running' : 'stopped') : 'ready',
          shortenMiddle(row.sessionKey, WIDTHS[3] ?? 30),
          formatAge(nowMs - row.createdAtMs),
          formatAge(nowMs - row.lastUsedAtMs),
        ],
        WIDTHS,
      ),
    ),
    total,
  ];
}

/** Browsers have no sandbox of their own here. */
const shown = (rows: SandboxRow[], { browser }: ListOptions): SandboxRow[] => (browser ? [] : rows);

export async function runList(context: CommandContext, options: ListOptions): Promise<number> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return 1;
  const rows = shown(await withSandboxes(context, loaded, (sandboxes) => sandboxes.list()), options);
  if (options.json) context.json({ containers: rows, browsers: [] });
  else for (const line of sandboxLines(rows, context.host.now())) context.out(line);
  return 0;
}

function filterOf(loaded: LoadedConfig, { session, agent }: RecreateOptions) {
  const [defaultAgent = 'main'] = agentIds(loaded.config);
  const sessionKey = session === undefined || /^agent:/i.test(session) ? session : `agent:${defaultAgent}:${session}`;
  return {
    ...(sessionKey !== undefined && { sessionKey }),
    ...(agent !== undefined && { agentId: agent.toLowerCase() }),
  };
}

export async function runRecreate(context: CommandContext, options: RecreateOptions): Promise<number> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return 1;
  const chosen = [options.all === true, options.session !== undefined, options.agent !== undefined];
  if (chosen.filter(Boolean).length !== 1) {
    context.err(ONE_OF);
    return 1;
  }
  const filter = filterOf(loaded, options);
  return withSandboxes(context, loaded, async (sandboxes) => {
    const rows = shown(await sandboxes.list(), options).filter((row) => sandboxes.isMeant(row, filter));
    const names = rows.map(({ containerName }) => containerName);
    const removed = options.force && !options.browser ? await sandboxes.recreate(filter) : [];
    if (options.json) context.json({ found: names, removed });
    else for (const line of recreateLines(names, removed, options.force === true)) context.out(line);
    return 0;
  });
}

function recreateLines(found: readonly string[], removed: readonly string[], isForced: boolean): string[] {
  if (found.length === 0) return ['No sandbox runtimes found.'];
  if (!isForced) return [...found.map((name) => `Would remove ${name}`), 'Nothing was removed. Add --force to remove.'];
  return removed.map((name) => `Removed ${name}; its next use makes it anew.`);
}
