// What a short message costs in words: instructions, skills and the tools of the coding profile (architecture §6).
import { expect, it } from 'vitest';
import { startFakeModel } from '../../../e2e/fixtures/fake-model.js';
import { fakeModelConfig, makeHome } from '../../../e2e/fixtures/home.js';
import { startGateway } from '../../src/index.js';
import { connectOperator } from './operator.js';

const BUDGET_BYTES = 12_000;

it('sends at most 12 kB with a short message', async () => {
  const model = await startFakeModel({ answer: () => ({ text: 'ok' }) });
  const home = await makeHome({ ...fakeModelConfig(model.url), tools: { profile: 'coding' } });
  const gateway = await startGateway({ env: home.env, cwd: home.dir, skillsDir: 'resources/skills' });
  const operator = await connectOperator(gateway);
  await operator.request('chat.send', { sessionKey: 'main', message: 'hi', idempotencyKey: 'short' });
  await operator.request('agent.wait', { runId: 'short', timeoutMs: 20_000 });
  const body = model.requests.at(-1)?.body as { tools: Array<{ function: { name: string } }> };
  expect(body.tools.map((tool) => tool.function.name)).toContain('exec');
  expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThanOrEqual(BUDGET_BYTES);
  operator.close();
  await gateway.stop();
  await model.close();
  await home.remove();
});
