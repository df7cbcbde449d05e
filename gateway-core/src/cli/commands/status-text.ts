// The text form of `openclaw status`.
import type { GatewayTarget } from '../target.js';
import { boxedTable, formatAge, formatTokens, formatTokenShare, shortenMiddle } from '../text-format.js';
import type { StatusReport } from './status-report.js';
import { tailscaleText } from './tailscale-text.js';

export interface StatusFacts {
  dashboard: string;
  target: GatewayTarget;
  /** What the config says: off, serve or funnel. */
  tailscaleMode: string;
  nowMs: number;
  /** Columns of the terminal. */
  width: number;
}

function gatewayCell({ gateway }: StatusReport, target: GatewayTarget): string {
  const place = `${gateway.mode} · ${gateway.url} (${target.source})`;
  if (!gateway.reachable) return `${place} · unreachable (${gateway.error})`;
  const auth = target.token ? 'auth token' : target.password ? 'auth password' : 'auth device';
  const { self } = gateway;
  const who =
    self &&
    [self.host, self.ip && `(${self.ip})`, self.version && `app ${self.version}`, self.platform]
      .filter(Boolean)
      .join(' ');
  return [place, `reachable ${gateway.connectLatencyMs}ms`, auth, who].filter(Boolean).join(' · ');
}

function agentsCell({ agents, sessions }: StatusReport, nowMs: number): string {
  const main = agents.agents.find(({ id }) => id === agents.defaultId);
  const active = main?.lastUpdatedAt ? `active ${formatAge(nowMs - main.lastUpdatedAt)}` : 'not used yet';
  return `${agents.agents.length} · sessions ${sessions.count} · default ${agents.defaultId} ${active}`;
}

function heartbeatCell({ heartbeat }: StatusReport): string {
  if (!heartbeat) return 'unknown (gateway not reachable)';
  return heartbeat.agents
    .map(({ agentId, enabled, every }) => `${enabled ? every : 'disabled'} (${agentId})`)
    .join(', ');
}

function sessionsCell({ sessions }: StatusReport): string {
  const { model, contextTokens } = sessions.defaults;
  const standard = model
    ? `default ${model}${contextTokens ? ` (${formatTokens(contextTokens)} ctx)` : ''}`
    : undefined;
  return [`${sessions.count} active`, standard, sessions.paths.join(', ')].filter(Boolean).join(' · ');
}

function overview(report: StatusReport, facts: StatusFacts): string[] {
  const { dashboard, target, tailscaleMode, nowMs, width } = facts;
  const { reachable } = report.gateway;
  const rows = [
    ['Dashboard', dashboard],
    ['OS', `${report.os.label} · node ${process.versions.node}`],
    ['Tailscale', tailscaleText(reachable ? (report.tailscale ?? 'off') : undefined, tailscaleMode)],
    ['Gateway', gatewayCell(report, target)],
    ['Gateway service', `${report.gatewayService.label} ${report.gatewayService.loadedText}`],
    ['Agents', agentsCell(report, nowMs)],
    ['Probes', report.health === undefined ? 'skipped (use --deep)' : 'enabled'],
    ['Events', report.queuedSystemEvents.length > 0 ? report.queuedSystemEvents.join(' · ') : 'none'],
    ['Heartbeat', heartbeatCell(report)],
    ['Sessions', sessionsCell(report)],
  ];
  return ['Overview', ...boxedTable(['Item', 'Value'], rows, width)];
}

const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
const count = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

function recent({ sessions }: StatusReport, width: number): string[] {
  if (sessions.recent.length === 0) return ['Sessions', 'No sessions yet.'];
  const rows = sessions.recent.map((row) => [
    shortenMiddle(text(row.key, '-'), 48),
    text(row.kind, '-'),
    count(row.age) === undefined ? '-' : formatAge(count(row.age) ?? 0),
    text(row.model, '-'),
    formatTokenShare(count(row.totalTokens), count(row.contextTokens)),
  ]);
  return ['Sessions', ...boxedTable(['Key', 'Kind', 'Age', 'Model', 'Tokens'], rows, width)];
}

function health({ health: snapshot, gateway }: StatusReport, width: number): string[] {
  if (snapshot === undefined) return [];
  const row = snapshot
    ? ['Gateway', 'reachable', `${Math.round(snapshot.durationMs)}ms`]
    : ['Gateway', 'unreachable', gateway.error ?? ''];
  return ['', 'Health', ...boxedTable(['Item', 'Status', 'Detail'], [row], width)];
}

export function statusLines(report: StatusReport, facts: StatusFacts): string[] {
  const next = report.gateway.reachable
    ? ['  Need to debug live? openclaw logs --follow', '  Need more detail?   openclaw status --deep']
    : ['  Start the gateway:  openclaw gateway'];
  return [
    'OpenClaw status',
    '',
    ...overview(report, facts),
    '',
    ...recent(report, facts.width),
    ...health(report, facts.width),
    '',
    'Next steps:',
    ...next,
  ];
}
