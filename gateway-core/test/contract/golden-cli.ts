// Reads the recorded runs of the reference's command line, and compares ours with them.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type CliRun, runTestCli } from '../../src/cli/test-home.js';
import { shapeFaults } from './golden.js';
import { type GoldenStage, RECORDED } from './golden-stage.js';

export interface GoldenCli {
  /** After `openclaw`, cut at blanks: the recorder kept no quotes. */
  args: string[];
  exit: number;
  stdout: string;
  stderr: string;
}

/** How our run of a recorded command is compared with the recording. */
export interface CliRow {
  /** same: line by line; json: keys and types; a list: these texts are in the recording and in our output. */
  stdout?: 'same' | 'json' | readonly string[];
  /** The same for stderr; `same` unless given. */
  stderr?: 'same' | readonly string[];
  /** Our exit code where it differs. */
  exit?: number;
  /** Exactly what the recorded JSON has and ours does not, as `shapeFaults` names it. */
  lacks?: readonly string[];
  /** The arguments, where blanks are part of one. */
  args?: readonly string[];
  /** Runs in a state folder without a device. */
  isStranger?: true;
  /** `null` is an answer too: nothing has happened yet. */
  orNull?: true;
}

const CUT = '\n…(truncated';

export function readGoldenCli(name: string): GoldenCli {
  const text = readFileSync(new URL(`../golden/cli/${name}.txt`, import.meta.url), 'utf8');
  const [call = '', result = ''] = text.split('\n');
  const [stdout = '', stderr = ''] = (text.split('--- stdout\n')[1] ?? '').split(/(?:^|\n)--- stderr\n/);
  const exit = Number(/^exit=(\d+)/.exec(result)?.[1]);
  return { args: call.replace('$ openclaw ', '').split(' '), exit, stdout, stderr };
}

/** JSON that was cut off: without its last, incomplete member, and with every bracket closed. */
export function closeCutJson(text: string): string {
  const kept = text.replace(/[^,[{}\]]*$/, '').replace(/,$/, '');
  const closers: string[] = [];
  for (const [token] of kept.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '[') closers.unshift(']');
    else if (token === '{') closers.unshift('}');
    else if (token === ']' || token === '}') closers.shift();
  }
  return kept + closers.join('');
}

/** JSON, also behind one line of text (`Gateway call: …`). */
export function parseOutput(text: string): unknown {
  const start = text.search(/^[[{"\d]|^null$/m);
  const json = start < 0 ? text : text.slice(start);
  const cutAt = json.indexOf(CUT);
  return JSON.parse(cutAt < 0 ? json.trim() : closeCutJson(json.slice(0, cutAt))) as unknown;
}

const CHANGING: ReadonlyArray<[RegExp, string]> = [
  [/\b[0-9a-f]{64}\b/g, '<sha256>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}\b/g, '<id>'],
  [/\b\d+ms\b/g, '<n>ms'],
  [/ \(line 1 column \d+\)/g, ''],
  [/[ \t]+$/gm, ''],
];

/** Without what changes from run to run and from computer to computer. */
function settled(text: string): string {
  return CHANGING.reduce((now, [pattern, word]) => now.replaceAll(pattern, word), text).trim();
}

export interface Replay {
  golden: GoldenCli;
  ours: CliRun;
}

/** Runs a recorded command against the stage. `words` replaces recorded ids by ours. */
export async function runRecorded(
  { home, gateway }: GoldenStage,
  name: string,
  row: CliRow,
  words: Record<string, string> = {},
): Promise<Replay> {
  const golden = readGoldenCli(name);
  // The recorded port is the one of the config; the gateway has another.
  const port = String(gateway.port);
  const args = [...(row.args ?? golden.args)].map((arg) => words[arg] ?? arg.replace(`:${RECORDED.port}`, `:${port}`));
  const stranger = { OPENCLAW_STATE_DIR: `${home.dir}/stranger`, OPENCLAW_CONFIG_PATH: home.configPath };
  const env = row.isStranger ? { ...home.env, ...stranger } : home.env;
  const run = await runTestCli(home, args, { env });
  const back = (text: string) => {
    const here = text.replaceAll(home.dir, RECORDED.home).replaceAll(port, RECORDED.port);
    return Object.entries(words).reduce((now, [recorded, mine]) => now.replaceAll(mine, recorded), here);
  };
  return { golden, ours: { code: run.code, stdout: back(run.stdout), stderr: back(run.stderr) } };
}

/** Tables are as wide as what is in them. */
const narrow = (text: string): string => text.replaceAll(/ {2,}/g, ' ');

function compareText(golden: string, ours: string, how: 'same' | readonly string[]): void {
  if (how === 'same') return expect(settled(ours)).toBe(settled(golden));
  for (const text of how) {
    expect(narrow(settled(golden)), 'the recording').toContain(narrow(text));
    expect(narrow(settled(ours)), 'ours').toContain(narrow(text));
  }
}

function compareJson(golden: string, ours: string, { lacks = [], orNull }: CliRow): void {
  const value = parseOutput(ours);
  if (orNull && value === null) return;
  expect(shapeFaults(parseOutput(golden), value)).toEqual(lacks);
}

/** Fails where our run is not as `row` says. */
export function compareRun({ golden, ours }: Replay, row: CliRow): void {
  const { stdout = 'same', stderr = 'same' } = row;
  expect({ exit: ours.code, stderr: ours.code === (row.exit ?? golden.exit) ? '' : ours.stderr }).toEqual({
    exit: row.exit ?? golden.exit,
    stderr: '',
  });
  if (stdout === 'json') compareJson(golden.stdout, ours.stdout, row);
  else compareText(golden.stdout, ours.stdout, stdout);
  compareText(golden.stderr, ours.stderr, stderr);
}

/** A row that is not the recording's equal in every respect; it must be told in docs/compatibility.md. */
export function isPartial({ exit, lacks, stdout, stderr }: CliRow): boolean {
  return exit !== undefined || lacks !== undefined || Array.isArray(stdout) || Array.isArray(stderr);
}
