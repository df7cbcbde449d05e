import { expect, it } from 'vitest';
import type { RunProgram } from '../processes/run-program.js';
import { hasTrayHost } from './tray-host.js';

const answering =
  (answers: Record<string, string>): RunProgram =>
  async (program) => {
    const answer = answers[program];
    if (answer === undefined) throw new Error('missing');
    return answer;
  };

it.each<[string, NodeJS.Platform, Record<string, string>, boolean]>([
  ['macOS and Windows always show icons', 'darwin', {}, true],
  ['a desktop with a host shows icons', 'linux', { gdbus: '(true,)' }, true],
  ['a desktop without a host does not', 'linux', { gdbus: '(false,)', busctl: 'b true' }, false],
  ['the next program is asked when one is missing', 'linux', { busctl: 'b true' }, true],
  ['nothing to ask counts as no host', 'linux', {}, false],
])('%s', async (_name, platform, answers, expected) => {
  expect(await hasTrayHost(platform, answering(answers))).toBe(expected);
});
