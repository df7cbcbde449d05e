// Runs a command with a screen: on Linux without one, under xvfb-run. Usage: node scripts/with-display.mjs <command> [args…]
import { spawn, spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

/** True when this machine has a screen that windows can open on. */
export function hasDisplay(platform, env) {
  return platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** The command line to run: the given one, or the given one under a virtual screen. */
export function displayCommand(command, platform, env) {
  if (hasDisplay(platform, env)) return command;
  return ['xvfb-run', '--auto-servernum', '--server-args=-screen 0 1440x900x24', ...command];
}

function main() {
  const [file, ...args] = displayCommand(process.argv.slice(2), process.platform, process.env);
  if (file === 'xvfb-run' && spawnSync('xvfb-run', ['--help']).error) {
    console.error('There is no screen and xvfb-run is not installed. On Debian: apt-get install xvfb xauth');
    process.exit(1);
  }
  const child = spawn(file, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`${file} did not start: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => (process.exitCode = code ?? (signal ? 1 : 0)));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
