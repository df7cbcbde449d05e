// The offline assistant in place of a provider that cannot be reached (docs/adr/0006): for a person who waits, and only
// while nothing was said or done yet.
import { isAppError } from '../shared/app-error.js';
import { OFFLINE_TARGET } from './resolve-model.js';
import type { ModelEvent, ModelRequest } from './types.js';

export interface StandInDeps {
  offline: (request: ModelRequest) => AsyncIterable<ModelEvent>;
  /** Hears why it stands in. */
  onStandIn: (error: Error) => void;
}

/**
 * Programs, schedules and helpers get the error: they would take what the assistant quotes for the answer. In the
 * middle of a task it would not know what the model was about.
 */
export function mayStandIn({ isFromPerson, isWatched, isAside, messages }: ModelRequest): boolean {
  const last = messages.findLast(({ role }) => role !== 'system');
  return isFromPerson === true && isWatched === true && !isAside && last?.role === 'user';
}

function lead(reason: string): string {
  const sentence = reason.endsWith('.') ? reason : `${reason}.`;
  return `${sentence} Until it can, the offline assistant answers; it is not a language model.\n\n`;
}

/** The events of `stream`; those of the offline assistant when no provider of it can be reached. */
export async function* withStandIn(
  stream: AsyncIterable<ModelEvent>,
  request: ModelRequest,
  deps: StandInDeps,
): AsyncGenerator<ModelEvent> {
  let hasBegun = false;
  try {
    for await (const event of stream) {
      hasBegun ||= event.type !== 'start';
      yield event;
    }
    return;
  } catch (error) {
    if (hasBegun || !isAppError(error, 'model.unreachable') || !mayStandIn(request)) throw error;
    deps.onStandIn(error);
    const { provider, model, api } = OFFLINE_TARGET;
    yield { type: 'start', provider, model, api };
    yield { type: 'text', text: lead(error.message) };
  }
  yield* deps.offline(request);
}
