// `gateway --dev --reset`: forgets everything of the dev profile, and of nothing else.
import { rm } from 'node:fs/promises';
import { AppError } from '../shared/app-error.js';
import type { CommandContext } from './context.js';

/** Deletes the state folder of the dev profile. Refuses when the environment points it elsewhere. */
export async function resetDevProfile(context: CommandContext): Promise<void> {
  const { env, paths } = context;
  const moved = ['OPENCLAW_STATE_DIR', 'OPENCLAW_CONFIG_PATH'].find((name) => env[name]);
  if (moved || paths.profile !== 'dev') {
    throw new AppError('gateway.flag_invalid', {
      message: `--reset deletes the dev profile only, but ${moved ?? 'another profile'} points elsewhere.`,
      hint: 'Unset it, or delete that folder yourself.',
    });
  }
  await rm(paths.stateDir, { recursive: true, force: true });
  context.out(`Deleted ${paths.stateDir}`);
}
