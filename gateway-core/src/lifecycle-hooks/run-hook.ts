// Runs the program of a hook: the event on its standard input, a time limit, nothing of the gateway's environment.
import { type Clock } from '../shared/clock.js';
import { type JobResult, plainEnvironment, runJob } from '../shared/spawn.js';
import type { HookSettings } from './hook-settings.js';
import type { LifecycleEvent } from './lifecycle-events.js';

const TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 65_536;
const MAX_INPUT_CHARS = 262_144;

export interface HookCall {
  name: string;
  handlerPath: string;
  baseDir: string;
  event: LifecycleEvent & { agentId: string };
  /** Epoch milliseconds of the event. */
  atMs: number;
  workspaceDir: string;
  settings: HookSettings;
}

/** What the program reads: one JSON object. Data that is too long is left out, and `isCut` says so. */
export function hookInput({
  event,
  atMs,
  workspaceDir,
}: Omit<HookCall, 'settings' | 'handlerPath' | 'baseDir'>): string {
  const { name, data, said: _said, ...rest } = event;
  const [type, action] = name.split(':');
  const head = { event: name, type, action, at: new Date(atMs).toISOString(), ...rest, workspaceDir };
  const text = JSON.stringify({ ...head, data: data ?? {} });
  return text.length > MAX_INPUT_CHARS ? JSON.stringify({ ...head, data: {}, isCut: true }) : text;
}

/** Resolves however the program ends; rejects when it cannot be started. */
export function runHook(
  call: HookCall,
  {
    env,
    signal,
    clock,
  }: {
    env: Readonly<Record<string, string | undefined>>;
    signal: AbortSignal;
    clock: Pick<Clock, 'after'>;
  },
): Promise<JobResult> {
  const { name, handlerPath, baseDir, event, settings } = call;
  return runJob([handlerPath], {
    cwd: baseDir,
    env: { ...plainEnvironment(env), ...settings.env, OPENCLAW_HOOK: name, OPENCLAW_HOOK_EVENT: event.name },
    input: `${hookInput(call)}\n`,
    timeoutMs: settings.timeoutMs ?? TIMEOUT_MS,
    maxBytes: MAX_OUTPUT_BYTES,
    signal,
    clock,
  });
}
