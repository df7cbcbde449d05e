// What a host (terminal, Electron) gives the gateway at start, and what it gets back.
import type { LogSink } from '../shared/logger.js';

/** Command-line choices; each beats the environment and the config (spec/gateway-config.md §3). */
export interface GatewayFlags {
  port?: number;
  bind?: string;
  auth?: string;
  token?: string;
  password?: string;
  /** off, serve or funnel. */
  tailscale?: string;
  tailscaleResetOnExit?: boolean;
  /** Start although `gateway.mode` is not `local`, or there is no config at all. */
  allowUnconfigured?: boolean;
  profile?: string;
  dev?: boolean;
  logLevel?: string;
}

/** A key of 32 bytes that the operating system's keychain guards, or the sentence that says why there is none. */
export type KeychainOffer = { key: Uint8Array } | { unavailable: string };

export interface StartGatewayOptions {
  env: NodeJS.ProcessEnv;
  cwd: string;
  flags?: GatewayFlags;
  /** Folder with the built window; without it the gateway serves a page that says how to build it. */
  rendererDir?: string;
  /** Folder with the user guide that the offline assistant quotes. */
  docsDir?: string;
  /** Folder with the skills that come along. */
  skillsDir?: string;
  /** Encrypts the secrets we keep; without it, or without a key in it, a key file does (0600). */
  keychain?: KeychainOffer;
  /** Where log lines go besides the file. */
  console?: LogSink;
  /** Told about each step of the start, in a few words. */
  onStep?: (step: string) => void;
}

export interface RunningGateway {
  /** WebSocket address for local clients, e.g. ws://127.0.0.1:18789 */
  url: string;
  httpUrl: string;
  port: number;
  token?: string;
  password?: string;
  logFile: string;
  /** SHA-256 of the port's certificate, 64 lower-case hex digits; absent while the port speaks no TLS. */
  tlsFingerprint?: string;
  configPath: string;
  stateDir: string;
  /** Runs that are active or queued now. */
  activeRuns(): number;
  /** Hears the number of runs each time it changes; returns the undo. */
  onActivity(listener: (working: number) => void): () => void;
  /** Ends this life of the gateway and begins the next with the config as it is now; the address may change. */
  restart(reason?: string): Promise<void>;
  /** Called after each restart. */
  onRestarted(listener: () => void): () => void;
  /** Called when a restart could not bring the gateway back; then nothing is open. */
  onFailed(listener: (error: unknown) => void): () => void;
  /** Tells clients, closes sockets with 1012, aborts runs, flushes the disk, releases the lock. */
  stop(reason?: string): Promise<void>;
}
