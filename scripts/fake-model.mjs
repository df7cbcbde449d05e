// Runs the fake model provider by hand: `node scripts/fake-model.mjs [port]`; Ctrl+C stops it.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const source = fileURLToPath(new URL('../e2e/fixtures/fake-model.ts', import.meta.url));
const port = Number(process.argv[2] ?? 0);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`"${process.argv[2]}" is not a port. Use: node scripts/fake-model.mjs [port]`);
  process.exit(2);
}

// The fixture is TypeScript and this Node cannot read it; Vite can, and is here anyway.
const { module } = await runnerImport(source, { configFile: false, logLevel: 'error' });
const fake = await module.startFakeModel({ port }).catch((error) => {
  console.error(`The fake model could not start: ${error.message}`);
  process.exit(1);
});

console.log(`Fake model at ${fake.url} (openai-completions, openai-responses, anthropic-messages).

Put this into openclaw.json:
  models: { providers: { fake: { baseUrl: "${fake.url}", apiKey: "any", api: "openai-completions",
    models: [{ id: "fake-1", name: "Fake model" }] } } },
  agents: { defaults: { model: "fake/fake-1" } }

Words it acts on: SLOW, LONG 200, THINK, HANG, DROP, NOSTOP, FAIL401, FAIL402, FAIL404, FAIL429, FAIL500, FAIL503.
Ctrl+C stops it.`);

const stop = async () => {
  await fake.close();
  process.exit(0);
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
for (;;) {
  const { method, path, body } = await fake.nextRequest();
  console.log(`${new Date().toISOString()} ${method} ${path} ${body?.model ?? ''}`);
}
