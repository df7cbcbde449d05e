import { defineConfig } from 'vitest/config';

// Real processes, sockets and browsers on a shared machine: one that was starved may try again, and the report says so.
const shared = { testTimeout: 15_000, hookTimeout: 30_000, retry: process.env.CI ? 1 : 0 };

/** Tests of endurance: minutes of kills, aborts and turns. They run in CI beside `npm test`. */
const LONG = ['soak', 'config-kills', 'abort-anywhere', 'long-task'].map(
  (name) => `gateway-core/test/process/${name}.test.ts`,
);

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          // Nothing here replaces modules; loading them anew for each file took longer than the tests.
          isolate: false,
          include: [
            'gateway-core/src/**/*.test.ts',
            'electron/{main,contract,preload}/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
        },
      },
      {
        test: {
          ...shared,
          name: 'renderer',
          environment: 'happy-dom',
          include: ['renderer/src/**/*.test.{ts,tsx}'],
        },
      },
      { test: { ...shared, name: 'contract', include: ['gateway-core/test/contract/**/*.test.ts'] } },
      {
        test: {
          ...shared,
          name: 'process',
          include: ['gateway-core/test/process/**/*.test.ts', 'electron/test/**/*.test.ts'],
          exclude: LONG,
          testTimeout: 60_000,
          fileParallelism: false,
        },
      },
      // `npm run test:long`, after a build.
      { test: { ...shared, name: 'long', include: LONG, testTimeout: 60_000, fileParallelism: false } },
    ],
  },
});
