// `openclaw sessions`: conversations, from the gateway or from the files.
import type { MethodResult, SessionRow } from '../../protocol/index.js';
import { requireValidConfig } from '../config-gate.js';
import type { CommandContext } from '../context.js';
import { GatewayAccessError, withGateway } from '../gateway-access.js';
import { agentIds, agentOfKey, indexPaths, readIndex, readIndexes } from '../session-files.js';
import { type GatewayTarget, resolveTarget } from '../target.js';
import { columns, formatAge, formatTokenShare, shortenMiddle } from '../text-format.js';

export interface SessionsOptions {
  json?: boolean;
  active?: number;
  agent?: string;
  allAgents?: boolean;
  store?: string;
}

interface Listing {
  path: string;
  sessions: SessionRow[];
}

const WIDTHS = [6, 26, 9, 14, 20];
const TIMEOUT_MS = 10_000;
/** What stands in place of a path when there may be several. */
const SEVERAL = '(multiple)';

function isActive(row: SessionRow, minutes: number | undefined, nowMs: number): boolean {
  return minutes === undefined || nowMs - (row.updatedAt ?? 0) <= minutes * 60_000;
}

async function fromFiles(context: CommandContext, options: SessionsOptions): Promise<Listing> {
  const indexes = options.store ? [await readIndex(options.store, '')] : await readIndexes(context);
  const chosen = indexes.filter(({ agentId }) => !options.agent || options.store || agentId === options.agent);
  const nowMs = context.host.now();
  return {
    path: chosen.length === 1 ? (chosen[0]?.path ?? '') : SEVERAL,
    sessions: chosen
      .flatMap(({ rows }) => rows)
      .filter((row) => isActive(row, options.active, nowMs))
      .filter((row) => !options.agent || !options.store || agentOfKey(row.key) === options.agent)
      .sort((a, b) => (b.updatedAt ?? 0) - (a.updatedAt ?? 0)),
  };
}

async function sessionsTarget(context: CommandContext): Promise<GatewayTarget> {
  const { config, path, env } = await context.config();
  return resolveTarget({ flags: {}, env, config, configPath: path });
}

async function fromGateway(context: CommandContext, options: SessionsOptions): Promise<MethodResult<'sessions.list'>> {
  const target = await sessionsTarget(context);
  return withGateway(context, { target, profile: 'cli', timeoutMs: TIMEOUT_MS }, ({ client }) =>
    client.request('sessions.list', {
      ...(options.active !== undefined && { activeMinutes: options.active }),
      ...(options.agent !== undefined && { agentId: options.agent }),
    }),
  );
}

/** The one index of this computer that can be meant. */
async function onlyStore(context: CommandContext, { agent }: SessionsOptions): Promise<string | undefined> {
  const stores = (await indexPaths(context)).filter(({ agentId }) => !agent || agentId === agent);
  const isHere = (await sessionsTarget(context)).source === 'local loopback';
  return isHere && stores.length === 1 ? stores[0]?.path : undefined;
}

async function list(context: CommandContext, options: SessionsOptions): Promise<Listing> {
  if (options.store) return fromFiles(context, options);
  try {
    const { path, sessions } = await fromGateway(context, options);
    return { path: path === SEVERAL ? ((await onlyStore(context, options)) ?? path) : path, sessions };
  } catch (error) {
    if (!(error instanceof GatewayAccessError) || error.code !== 'gateway.unreachable') throw error;
    context.err('The gateway is not running; this list comes from the files.');
    return fromFiles(context, options);
  }
}

/** What stands in the column Flags. */
export function sessionFlags(row: SessionRow): string[] {
  return [
    row.thinkingLevel && `think:${row.thinkingLevel}`,
    row.verboseLevel && `verbose:${row.verboseLevel}`,
    row.systemSent && 'system',
    row.abortedLastRun && 'aborted',
    row.sessionId && `id:${row.sessionId}`,
  ].filter((word): word is string => Boolean(word));
}

/** The text form, line by line. */
export function sessionLines({ path, sessions }: Listing, nowMs: number): string[] {
  const rows = sessions.map((row) =>
    columns(
      [
        row.kind,
        shortenMiddle(row.key, WIDTHS[1] ?? 26),
        row.updatedAt ? formatAge(nowMs - row.updatedAt) : '-',
        row.model ?? '-',
        formatTokenShare(row.totalTokens, row.contextTokens),
        sessionFlags(row).join(' '),
      ],
      WIDTHS,
    ),
  );
  const head = [`Session store: ${path}`, `Sessions listed: ${sessions.length}`];
  if (rows.length === 0) return [...head, 'No sessions found.'];
  return [...head, columns(['Kind', 'Key', 'Age', 'Model', 'Tokens (ctx %)', 'Flags'], WIDTHS), ...rows];
}

export async function run(context: CommandContext, options: SessionsOptions): Promise<number> {
  const loaded = await requireValidConfig(context);
  if (!loaded) return 1;
  const listing = await list(context, options);
  const nowMs = context.host.now();
  if (!options.json) {
    for (const line of sessionLines(listing, nowMs)) context.out(line);
    return 0;
  }
  const [defaultAgent] = agentIds(loaded.config);
  context.json({
    path: listing.path,
    count: listing.sessions.length,
    activeMinutes: options.active ?? null,
    sessions: listing.sessions.map((row) => ({
      ...row,
      ageMs: row.updatedAt ? nowMs - row.updatedAt : null,
      agentId: agentOfKey(row.key) ?? defaultAgent,
    })),
  });
  return 0;
}
