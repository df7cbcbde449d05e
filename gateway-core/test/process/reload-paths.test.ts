// Every row of the reload table on a running gateway: what is hot is in effect within 150 ms after the debounce and
// drops nobody; what restarts does so once. And the modes.
import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Home, makeHome } from '../../../e2e/fixtures/home.js';
import { planReload, RELOAD_RULES } from '../../src/config/reload-plan.js';
import { type RunningGateway, startGateway } from '../../src/index.js';
import type { LogRecord } from '../../src/shared/logger.js';
import { connectOperator, type RawOperator } from './operator.js';
import { LIVE_CASES, NEVER_VALID, type ReloadCase, RESTART_CASES } from './reload-table.js';

const DEBOUNCE_MS = 300;
const BUDGET_MS = 150;
const WAIT_MS = 20_000;
/** Edits by config.set of one setting; they have their effect measured like those by hand. */
const OWN_WRITES = 9;

type Config = Record<string, unknown>;

let home: Home;
let gateway: RunningGateway;
let operator: RawOperator;
let records: Array<{ message: string; atMs: number }>;
let restarts: number;
let wake: Set<() => void>;

function tell(): void {
  for (const listener of wake) listener();
}

/** Resolves when `done` holds; looked at whenever the gateway says or does something. */
function until<T>(what: string, done: () => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(() => reject(new Error(`waited in vain for ${what}`))), WAIT_MS);
    const look = (): void => {
      const found = done();
      if (found !== undefined) finish(() => resolve(found));
    };
    const finish = (end: () => void): void => {
      clearTimeout(timer);
      wake.delete(look);
      end();
    };
    wake.add(look);
    look();
  });
}

const said = (part: string, from = 0) => records.slice(from).find(({ message }) => message.includes(part));
const untilSaid = (part: string, from: number) => until(`"${part}"`, () => said(part, from));

beforeEach(async () => {
  records = [];
  restarts = 0;
  wake = new Set();
  home = await makeHome({ gateway: { mode: 'local' } });
  const write = ({ message }: LogRecord): void => {
    records.push({ message, atMs: performance.now() });
    tell();
  };
  const env = { ...home.env, OPENCLAW_DISABLE_BONJOUR: '1' };
  gateway = await startGateway({ env, cwd: home.dir, console: { write } });
  gateway.onRestarted(() => {
    restarts += 1;
    tell();
  });
  operator = await connectOperator(gateway);
});
afterEach(async () => {
  operator.close();
  await gateway.stop();
  await home.remove();
});

function withSetting(config: Config, path: readonly string[], value: unknown): Config {
  const [key = '', ...rest] = path;
  if (rest.length > 0) return { ...config, [key]: withSetting((config[key] ?? {}) as Config, rest, value) };
  const { [key]: _old, ...others } = config;
  return value === undefined ? others : { ...others, [key]: value };
}

async function edit(path: readonly string[], value: unknown): Promise<number> {
  const config = JSON.parse(await readFile(home.configPath, 'utf8')) as Config;
  await writeFile(home.configPath, JSON.stringify(withSetting(config, path, value), null, 2));
  return performance.now();
}

/** Asks again as soon as there is an answer, until the gateway answers by the new value. */
async function untilSeen({ seen, prefix }: ReloadCase, round: number): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while (seen && !(await seen(operator, round))) {
    if (performance.now() > deadline) throw new Error(`${prefix} had no effect`);
  }
}

/** Edits by hand; the milliseconds from the end of the debounce to the effect. */
async function effectAfterDebounce(one: ReloadCase, round: number): Promise<number> {
  const from = records.length;
  const writtenMs = await edit(one.path, one.value(round));
  const [line] = await Promise.all([untilSaid(one.path.slice(0, 2).join('.'), from), untilSeen(one, round)]);
  const [planned] = planReload([one.path.join('.')], 'hybrid').log;
  const [kind = ''] = (planned?.message ?? 'nothing (').split('(');
  expect(line.message, one.prefix).toContain(kind);
  return (one.seen ? performance.now() : line.atMs) - writtenMs - DEBOUNCE_MS;
}

function describeTimes(times: readonly number[]): { p50: number; max: number; text: string } {
  const sorted = times.toSorted((a, b) => a - b);
  const p50 = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const max = sorted.at(-1) ?? Number.NaN;
  return { p50, max, text: `${times.length} edits, p50 ${p50.toFixed(0)} ms, max ${max.toFixed(0)} ms` };
}

async function restartBy(one: ReloadCase, round: number): Promise<void> {
  const [before, token, dropped] = [restarts, gateway.token, operator];
  await edit(one.path, one.value(round));
  await until(`a restart for ${one.prefix}`, () => (restarts > before ? true : undefined));
  expect((await dropped.untilClosed()).code, one.prefix).toBe(1012);
  expect(dropped.events.filter(({ event }) => event === 'shutdown').map(({ payload }) => payload)).toEqual([
    { reason: 'gateway restarting', restartExpectedMs: 1500 },
  ]);
  dropped.close();
  expect(gateway.token, one.prefix).toBe(token);
  operator = await connectOperator(gateway);
  expect(await operator.request('health')).toMatchObject({ ok: true });
}

describe('the reload table', () => {
  it('has a setting to try for every row', () => {
    const tried = new Set([...LIVE_CASES, ...RESTART_CASES].map(({ prefix }) => prefix));
    expect(RELOAD_RULES.map(({ prefix }) => prefix).filter((prefix) => !tried.has(prefix))).toEqual([...NEVER_VALID]);
    for (const { prefix, path } of LIVE_CASES) {
      const setting = path.join('.');
      const rule = RELOAD_RULES.find((one) => setting === one.prefix || setting.startsWith(`${one.prefix}.`));
      expect(rule?.prefix, setting).toBe(prefix);
      expect(planReload([setting], 'hybrid').restart, setting).toBe(false);
    }
    for (const { path } of RESTART_CASES) expect(planReload([path.join('.')], 'hybrid').restart).toBe(true);
  });

  it(`what is hot is in effect within ${BUDGET_MS} ms after the debounce, and no connection is dropped`, async () => {
    const times: number[] = [];
    for (const [index, one] of LIVE_CASES.entries()) {
      times.push(await effectAfterDebounce(one, index));
      if (!one.legacy) continue;
      const from = records.length;
      await edit(one.path.slice(0, 1), undefined);
      await untilSaid(one.path.slice(0, 2).join('.'), from);
    }
    const byHand = describeTimes(times);
    process.stdout.write(`effect after the debounce, by hand: ${byHand.text}\n`);
    expect(byHand.p50).toBeLessThanOrEqual(BUDGET_MS);
    expect(operator.closed()).toBeUndefined();
    expect(operator.events.filter(({ event }) => event === 'shutdown')).toEqual([]);
    expect(restarts).toBe(0);
    expect(await operator.request('health')).toMatchObject({ ok: true });
  }, 120_000);

  it(`a write through the gateway is in effect within ${BUDGET_MS} ms after the debounce`, async () => {
    const [agents] = LIVE_CASES.filter(({ prefix }) => prefix === 'agents');
    if (!agents) throw new Error('agents are not in the table');
    const times: number[] = [];
    for (let round = 0; round < OWN_WRITES; round += 1) {
      const { raw, hash } = (await operator.request('config.get')) as { raw: string; hash: string };
      const next = withSetting(JSON.parse(raw) as Config, agents.path, agents.value(round));
      const startedMs = performance.now();
      await operator.request('config.set', { raw: JSON.stringify(next), baseHash: hash });
      await untilSeen(agents, round);
      times.push(performance.now() - startedMs - DEBOUNCE_MS);
    }
    const own = describeTimes(times);
    process.stdout.write(`effect after the debounce, config.set: ${own.text}\n`);
    expect(own.p50).toBeLessThanOrEqual(BUDGET_MS);
    expect(operator.closed()).toBeUndefined();
  });

  it('what restarts does so once, tells clients, and comes back with the same token', async () => {
    const [probe] = LIVE_CASES.filter(({ prefix }) => prefix === 'ui');
    if (!probe) throw new Error('ui is not in the table');
    for (const [index, one] of RESTART_CASES.entries()) {
      await restartBy(one, index);
      // A second restart for the same edit would come before the effect of a later one.
      await effectAfterDebounce(probe, index);
      expect(restarts, one.prefix).toBe(index + 1);
      expect(operator.closed(), one.prefix).toBeUndefined();
    }
  }, 180_000);

  it('a row that no config has is refused, and the old config goes on', async () => {
    await edit(['routing'], { x: 1 });
    await untilSaid('config reload skipped (invalid config): <root>: Unrecognized key: "routing"', 0);
    expect(operator.closed()).toBeUndefined();
  });
});

describe('gateway.reload.mode', () => {
  const agents = async () => ((await operator.request('agents.list')) as { agents: unknown[] }).agents.length;
  const list = [{ id: 'main', default: true }, { id: 'ops' }];

  async function setMode(mode: string): Promise<void> {
    const from = records.length;
    await edit(['gateway', 'reload', 'mode'], mode);
    await untilSaid('gateway.reload.mode', from);
  }

  it('off notes changes only; what was noted is taken over when it is on again', async () => {
    await setMode('off');
    await edit(['agents', 'list'], list);
    await untilSaid('config reload disabled (gateway.reload.mode=off): gateway.reload.mode, agents.list', 0);
    expect(await agents()).toBe(1);
    await edit(['discovery', 'wideArea', 'domain'], 'd.example');
    await untilSaid('discovery.wideArea.domain', 0);
    expect([restarts, operator.closed()]).toEqual([0, undefined]);
    await edit(['gateway', 'reload', 'mode'], 'hybrid');
    await until('the restart', () => (restarts === 1 ? true : undefined));
    operator.close();
    operator = await connectOperator(gateway);
    expect(await agents()).toBe(2);
  });

  it('hot ignores what would restart, with a warning, and takes over the rest', async () => {
    await setMode('hot');
    await edit(['discovery', 'wideArea', 'domain'], 'd.example');
    await untilSaid('is ignored (gateway.reload.mode=hot): discovery.wideArea.domain', 0);
    await edit(['agents', 'list'], list);
    await untilSaid('agents.list', 0);
    await expect.poll(agents, { timeout: WAIT_MS }).toBe(2);
    expect([restarts, operator.closed()]).toEqual([0, undefined]);
  });

  it('restart restarts for anything, once', async () => {
    // The change of the mode is one of "anything".
    await edit(['gateway', 'reload', 'mode'], 'restart');
    await until('the first restart', () => (restarts === 1 ? true : undefined));
    operator.close();
    operator = await connectOperator(gateway);
    await edit(['agents', 'list'], list);
    await until('the second restart', () => (restarts === 2 ? true : undefined));
    operator.close();
    operator = await connectOperator(gateway);
    expect(await agents()).toBe(2);
    expect(restarts).toBe(2);
  });
});
