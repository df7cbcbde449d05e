// Makes all changes of a plan, or takes back those that were made.
import { AppError, errorMessage } from '../shared/app-error.js';
import type { WorkplaceFiles } from '../tools/index.js';
import type { PatchAction } from './patch-plan.js';

async function run(files: WorkplaceFiles, action: PatchAction, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (action.kind === 'write') await files.write(action.path, action.after, { signal });
  else if (action.kind === 'remove') await files.remove(action.path);
  else await files.move(action.from, action.to);
}

/** Not bound to the signal: a stopped run must not leave half a patch. */
async function undo(files: WorkplaceFiles, action: PatchAction): Promise<void> {
  if (action.kind === 'move') await files.move(action.to, action.from);
  else if (action.before === undefined) await files.remove(action.path);
  else await files.write(action.path, action.before);
}

/** Takes back what was done, last first; the paths that could not be put back. */
async function rollBack(files: WorkplaceFiles, done: readonly PatchAction[]): Promise<string[]> {
  const lost: string[] = [];
  for (const action of done.toReversed()) {
    try {
      await undo(files, action);
    } catch (error) {
      lost.push(`${action.kind === 'move' ? action.from : action.path} (${errorMessage(error)})`);
    }
  }
  return lost;
}

/**
 * Carries a plan out. When one action fails the earlier ones are undone and its error is thrown; AppError internal
 * names the files that could not be put back.
 */
export async function commitPatch(
  files: WorkplaceFiles,
  actions: readonly PatchAction[],
  signal: AbortSignal,
): Promise<void> {
  const done: PatchAction[] = [];
  for (const action of actions) {
    try {
      await run(files, action, signal);
    } catch (error) {
      const lost = await rollBack(files, done);
      if (lost.length === 0) throw error;
      throw new AppError('internal', {
        message: `The patch failed (${errorMessage(error)}), and these files could not be put back: ${lost.join(', ')}.`,
        hint: 'Look at these files before you go on.',
        cause: error,
      });
    }
    done.push(action);
  }
}
