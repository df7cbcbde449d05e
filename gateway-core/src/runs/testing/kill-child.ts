// For tests: a process that takes messages in, says so on stdout, and waits to be killed.
import { writeSync } from 'node:fs';
import { Bench, hangsAfter, says } from './bench.js';

const [home = '', round = ''] = process.argv.slice(2);
const bench = await Bench.open({ home, script: Number(round) % 2 === 0 ? says('ok') : hangsAfter('half') });
for (let index = 0; ; index += 1) {
  const runIds = [`${round}-${index}-a`, `${round}-${index}-b`, `${round}-${index}-c`];
  await Promise.all(
    runIds.map(async (runId, lane) => {
      await bench.chat(runId, `lane${lane}`, runId);
      writeSync(1, `${runId}\n`);
    }),
  );
}
