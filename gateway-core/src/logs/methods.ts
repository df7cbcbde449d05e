// logs.tail
import type { MethodHandlers } from '../shared/wire.js';
import { tailFile } from './tail.js';

/** `file` is the log that is written now; a function where its name changes by day. */
export function createLogsMethods(deps: { file: string | (() => string) }): MethodHandlers<'logs.tail'> {
  return {
    'logs.tail': (params) => tailFile(typeof deps.file === 'string' ? deps.file : deps.file(), params),
  };
}
