// What the doctor looks at, as plain data; the checks are pure functions over it.
import type { ConfigIssue } from '../../protocol/index.js';
import type { PortReport } from '../port-listeners.js';

export interface ConfigFacts {
  path: string;
  exists: boolean;
  valid: boolean;
  /** Why the file cannot be read at all. */
  unreadable?: string;
  issues: ConfigIssue[];
  legacyIssues: ConfigIssue[];
  warnings: ConfigIssue[];
  /** The file as a value; undefined when it is not JSON5. */
  parsed: unknown;
  /** The same in today's shape. */
  migrated: unknown;
}

export interface GatewayFacts {
  isRemote: boolean;
  authMode: string;
  hasSecret: boolean;
  /** Why a gateway would not start with these settings. */
  refused?: { message: string; hint?: string };
}

/** A file or folder that only its owner should reach. */
export interface Place {
  path: string;
  kind: 'file' | 'folder';
  /** Permission bits; undefined where the system has none. */
  mode: number | undefined;
}

export interface StateFacts {
  dir: string;
  exists: boolean;
  unwritable?: string;
  /** Other state folders of this account. */
  others: string[];
}

export interface SessionFacts {
  agentId: string;
  folder: string;
  /** Why the index cannot be read. */
  unreadable?: string;
  /** Transcripts that no session names. */
  orphans: string[];
  /** Keys of sessions whose transcript is gone. */
  missing: string[];
}

export interface LockFacts {
  file: string;
  pid: number;
  isAlive: boolean;
}

export interface ProbeFacts {
  url: string;
  ok: boolean;
  /** What the gateway says it is, or why it did not answer. */
  detail: string;
}

export interface DoctorFacts {
  /** Version of Node, and of Bun when that runs us. */
  runtime: { node: string; bun?: string };
  config: ConfigFacts;
  gateway: GatewayFacts;
  places: Place[];
  state: StateFacts;
  sessions: SessionFacts[];
  port: PortReport;
  lock?: LockFacts;
  models: { default: string; missing: string[] };
  /** Places of secrets that lie open in the config. */
  openSecrets: string[];
  /** Only with --deep. */
  probe?: ProbeFacts;
  /** A fresh token, for the repair that needs one. */
  newToken: string;
  /** Goes into the names of files that are put aside. */
  nowMs: number;
}
