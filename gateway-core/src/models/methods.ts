// models.list (spec/gateway-protocol.md §7.5).
import type { MethodHandlers } from '../shared/wire.js';
import type { Models } from './types.js';

/** Handlers of this room: the catalogue as clients choose from it. */
export function createModelsMethods({ models }: { models: Pick<Models, 'list'> }): MethodHandlers<'models.list'> {
  return { 'models.list': () => ({ models: models.list() }) };
}
