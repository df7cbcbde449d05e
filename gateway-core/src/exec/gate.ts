// What the exec room needs of others: the gate before a command, and news for an agent.

/** A question to the gate; the approvals room answers it (spec/gateway-protocol.md §7.10). */
export interface GateQuestion {
  agentId: string;
  sessionKey: string;
  command: string;
  cwd: string;
  searchPath: string;
  env: Readonly<Record<string, string>>;
  host: 'gateway' | 'node';
  nodeId?: string;
  /** What the node will run, as it prepared it. */
  plan?: NodePlan;
  security?: string;
  ask?: string;
  channel?: string;
  senderId?: string;
}

export interface NodePlan {
  argv: string[];
  cwd?: string | null;
  commandText: string;
  commandPreview?: string | null;
  agentId?: string | null;
  sessionKey?: string | null;
  mutableFileOperand?: unknown;
}

export interface AskedAnswer {
  verdict: 'ask';
  reason: string;
  id: string;
  expiresAtMs: number;
  /** Never rejects. */
  decided: Promise<{ isAllowed: boolean; reason: string }>;
}

export type GateAnswer = { verdict: 'allow'; reason: string } | { verdict: 'deny'; reason: string } | AskedAnswer;

export interface AskGate {
  check(question: GateQuestion): Promise<GateAnswer>;
}

/** Tells an agent something outside of a run: a system event and a wish for a heartbeat. */
export type Notify = (news: { sessionKey: string; agentId: string; text: string }) => void;

export interface NodeRequest {
  node: string;
  command: 'system.run.prepare' | 'system.run';
  params: Record<string, unknown>;
  /** Milliseconds. */
  timeoutMs: number;
}

/** Asks a node and gives its payload. Rejects with AppError node.* or request.invalid. */
export type InvokeNode = (request: NodeRequest) => Promise<unknown>;

/** The node of an id or name, or the only one there is; undefined when there is none, or more than one fits. */
export type FindNode = (named: string | undefined) => { nodeId: string; platform?: string } | undefined;
