// How the faults of a config that a client sent are told on the wire (spec/gateway-protocol.md §7.2).
import type { ConfigIssue } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';

const SHOWN = 3;

/** `invalid config: <path>: <message>; … (+2 more issues)`, with every issue in `details.issues`. */
export function rejectedConfig(issues: readonly ConfigIssue[]): AppError {
  const shown = issues.slice(0, SHOWN).map(({ path, message }) => `${path || '<root>'}: ${message}`);
  const hidden = issues.length - shown.length;
  const more = hidden > 0 ? ` (+${hidden} more issue${hidden === 1 ? '' : 's'})` : '';
  return new AppError('config.rejected', {
    message: `invalid config: ${shown.join('; ')}${more}`,
    details: { issues: issues.map((issue) => ({ ...issue, path: issue.path === '<root>' ? '' : issue.path })) },
  });
}
