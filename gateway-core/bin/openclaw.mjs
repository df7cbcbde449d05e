#!/usr/bin/env node
// Starts the built command line, or says what is missing.
import { existsSync } from 'node:fs';
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const program = new URL('../../dist/cli/openclaw.js', import.meta.url);

if (major < 20 || (major === 20 && minor < 18)) {
  console.error(
    `OpenClaw needs Node.js 20.18 or newer; this is ${process.versions.node}. Update Node.js and run it again.`,
  );
  process.exitCode = 1;
} else if (!existsSync(program)) {
  console.error('OpenClaw is not built yet. Run `npm ci && npm run build` in its folder, then run it again.');
  process.exitCode = 1;
} else {
  // Node 22 and newer keep compiled code between starts.
  module.enableCompileCache?.();
  await import(program.href);
}
