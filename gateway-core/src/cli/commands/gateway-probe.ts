// `openclaw gateway probe`: tries every known address of a gateway at once.
import type { ConfigSnapshot, HealthSnapshot, PresenceEntry, StatusResult } from '../../protocol/index.js';
import type { CommandContext } from '../context.js';
import { GatewayAccessError, type GatewaySession, withGateway } from '../gateway-access.js';
import { type GatewayTarget, localUrl, resolveLocalTarget, resolveTarget, type TargetFlags } from '../target.js';
import { findSelf, type GatewaySelf } from './gateway-self.js';

export interface GatewayProbeOptions extends TargetFlags {
  json?: boolean;
  timeout: number;
}

type TargetKind = 'explicit' | 'configRemote' | 'localLoopback';

interface ProbeTarget {
  kind: TargetKind;
  active: boolean;
  target: GatewayTarget;
}

interface ProbeResult {
  id: TargetKind;
  kind: TargetKind;
  url: string;
  active: boolean;
  tunnel: null;
  connect: {
    ok: boolean;
    rpcOk: boolean;
    scopeLimited: boolean;
    latencyMs: number | null;
    error: string | null;
    close: { code: number; reason: string } | null;
  };
  self: GatewaySelf | null;
  config: unknown;
  health: HealthSnapshot | null;
  summary: StatusResult | null;
  presence: PresenceEntry[] | null;
}

const TITLES: Record<TargetKind, string> = {
  explicit: 'URL (explicit)',
  configRemote: 'Remote (configured)',
  localLoopback: 'Local loopback',
};

async function listTargets(context: CommandContext, options: GatewayProbeOptions): Promise<ProbeTarget[]> {
  const { config, path, env } = await context.config();
  const input = { env, config, configPath: path };
  const chosen = resolveTarget({ ...input, flags: options });
  const local = resolveLocalTarget({ ...input, flags: options.url ? {} : options });
  if (chosen.source === 'local loopback') return [{ kind: 'localLoopback', active: true, target: local }];
  const kind = chosen.source === 'config gateway.remote.url' ? 'configRemote' : 'explicit';
  const targets: ProbeTarget[] = [{ kind, active: true, target: chosen }];
  if (local.url !== chosen.url.replace(/\/$/, ''))
    targets.push({ kind: 'localLoopback', active: false, target: local });
  return targets;
}

function summarizeConfig(snapshot: ConfigSnapshot): unknown {
  type Section = Record<string, Record<string, unknown>>;
  const { gateway, discovery } = (snapshot.config ?? {}) as { gateway?: Section; discovery?: Section };
  const { path, exists, valid, issues, legacyIssues } = snapshot;
  const { auth, remote, controlUi, tailscale, mode, bind, port } = gateway ?? {};
  return {
    path,
    exists,
    valid,
    issues,
    legacyIssues,
    gateway: {
      mode: mode ?? null,
      bind: bind ?? null,
      port: port ?? null,
      controlUiEnabled: controlUi?.enabled ?? null,
      controlUiBasePath: controlUi?.basePath ?? null,
      authMode: auth?.mode ?? null,
      authTokenConfigured: Boolean(auth?.token),
      authPasswordConfigured: Boolean(auth?.password),
      remoteUrl: remote?.url ?? null,
      remoteTokenConfigured: Boolean(remote?.token),
      remotePasswordConfigured: Boolean(remote?.password),
      tailscaleMode: tailscale?.mode ?? null,
    },
    discovery: { wideAreaEnabled: discovery?.wideArea?.enabled ?? null },
  };
}

type Asked = Pick<ProbeResult, 'self' | 'config' | 'health' | 'summary' | 'presence'> & {
  failure?: Error;
};

async function ask({ client }: GatewaySession): Promise<Asked> {
  const [health, summary, presence, config] = await Promise.allSettled([
    client.request('health'),
    client.request('status'),
    client.request('system-presence'),
    client.request('config.get', {}),
  ]);
  const failed = [health, summary, presence, config].find((part) => part.status === 'rejected');
  return {
    self: presence.status === 'fulfilled' ? findSelf(presence.value) : null,
    config: config.status === 'fulfilled' ? summarizeConfig(config.value) : null,
    health: health.status === 'fulfilled' ? health.value : null,
    summary: summary.status === 'fulfilled' ? summary.value : null,
    presence: presence.status === 'fulfilled' ? presence.value : null,
    failure: failed?.status === 'rejected' ? (failed.reason as Error) : undefined,
  };
}

async function probe(
  context: CommandContext,
  { kind, active, target }: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeResult> {
  const frame = { id: kind, kind, url: target.url, active, tunnel: null };
  const nothing = { self: null, config: null, health: null, summary: null, presence: null };
  try {
    return await withGateway(context, { target, profile: 'probe', timeoutMs }, async (session) => {
      const { failure, ...answers } = await ask(session);
      const scopeLimited = failure?.message.startsWith('missing scope') ?? false;
      const error = failure ? failure.message : null;
      const connect = { ok: true, rpcOk: !failure, scopeLimited, latencyMs: session.connectMs, error, close: null };
      return { ...frame, connect, ...answers };
    });
  } catch (error) {
    if (!(error instanceof GatewayAccessError)) throw error;
    const close = 'closeCode' in error.cause ? { code: error.cause.closeCode, reason: error.cause.reason } : null;
    const message = error.refusal?.message ?? error.message;
    const connect = { ok: false, rpcOk: false, scopeLimited: false, latencyMs: null, error: message, close };
    return { ...frame, connect, ...nothing };
  }
}

/** The text form of one probed address. */
export function probeLines({ kind, url, connect, self }: ProbeResult): string[] {
  const head = `${TITLES[kind]} ${url}`;
  if (!connect.ok) return [head, `  Connect: failed - ${connect.error}`, ''];
  const rpc = connect.rpcOk ? 'RPC: ok' : connect.scopeLimited ? 'RPC: limited' : `RPC: failed - ${connect.error}`;
  const who = self && [
    `${self.host ?? 'unknown'}${self.ip ? ` (${self.ip})` : ''}`,
    self.platform,
    self.version && `app ${self.version}`,
  ];
  return [
    head,
    `  Connect: ok (${connect.latencyMs}ms) · ${rpc}`,
    ...(who ? [`  Gateway: ${who.filter(Boolean).join(' · ')}`] : []),
    '',
  ];
}

export async function run(context: CommandContext, options: GatewayProbeOptions): Promise<number> {
  const startedMs = context.host.now();
  const targets = await Promise.all(
    (await listTargets(context, options)).map((one) => probe(context, one, options.timeout)),
  );
  const reachable = targets.filter(({ connect }) => connect.ok);
  const ok = reachable.length > 0;
  if (options.json) {
    const { config, env } = await context.config();
    context.json({
      ok,
      degraded: reachable.some(({ connect }) => !connect.rpcOk),
      ts: startedMs,
      durationMs: context.host.now() - startedMs,
      timeoutMs: options.timeout,
      primaryTargetId: (reachable.find(({ active }) => active) ?? reachable[0])?.id ?? null,
      warnings: [],
      network: { localLoopbackUrl: localUrl(env, config), localTailnetUrl: null, tailnetIPv4: null },
      discovery: { timeoutMs: 0, count: 0, beacons: [] },
      targets,
    });
    return ok ? 0 : 1;
  }
  const head = [
    'Gateway Status',
    `Reachable: ${ok ? 'yes' : 'no'}`,
    `Probe budget: ${options.timeout}ms`,
    '',
    'Targets',
  ];
  for (const line of [...head, ...targets.flatMap(probeLines)]) context.out(line);
  return ok ? 0 : 1;
}
