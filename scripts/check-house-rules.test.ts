import { expect, test } from 'vitest';
import { judgeName, judgeText } from './check-house-rules.mjs';

test.each(['gateway-core/src/runs/run-queue.ts', 'renderer/src/app/App.tsx', 'renderer/src/main.tsx', 'e2e/a.spec.ts'])(
  'accepts %s',
  (file) => expect(judgeName(file)).toBeUndefined(),
);

test.each([
  ['gateway-core/src/shared/utils.ts', '"utils" says nothing about what lives there'],
  ['gateway-core/src/helpers/time.ts', '"helpers" says nothing about what lives there'],
  ['gateway-core/src/runs/session-manager.ts', '"manager" says nothing about what lives there'],
  ['gateway-core/src/runs/runQueue.ts', 'a file is named in kebab-case'],
  ['renderer/src/app/status-pill.tsx', 'a component file is named in PascalCase'],
])('refuses %s', (file, fault) => expect(judgeName(file)).toBe(fault));

test.each([
  ['// oxlint-disable-next-line no-console', 'switches the linter off'],
  ['/* eslint-disable */', 'switches the linter off'],
  ['// @ts-ignore', 'switches the type checker off'],
  ["test.only('x', () => {});", 'leaves tests out'],
])('refuses the line %s', (line, fault) => expect(judgeText(`const a = 1;\n${line}\n`)).toEqual([{ line: 2, fault }]));
