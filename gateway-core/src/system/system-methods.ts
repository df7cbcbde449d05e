// The wire of system events, waking, updates and the rest of the house (spec/gateway-protocol.md §7.1).
import type { SystemEventParams, WholeWireMethods } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { Caller, WireHandlers } from '../shared/wire.js';
import type { Heartbeats } from './heartbeats.js';
import { isPresenceLine, type PresenceNote, presenceOf } from './presence-line.js';
import type { SystemEventQueue } from './system-event-queue.js';

export interface SystemMethodsOptions {
  queue: SystemEventQueue;
  heartbeats: Heartbeats;
  /** Full key of the conversation that system events belong to. */
  mainSessionKey: () => string;
  defaultAgentId: () => string;
  /** Puts an entry into the presence list and tells everybody. */
  notePresence: (note: PresenceNote) => void;
  /** A wake with mode `now`: whoever runs heartbeats starts one. */
  wakeNow?: (sessionKey: string) => void;
  /** The budget that config.apply, config.patch and update.run share; throws when it is used up. */
  writeBudget: { take(method: string, caller: Caller): void };
}

type Prefixed = Extract<keyof WholeWireMethods, `wizard.${string}` | `doctor.${string}`>;
export type SystemMethodName =
  Prefixed | 'system-event' | 'wake' | 'last-heartbeat' | 'set-heartbeats' | 'update.run' | 'push.test';

function invalid(message: string): AppError {
  return new AppError('request.invalid', { message });
}

function unavailable(message: string, hint: string): AppError {
  return new AppError('feature.unavailable', { message, hint });
}

function takeEvent(options: SystemMethodsOptions, params: SystemEventParams): { ok: boolean } {
  if (params.text.trim() === '') throw invalid('text required');
  options.notePresence(presenceOf(params));
  if (isPresenceLine(params.text)) return { ok: true };
  return { ok: options.queue.add(options.mainSessionKey(), params.text) };
}

function wizardNotFound(): never {
  throw invalid('wizard not found');
}

const wizard: WireHandlers<Extract<Prefixed, `wizard.${string}`>> = {
  'wizard.start': () => {
    throw unavailable(
      'This version of the gateway has no setup wizard.',
      'Set up models and the gateway in the window, or with `openclaw config set`.',
    );
  },
  'wizard.next': wizardNotFound,
  'wizard.cancel': wizardNotFound,
  'wizard.status': wizardNotFound,
};

/** The handlers named in `SystemMethodName`. Refusals are AppError request.invalid and feature.unavailable. */
export function createSystemMethods(options: SystemMethodsOptions): WireHandlers<SystemMethodName> {
  const { queue, heartbeats } = options;
  return {
    ...wizard,
    'system-event': (params) => takeEvent(options, params),
    wake: ({ mode, text }) => {
      const key = options.mainSessionKey();
      const ok = queue.add(key, text);
      if (ok && mode === 'now') options.wakeNow?.(key);
      return { ok };
    },
    'last-heartbeat': () => heartbeats.last,
    'set-heartbeats': ({ enabled }) => {
      heartbeats.enable(enabled);
      return { ok: true, enabled };
    },
    'doctor.memory.status': () => ({
      agentId: options.defaultAgentId(),
      embedding: { ok: false, error: 'Memory is searched by its words; there are no embeddings of it.' },
    }),
    'update.run': (_params, { caller }) => {
      options.writeBudget.take('update.run', caller);
      throw unavailable(
        'Updating itself is not part of this version of the gateway.',
        'Install the new version by hand.',
      );
    },
    'push.test': ({ nodeId }) => {
      throw invalid(`node ${nodeId} has no APNs registration (connect iOS node first)`);
    },
  };
}
