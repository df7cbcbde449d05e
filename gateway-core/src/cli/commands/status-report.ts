// The shape of `openclaw status --json`.
import type { HealthSnapshot, StatusResult, TailscaleStatus } from '../../protocol/index.js';
import type { GatewaySelf } from './gateway-self.js';

export interface GatewayPart {
  mode: 'local' | 'remote';
  url: string;
  urlSource: string;
  misconfigured: boolean;
  reachable: boolean;
  connectLatencyMs: number | null;
  self: GatewaySelf | null;
  error: string | null;
  authWarning: string | null;
}

export interface ServicePart {
  label: string;
  installed: boolean;
  managedByOpenClaw: boolean;
  externallyManaged: boolean;
  loadedText: string;
  runtimeShort: string | null;
}

export interface StatusReport {
  runtimeVersion: string;
  heartbeat: StatusResult['heartbeat'] | null;
  channelSummary: string[];
  queuedSystemEvents: string[];
  /** As the gateway says; absent while Tailscale does not serve it, or the gateway does not answer. */
  tailscale?: TailscaleStatus;
  sessions: StatusResult['sessions'];
  os: { platform: string; arch: string; release: string; label: string };
  gateway: GatewayPart;
  gatewayService: ServicePart;
  nodeService: ServicePart;
  agents: {
    defaultId: string;
    agents: Array<{ id: string; sessionsCount: number; lastUpdatedAt: number | null }>;
    totalSessions: number;
    bootstrapPendingCount: number;
  };
  secretDiagnostics: string[];
  health?: HealthSnapshot | null;
}
