// The bundled hooks hear of a command: what was said is kept, and the command is noted.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { makeHome } from '../../../e2e/fixtures/home.js';
import { startGateway } from '../../src/index.js';
import { connectOperator } from './operator.js';

it('writes the last words of a conversation into the memory when a new one begins', async () => {
  const home = await makeHome({ gateway: { mode: 'local' }, hooks: { internal: { enabled: true } } });
  const gateway = await startGateway({ env: home.env, cwd: home.dir });
  const operator = await connectOperator(gateway);
  const say = async (message: string, idempotencyKey: string) => {
    await operator.request('chat.send', { sessionKey: 'main', message, idempotencyKey });
    await operator.request('agent.wait', { runId: idempotencyKey, timeoutMs: 20_000 });
  };
  await say('The orchids want water on Fridays.', 'first');
  await say('/new', 'second');
  const memory = path.join(home.stateDir, 'workspace', 'memory');
  const notes = async () => {
    const names = await readdir(memory).catch(() => []);
    return Promise.all(names.map((name) => readFile(path.join(memory, name), 'utf8')));
  };
  await expect.poll(notes, { timeout: 15_000 }).toEqual([expect.stringContaining('orchids')]);
  const log = path.join(home.stateDir, 'logs', 'commands.log');
  await expect.poll(() => readFile(log, 'utf8').catch(() => ''), { timeout: 15_000 }).toContain('"action":"new"');
  operator.close();
  await gateway.stop();
  await home.remove();
});
