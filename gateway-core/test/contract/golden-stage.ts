// A whole gateway with a fake model in a home folder of its own, set up like the host of the recordings.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type FakeModel, startFakeModel } from '../../../e2e/fixtures/fake-model.js';
import { makeTestHome, type TestHome } from '../../src/cli/test-home.js';
import { startGateway } from '../../src/compose/gateway.js';
import type { RunningGateway } from '../../src/compose/types.js';

/** What the recordings use; none of it opens anything. */
export const RECORDED = {
  home: '/home/user',
  port: '18789',
  token: 'tok-peer-123456789012345678',
  hookToken: 'hook-secret-abcdef',
} as const;

export interface GoldenStage {
  home: TestHome;
  model: FakeModel;
  gateway: RunningGateway;
  stop(): Promise<void>;
}

/** The config of the recordings, with the fake model at `modelUrl`. */
export function recordedConfig(modelUrl: string, home: TestHome): Record<string, unknown> {
  const { token, hookToken, port } = RECORDED;
  const models = [{ id: 'fake-1', name: 'Fake One', contextWindow: 128_000, maxTokens: 8_192, input: ['text'] }];
  const fake = { baseUrl: modelUrl, apiKey: 'sk-fake', api: 'openai-completions', models };
  const remote = { baseUrl: modelUrl, apiKey: 'sk-fake' };
  return {
    gateway: {
      mode: 'local',
      port: Number(port),
      bind: 'loopback',
      auth: { mode: 'token', token },
      http: { endpoints: { chatCompletions: { enabled: true }, responses: { enabled: true } } },
    },
    agents: {
      defaults: {
        model: { primary: 'fake/fake-1' },
        memorySearch: { provider: 'openai', model: 'fake-embed', remote },
      },
    },
    models: { mode: 'replace', providers: { fake } },
    hooks: { enabled: true, path: '/hooks', token: hookToken },
    logging: { file: path.join(home.dir, 'openclaw', 'openclaw-2026-11-21.log') },
  };
}

async function writeWindow(home: TestHome): Promise<string> {
  const folder = path.join(home.dir, 'window');
  await mkdir(folder);
  await writeFile(path.join(folder, 'index.html'), '<!doctype html>\n<title>HQ</title>\n');
  await writeFile(path.join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>\n');
  return folder;
}

/** Starts it. `change` may alter the config before the first start. */
export async function startGoldenStage(
  change: (config: Record<string, unknown>) => Record<string, unknown> = (config) => config,
): Promise<GoldenStage> {
  const home = await makeTestHome();
  const model = await startFakeModel({ slowDelayMs: 40, slowWords: 500 });
  await home.writeConfig(JSON.stringify(change(recordedConfig(model.url, home)), null, 2));
  const rendererDir = await writeWindow(home);
  const env = { HOME: home.dir, USERPROFILE: home.dir, PATH: process.env.PATH, TMPDIR: home.dir };
  const gateway = await startGateway({ env, cwd: home.dir, flags: { port: 0 }, rendererDir });
  // Commands find the port that the gateway was given; the config keeps the recorded one.
  home.env = { ...env, OPENCLAW_GATEWAY_PORT: String(gateway.port) };
  return {
    home,
    model,
    gateway,
    async stop() {
      await gateway.stop();
      await model.close();
      await home.remove();
    },
  };
}
