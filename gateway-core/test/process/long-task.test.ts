// Thirty steps with real files, commands, a real browser, a schedule and a helper; then the same with kills between.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FakeModel, startFakeModel } from '../../../e2e/fixtures/fake-model.js';
import { type GatewayProcess, startGatewayProcess } from '../../../e2e/fixtures/gateway.js';
import { fakeModelConfig, freePort, type Home, makeHome } from '../../../e2e/fixtures/home.js';
import { DONE, LongTask, STEPS, TASK } from './long-task.js';
import { connectOperator, type RawOperator } from './operator.js';

const TOKEN = 'long-task-token-0123456789';
const LIMIT_MS = 120_000;

interface Stage {
  home: Home;
  model: FakeModel;
  gateway: GatewayProcess;
  operator: RawOperator;
  lives: number;
}

function config(baseUrl: string) {
  const base = fakeModelConfig(baseUrl);
  return {
    ...base,
    gateway: { mode: 'local', auth: { mode: 'token', token: TOKEN } },
    tools: { profile: 'full', exec: { security: 'full', ask: 'off' } },
    browser: { headless: true, ssrfPolicy: { allowedHostnames: ['127.0.0.1'] } },
  };
}

async function connect(home: Home): Promise<RawOperator> {
  return connectOperator({ url: `ws://127.0.0.1:${home.port}`, token: TOKEN });
}

/** A request may take half a minute, the task longer. */
async function untilEnded(operator: RawOperator): Promise<unknown> {
  const until = Date.now() + LIMIT_MS;
  for (;;) {
    const answer = await operator.request('agent.wait', { runId: 'long-task', timeoutMs: 20_000 });
    if ((answer as { status: string }).status !== 'timeout' || Date.now() > until) return answer;
  }
}

/** Runs the task; the gateway is killed when the model is asked for a step whose number is in `kills`. */
async function runTask(kills: readonly number[]): Promise<{ history: Array<Record<string, unknown>>; home: Home }> {
  const stage: Partial<Stage> & { lives: number } = { lives: 1 };
  const left = new Set(kills);
  const task = new LongTask({ port: await freePort(), life: () => stage.lives });
  let killed: () => void = () => undefined;
  const model = await startFakeModel({
    answer: (request) => {
      const found = task.answer(request);
      if (!found || !left.delete(found.step)) return found?.turn;
      stage.gateway?.child.kill('SIGKILL');
      killed();
      return { hang: true };
    },
  });
  const home = await makeHome(config(model.url));
  const start = async (): Promise<void> => {
    stage.gateway = await startGatewayProcess(home, []);
    stage.operator = await connect(home);
  };
  await start();
  await stage.operator?.request('chat.send', { sessionKey: 'main', message: TASK, idempotencyKey: 'long-task' });
  for (let kill = 0; kill < kills.length; kill += 1) {
    await new Promise<void>((resolve) => (killed = resolve));
    const { child } = stage.gateway as GatewayProcess;
    if (child.exitCode === null && child.signalCode === null)
      await new Promise((resolve) => child.once('exit', resolve));
    stage.operator?.close();
    stage.lives += 1;
    await start();
  }
  const ended = await untilEnded(stage.operator as RawOperator);
  const answer = (await stage.operator?.request('chat.history', { sessionKey: 'main', limit: 1000 })) as {
    messages: Array<Record<string, unknown>>;
  };
  const cron = (await stage.operator?.request('cron.list', {})) as { jobs: Array<{ name: string }> };
  stage.operator?.close();
  expect(await stage.gateway?.stop()).toBe(0);
  await model.close();
  expect(ended).toMatchObject({ status: 'ok' });
  expect(cron.jobs.map(({ name }) => name)).toEqual(['upkeep']);
  expect(left.size).toBe(0);
  return { history: answer.messages, home };
}

/** What the task must have left behind, whatever happened on the way. */
async function checkResult({ history, home }: Awaited<ReturnType<typeof runTask>>): Promise<void> {
  const workspace = path.join(home.stateDir, 'workspace');
  expect(await readFile(path.join(workspace, 'guests.txt'), 'utf8')).toBe('Ada\n');
  expect(await readFile(path.join(workspace, 'notes.md'), 'utf8')).toBe(
    '# Guest book\nIt has one page and one guest.\n',
  );
  expect(await readFile(path.join(workspace, 'README.txt'), 'utf8')).toBe('A guest book.\n');
  const results = history.filter(({ role }) => role === 'toolResult');
  const failed = results.filter(({ isError }) => isError === true);
  expect(failed.map(({ toolName, content }) => ({ toolName, content }))).toEqual([]);
  expect(JSON.stringify(history.at(-1))).toContain(DONE);
  expect(history.filter(({ role }) => role === 'user')).toHaveLength(1);
  expect(JSON.stringify(history)).toContain('Thank you, Ada');
  expect(JSON.stringify(history)).toContain('One, two, three.');
  await home.remove();
}

describe('a task of thirty steps', () => {
  it('has thirty steps', () => expect(STEPS).toHaveLength(30));

  it('is done from beginning to end', { timeout: 2 * LIMIT_MS }, async () => {
    const run = await runTask([]);
    const calls = run.history.filter(({ role }) => role === 'toolResult');
    expect(calls).toHaveLength(STEPS.length);
    await checkResult(run);
  });

  // A run goes on at most three times, so the thirty places between two steps are spread over ten runs.
  it.each(Array.from({ length: 10 }, (_, run) => [run + 1, run + 11, run + 21]))(
    'is done although the gateway was killed after steps %i, %i and %i',
    { timeout: 2 * LIMIT_MS },
    async (...kills) => {
      await checkResult(await runTask(kills));
    },
  );
});
