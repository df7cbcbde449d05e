import { readdirSync, readlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderSync } from './folder-sync.js';

let home: string;
let folders: FolderSync;

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'folder-sync-'));
  folders = new FolderSync();
});
afterEach(async () => {
  await folders.stop();
  await rm(home, { recursive: true, force: true });
});

/** The files this process has open, by the names they have now. */
function openFolders(): string[] {
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)];
    } catch {
      // The descriptor with which the list was read is closed by now.
      return [];
    }
  });
}

describe('syncing a folder', () => {
  it('is shared by those who ask before it begins, and not by those who ask later', async () => {
    const [first, second] = [folders.sync(home), folders.sync(home)];
    expect(second).toBe(first);
    await Promise.resolve();
    await Promise.resolve();
    const third = folders.sync(home);
    expect(third).not.toBe(first);
    await Promise.all([first, third]);
    expect(folders.sync(home)).not.toBe(third);
  });

  // Windows keeps names by its journal and has nothing to fail here.
  it.skipIf(process.platform === 'win32')('fails for a folder that is not there, and works once it is', async () => {
    const missing = path.join(home, 'missing');
    await expect(folders.sync(missing)).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(missing);
    await writeFile(path.join(missing, 'a'), 'a');
    await folders.sync(missing);
  });

  it.skipIf(process.platform === 'win32')('notices on its own that the folder was removed or replaced', async () => {
    const folder = path.join(home, 'agent');
    await mkdir(folder);
    await folders.sync(folder);
    const opened = () => [...new Set(openFolders().filter((name) => name.startsWith(folder)))];
    await rename(folder, path.join(home, 'aside'));
    await expect(folders.sync(folder)).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(folder);
    await folders.sync(folder);
    await rename(folder, path.join(home, 'aside2'));
    await mkdir(folder);
    await folders.sync(folder);
    if (process.platform === 'linux') expect(opened()).toEqual([folder]);
  });

  it('goes on with the folder that came in the place of a removed one', async () => {
    const folder = path.join(home, 'agent');
    await mkdir(folder);
    await folders.sync(folder);
    await rm(folder, { recursive: true });
    await folders.forget(folder);
    await mkdir(folder);
    await folders.sync(folder);
    await folders.forget('never seen');
  });
});
