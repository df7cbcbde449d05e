// One build for everything: the window, Electron's main and preload, the gateway process and the CLI.
import { cp, rm } from 'node:fs/promises';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type EnvironmentOptions } from 'vite';

// Native modules, and optional accelerators that `ws` asks for but does not need.
const EXTERNAL = ['electron', 'libsql', '@lydell/node-pty', 'playwright-core', 'bufferutil', 'utf-8-validate'];

/** A bundle for Node or Electron: one file, plus chunks for what is loaded on first use. */
function nodeBundle(outDir: string, input: Record<string, string>, format: 'es' | 'cjs' = 'es'): EnvironmentOptions {
  const suffix = format === 'cjs' ? 'cjs' : 'js';
  return {
    consumer: 'server',
    resolve: { noExternal: true, external: EXTERNAL },
    build: {
      target: 'node20.18',
      outDir: `../dist/${outDir}`,
      emptyOutDir: false,
      copyPublicDir: false,
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        input,
        external: [...EXTERNAL, /^node:/],
        output: {
          format,
          // Less to parse at every start. Names stay, so that stacks in logs can be read.
          minify: { compress: true, mangle: false, codegen: true },
          entryFileNames: `[name].${suffix}`,
          chunkFileNames: `chunks/[name]-[hash].${suffix}`,
        },
      },
    },
  };
}

export default defineConfig({
  root: 'renderer',
  base: './',
  plugins: [react(), tailwindcss()],
  worker: { format: 'es' },
  server: { host: '127.0.0.1', port: 5273, strictPort: true },
  environments: {
    client: { build: { target: 'chrome130', outDir: '../dist/renderer', emptyOutDir: true, assetsInlineLimit: 0 } },
    main: nodeBundle('electron', { main: 'electron/main/index.ts' }),
    gateway: nodeBundle('electron', { gateway: 'electron/processes/gateway.ts' }),
    preload: nodeBundle('electron', { preload: 'electron/preload/index.ts' }, 'cjs'),
    cli: nodeBundle('cli', { openclaw: 'gateway-core/src/cli/bin.ts' }),
    // Started from their text, so each is one file without chunks: built by itself.
    workers: nodeBundle('workers', { 'extract-worker': 'gateway-core/src/web/extract-worker.ts' }, 'cjs'),
    browserWorker: nodeBundle(
      'workers',
      { 'browser-worker': 'gateway-core/src/browser/worker/browser-worker.ts' },
      'cjs',
    ),
  },
  builder: {
    async buildApp(builder) {
      await rm('dist', { recursive: true, force: true });
      for (const environment of Object.values(builder.environments)) {
        if (environment.name !== 'ssr') await builder.build(environment);
      }
      await cp('docs/guide', 'dist/docs', { recursive: true });
      await cp('resources/skills', 'dist/skills', { recursive: true });
    },
  },
});
