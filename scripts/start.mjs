// `npm start`: builds what is missing, then opens the window; without a display it runs the gateway in this terminal.
// `npm start -- --headless` chooses the terminal. Other arguments go to whatever is started.
import path from 'node:path';
import { ensureBuilt, projectRoot } from './build.mjs';
import { electronBinaryName, resolveElectronDist, runForwarding } from './electron-runtime.mjs';

const HEADLESS = '--headless';

/** macOS and Windows always have a display; Linux names its own. */
function hasDisplay(env, platform) {
  return platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

function runGateway(args) {
  const cli = path.join(projectRoot, 'gateway-core', 'bin', 'openclaw.mjs');
  return runForwarding(process.execPath, [cli, 'gateway', '--allow-unconfigured', ...args]);
}

async function runWindow(args) {
  const dist = await resolveElectronDist();
  // Chromium refuses to sandbox a process of root.
  const sandbox = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return runForwarding(path.join(dist, electronBinaryName), [...sandbox, projectRoot, ...args]);
}

async function main(args) {
  await ensureBuilt();
  const rest = args.filter((arg) => arg !== HEADLESS);
  const isHeadless = rest.length < args.length || !hasDisplay(process.env, process.platform);
  return isHeadless ? runGateway(rest) : runWindow(rest);
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error) => {
    console.error(error.message);
    console.error('To run the gateway without a window: npm start -- --headless');
    process.exitCode = 1;
  },
);
