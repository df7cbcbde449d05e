import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDesktopLog, type DesktopLog } from './desktop-log.js';
import { openDesktopState } from './desktop-state.js';

let folder: string;
let file: string;
let log: DesktopLog;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hq-state-'));
  file = path.join(folder, 'desktop-state.json');
  log = openDesktopLog(path.join(folder, 'logs', 'desktop.log'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('remembers across starts and leaves no temporary file', () => {
  const bounds = { x: 1, y: 2, width: 1000, height: 700 };
  openDesktopState(file, log).update({ bounds });
  openDesktopState(file, log).update({ theme: 'dark' });
  expect(openDesktopState(file, log).get()).toEqual({ bounds, theme: 'dark' });
  expect(readdirSync(folder).sort()).toEqual(['desktop-state.json', 'logs']);
});

it.each(['{ not json', '{"theme":"pink"}', '[]'])('starts anew from %s and says so in the log', (text) => {
  writeFileSync(file, text);
  expect(openDesktopState(file, log).get()).toEqual({});
  expect(readFileSync(log.file, 'utf8')).toContain('started anew');
});

it('rotates a log that has grown large', () => {
  const line = 'x'.repeat(600_000);
  for (let count = 0; count < 10; count += 1) log.info(line);
  expect(readdirSync(path.dirname(log.file)).sort()).toEqual(['desktop.log', 'desktop.log.1']);
});
