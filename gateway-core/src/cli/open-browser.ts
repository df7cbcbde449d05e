// Opens an address in the person's browser, without a shell.
import { spawn } from 'node:child_process';

export interface BrowserCommand {
  program: string;
  args: string[];
}

/** The program that opens an address, or undefined where there is no screen. */
export function browserCommand(
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
  url: string,
): BrowserCommand | undefined {
  if (platform === 'darwin') return { program: 'open', args: [url] };
  // Not `start`: that needs a shell, which would read the address as its own language.
  if (platform === 'win32') return { program: 'rundll32', args: ['url.dll,FileProtocolHandler', url] };
  return env.DISPLAY || env.WAYLAND_DISPLAY ? { program: 'xdg-open', args: [url] } : undefined;
}

/** Starts a program that outlives this one; false when it cannot be started. */
export function launch(program: string, args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { detached: true, stdio: 'ignore', shell: false });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
