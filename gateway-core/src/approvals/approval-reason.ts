// Pure: why a person is asked, in the form that goes over the wire.
import type { ApprovalReason } from '../protocol/index.js';
import { shortLine } from '../shared/front-matter.js';
import type { ExecDecision } from './decide-exec.js';

const MAX_NAMES = 5;
const MAX_CHARS = 160;

const ON_NODE = 'What programs do on a device cannot be checked from here.';

/** The names come out of the command, so they are cut and cleared of what cannot be seen. */
function clean(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => shortLine(name, MAX_CHARS)).filter((line) => line !== ''))];
}

/** Undefined when nobody is asked. `listable` is what "allow-always" really changes: nothing, where a rule asks anyway. */
export function approvalReason(
  { cause, reason, listable }: Pick<ExecDecision, 'cause' | 'reason' | 'listable'>,
  host: 'gateway' | 'node',
): ApprovalReason | undefined {
  if (!cause) return undefined;
  if (host === 'node' && (cause.code === 'not-found' || cause.code === 'not-listed')) {
    return { code: 'on-node', text: ON_NODE, listable: [] };
  }
  const about = clean(cause.about).slice(0, MAX_NAMES);
  return {
    code: cause.code,
    text: shortLine(reason, MAX_CHARS * 2),
    ...(about.length > 0 && { about }),
    listable: cause.code === 'not-listed' && host === 'gateway' ? clean(listable) : [],
  };
}
