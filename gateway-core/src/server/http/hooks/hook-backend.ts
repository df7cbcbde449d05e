// What hooks need of the rest of the gateway.

export type WakeMode = 'now' | 'next-heartbeat';

export interface HookWake {
  text: string;
  mode: WakeMode;
}

export interface HookRun {
  message: string;
  /** Shown with the result. */
  name: string;
  agentId: string;
  /** As named, or `hook:<uuid>`. */
  sessionKey: string;
  wakeMode: WakeMode;
  deliver: boolean;
  channel: string;
  to?: string;
  model?: string;
  thinking?: string;
  timeoutSeconds?: number;
}

export interface HookBackend {
  /** Puts an event into the main conversation of the default agent; with `now` its agent looks at it at once. */
  wake(event: HookWake): Promise<void>;
  /** Resolves with the run's id when the message is accepted. */
  startRun(run: HookRun): Promise<string>;
  agentIds(): readonly string[];
  defaultAgentId(): string;
  /** Channels that answers can be delivered to. */
  channels(): readonly string[];
}
