// More happens than hooks can take in: nothing waits for them, and no process runs that need not.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HookBench, makeHookBench } from './testing.js';

let bench: HookBench;
beforeEach(async () => {
  bench = await makeHookBench();
  bench.config = { hooks: { internal: { enabled: true } } };
  await mkdir(seen());
});
afterEach(async () => {
  await bench.hooks.stop();
  await bench.remove();
});

const seen = () => path.join(bench.dir, 'seen');
const goes = () => path.join(bench.dir, 'goes');
const managed = () => path.join(bench.stateDir, 'hooks');
const pids = () => readdir(seen());
const isAlive = (pid: string): boolean => {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
};
const running = async () => (await pids()).filter(isAlive);
const warnings = () => bench.records.filter(({ level }) => level === 'warn');
/** Says that it runs, then waits for the file `goes`. */
const held = () => `
const fs = require('fs');
fs.writeFileSync(${JSON.stringify(`${seen()}/`)} + process.pid, '');
setInterval(() => fs.existsSync(${JSON.stringify(goes())}) && process.exit(0), 20);`;
const commands = () => readFile(path.join(bench.stateDir, 'logs', 'commands.log'), 'utf8').catch(() => '');

describe.skipIf(process.platform === 'win32')('a flood', () => {
  it('of messages for a hook that hangs costs one process and two lines in the log, and holds up no other', async () => {
    await bench.put(managed(), 'stuck', 'message', held());
    await bench.put(
      managed(),
      'quick',
      'session',
      `require('fs').writeFileSync(${JSON.stringify(path.join(bench.dir, 'quick'))}, 'ran')`,
    );
    const startedAt = performance.now();
    for (let index = 0; index < 500; index += 1) bench.hooks.emit({ name: 'message:received', data: { index } });
    // It only takes note of them.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await expect.poll(running, { timeout: 20_000 }).toHaveLength(1);
    bench.hooks.emit({ name: 'session:start' });
    bench.hooks.emit({ name: 'command:stop' });
    await expect.poll(commands, { timeout: 20_000 }).toContain('"action":"stop"');
    const quick = () => readFile(path.join(bench.dir, 'quick'), 'utf8').catch(() => '');
    await expect.poll(quick, { timeout: 20_000 }).toBe('ran');
    expect(await pids()).toHaveLength(1);
    expect(warnings().map(({ message, fields }) => [message, fields?.hook])).toEqual([
      ['A hook is too slow, so it is not told of everything.', 'stuck'],
    ]);
    await bench.hooks.stop();
    expect(await running()).toEqual([]);
    expect(await pids()).toHaveLength(1);
    expect(warnings().find(({ message }) => message === 'A hook was not told of some events.')?.fields).toEqual({
      hook: 'stuck',
      missed: 300,
    });
  });

  it('of events of all hooks lets four programs run, the others in turn, and ours beside them', async () => {
    const names = Array.from({ length: 7 }, (_, index) => `held${index}`);
    for (const name of names) await bench.put(managed(), name, 'message', held());
    bench.hooks.emit({ name: 'message:sent' });
    await expect.poll(running, { timeout: 20_000 }).toHaveLength(4);
    bench.hooks.emit({ name: 'command:stop' });
    await expect.poll(commands, { timeout: 20_000 }).toContain('"action":"stop"');
    expect(await pids()).toHaveLength(4);
    await writeFile(goes(), '');
    await bench.hooks.settled();
    expect(await pids()).toHaveLength(7);
    expect(warnings()).toEqual([]);
  });

  it('beyond what can wait for a look at the folders is counted', async () => {
    for (let index = 0; index < 1_000; index += 1) bench.hooks.emit({ name: 'message:sent' });
    await bench.hooks.settled();
    expect(warnings().map(({ message, fields }) => [message, fields?.missed])).toEqual([
      ['More happens than hooks can be told of, so they are not told of everything.', undefined],
      ['Hooks were not told of some events.', 500],
    ]);
  });
});
