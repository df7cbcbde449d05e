// The settings other rooms read. Everything is optional; defaults are applied by the readers in this room.

export interface ModelProviderConfig {
  baseUrl?: string;
  apiKey?: string;
  api?: string;
  headers?: Record<string, string>;
  models?: Array<{
    id: string;
    name?: string;
    api?: string;
    reasoning?: boolean;
    input?: string[];
    cost?: { input?: number; output?: number; cacheRead?: number; cacheWrite?: number };
    contextWindow?: number;
    maxTokens?: number;
  }>;
}

export type ModelSelection = string | { primary?: string; fallbacks?: string[] };

export interface HeartbeatConfig {
  every?: string;
  target?: string;
  prompt?: string;
  ackMaxChars?: number;
  model?: string;
}

export interface AgentConfig {
  id: string;
  default?: boolean;
  name?: string;
  workspace?: string;
  model?: ModelSelection;
  identity?: { name?: string; theme?: string; emoji?: string; avatar?: string };
  heartbeat?: HeartbeatConfig;
}

export interface OpenClawConfig {
  gateway?: {
    mode?: 'local' | 'remote';
    port?: number;
    bind?: 'loopback' | 'lan' | 'tailnet' | 'auto' | 'custom';
    customBindHost?: string;
    auth?: { mode?: 'none' | 'token' | 'password' | 'trusted-proxy'; token?: string; password?: string };
    trustedProxies?: string[];
    controlUi?: {
      enabled?: boolean;
      basePath?: string;
      allowedOrigins?: string[];
      allowInsecureAuth?: boolean;
      dangerouslyAllowHostHeaderOriginFallback?: boolean;
      dangerouslyDisableDeviceAuth?: boolean;
    };
    remote?: { url?: string; token?: string; password?: string; tlsFingerprint?: string };
    http?: { securityHeaders?: { strictTransportSecurity?: string | false } };
  };
  agents?: {
    defaults?: {
      workspace?: string;
      model?: ModelSelection;
      heartbeat?: HeartbeatConfig;
      userTimezone?: string;
      timeoutSeconds?: number;
      thinkingDefault?: string;
    };
    list?: AgentConfig[];
  };
  models?: { mode?: 'merge' | 'replace'; providers?: Record<string, ModelProviderConfig> };
  session?: { scope?: 'per-sender' | 'global'; mainKey?: string; store?: string };
  logging?: { level?: string; file?: string; consoleLevel?: string; consoleStyle?: string };
  ui?: { seamColor?: string };
}
