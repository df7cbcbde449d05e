// A gateway in a process of its own that tells its parent, when asked, what it holds after collecting its garbage.
import { readdirSync } from 'node:fs';
import { startGateway } from '../../src/index.js';

export interface SoakSample {
  heapUsed: number;
  rss: number;
  /** What keeps the event loop alive, by kind. */
  resources: Record<string, number>;
  /** Open descriptors; absent where there is no /proc. */
  descriptors?: number;
}

/** What the parent sends. */
export type SoakOrder = 'sample' | 'stop';
/** What the parent hears. */
export type SoakNews = { ready: { url: string } } | { sample: SoakSample };

const COLLECTIONS = 3;

async function takeSample(): Promise<SoakSample> {
  for (let count = 0; count < COLLECTIONS; count += 1) {
    globalThis.gc?.();
    // Finalizers run between collections.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, rss } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  const isLinux = process.platform === 'linux';
  return { heapUsed, rss, resources, ...(isLinux && { descriptors: readdirSync('/proc/self/fd').length }) };
}

const send = (news: SoakNews): void => void process.send?.(news);

async function main(): Promise<void> {
  const gateway = await startGateway({ env: process.env, cwd: process.cwd() });
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= gateway.stop());
  process.on('message', (order: SoakOrder) => {
    if (order === 'sample') void takeSample().then((sample) => send({ sample }));
    else void stop().then(() => process.disconnect());
  });
  // A test that is gone takes its gateway with it.
  process.on('disconnect', () => void stop());
  send({ ready: { url: gateway.url } });
}

await main();
