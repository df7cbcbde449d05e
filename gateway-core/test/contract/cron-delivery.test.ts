// Where results and notices about failures of jobs go.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  addJob,
  allJobs,
  type CronBench,
  type CronPage,
  DONE,
  fails,
  MINUTE,
  NOW,
  startCronBench,
} from './cron-bench.js';

describe('delivery', () => {
  it('announces what an isolated job said, and nothing when there is nothing to say', async () => {
    const texts = ['all good', '  ', 'NO_REPLY', 'HEARTBEAT_OK'];
    const bench = await startCronBench({ answer: () => ({ ...DONE, text: texts.shift() ?? '' }) });
    const { id } = await addJob(bench, { delivery: { mode: 'announce', channel: 'last', to: 'me' } });
    for (let run = 0; run < 4; run += 1) await bench.pass(10 * MINUTE);
    expect(bench.announced).toEqual([
      { agentId: 'main', sessionKey: `agent:main:cron:${id}:run:id-2`, text: 'all good', channel: 'last', to: 'me' },
    ]);
    const { entries } = await bench.ok<CronPage>('cron.runs', { id });
    expect(entries.map(({ deliveryStatus }) => deliveryStatus)).toEqual([
      ...['not-delivered', 'not-delivered', 'not-delivered'],
      'delivered',
    ]);
  });

  it('is part of the run: a failure fails it, unless the job does its best only', async () => {
    const bench = await startCronBench({
      answer: () => DONE,
      announce: () => ({ delivered: false, error: 'no such channel' }),
    });
    await addJob(bench, { name: 'strict', delivery: { mode: 'announce' } });
    await bench.pass(10 * MINUTE);
    expect((await allJobs(bench))[0]?.state).toMatchObject({
      lastStatus: 'error',
      lastDeliveryError: 'no such channel',
    });
    await bench.ok('cron.update', { id: (await allJobs(bench))[0]?.id, patch: { delivery: { bestEffort: true } } });
    await bench.pass(11 * MINUTE);
    expect((await allJobs(bench))[0]?.state).toMatchObject({ lastStatus: 'ok', lastDeliveryStatus: 'not-delivered' });
  });
});

describe('webhooks', () => {
  const open: Array<() => Promise<void>> = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });

  async function startHook(status: number, headers: Record<string, string> = {}) {
    const received: Array<{ body: Record<string, unknown>; headers: IncomingHttpHeaders; method?: string }> = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      received.push({
        body: JSON.parse(Buffer.concat(chunks).toString()),
        headers: request.headers,
        method: request.method,
      });
      response.writeHead(status, headers).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cb` };
  }

  async function finished(bench: CronBench): Promise<void> {
    await expect.poll(() => bench.actions().at(-1), { timeout: 10_000 }).toBe('finished');
  }

  it('get the finished event with the token, also of a run that failed', async () => {
    const hook = await startHook(204);
    const answers = [DONE, fails('broke')];
    const bench = await startCronBench({
      fetch: globalThis.fetch,
      cron: { webhookToken: 'hook-token' },
      answer: () => answers.shift() ?? DONE,
    });
    const { id } = await addJob(bench, { delivery: { mode: 'webhook', to: hook.url } });
    bench.clock.advance(10 * MINUTE);
    await finished(bench);
    expect(hook.received[0]).toMatchObject({
      method: 'POST',
      headers: { authorization: 'Bearer hook-token', 'content-type': 'application/json' },
      body: { jobId: id, action: 'finished', status: 'ok', summary: 'done', nextRunAtMs: NOW + 20 * MINUTE },
    });
    expect((await allJobs(bench))[0]?.state).toMatchObject({ lastDelivered: true, lastDeliveryStatus: 'delivered' });
    await bench.ok('cron.run', { id });
    await expect.poll(() => hook.received.length, { timeout: 10_000 }).toBe(2);
    expect(hook.received[1]?.body).toMatchObject({ status: 'error', error: 'broke' });
  });

  it('that lead elsewhere are not followed, and do not fail the run', async () => {
    const other = await startHook(200);
    const hook = await startHook(307, { location: other.url });
    const bench = await startCronBench({ fetch: globalThis.fetch, cron: { webhookToken: 't' }, answer: () => DONE });
    await addJob(bench, { delivery: { mode: 'webhook', to: hook.url } });
    bench.clock.advance(10 * MINUTE);
    await finished(bench);
    expect(other.received).toEqual([]);
    expect((await allJobs(bench))[0]?.state).toMatchObject({ lastStatus: 'ok', lastDeliveryStatus: 'not-delivered' });
  });

  it('are given up after ten seconds', async () => {
    const hang: typeof fetch = (_url, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error), { once: true }),
      );
    const bench = await startCronBench({ fetch: hang, answer: () => DONE });
    await addJob(bench, { delivery: { mode: 'webhook', to: 'http://127.0.0.1:9/x' } });
    await bench.pass(10 * MINUTE);
    expect(bench.actions().at(-1)).toBe('started');
    await bench.pass(10_000);
    expect((await allJobs(bench))[0]?.state.lastDeliveryError).toMatch(/did not answer in time/);
  });
});

describe('failure notices', () => {
  it('alert after two failures in a row, again after the cooldown, and anew after a success', async () => {
    let works = false;
    const cron = { failureAlert: { enabled: true, cooldownMs: 3 * 60 * MINUTE, to: 'boss' } };
    const bench = await startCronBench({ cron, answer: () => (works ? DONE : fails('no')) });
    await addJob(bench, { name: 'n', schedule: { kind: 'every', everyMs: 60 * MINUTE } });
    const texts = () => bench.announced.map(({ text, to }) => `${to}: ${text}`);
    await bench.pass(60 * MINUTE);
    expect(texts()).toEqual([]);
    await bench.pass(60 * MINUTE);
    expect(texts()).toEqual(['boss: The scheduled job "n" failed 2 times in a row: no']);
    await bench.pass(60 * MINUTE);
    await bench.pass(60 * MINUTE);
    expect(texts().length).toBe(1);
    await bench.pass(61 * MINUTE);
    expect(texts().length).toBe(2);
    works = true;
    await bench.pass(60 * MINUTE);
    works = false;
    await bench.pass(60 * MINUTE);
    await bench.pass(60 * MINUTE);
    expect(texts().length).toBe(3);
  });

  it('are off for a job that says so, and for one that may fail quietly', async () => {
    const cron = { failureAlert: { enabled: true, after: 1 }, maxConcurrentRuns: 2 };
    const bench = await startCronBench({ cron, answer: () => fails('no') });
    await addJob(bench, { failureAlert: false });
    await addJob(bench, { delivery: { mode: 'none', bestEffort: true } });
    await bench.pass(10 * MINUTE);
    expect(bench.announced).toEqual([]);
  });

  it('go to the destination for failures with each one', async () => {
    const bench = await startCronBench({ answer: () => fails('no') });
    await addJob(bench, { delivery: { mode: 'none', failureDestination: { channel: 'last', to: 'ops' } } });
    await bench.pass(10 * MINUTE);
    await bench.pass(11 * MINUTE);
    expect(bench.announced.map(({ to }) => to)).toEqual(['ops', 'ops']);
  });
});
