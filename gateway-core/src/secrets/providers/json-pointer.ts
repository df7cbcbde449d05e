// JSON pointers (RFC 6901).
import { valueAt } from '../json-value.js';

/** `/a~1b/0` → `['a/b', '0']`. */
export function pointerPath(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value a pointer names, or undefined. Looks at own keys only. */
export function resolvePointer(root: unknown, pointer: string): unknown {
  return valueAt(root, pointerPath(pointer));
}
