// `openclaw gateway status`: service, config, port, and whether the gateway answers.
import { type LoadedConfig, type OpenClawConfig, resolveLogFile } from '../../config/index.js';
import type { TailscaleStatus } from '../../protocol/index.js';
import type { CommandContext } from '../context.js';
import { accessLines, refusalLines } from '../failure.js';
import { GatewayAccessError, withGateway } from '../gateway-access.js';
import { inspectPort, type PortReport, portLines } from '../port-listeners.js';
import {
  type GatewayTarget,
  localPort,
  localUrl,
  resolveLocalTarget,
  resolveTarget,
  type TargetFlags,
} from '../target.js';
import { dashboardUrl } from './dashboard.js';
import { SERVICE_LABELS, serviceReport } from './service-report.js';
import { tailscaleText } from './tailscale-text.js';

export interface GatewayStatusOptions extends TargetFlags {
  probe: boolean;
  requireRpc?: boolean;
  deep?: boolean;
  json?: boolean;
  timeout: number;
}

type Probed = RpcReport & { lines: string[]; tailscale?: TailscaleStatus };

interface RpcReport {
  ok: boolean;
  url: string;
  error?: string;
}

export interface StatusReport {
  service: ReturnType<typeof serviceReport>;
  config: { cli: ConfigReport; daemon: ConfigReport };
  gateway: {
    bindMode: string;
    bindHost: string;
    port: number;
    portSource: 'env/config';
    probeUrl: string;
    probeNote?: string;
    /** As the gateway says; absent while Tailscale does not serve it, or the gateway was not asked. */
    tailscale?: TailscaleStatus;
  };
  port: PortReport & { hints: string[] };
  rpc?: RpcReport;
  extraServices: never[];
}

interface ConfigReport {
  path: string;
  exists: boolean;
  valid: boolean;
  issues?: LoadedConfig['issues'];
}

const LOOPBACK_NOTE = 'Loopback-only gateway; only local clients can connect.';
const BUSY_HINT = 'If that is a gateway, stop it where it was started, or use another port.';
const TROUBLESHOOTING = 'Troubles: run openclaw status';

function bindHost(config: OpenClawConfig): string {
  const mode = config.gateway?.bind ?? 'loopback';
  if (mode === 'custom') return config.gateway?.customBindHost ?? '127.0.0.1';
  return mode === 'lan' ? '0.0.0.0' : '127.0.0.1';
}

function describeConfig({ path, exists, valid, issues }: LoadedConfig): ConfigReport {
  return { path, exists, valid, ...(issues.length > 0 && { issues }) };
}

async function probe(context: CommandContext, target: GatewayTarget, timeoutMs: number): Promise<Probed> {
  try {
    const { tailscale } = await withGateway(context, { target, profile: 'cli', timeoutMs }, ({ client }) =>
      client.request('status'),
    );
    return { ok: true, url: target.url, lines: [], tailscale };
  } catch (error) {
    const known = error instanceof GatewayAccessError;
    const failed = known ? accessLines(error) : [error instanceof Error ? error.message : String(error)];
    return { ok: false, url: target.url, error: failed.join('\n'), lines: known ? refusalLines(error) : [] };
  }
}

function gatewayReport(
  { config, env }: LoadedConfig,
  target: GatewayTarget,
  tailscale: TailscaleStatus | undefined,
): StatusReport['gateway'] {
  const bindMode = config.gateway?.bind ?? 'loopback';
  const local = target.source === 'local loopback';
  return {
    bindMode,
    bindHost: bindHost(config),
    port: localPort(env, config),
    portSource: 'env/config',
    probeUrl: target.url,
    ...(local && bindMode === 'loopback' && tailscale?.state !== 'on' && { probeNote: LOOPBACK_NOTE }),
    ...(tailscale && { tailscale }),
  };
}

/** The part for stdout, line by line. */
export function statusLines(report: StatusReport, logFile: string, dashboard: string): string[] {
  const { gateway, port, service, config, rpc } = report;
  const { status, detail } = service.runtime;
  return [
    `Service: ${service.label} (${service.loaded ? service.loadedText : service.notLoadedText})`,
    `File logs: ${logFile}`,
    '',
    `Config (cli): ${config.cli.path}`,
    `Config (service): ${config.daemon.path}`,
    '',
    `Gateway: bind=${gateway.bindMode} (${gateway.bindHost}), port=${gateway.port} (${gateway.portSource})`,
    `Probe target: ${gateway.probeUrl}`,
    `Dashboard: ${dashboard}`,
    ...(gateway.tailscale ? [`Tailscale: ${tailscaleText(gateway.tailscale, gateway.tailscale.mode)}`] : []),
    ...(gateway.probeNote ? [`Probe note: ${gateway.probeNote}`] : []),
    '',
    `Runtime: ${detail ? `${status} (${detail})` : status}`,
    ...(rpc?.ok ? ['RPC probe: ok'] : []),
    '',
    ...(port.status === 'busy' ? [`Listening: ${port.listeners[0]?.address ?? `127.0.0.1:${port.port}`}`] : []),
    TROUBLESHOOTING,
  ];
}

/** The part for stderr: why the probe failed, and who has the port. */
export function failedProbeLines({ rpc, port }: Pick<StatusReport, 'rpc' | 'port'>): string[] {
  if (!rpc || rpc.ok) return [];
  return [
    'RPC probe: failed',
    `RPC target: ${rpc.url}`,
    ...(rpc.error ?? '').split('\n').map((line) => `  ${line}`),
    ...portLines(port),
    ...port.hints.map((hint) => `- ${hint}`),
  ];
}

export async function run(context: CommandContext, options: GatewayStatusOptions): Promise<number> {
  const loaded = await context.config();
  const { config, path, env } = loaded;
  const input = { flags: options, env, config, configPath: path };
  // Remote mode does not redirect this command; only --url does.
  const target = options.url ? resolveTarget(input) : resolveLocalTarget(input);
  const rpc = options.probe ? await probe(context, target, options.timeout) : undefined;
  const found = await inspectPort(localPort(env, config), context.host.platform);
  const port = { ...found, hints: found.status === 'busy' ? [BUSY_HINT] : [] };
  const local = target.url === localUrl(env, config);
  const report: StatusReport = {
    service: serviceReport(SERVICE_LABELS[context.host.platform] ?? 'service', port, local ? rpc?.ok : undefined),
    config: { cli: describeConfig(loaded), daemon: describeConfig(loaded) },
    gateway: gatewayReport(loaded, target, rpc?.tailscale),
    port,
    ...(rpc && { rpc: { ok: rpc.ok, url: rpc.url, ...(rpc.error && { error: rpc.error }) } }),
    extraServices: [],
  };
  for (const line of rpc?.lines ?? []) context.err(line);
  if (options.json) context.json(report);
  else {
    for (const line of statusLines(report, resolveLogFile(config, context.paths), dashboardUrl(env, config)))
      context.out(line);
    for (const line of failedProbeLines(report)) context.err(line);
  }
  return options.requireRpc && rpc?.ok !== true ? 1 : 0;
}
