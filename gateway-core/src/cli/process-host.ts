// The real process as a CliHost.
import type { CliHost, Output, StopSignal } from './host.js';
import { launch } from './open-browser.js';
import type { Prompts } from './prompts.js';

const STOP_SIGNALS: StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function output(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    isTTY: Boolean(stream.isTTY),
    get columns() {
      return stream.columns;
    },
  };
}

/** Questions go to stderr, so that stdout holds the result alone. */
async function openPrompts(): Promise<Prompts | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const { openLinePrompts } = await import('./line-prompts.js');
  return openLinePrompts(process.stdin, process.stderr);
}

/** @param distDir folder of the built product */
export function processHost(distDir: string): CliHost {
  return {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    platform: process.platform,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    now: () => Date.now(),
    onStopSignal(listener) {
      for (const signal of STOP_SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of STOP_SIGNALS) process.off(signal, listener);
      };
    },
    onRestartSignal(listener) {
      if (process.platform === 'win32') return () => undefined;
      process.on('SIGUSR1', listener);
      return () => process.off('SIGUSR1', listener);
    },
    exitNow: (code) => process.exit(code),
    launch,
    openPrompts,
    distDir,
  };
}
