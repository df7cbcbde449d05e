// Holds that every recording is replayed or told as a difference, and that docs/compatibility.md says the same.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isPartial } from './golden-cli.js';
import { CLI_ROWS, LATER_ROWS } from './golden-cli-rows.js';
import { IN_USE, START_ROWS } from './golden-config-rows.js';
import { CRON_ROWS } from './golden-cron-rows.js';
import { absentCommands, DIFFERENCES, differing, rowText } from './golden-differences.js';
import { HTTP_ROWS } from './golden-http-rows.js';

const GOLDEN = new URL('../golden/', import.meta.url);
const names = (folder: string): string[] =>
  readdirSync(new URL(folder, GOLDEN), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name.replace(/\.[^.]+$/, ''));

const differences = differing();
const absent = absentCommands();

/** Recordings of conversations that some contract test reads. */
function readConversations(): Set<string> {
  const tests = new URL('./', import.meta.url);
  const texts = readdirSync(tests)
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(new URL(file, tests), 'utf8'));
  return new Set(texts.flatMap((text) => [...text.matchAll(/readGolden\('([^']+)'\)/g)].map(([, name = '']) => name)));
}

const replayed: Record<string, ReadonlySet<string>> = {
  '': readConversations(),
  'cli/': new Set([...Object.keys({ ...CLI_ROWS, ...LATER_ROWS, ...CRON_ROWS }), 'gateway-second']),
  'config/': new Set([...Object.keys(START_ROWS), IN_USE, 'validate']),
  'http/': new Set(Object.keys(HTTP_ROWS.http)),
  'http-2026.3.24/': new Set(Object.keys(HTTP_ROWS['http-2026.3.24'])),
};

describe.each(Object.entries(replayed))('the recordings in golden/%s', (folder, rows) => {
  it('are each replayed or told as a difference', () => {
    const lost = names(folder || '.').filter((name) => !rows.has(name) && !differences.has(folder + name));
    expect(lost).toEqual([]);
  });

  it('are there for every row', () => {
    const files = new Set(names(folder || '.'));
    const told = [...differences].filter((name) => name.slice(0, name.lastIndexOf('/') + 1) === folder);
    const gone = [...rows, ...told.map((name) => name.slice(folder.length))].filter((name) => !files.has(name));
    expect(gone).toEqual([]);
  });
});

describe('a row that is not as recorded', () => {
  it('is told as a difference', () => {
    const commands = Object.entries(CLI_ROWS).flatMap(([name, row]) => (isPartial(row) ? [`cli/${name}`] : []));
    const exchanges = Object.entries(HTTP_ROWS).flatMap(([set, rows]) =>
      Object.entries(rows).flatMap(([name, row]) => (typeof row === 'object' ? [`${set}/${name}`] : [])),
    );
    const starts = Object.entries(START_ROWS).flatMap(([name, row]) => (row.saysInstead ? [`config/${name}`] : []));
    expect([...commands, ...exchanges, ...starts].filter((name) => !differences.has(name))).toEqual([]);
  });

  it('is not replayed when the command does not exist', () => {
    const commands = new Set([...Object.keys(CLI_ROWS), ...Object.keys(CRON_ROWS)].map((name) => `cli/${name}`));
    expect([...absent].filter((name) => commands.has(name))).toEqual([]);
  });
});

describe('docs/compatibility.md', () => {
  const page = readFileSync(new URL('../../../docs/compatibility.md', import.meta.url), 'utf8');
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.replaceAll(/ +/g, ' ').trim());

  it.each(Object.entries(DIFFERENCES))('has the rows of "%s"', (heading, group) => {
    expect(page).toContain(`### ${heading}\n`);
    const missing = group.map(rowText).filter((row) => !rows.includes(row));
    expect(missing).toEqual([]);
  });

  it('names no recording that is not among the differences', () => {
    const named = rows.flatMap((row) => [
      ...(row.split(' | ')[0] ?? '').matchAll(/`((?:cli|config|http[^/]*)\/[^`]+|\d\d\w?-[^`]+)`/g),
    ]);
    expect(named.map(([, name = '']) => name).filter((name) => !differences.has(name))).toEqual([]);
  });
});
