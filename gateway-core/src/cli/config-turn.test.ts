import { access, utimes, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inConfigTurn } from './config-turn.js';
import { makeTestHome, type TestHome } from './test-home.js';

let home: TestHome;
beforeEach(async () => {
  home = await makeTestHome();
});
afterEach(() => home.remove());

describe('inConfigTurn', () => {
  it('lets one in at a time', async () => {
    let inside = 0;
    const most: number[] = [];
    const work = () =>
      inConfigTurn(home.configPath, async () => {
        most.push((inside += 1));
        await Promise.resolve();
        inside -= 1;
      });
    await Promise.all([work(), work(), work(), work()]);
    expect(most).toEqual([1, 1, 1, 1]);
  });

  it('frees the turn when the work fails', async () => {
    await expect(inConfigTurn(home.configPath, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(access(`${home.configPath}.writing`)).rejects.toThrow('ENOENT');
  });

  it('takes over a lock that a crash left behind', async () => {
    const lock = `${home.configPath}.writing`;
    await writeFile(lock, '999999999');
    await utimes(lock, 1, 1);
    expect(await inConfigTurn(home.configPath, () => Promise.resolve('done'))).toBe('done');
  });
});
