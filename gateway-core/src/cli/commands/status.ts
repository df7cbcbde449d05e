// `openclaw status`: gateway, agents and sessions at a glance; works without a gateway too.
import os from 'node:os';
import type { HealthSnapshot, MethodResult, StatusResult } from '../../protocol/index.js';
import { APP_VERSION } from '../../shared/version.js';
import type { CommandContext } from '../context.js';
import { refusalLines } from '../failure.js';
import { GatewayAccessError, withGateway } from '../gateway-access.js';
import { agentIds, indexPaths, readIndexes } from '../session-files.js';
import { type GatewayTarget, resolveTarget, targetLines } from '../target.js';
import { dashboardUrl } from './dashboard.js';
import { findSelf } from './gateway-self.js';
import type { GatewayPart, ServicePart, StatusReport } from './status-report.js';
import { RECENT_SESSIONS, sessionsFromFiles, sessionsFromListing } from './status-sessions.js';
import { statusLines } from './status-text.js';

export interface StatusOptions {
  json?: boolean;
  all?: boolean;
  deep?: boolean;
  verbose?: boolean;
  debug?: boolean;
  timeout: number;
}

interface Answers {
  gateway: GatewayPart;
  summary: StatusResult | null;
  /** Only when the summary leaves the conversations out. */
  listing: MethodResult<'sessions.list'> | null;
  health: HealthSnapshot | null;
  refusal: string[];
}

async function ask(context: CommandContext, target: GatewayTarget, options: StatusOptions): Promise<Answers> {
  const local = target.source === 'local loopback';
  const base = { mode: local ? ('local' as const) : ('remote' as const), url: target.url, urlSource: target.source };
  const quiet = { ...base, misconfigured: false, authWarning: null };
  const deep = options.deep || options.all;
  try {
    return await withGateway(
      context,
      { target, profile: 'backend', timeoutMs: options.timeout },
      async ({ client, connectMs }) => {
        const [summary, presence, health] = await Promise.all([
          client.request('status'),
          client.request('system-presence'),
          deep ? client.request('health', { probe: true }) : null,
        ]);
        const gateway = {
          ...quiet,
          reachable: true,
          connectLatencyMs: connectMs,
          self: findSelf(presence),
          error: null,
        };
        // Without admin the summary names no conversation; the list does.
        const isBare = summary.sessions.paths.length === 0;
        const listing = isBare ? await client.request('sessions.list', { limit: RECENT_SESSIONS }) : null;
        return { gateway, summary, listing, health, refusal: [] };
      },
    );
  } catch (error) {
    if (!(error instanceof GatewayAccessError)) throw error;
    const message = error.refusal?.message ?? error.message;
    const gateway = { ...quiet, reachable: false, connectLatencyMs: null, self: null, error: message };
    return { gateway, summary: null, listing: null, health: null, refusal: refusalLines(error) };
  }
}

function notInstalled(platform: NodeJS.Platform): ServicePart {
  const label = platform === 'darwin' ? 'LaunchAgent' : platform === 'win32' ? 'Scheduled Task' : 'systemd';
  const nothing = { installed: false, managedByOpenClaw: false, externallyManaged: false };
  return { label, ...nothing, loadedText: 'not installed', runtimeShort: null };
}

function agentsPart(ids: string[], sessions: StatusResult['sessions']): StatusReport['agents'] {
  const agents = ids.map((id) => {
    const own = sessions.byAgent.find(({ agentId }) => agentId === id);
    const last = own?.recent[0]?.updatedAt;
    return { id, sessionsCount: own?.count ?? 0, lastUpdatedAt: typeof last === 'number' ? last : null };
  });
  return { defaultId: ids[0] ?? 'main', agents, totalSessions: sessions.count, bootstrapPendingCount: 0 };
}

async function buildReport(context: CommandContext, answers: Answers, deep: boolean): Promise<StatusReport> {
  const { config } = await context.config();
  const { gateway, summary, listing, health } = answers;
  const { platform } = context.host;
  const nowMs = context.host.now();
  const paths = gateway.mode === 'local' ? await indexPaths(context) : [];
  const known = summary && (listing ? sessionsFromListing(summary.sessions, listing, paths, nowMs) : summary.sessions);
  const sessions = known ?? sessionsFromFiles(await readIndexes(context), nowMs);
  const ids = summary?.heartbeat.agents.map(({ agentId }) => agentId) ?? agentIds(config);
  return {
    runtimeVersion: summary?.runtimeVersion ?? APP_VERSION,
    heartbeat: summary?.heartbeat ?? null,
    channelSummary: summary?.channelSummary ?? [],
    queuedSystemEvents: summary?.queuedSystemEvents ?? [],
    ...(summary?.tailscale && { tailscale: summary.tailscale }),
    sessions,
    os: { platform, arch: os.arch(), release: os.release(), label: `${platform} ${os.release()} (${os.arch()})` },
    gateway,
    gatewayService: notInstalled(platform),
    nodeService: notInstalled(platform),
    agents: agentsPart(ids, sessions),
    secretDiagnostics: [],
    ...(deep && { health }),
  };
}

export async function run(context: CommandContext, options: StatusOptions): Promise<number> {
  const { config, path, env } = await context.config();
  const target = resolveTarget({ flags: {}, env, config, configPath: path });
  const answers = await ask(context, target, options);
  const report = await buildReport(context, answers, Boolean(options.deep || options.all));
  for (const line of answers.refusal) context.err(line);
  if (options.json) {
    context.json(report);
    return 0;
  }
  if (options.verbose || options.debug) {
    for (const line of ['Gateway connection:', ...targetLines(target).map((text) => `  ${text}`)]) context.out(line);
  }
  const width = context.host.stdout.columns ?? 120;
  const tailscaleMode = config.gateway?.tailscale?.mode ?? 'off';
  const facts = { dashboard: dashboardUrl(env, config), target, tailscaleMode, nowMs: context.host.now(), width };
  for (const line of statusLines(report, facts)) context.out(line);
  return 0;
}
